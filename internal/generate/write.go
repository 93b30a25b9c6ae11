package generate

import (
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dedefer/dedefer/internal/sibling"
	"github.com/dedefer/dedefer/rewrite"
)

// write plans what becomes of all sources and their siblings.
func (g *generator) write() error {
	names, err := g.names()
	if err != nil {
		return err
	}
	var errs rewrite.ErrorList
	for _, d := range g.dirs {
		for _, s := range d.sources {
			var e *rewrite.Error
			if err := g.writeSource(s, names[s.name]); errors.As(err, &e) {
				errs = append(errs, *e)
			} else if err != nil {
				return err
			}
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}

// writeSource plans for one source, whose sibling is called name.
func (g *generator) writeSource(s *source, name string) error {
	if s.kept {
		return nil
	}
	base := filepath.Base(s.name)
	for _, old := range s.old {
		if s.lowered != nil && old == name {
			continue
		}
		why := base + " has nothing to lower"
		if s.lowered != nil {
			why = "it is called " + filepath.Base(name) + " now"
		}
		if err := g.remove(s.dir, old, why); err != nil {
			return err
		}
	}
	if s.lowered == nil {
		old, err := s.siblings()
		if err != nil {
			return err
		}
		text, err := s.parsed.Original(s.dir.plusBuild, old...)
		return g.edit(s, text, err, "its //go:build line still leaves it to a rewritten file that is not needed")
	}
	if err := g.writeSibling(s, name); err != nil {
		return err
	}
	text, err := s.parsed.Marked(g.Tag, s.dir.plusBuild)
	return g.edit(s, text, err, fmt.Sprintf("a build with tag %s would have both this file and %s: its //go:build line has to say !%[1]s", g.Tag, filepath.Base(name)))
}

// edit plans a new text of a source.
func (g *generator) edit(s *source, text []byte, err error, why string) error {
	if err != nil {
		return &rewrite.Error{Pos: token.Position{Filename: s.name}, Msg: err.Error()}
	}
	g.change(rewrite.File{Name: s.name, Module: s.dir.Module, Old: s.disk, New: text}, why)
	return nil
}

func (g *generator) writeSibling(s *source, name string) error {
	how := fmt.Sprintf("dedefer %s -unwind=%s", g.Version, g.Unwind)
	if g.Keep {
		how += " -keep"
	}
	head, err := s.head(g.Tag)
	if err != nil {
		return err
	}
	text, err := s.parsed.Sibling(s.lowered, g.Tag, how, head, s.dir.plusBuild)
	if err != nil {
		return &rewrite.Error{Pos: token.Position{Filename: s.name}, Msg: err.Error()}
	}
	old, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		old = nil
	case err != nil:
		return err
	default:
		if _, ok := sibling.From(old); !ok {
			return &rewrite.Error{
				Pos: token.Position{Filename: name},
				Msg: fmt.Sprintf("dedefer did not write this file, and its name is the one for the sibling of %s: rename one of them", filepath.Base(s.name)),
			}
		}
	}
	why := fmt.Sprintf("it is not what %s gives", filepath.Base(s.name))
	switch was := sibling.How(old); {
	case old == nil:
		why = "it is missing"
	case was != how:
		why = fmt.Sprintf("it was made by %q, not by %q", was, how)
	}
	g.change(rewrite.File{Name: name, Module: s.dir.Module, Old: old, New: text}, why)
	return nil
}

// head returns what the sibling has to remember.
func (s *source) head(tag string) (string, error) {
	old, err := s.siblings()
	if err != nil {
		return "", err
	}
	return s.parsed.Head(tag, s.dir.plusBuild, old...), nil
}

// siblings reads the siblings that are there.
func (s *source) siblings() (texts [][]byte, err error) {
	for _, name := range s.old {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}

func (g *generator) remove(dir *directory, name, why string) error {
	old, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	g.change(rewrite.File{Name: name, Module: dir.Module, Old: old}, why)
	return nil
}

// change plans to make a file f.New. What is to be written wins over what is to
// be removed: a sibling whose source got another name.
func (g *generator) change(f rewrite.File, why string) {
	if f.New == nil && g.changes[f.Name].New != nil {
		return
	}
	delete(g.changes, f.Name)
	if f.New == nil || !bytes.Equal(f.Old, f.New) {
		g.changes[f.Name] = Change{f, why}
	}
}

// runtimes plans for the bundled runtime of each module: all files that may
// import it, as they are going to be, decide what is in it.
func (g *generator) runtimes() {
	done := map[*rewrite.Module]bool{}
	for _, d := range g.dirs {
		m := d.Module
		if done[m] {
			continue
		}
		done[m] = true
		var sources [][]byte
		for name, src := range g.tree.users {
			if _, ok := g.changes[name]; !ok && within(m, name) {
				sources = append(sources, src)
			}
		}
		for _, c := range g.changes {
			if c.New != nil && within(m, c.Name) {
				sources = append(sources, c.New)
			}
		}
		for _, f := range rewrite.Runtime(m, sources) {
			why := "it is missing"
			switch {
			case f.New == nil:
				why = "nothing uses it"
			case f.Old != nil:
				why = "it is of another version of dedefer"
			}
			g.change(f, why)
		}
	}
}

func within(m *rewrite.Module, name string) bool {
	rel, err := filepath.Rel(m.Dir, name)
	return err == nil && filepath.IsLocal(rel)
}

package generate

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/token"
	"iter"
	"path/filepath"
	"slices"

	"github.com/dedefer/dedefer/internal/sibling"
	"github.com/dedefer/dedefer/rewrite"
)

// lower lowers all sources that have a build, one build at a time: those for
// boards first, as each has GOROOT as it is there.
func (g *generator) lower(ctx context.Context) error {
	for i := range g.Boards {
		if err := g.lowerForBoard(ctx, boardTarget(&g.Boards[i], g.Tag)); err != nil {
			return err
		}
	}
	var pending []*source
	for s := range g.deferring() {
		if s.covered {
			continue
		}
		var ok bool
		var err error
		s.target, ok, err = g.builds.nearest(ctx, s.file(sibling.With(s.parsed.Constraint, g.Tag)))
		if err != nil {
			return err
		}
		if ok {
			s.wanted = true
			pending = append(pending, s)
		}
	}
	g.boardOnly()
	for len(pending) > 0 {
		t := pending[0].target
		if slices.ContainsFunc(pending, func(s *source) bool { return s.target == g.present }) {
			t = g.present
		}
		var now, later []*source
		for _, s := range pending {
			if g.builds.has(t, s.file(sibling.With(s.parsed.Constraint, g.Tag))) {
				now = append(now, s)
			} else {
				later = append(later, s)
			}
		}
		if err := g.lowerFor(ctx, t, now); err != nil {
			return err
		}
		pending = later
	}
	for _, e := range firstErrors(g.boardErrs, slices.Collect(g.deferring()), func(s *source) bool { return s.onBoard && s.covered && s.target.board == nil }) {
		g.note(e.Pos, "%s: no target that was named can have this package: it is lowered as without -target", e.Msg)
	}
	return nil
}

// deferring yields the sources with a defer statement.
func (g *generator) deferring() iter.Seq[*source] {
	return func(yield func(*source) bool) {
		for _, d := range g.dirs {
			for _, s := range d.sources {
				if s.defers && !yield(s) {
					return
				}
			}
		}
	}
}

// lowerForBoard lowers what the build for a board has, also what another one has
// had: that has to become the same.
func (g *generator) lowerForBoard(ctx context.Context, t target) error {
	var now []*source
	for s := range g.deferring() {
		if g.builds.has(t, s.file(sibling.With(s.parsed.Constraint, g.Tag))) {
			s.wanted, s.onBoard = true, true
			now = append(now, s)
		}
	}
	errs, err := g.lowerIn(ctx, t, now)
	g.boardErrs = append(g.boardErrs, errs...)
	return err
}

// boardOnly leaves sources as they are that only the build for a board has, and
// none could be type-checked for.
func (g *generator) boardOnly() {
	var list []*source
	for s := range g.deferring() {
		if s.onBoard && !s.covered && s.target == (target{}) {
			list = append(list, s)
		}
	}
	g.keep(target{}, list, nil)
}

// lowerFor lowers sources that the build for t has.
func (g *generator) lowerFor(ctx context.Context, t target, sources []*source) error {
	errs, err := g.lowerIn(ctx, t, sources)
	if err != nil {
		return err
	}
	if without := t.without(g.Tag); without != t {
		var left []*source
		for _, s := range uncovered(sources) {
			if g.builds.has(without, s.file(s.parsed.Constraint)) {
				left = append(left, s)
			}
		}
		more, err := g.lowerIn(ctx, without, left)
		if err != nil {
			return err
		}
		g.keep(t, sources, append(more, errs...))
		for _, e := range firstErrors(errs, left, func(s *source) bool { return s.covered && !s.onBoard }) {
			if !g.told(e.Pos) {
				g.note(e.Pos, "%s: with tag %s, this package does not type-check: it is lowered as without", e.Msg, g.Tag)
			}
		}
		return nil
	}
	g.keep(t, sources, errs)
	return nil
}

// told reports whether something kept was told of at pos.
func (g *generator) told(pos token.Position) bool {
	return slices.ContainsFunc(g.kept, func(e rewrite.Error) bool { return e.Pos == pos })
}

// keep leaves the sources that no load covers as they are, and tells why: what
// is wrong with the build for t is errs.
func (g *generator) keep(t target, sources []*source, errs rewrite.ErrorList) {
	uncovered := uncovered(sources)
	for _, s := range uncovered {
		s.kept = true
	}
	errs = slices.Concat(g.boardErrs, errs)
	tagOnly := func(s *source) bool { return sibling.IsFor(s.parsed.Constraint, g.Tag) }
	keeps := func(s *source) bool { return g.Unwind == rewrite.None && tagOnly(s) && !s.onBoard }
	for _, e := range firstErrors(errs, uncovered, keeps) {
		e.Msg = fmt.Sprintf("%s; files here that only builds with tag %s have keep their native defer statements", e.Msg, g.Tag)
		g.kept = append(g.kept, e)
	}
	own := func(s *source) bool { return s.onBoard || t == g.present && !tagOnly(s) }
	g.left = append(g.left, firstErrors(errs, uncovered, own)...)
	for _, e := range firstErrors(errs, uncovered, func(s *source) bool { return !keeps(s) && !own(s) }) {
		g.note(e.Pos, "%s: a build for %s does not type-check: defer statements in its files stay, and siblings are as they were", e.Msg, t)
	}
}

// lowerIn lowers sources as the build for t has them. It returns the errors of
// packages that it leaves out.
func (g *generator) lowerIn(ctx context.Context, t target, sources []*source) (rewrite.ErrorList, error) {
	if len(sources) == 0 {
		return nil, nil
	}
	var dirs []string
	for _, s := range sources {
		dirs = append(dirs, s.dir.Name)
	}
	slices.Sort(dirs)
	opts := t.options()
	opts.Overlay, opts.Partial = g.tree.sources(), true
	// What tests import takes time, for another platform most of it.
	opts.Tests = slices.ContainsFunc(sources, func(s *source) bool { return sibling.IsTest(s.name) })
	place := ""
	if t.board != nil {
		place = " for " + t.String()
	}
	g.Stage("loading" + place)
	prog, err := rewrite.Load(ctx, opts, slices.Compact(dirs)...)
	if err != nil {
		return nil, err
	}
	progress := g.Counts("rewriting" + place)
	res, err := g.Rewrite(ctx, prog, rewrite.Options{Unwind: g.Unwind, Keep: g.Keep, NoHeap: g.NoHeap, Alone: true, Progress: progress})
	if res != nil { // with complaints of what needs the heap
		err = g.ofSources(err)
	}
	if err != nil {
		return nil, err
	}
	g.progs = append(g.progs, prog)
	g.take(res, t)
	return res.Errors(), nil
}

// take takes from the result for t what is not there yet.
func (g *generator) take(res *rewrite.Result, t target) {
	g.losses = append(g.losses, res.Report.Losses...)
	lowered := map[string][]byte{}
	for _, f := range res.Files {
		lowered[f.Name] = f.New
	}
	for _, d := range g.dirs {
		for _, s := range d.sources {
			if _, found := slices.BinarySearch(res.Sources, s.name); !found || !s.wanted {
				continue
			}
			text := lowered[s.name]
			switch {
			case !s.covered:
				s.covered, s.lowered, s.target = true, text, t
				for _, f := range res.Report.Functions {
					if f.Pos.Filename == s.name {
						g.funcs = append(g.funcs, f)
					}
				}
			case s.target.board != nil && t.board == nil: // nobody asked
			case !bytes.Equal(text, s.lowered) && s.target.hasTag(g.Tag) == t.hasTag(g.Tag):
				g.note(token.Position{Filename: s.name}, "for %s this file is lowered otherwise than for %s, for which its sibling is made: move what differs into files for these builds", t, s.target)
			}
		}
	}
}

func uncovered(sources []*source) (list []*source) {
	for _, s := range sources {
		if !s.covered {
			list = append(list, s)
		}
	}
	return list
}

// firstErrors returns an error for each directory of the sources that are
// chosen. One in the same directory tells most, any other in a pinch.
func firstErrors(errs rewrite.ErrorList, sources []*source, chosen func(*source) bool) (list rewrite.ErrorList) {
	seen := map[*directory]bool{}
	for _, s := range sources {
		if seen[s.dir] || !chosen(s) {
			continue
		}
		seen[s.dir] = true
		e := rewrite.Error{Pos: token.Position{Filename: s.name}, Msg: "no package has this file"}
		i := slices.IndexFunc(errs, func(e rewrite.Error) bool { return filepath.Dir(e.Pos.Filename) == s.dir.Name })
		switch {
		case i >= 0:
			e = errs[i]
		case len(errs) > 0:
			e = errs[0]
		}
		list = append(list, e)
	}
	return list
}

// ofSources returns those of the errors that are about the sources.
func (g *generator) ofSources(err error) error {
	var list rewrite.ErrorList
	if !errors.As(err, &list) {
		return err
	}
	names := map[string]bool{}
	for _, d := range g.dirs {
		for _, s := range d.sources {
			names[s.name] = s.wanted
		}
	}
	list = slices.DeleteFunc(list, func(e rewrite.Error) bool { return !names[e.Pos.Filename] })
	if len(list) == 0 {
		return nil
	}
	return list
}

// lost returns the losses, those that several builds have once. A file without
// a defer statement may have some, too.
func (g *generator) lost() []rewrite.Loss {
	unwanted := map[string]bool{}
	for _, d := range g.dirs {
		for _, s := range d.sources {
			unwanted[s.name] = s.defers && !s.wanted
		}
	}
	list := slices.DeleteFunc(g.losses, func(l rewrite.Loss) bool {
		return unwanted[l.Pos.Filename] || g.named != nil && !g.named[l.Pos.Filename]
	})
	slices.SortStableFunc(list, func(a, b rewrite.Loss) int {
		return cmp.Or(cmp.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Offset, b.Pos.Offset))
	})
	return slices.CompactFunc(list, func(a, b rewrite.Loss) bool {
		return a.Pos == b.Pos && a.What.String() == b.What.String()
	})
}

// names chooses the names of the siblings, by the name of the source. What
// stays as it is has its name already.
func (g *generator) names() (map[string]string, error) {
	ordered := map[string]bool{} // directories
	for {
		names := map[string]string{}
		for name, from := range g.tree.siblings {
			names[from] = name
		}
		for _, d := range g.dirs {
			naming := sibling.Plain
			if ordered[d.Name] {
				naming = sibling.Ordered
			}
			for _, s := range d.sources {
				switch {
				case s.kept:
				case s.lowered == nil:
					delete(names, s.name)
				default:
					names[s.name] = filepath.Join(d.Name, naming.Name(filepath.Base(s.name)))
				}
			}
		}
		errs := g.orderChanges(names)
		if len(errs) == 0 {
			return names, nil
		}
		again := false
		for _, e := range errs {
			dir := filepath.Dir(e.Pos.Filename)
			again = again || !ordered[dir]
			ordered[dir] = true
		}
		if !again {
			return nil, errs
		}
	}
}

// orderChanges complains where packages would be initialised in another order.
func (g *generator) orderChanges(names map[string]string) (errs rewrite.ErrorList) {
	for _, p := range g.progs {
		for _, e := range p.OrderChange(names) {
			e.Msg = fmt.Sprintf("%s, but with the files that dedefer writes it would not be: rename one of the files so that names do not begin alike", e.Msg)
			errs = append(errs, e)
		}
	}
	slices.SortFunc(errs, func(a, b rewrite.Error) int {
		return cmp.Or(cmp.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Line, b.Pos.Line))
	})
	return slices.Compact(errs)
}

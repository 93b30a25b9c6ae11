package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/dedefer/dedefer/rewrite"
)

// sources are the files that change and that somebody wrote: all but those of the
// bundled runtime.
func (j *job) sources() []rewrite.File {
	return slices.DeleteFunc(slices.Clone(j.res.Files), func(f rewrite.File) bool {
		_, found := slices.BinarySearch(j.res.Sources, f.Name)
		return !found
	})
}

// text returns what a file holds when it is rewritten.
func (j *job) text(name string) ([]byte, error) {
	for _, f := range j.res.Files {
		if f.Name == name {
			return f.New, nil
		}
	}
	return j.read(name)
}

// printFiles prints the files that the command line names, changed or not, as
// gofmt does, or those of a package that change.
func (a *app) printFiles(j *job) error {
	names := j.named()
	changed := j.sources()
	if names == nil {
		for _, f := range changed {
			names = append(names, f.Name)
		}
	}
	for _, name := range names {
		data, err := j.text(name)
		if err != nil {
			return err
		}
		if len(names) > 1 {
			fmt.Fprintf(a.stdout, "-- %s --\n", a.relative(name))
			if len(data) > 0 && !bytes.HasSuffix(data, []byte("\n")) {
				data = append(bytes.Clone(data), '\n')
			}
		}
		if _, err := a.stdout.Write(data); err != nil {
			return err
		}
	}
	a.noteUnchanged(j, changed)
	a.noteRuntime(j)
	return nil
}

// noteUnchanged says that nothing changes, and why.
func (a *app) noteUnchanged(j *job, changed []rewrite.File) {
	if len(changed) > 0 {
		return
	}
	why := "there is no defer statement"
	if len(j.res.Report.Functions) > 0 {
		why = "the defer statements stay as they are, and dedefer explain says why"
	}
	a.note("nothing to change: " + why)
}

// noteRuntime says that what is printed needs more than that.
func (a *app) noteRuntime(j *job) {
	for _, f := range j.res.Files {
		if _, source := slices.BinarySearch(j.res.Sources, f.Name); !source {
			a.note(fmt.Sprintf("the output imports a package that is not there yet, %s: -w and -o DIR write it, too", a.short(filepath.Dir(f.Name))))
			return
		}
	}
}

// printFunctions prints the functions that funcs names, as they are when they are
// rewritten, with their comments.
func (a *app) printFunctions(j *job, funcs *rewrite.Functions) error {
	type found struct {
		name  string
		texts [][]byte
	}
	var files []found
	for _, name := range j.files() {
		data, err := j.text(name)
		if err != nil {
			return err
		}
		if texts := functions(data, funcs); len(texts) > 0 {
			files = append(files, found{name, texts})
		}
	}
	for _, f := range files {
		if len(files) > 1 {
			fmt.Fprintf(a.stdout, "-- %s --\n", a.relative(f.name))
		}
		if _, err := fmt.Fprintf(a.stdout, "%s\n", bytes.Join(f.texts, []byte("\n\n"))); err != nil {
			return err
		}
	}
	a.noteUnchanged(j, j.sources())
	return nil
}

// functions returns the text of the functions in src that funcs names.
func functions(src []byte, funcs *rewrite.Functions) (texts [][]byte) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	tf := fset.File(f.FileStart)
	for _, d := range f.Decls {
		if fd, ok := d.(*ast.FuncDecl); ok && funcs.Has(fd) {
			from := fd.Pos()
			if fd.Doc != nil {
				from = fd.Doc.Pos()
			}
			texts = append(texts, src[tf.Offset(from):tf.Offset(fd.End())])
		}
	}
	return texts
}

// checkFunctions finds a -func that names none.
func (f *loadFlags) checkFunctions(j *job) error {
	if f.funcs == nil {
		return nil
	}
	for _, name := range j.files() {
		if data, err := j.read(name); err == nil && len(functions(data, f.funcs)) > 0 {
			return nil
		}
	}
	return usageErrorf("-func %s: there is no such function: name F, T.M or (*T).M, or a regular expression", f.funcs)
}

// printDiffs returns errDiffs where there is a difference.
func (a *app) printDiffs(files []rewrite.File, sideBySide bool) error {
	width := 0
	if sideBySide {
		width = a.width()
	}
	for _, f := range files {
		name := a.relative(f.Name)
		old := name + ".orig" // as gofmt -d
		if f.Old == nil {
			old = os.DevNull
		}
		text := diff.Diff(old, f.Old, name, f.New)
		switch {
		case width >= minColumns:
			text = columns(text, width, a.color)
		case a.color:
			text = colorDiff(text)
		}
		if _, err := a.stdout.Write(text); err != nil {
			return err
		}
	}
	if len(files) > 0 {
		return errDiffs
	}
	return nil
}

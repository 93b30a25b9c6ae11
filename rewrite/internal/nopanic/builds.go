package nopanic

import (
	"go/ast"
	"go/build"
	"go/build/constraint"
	"go/version"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/syntax"
)

// testsAsWell reports whether a build that has the file from has the file name as
// well, as far as that is a matter of tests: a file p.go can rely on no p_test.go.
func testsAsWell(name, from string) bool {
	const test = "_test.go"
	return !strings.HasSuffix(name, test) || strings.HasSuffix(from, test)
}

var (
	release = regexp.MustCompile(`^go1(\.\d+)?$`)
	ownTag  = regexp.MustCompile(`(?m)^//dedefer:tag (\S+)$`)
)

// unconstrained reports whether every build has file: neither its name nor a
// //go:build line nor an import of C leaves it out of any. The tag of dedefer generate does not
// count, which chooses between two forms of the same, nor do those of the releases up
// to oldest, the language version of the module.
func unconstrained(file *syntax.File, oldest string) bool {
	if imports(file, "C") {
		return false
	}
	ctx := build.Default
	ctx.GOOS, ctx.GOARCH, ctx.CgoEnabled, ctx.UseAllFiles = "other", "other", true, false
	ctx.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("package p\n")), nil }
	if ok, err := ctx.MatchFile(filepath.Split(file.Name)); err != nil || !ok {
		return false
	}
	own := ""
	if m := ownTag.FindSubmatch(file.Src); m != nil {
		own = string(m[1])
	}
	for _, g := range file.Syntax.Comments {
		for _, c := range g.List {
			if c.Pos() > file.Syntax.Package || !constraint.IsGoBuild(c.Text) && !constraint.IsPlusBuild(c.Text) {
				continue
			}
			x, err := constraint.Parse(c.Text)
			if err != nil || asks(x, own, oldest) {
				return false
			}
		}
	}
	return true
}

// imports reports whether file imports the package with this path.
func imports(file *syntax.File, path string) bool {
	return slices.ContainsFunc(file.Syntax.Imports, func(imp *ast.ImportSpec) bool { return imp.Path.Value == strconv.Quote(path) })
}

// asks reports whether x has a tag other than own and those of Go's releases up to oldest, ""
// for the newest.
func asks(x constraint.Expr, own, oldest string) (found bool) {
	x.Eval(func(tag string) bool {
		old := release.MatchString(tag) && (oldest == "" || version.Compare(tag, oldest) <= 0)
		found = found || tag != own && !old
		return true
	})
	return found
}

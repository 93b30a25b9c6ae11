package load

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/dedefer/dedefer/internal/usage"
)

// Errors are the complaints of the parser and type checker, in no order.
type Errors []Error

// An Error is one complaint. Pos is zero where the go command gave none.
type Error struct {
	Pos token.Position
	Msg string
}

func (e Errors) Error() string {
	var b strings.Builder
	for i, err := range e {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: %s", err.Pos, err.Msg)
	}
	return b.String()
}

// A UsageError says that the request cannot be met.
type UsageError = usage.Error

// unmet returns the error for a request that cannot be met. With foreign, packages of
// other modules are as good as those of the main one.
func (s *Setup) unmet(ctx context.Context, roots []*packages.Package, foreign bool, patterns []string) error {
	for _, p := range roots {
		for _, e := range p.Errors {
			if e.Kind == packages.ListError && len(p.GoFiles) == 0 {
				return s.noPackage(ctx, p, e.Msg, patterns)
			}
		}
	}
	for _, p := range roots {
		switch {
		case p.Module == nil && std(p) != nil:
			return &UsageError{Msg: fmt.Sprintf("%s is a package of the standard library: dedefer explain tells of it, and dedefer build -scope=all builds with it rewritten; to rewrite its source, name it in Go's own tree (-C %s)", p.PkgPath, std(p).Dir)}
		case p.Module == nil:
			return &UsageError{Msg: fmt.Sprintf("%s is in no module: only packages of the main module can be rewritten (go mod init makes a module)", p.PkgPath)}
		case !p.Module.Main && !foreign:
			return &UsageError{Msg: fmt.Sprintf("%s is in module %s, not in the main module: dedefer explain tells of it, and dedefer build -scope=deps builds with it rewritten", s.called(p, patterns), p.Module.Path)}
		}
	}
	return nil
}

// called returns what the user calls p: a file, or the package.
func (s *Setup) called(p *packages.Package, patterns []string) string {
	if p.PkgPath != "command-line-arguments" || len(patterns) == 0 {
		return p.PkgPath
	}
	name := strings.TrimPrefix(patterns[0], "file=")
	if rel, err := filepath.Rel(s.Dir, name); err == nil {
		return rel
	}
	return name
}

// noPackage returns the error for a pattern that leads to no package, in the words of
// the go command.
func (s *Setup) noPackage(ctx context.Context, p *packages.Package, msg string, patterns []string) error {
	msg = strings.TrimSpace(msg)
	name := filepath.Join(s.Dir, p.PkgPath)
	switch {
	case isRegular(name) && strings.HasSuffix(name, ".go"):
		msg = fmt.Sprintf("%s is a file: leave out the slash behind it", p.PkgPath)
	case isRegular(name):
		msg = fmt.Sprintf("%s is a file, and no Go file: name a package, a directory or a file whose name ends with .go", p.PkgPath)
	case s.goMod() == "" && (strings.Contains(msg, "does not contain main module") || strings.Contains(msg, "go.mod file not found")):
		return s.noPackages(ctx, patterns)
	case strings.Contains(msg, "does not contain main module"), strings.Contains(msg, ") does not contain package "):
		msg = fmt.Sprintf("%s is not in this module: a directory with a go.mod is a module of its own, go there first (-C DIR)", p.PkgPath)
	case strings.Contains(msg, "can only use path@version syntax"):
		path, _, _ := strings.Cut(p.PkgPath, "@")
		msg = fmt.Sprintf("%s: go.mod says which version is used, so name it without one: %s", p.PkgPath, path)
	case strings.Contains(msg, "outside main module or its selected dependencies"):
		msg += ": go there first (-C DIR)"
	case strings.HasSuffix(msg, ": directory not found"):
		msg = fmt.Sprintf("%s: no such directory", p.PkgPath)
	case strings.HasPrefix(msg, "no Go files in "):
		msg = fmt.Sprintf("%s: there are no Go files in this directory", p.PkgPath)
	case strings.Contains(msg, " is not in std ("):
		msg = fmt.Sprintf("%s is no package of the standard library, and a directory here is named ./%[1]s", p.PkgPath)
	case strings.HasPrefix(msg, "no required module provides package ") && exists(name):
		msg = fmt.Sprintf("%s is taken for a package of another module: name the directory as ./%[1]s", p.PkgPath)
	case strings.HasPrefix(msg, "no required module provides package "):
		msg = fmt.Sprintf("%s: there is no such directory, and no module that go.mod requires has such a package", p.PkgPath)
	}
	return &UsageError{Msg: msg}
}

// syntaxComplaints returns what is wrong with the syntax of a package, in which the
// parser found own. Often that is one thing, from which all others follow. If the go
// command ran the compiler, that tells it best; if not, the first complaint about
// each file counts. What the type checker would say helps nobody.
func (l *Listed) syntaxComplaints(own Errors) (errs Errors) {
	for _, e := range l.pkg.Errors {
		for _, e := range compilerErrors(l.shared.dir, e.Msg) {
			if slices.Contains(l.Sources, e.Pos.Filename) {
				errs = append(errs, e)
			}
		}
	}
	if len(errs) > 0 {
		return errs
	}
	var all Errors // the go command's first: it knows which of several at one place is the cause
	for _, e := range l.pkg.Errors {
		if e := l.listError(e); e.Pos.Line > 0 && slices.Contains(l.Sources, e.Pos.Filename) {
			all = append(all, e)
		}
	}
	all = append(all, own...)
	seen := map[string]bool{}
	for _, e := range all {
		if !seen[e.Pos.Filename] {
			seen[e.Pos.Filename] = true
			errs = append(errs, e)
		}
	}
	return errs
}

// complaints returns what is wrong with a package by the go command and by the type
// checker, which found own.
func (l *Listed) complaints(own Errors) (errs Errors) {
	cgo := slices.IndexFunc(own, func(e Error) bool { return strings.HasPrefix(e.Msg, "could not import C ") })
	cgoFailed := cgo >= 0
	for _, e := range l.pkg.Errors {
		switch {
		case cgoFailed: // only cgo's own words help
			errs = append(errs, compilerErrors(l.shared.dir, e.Msg)...)
		case !strings.HasPrefix(e.Msg, "# "): // the compiler's words for what the type checker says, too
			errs = append(errs, l.listError(e))
		}
	}
	if !cgoFailed {
		for _, e := range own {
			if !followsFrom(e, errs) {
				errs = append(errs, Error{e.Pos, importError(l.pkg, e.Msg)})
			}
		}
		l.placeCycles(errs)
	}
	switch {
	case len(errs) > 0 || usesCgo(l.pkg):
	case len(l.pkg.Errors) > 0: // what the compiler alone finds wrong
		e := l.pkg.Errors[0]
		if errs = compilerErrors(l.shared.dir, e.Msg); len(errs) == 0 {
			errs = Errors{{position(e.Pos), e.Msg}}
		}
	case cgoFailed:
		errs = own[cgo : cgo+1]
	}
	return errs
}

func syntaxErrors(err error) (errs Errors) {
	var list scanner.ErrorList
	if errors.As(err, &list) {
		for _, e := range list {
			errs = append(errs, Error{withoutOffset(e.Pos), inCompilersWords(e.Msg)})
		}
	}
	return errs
}

// inCompilersWords returns a complaint of the scanner in the words of the compiler.
func inCompilersWords(msg string) string {
	return strings.Replace(msg, "illegal UTF-8 encoding", "invalid UTF-8 encoding", 1)
}

func unreadable(name string, err error) Error {
	return Error{token.Position{Filename: name, Line: 1}, "cannot be read: " + cause(err).Error()}
}

// listError returns what the go command said of l when it listed it.
func (l *Listed) listError(e packages.Error) Error {
	pos := position(e.Pos)
	if pos.Filename != "" && !filepath.IsAbs(pos.Filename) && l.shared != nil {
		pos.Filename = filepath.Join(l.shared.dir, pos.Filename)
	}
	if own, ok := inOwnWords(e.Msg); ok {
		return own
	}
	if open, ok := strings.CutPrefix(e.Msg, "open "); ok && pos.Filename == "" {
		if name, why, ok := strings.Cut(open, ": "); ok && filepath.IsAbs(name) {
			return unreadable(name, errors.New(why))
		}
	}
	return Error{pos, importError(l.pkg, inCompilersWords(e.Msg))}
}

var twoPackages = regexp.MustCompile(`^found packages (\S+) \((\S+)\) and (\S+) \((\S+)\) in (.+)$`)

const cycle = "import cycle not allowed: "

// inOwnWords returns, with its position, what the go command says without one.
func inOwnWords(msg string) (e Error, ok bool) {
	if m := twoPackages.FindStringSubmatch(msg); m != nil {
		return Error{
			token.Position{Filename: filepath.Join(m[5], m[4]), Line: 1},
			fmt.Sprintf("package %s, but %s is of package %s: a directory holds one", m[3], m[2], m[1]),
		}, true
	}
	if stack, ok := strings.CutPrefix(msg, cycle+"import stack: ["); ok {
		return Error{Msg: cycle + strings.Join(strings.Fields(strings.TrimSuffix(stack, "]")), " imports ")}, true
	}
	return Error{}, false
}

// followsFrom reports whether e of the type checker repeats one of errs.
func followsFrom(e Error, errs Errors) bool {
	path, isImport := notImported(e.Msg)
	return slices.ContainsFunc(errs, func(cause Error) bool {
		stack, isCycle := strings.CutPrefix(cause.Msg, cycle)
		return isCycle && isImport && slices.Contains(strings.Split(stack, " imports "), path) ||
			strings.Contains(e.Msg, "; expected package ") && strings.HasSuffix(cause.Msg, ": a directory holds one")
	})
}

// notImported returns the path that the type checker could not import, if msg is
// about one.
func notImported(msg string) (path string, ok bool) {
	rest, ok := strings.CutPrefix(msg, "could not import ")
	path, _, _ = strings.Cut(rest, " ")
	return path, ok
}

// placeCycles gives each import cycle among errs the position of an import of l that
// is part of it.
func (l *Listed) placeCycles(errs Errors) {
	for i, e := range errs {
		if stack, ok := strings.CutPrefix(e.Msg, cycle); ok && l.shared != nil {
			errs[i].Pos = l.importOf(strings.Split(stack, " imports "))
		}
	}
}

// importOf returns the position of the first import of one of paths.
func (l *Listed) importOf(paths []string) token.Position {
	for _, name := range l.Sources {
		src, err := l.shared.Read(name)
		if err != nil {
			continue
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, name, src, parser.ImportsOnly)
		if err != nil {
			continue
		}
		for _, imp := range f.Imports {
			if path, err := strconv.Unquote(imp.Path.Value); err == nil && slices.Contains(paths, path) {
				return withoutOffset(fset.Position(imp.Path.Pos()))
			}
		}
	}
	return token.Position{}
}

func typeError(err error) Error {
	var te types.Error
	errors.As(err, &te) // so go/types says
	return Error{withoutOffset(te.Fset.Position(te.Pos)), te.Msg}
}

// withoutOffset returns a position as the go command gives it.
func withoutOffset(pos token.Position) token.Position {
	pos.Offset = 0
	return pos
}

// compilerErrors returns the lines with a position among what a build in dir has
// printed.
func compilerErrors(dir, msg string) (errs Errors) {
	if !strings.HasPrefix(msg, "# ") {
		return nil
	}
	for line := range strings.Lines(msg) {
		pos, text, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if p := position(pos); ok && p.Line > 0 {
			if !filepath.IsAbs(p.Filename) {
				p.Filename = filepath.Join(dir, p.Filename)
			}
			errs = append(errs, Error{p, text})
		}
	}
	return errs
}

// importError returns what the go command says of a package that cannot be imported.
// It says more than the type checker.
func importError(p *packages.Package, msg string) string {
	path, ok := notImported(msg)
	if !ok {
		return msg
	}
	if imp := p.Imports[path]; imp != nil && len(imp.Errors) > 0 {
		msg = strings.TrimSpace(imp.Errors[0].Msg)
		if tinyGo(path) {
			msg, _, _ = strings.Cut(msg, " (")
			msg += tinyGoHint
		}
	}
	return msg
}

// position parses the file:line:col that go/packages puts into its errors.
func position(s string) (pos token.Position) {
	pos.Filename = s
	if name, col, ok := cutLastNumber(s); ok {
		pos.Filename, pos.Line = name, col
		if name, line, ok := cutLastNumber(name); ok {
			pos.Filename, pos.Line, pos.Column = name, line, col
		}
	}
	if pos.Filename == "-" {
		pos.Filename = ""
	}
	return pos
}

func cutLastNumber(s string) (string, int, bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, 0, false
	}
	n, err := strconv.Atoi(s[i+1:])
	return s[:i], n, err == nil
}

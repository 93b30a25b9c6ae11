package lower

import (
	"regexp"
	"slices"
	"strings"

	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/plan"
)

// aDirective is a comment for another tool, about the statement on its line or on
// the next one. One for the compiler is for what is behind it, whatever that is.
var aDirective = regexp.MustCompile(`^//(\s*nolint\b|\s*#nosec\b|[a-z]+:\w)`)

func isDirective(comment string) bool {
	return aDirective.MatchString(comment) && !strings.HasPrefix(comment, "//go:") && !strings.HasPrefix(comment, "//dedefer:")
}

// directivesIn returns the directives among comments.
func directivesIn(comments []string) (found []string) {
	for _, c := range comments {
		if isDirective(c) {
			found = append(found, c)
		}
	}
	return found
}

// dropDirectives leaves the other comments of decs.
func dropDirectives(decs *dst.Decorations) {
	*decs = slices.DeleteFunc(slices.Clone(*decs), isDirective)
}

// directives are the comments for other tools right above a statement, and right
// behind it.
type directives struct{ above, behind []string }

func directivesOf(s dst.Stmt) (found directives) {
	d := s.Decorations()
	i := len(d.Start)
	for i > 0 && isDirective(d.Start[i-1]) {
		i--
	}
	found.above = d.Start[i:]
	for i, c := range d.End[:sameLine(d.End)] {
		if isDirective(c) {
			found.behind = d.End[:i+1]
		}
	}
	return found
}

// aboutCall returns the directives of d, the defer statement of s, that are about its
// call and stand with it wherever it is made. Those of a literal stay with that,
// unless its body stands in the place of calls.
func (tr *tree) aboutCall(s *plan.Site, d *dst.DeferStmt) directives {
	found := directivesOf(d)
	switch {
	case s.Call != nil && s.Call.Inline:
		return directives{above: found.above} // behind is a line that says nothing but }()
	case s.Callee.Lit != nil:
		found = directives{}
	}
	var inside []string // on lines before that of the )
	for _, decs := range tr.insideCall(s, d) {
		inside = append(inside, directivesIn(*decs)...)
	}
	if len(found.behind) == 0 && len(inside) > 0 {
		found.behind, inside = inside[:1:1], inside[1:]
	}
	found.above = slices.Concat(found.above, inside)
	return found
}

// insideCall lists where comments stand that are in d but about nothing that is
// evaluated there: behind its ( and around arguments that are written with the call.
func (tr *tree) insideCall(s *plan.Site, d *dst.DeferStmt) (list []*dst.Decorations) {
	if s.Callee.Lit == nil {
		list = append(list, &d.Call.Decs.Lparen)
	}
	if s.Call == nil {
		return list
	}
	for _, a := range s.Call.Args {
		if a.AsWritten() {
			decs := tr.expr(a.Expr).Decorations()
			list = append(list, &decs.Start, &decs.End)
		}
	}
	return list
}

// takeAboutCall takes from d what aboutCall returns.
func (tr *tree) takeAboutCall(s *plan.Site, d *dst.DeferStmt) directives {
	about := tr.aboutCall(s, d)
	switch {
	case s.Call != nil && s.Call.Inline:
		d.Decs.Start = d.Decs.Start[:len(d.Decs.Start)-len(about.above)]
		return about
	case s.Callee.Lit == nil:
		takeDirectives(d)
	}
	for _, decs := range tr.insideCall(s, d) {
		dropDirectives(decs)
	}
	return about
}

// takeDirectives takes the directives from s.
func takeDirectives(s dst.Stmt) directives {
	found, d := directivesOf(s), s.Decorations()
	d.Start = slices.Clone(d.Start[:len(d.Start)-len(found.above)])
	found.behind = takeFirst(&d.End, len(found.behind))
	return found
}

// give puts the directives on a statement, or on a call that is one.
func (ds directives) give(n dst.Node) {
	d := n.Decorations()
	d.Start.Append(ds.above...)
	d.End = joined(ds.behind, d.End)
	if _, ok := n.(dst.Stmt); ok && len(ds.above) > 0 {
		d.Before = max(d.Before, dst.NewLine)
	}
}

// takeAbove takes the comments above s from it. They stay where a line comment tells
// the compiler which line follows.
func takeAbove(s dst.Stmt) (above []string) {
	d := s.Decorations()
	if slices.ContainsFunc(d.Start, func(c string) bool { return strings.HasPrefix(c, "//line ") || strings.HasPrefix(c, "/*line ") }) {
		return nil
	}
	above, d.Start = d.Start, nil
	return above
}

// takeComments takes from s what stands behind it on its line, and the comment right above
// it.
func takeComments(s dst.Stmt) directives {
	return directives{takeParagraph(s), takeTrailing(&s.Decorations().End)}
}

// takeParagraph takes the comment right above s from it.
func takeParagraph(s dst.Stmt) (above []string) {
	d := s.Decorations()
	i := len(d.Start)
	for i > 0 && d.Start[i-1] != "\n" {
		i--
	}
	above, d.Start = slices.Clone(d.Start[i:]), d.Start[:i:i]
	return above
}

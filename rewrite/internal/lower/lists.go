package lower

import (
	"go/token"
	"slices"

	"github.com/dave/dst"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// lists puts statements in the place of others, and keeps what hung on those:
// "Comments" in ../../doc.go.
type lists struct {
	*tree
	mask mask
	gone map[dst.Stmt]bool // stand for nothing, and hold its comments
	bare map[dst.Stmt]bool // labels on nothing
}

// replace gives the comments and blank lines around old to what stands in its place,
// and puts those in kept before it. Where nothing does, an empty statement holds them
// for settle.
func (ls *lists) replace(old dst.Stmt, list []dst.Stmt, kept ...string) []dst.Stmt {
	dec := old.Decorations()
	if len(list) == 0 {
		list = []dst.Stmt{&dst.EmptyStmt{Implicit: true}}
		ls.gone[list[0]] = true
		list[0].Decorations().Start.Append(kept...)
	} else if len(kept) > 0 {
		list[0].Decorations().Start.Prepend(kept...)
	}
	if len(list) == 1 && list[0] == old {
		return list
	}
	first, last := list[0].Decorations(), list[len(list)-1].Decorations()
	if first != dec {
		first.Start.Prepend(dec.Start...)
		if dec.Before != dst.None {
			first.Before = dec.Before
		}
		dec.Start, dec.Before = nil, dst.NewLine
	}
	if last != dec {
		last.End = joined(last.End, dec.End)
		last.After = dec.After
		dec.End, dec.After = nil, dst.NewLine
	}
	return list
}

// finish puts list in the place of old. A comment inside of old on something that is
// not in list moves to the front.
func (ls *lists) finish(old dst.Stmt, list []dst.Stmt, pos token.Pos, kept map[dst.Node]bool) []dst.Stmt {
	for _, st := range list {
		dst.Inspect(st, func(n dst.Node) bool {
			kept[n] = true
			return !ls.isLiteral(n)
		})
	}
	var lost []string
	if !kept[old] {
		dst.Inspect(old, func(n dst.Node) bool {
			if n == nil || kept[n] {
				return false
			}
			eachDecorations(n, func(name string, decs *dst.Decorations) {
				if n != dst.Node(old) || name != "Start" && name != "End" { // see replace
					lost = append(lost, slices.DeleteFunc(slices.Clone(*decs), func(text string) bool { return text == "\n" })...)
				}
			})
			return true
		})
	}
	inOrder(lost)
	return ls.replace(old, ls.created(list, pos), ownLines(lost)...)
}

// settle removes the empty statements that replace made, and moves their comments to
// the next statement.
func (ls *lists) settle(block *dst.BlockStmt, list *[]dst.Stmt) {
	var out []dst.Stmt
	var carry []string
	before := dst.None
	for _, s := range *list {
		dec := s.Decorations()
		if ls.gone[s] {
			if len(carry) > 0 && dec.Before == dst.EmptyLine {
				carry = append(carry, "\n")
			}
			carry = append(carry, ownLines(dec.Start)...)
			carry = append(carry, ownLines(dec.End)...)
			if before == dst.None || len(out) > 0 && len(carry) == 0 {
				before = max(before, dec.Before)
			}
			continue
		}
		switch {
		case len(carry) > 0:
			if dec.Before == dst.EmptyLine {
				carry = append(carry, "\n")
			}
			dec.Start.Prepend(carry...)
			dec.Before = before
		case before != dst.None && len(out) == 0:
			dec.Before = before
		case before != dst.None:
			dec.Before = max(dec.Before, before)
		}
		carry, before = nil, dst.None
		out = append(out, s)
	}
	if len(carry) > 0 {
		switch {
		case len(out) > 0:
			below(out[len(out)-1], carry)
		case block != nil:
			block.Decs.Lbrace.Append(append([]string{"\n"}, carry...)...)
		default:
			out = append(out, &dst.EmptyStmt{Implicit: true})
			out[0].Decorations().Start, out[0].Decorations().Before = carry, dst.NewLine
		}
	}
	*list = out
}

// setAtOnce lets one statement set the bits of sites between which only a guard stands:
//
//	active := uint8(1)             active := uint8(3)
//	defer func() { ... }()         defer func() { ... }()
//	active = 3                =>
//	defer func() { ... }()         defer func() { ... }()
func (ls *lists) setAtOnce(list []dst.Stmt) (out []dst.Stmt) {
	var first *dst.AssignStmt // the last that set the mask, with nothing but guards since then
	for _, s := range list {
		name := ls.mask.sets(s)
		if name != "" && first != nil && name == ls.mask.sets(first) && out[len(out)-1] != dst.Stmt(first) && noComments(s) {
			value := &first.Rhs[0]
			if typed, ok := (*value).(*dst.CallExpr); ok {
				value = &typed.Args[0]
			}
			*value = s.(*dst.AssignStmt).Rhs[0]
			continue
		}
		switch {
		case name != "":
			first = s.(*dst.AssignStmt)
		case !isGuard(s):
			first = nil
		}
		out = append(out, s)
	}
	return out
}

// isGuard reports whether s is a guard that was made.
func isGuard(s dst.Stmt) bool {
	d, ok := s.(*dst.DeferStmt)
	return ok && slices.Contains(d.Decs.Start, analysis.GuardMark)
}

// takeDeclaration lets next declare what s, which goes, does if it declares the mask.
func takeDeclaration(s, next *dst.AssignStmt) {
	if s.Tok != token.DEFINE {
		return
	}
	next.Tok = token.DEFINE
	if typed, ok := s.Rhs[0].(*dst.CallExpr); ok {
		typed.Args[0], next.Rhs[0] = next.Rhs[0], typed
	}
}

// merge drops an assignment to the mask that another one follows at once, and moves a
// label on nothing to the next statement:
//
//	active = 3
//	active = 1     =>   active = 1
func (ls *lists) merge(list []dst.Stmt) []dst.Stmt {
	var out []dst.Stmt
	list = ls.setAtOnce(list)
	for i, s := range list {
		if i+1 < len(list) && ls.mask.sets(s) != "" && ls.mask.sets(s) == ls.mask.sets(list[i+1]) && noComments(s) {
			next := list[i+1].Decorations()
			next.Before = max(next.Before, s.Decorations().Before)
			takeDeclaration(s.(*dst.AssignStmt), list[i+1].(*dst.AssignStmt))
			continue
		}
		if n := len(out); n > 0 {
			if l, ok := out[n-1].(*dst.LabeledStmt); ok && ls.bare[l] {
				if _, isLabel := s.(*dst.LabeledStmt); !isLabel {
					handOver(l.Stmt, s)
					l.Stmt = s
					delete(ls.bare, l)
					continue
				}
			}
		}
		out = append(out, s)
	}
	return out
}

// Package lower carries out a plan on the syntax tree of one declaration.
//
// The tree is dave/dst's, in which comments and blank lines hang on the nodes
// that they belong to. New statements are written as Go source with
// placeholders (template.go) and take the comments of what they replace.
//
// A function with the plan "w.Close() at top level, guard, no recover"
//
//	defer w.Close()
//	...
//	return f(w)
//
// becomes, site by site and exit by exit,
//
//	active := true                 // site.go, start.go; mask.go: what is pending
//	//dedefer:guard
//	defer func() {                 // guard.go
//		if active {
//			w.Close()
//		}
//	}()
//	...
//	result := f(w)                 // exit.go; result.go: results first,
//	active = false                 // then the chain, newest entry first
//	w.Close()                      // call.go
//	return result
//
// Each file uses only what is below it: lower.go, function.go and stmt.go walk over the
// statements; site.go, start.go and exit.go write what stands in their place; guard.go,
// save.go (operands), stores.go (records), result.go, call.go and mask.go write the parts
// of that; lists.go, comments.go and directives.go keep what hung on the statements that
// go; tree.go and decl.go know where each node comes from.
package lower

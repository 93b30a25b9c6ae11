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
//	active := true                 // site.go: what is pending
//	//dedefer:guard
//	defer func() {                 // guard.go
//		if active {
//			w.Close()
//		}
//	}()
//	...
//	result := f(w)                 // exit.go: results first,
//	active = false                 // then the chain, newest entry first
//	w.Close()
//	return result
package lower

// Package analysis finds out what there is to know about a function with defer
// statements, before anything is decided.
//
// For each function declaration and function literal that holds a site (a
// defer statement of its own, not one of a literal inside it) it gives
//
//   - the sites, each with its callee and operands (callee.go) and whether the
//     callee may call recover (recovers.go);
//   - the exits: the return statements, and the closing brace where control
//     reaches it, each with the sites that are pending there on some path and
//     on every path (graph.go);
//   - the cycles: sets of blocks of the control-flow graph that reach one
//     another, in which a site may be reached more than once;
//   - for each variable whether it is assigned, has its address taken, or is
//     assigned by a literal (vars.go), from which follows what need not be
//     saved at a site because it cannot change before the exit.
//
// A body of a range-over-func loop belongs to the function around it, as in
// the source; the loop is a cycle like any other.
package analysis

// Package plan decides how each site, each exit and the guard of a function
// are lowered, and why. Its result is data: lower only carries it out, explain
// prints the reasons.
//
// The questions, in the order in which they are settled:
//
//   - Which defer statements stay, what is called at which exit, and which
//     guards run that when a panic comes (guard.go, segment.go)?
//   - Which sites have a bit, which need a record, which neither (strategy.go
//     and a file for each strategy)?
//   - Do all exits share one tail (exits.go), and must a return statement set
//     the results before the chain runs (results.go)?
//   - Which operands have to be saved at the site, in a variable of which type
//     (operands.go, spell.go)? What cannot change before the last place that
//     needs it, and can be named there, is not saved.
//   - What are the new variables called (names.go)?
package plan

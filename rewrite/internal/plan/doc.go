// Package plan decides how each site, each exit and the guard of a function
// are lowered, and why. Its result is data: lower only carries it out, explain
// prints the reasons.
//
// What is decided stands in func.go (Unit, Func, Site, Exit, Guard, Records), call.go
// (how a call is written) and parts.go (Mask, Tail, Set, Remains and other parts that
// name no site). A draft (draft.go) is a Func while it is planned, with what the steps
// ask about the source: what names mean (scope.go), how types are written (spell.go),
// which names are free (names.go), what cannot panic (proof.go).
//
// The steps stand in plan.go, in their order, with what each needs. Each file uses
// only what is below it. ../../doc.go explains what they decide; by its sections:
//
//   - Exits: what each exit calls (guard.go), in which order (chain.go), and how that
//     is known: a strategy for each site (choose.go and strategy_*.go), and the bits of
//     the mask (mask.go).
//   - Cycles: how the records of a loop are kept: records.go, a layout for each store
//     (layout.go and layout_*.go), what a record is (element.go), and what the number of
//     the iteration tells (iterations.go, layout_steady.go); literals that leave the loop
//     (lift.go).
//   - Operands: which have to be saved at the site, in a variable of which type (calls.go,
//     operands.go, method.go, later.go; cgo.go for what cgo checks).
//   - Results: whether a return statement sets them before the chain runs (return.go,
//     results.go, values.go); what is left of a literal at an exit, and whether it stands in
//     the place of its call (remains.go, inline.go).
//   - The guard: which defer statements stay, and which guards run the rest when a panic
//     comes (guard.go, segment.go); which calls do nothing, because no panic runs them
//     (idle.go).
//   - Shared exits: tail.go.
//
// losses.go tells what -unwind=none changes, cost.go and remedy.go what a site costs and
// what would make it cheaper.
package plan

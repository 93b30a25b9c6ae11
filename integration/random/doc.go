// Package random generates Go programs that defer, panic and recover in every
// combination, and compares what they do before and after a rewrite.
//
// A program is one package with a function Run. It is drawn from a seed, and
// terminates by construction: a function calls only those generated before it,
// every loop and every backward goto has a bound of its own, and the cost of a
// call counts against its caller's. What it does depends on nothing but the
// language, so that its trace, the lines that it prints by way of the support
// package rt, is the same in each run. The conditions in it mostly read rt.Coin,
// whose answers depend only on the place that asks and on how often it did:
// removing a statement does not change what the rest of the program does.
//
// Some functions defer in their last block only, so that nothing else is pending at their end.
//
// Half of the programs have comments at random places: the tool itself refuses to lose
// one. What go vet says of a program must not become more.
//
// A calm program has no panic and no Goexit: its trace must be the same with
// -unwind=none. Others must build in that mode.
//
// Many programs make one module, together with rt, which is not rewritten: so
// the deferred calls meet code from either side. The module's go.mod decides
// which language version its programs are drawn for.
//
// Where a program behaves differently, [Reduce] removes statements and
// declarations, unwraps blocks and simplifies expressions as long as the
// program still compiles and still shows the same kind of difference.
package random

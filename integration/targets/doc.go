// Package targets runs the same programs before a rewrite and after it on what is
// not this machine: other systems and processors that gc compiles for, under qemu
// and node, and other compilers, gccgo and TinyGo. It also measures what lowered
// code takes there.
//
// Its tests make one module of all programs (programs_test.go), whose only
// executable runs the one that it is told to: linking is most of the work. The
// module says go 1.18, and the programs use no more than that, and no generics,
// so that gccgo compiles them, too. Each target (targets_test.go) gets the module
// as it was, rewritten with -unwind=native, and with -unwind=none, and each program
// has to print the same and exit the same; after -unwind=none only those that
// neither panic nor call Goexit.
//
// A target whose tools are missing is skipped, and the message names them. With
// -targets, all cases of testdata/cases are run that one can: for gc in a module of
// this Go's version, for gccgo those that it compiles.
package targets

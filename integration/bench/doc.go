/*
Command bench measures what lowered code costs, and prints tables of it.

	go run ./integration/bench [-bench REGEXP] [-benchtime TIME] [-count N] [-o DIR]

The functions of testdata/fn are measured as they are (native), as the tool
lowers them (lowered for -unwind=native, keep with -keep added, and none), as an expert
lowered them by hand for a program in which nothing panics (hand, which is what
none should come to), and without any cleanup (nothing). Each of these variants
is a module with the same package env and the same package driver, which calls the
functions. Driver's functions are the benchmarks; their names and comments are
what the tables show.

Of each variant there is one test binary. A benchmark is run in all of them in
turn, on one processor, and again in the next round; what is printed are medians.
So that other programs on the machine disturb them less, time is that of the
processor, and a ratio is the median of those in each round.

The sizes of functions and their frames are those of the compiler's assembler
listing, summed over the functions of a file. The text size is that of a whole
program that has only these functions.

	go test ./integration/bench -run - -bench .

runs the same benchmarks for tools that read Go's format, such as benchstat.

-o keeps the modules, for a look at the lowered functions.
*/
package main

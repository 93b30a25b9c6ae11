/*
Package analyzer has an analysis.Analyzer that looks at defer statements and
calls of recover. The command dedefer-vet runs it for go vet:

	go vet -vettool=$(which dedefer-vet) ./...

# It reports

# Defers in a loop that nothing bounds

	for _, name := range names {
		f, err := os.Open(name)
		...
		defer f.Close() // runs when the function returns, not the iteration
	}

The calls pile up until the function returns, and their records are on the heap.
A comment //dedefer:max N above the loop says how many iterations it makes at most,
and ends the report. A loop over a variable that holds nothing but what is written out,
such as the rows of a test, is not reported.

# A recover that cannot fire

	go func() {
		recover() // no deferred function calls it
	}()

Recover stops a panic only where a deferred function calls it itself. Reported
are calls in a literal that is called in place, in the function of a go
statement, in main and init, and in a function of the package that is only ever
called, and never deferred or passed on; and a recover that is deferred itself,
which stops no panic of the function that defers it.

# Deferred calls that never run

	defer w.Flush()
	...
	os.Exit(code) // ends the program: w.Flush does not run

and those behind which the function never returns, so that only a panic or
runtime.Goexit can run them. What the end of the process does as well, such as closing a
file, unlocking a mutex or cancelling a context, is not reported.

# Operands that are evaluated early

	start := time.Now()
	defer log.Print(time.Since(start)) // nearly nothing: it is evaluated now

	defer report(err) // err is nil here, and assigned later
	err = work()

The function and its arguments are evaluated by the defer statement. Where
that is the result of time.Since or recover, or a variable that is assigned
later, a suggested fix puts the call into a literal:

	defer func() { report(err) }()

Where a later statement makes the same call, the deferred one restores what was
before, and is not reported.

# Defers that can be explicit

With the flag -explicit, each function with a defer statement is reported, with
a suggested fix that puts its lowering in its place, as dedefer rewrite does:
where that needs nothing of the bundled runtime. An editor does it for one function;
for all of a module, it is

	go vet -vettool=$(which dedefer-vet) -dedefer.explicit -fix ./...

Whether a function of another package calls recover is a fact of that package.
*/
package analyzer

/*
Package unwound finds out whether a program runs deferred calls because of a
panic or runtime.Goexit, which is what -unwind=none leaves out. Instrument adds
to each defer statement a second one, of Check, which runs just before the call
that the first has deferred:

	defer f.Close(); defer dedeferUnwound.Check()

Check looks at what runs it. The first time that this is a panic or Goexit, it
writes so to the file that the environment variable DEDEFER_UNWOUND names.

The instrumented module has check.go in a package of its own: it keeps to the
language and the library of old Go versions.
*/
package unwound

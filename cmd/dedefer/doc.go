// Dedefer rewrites the defer statements of Go programs into explicit code that
// does the same: calls at the exits of a function where that is enough, bits or
// records for what depends on the path, and at most one native defer where a
// panic may pass.
//
// To see what it does to the package in the current directory:
//
//	dedefer rewrite -d
//
// To write a rewritten copy of a whole module, and test it:
//
//	dedefer rewrite -o ../lowered ./...
//	cd ../lowered && go test ./...
//
// # Commands
//
//	Dedefer rewrites the defer statements of Go programs into explicit code.
//
//	Usage:
//
//		dedefer command [flags] [packages]
//
//	The commands are:
//
//		rewrite   rewrite packages
//		generate  write rewritten files beside the originals, for a build tag
//		explain   tell how each defer statement is rewritten, and why
//		report    show that as a page, with the code before and after
//		serve     serve that page and a playground to a browser
//		build     go build, with the packages rewritten on the way to the compiler
//		test      go test, the same
//		run       go run, the same
//		install   go install, the same
//		toolexec  what go build -toolexec runs for that
//		completion
//		          print a script that completes the command line in a shell
//		version   print the version of dedefer
//		help      describe a command
//
//	Run "dedefer help command" for its flags.
//
//	The exit code is 0 where all went well, 1 where the packages have errors, the
//	result cannot be written, or -d finds a difference, and 2 where the command line
//	is wrong.
//
// # Rewrite
//
//	Usage: dedefer rewrite [flags] [packages]
//	       dedefer rewrite [flags] files
//	       dedefer rewrite [flags] - < file
//
//	Rewrite replaces every defer statement of the packages by explicit code that
//	does the same. Packages are named as for the go command; the default is the one
//	in the current directory.
//
//	A file x.go stands for its package, of which only that file is rewritten. It may
//	be in no module: it can import the standard library then, and be a program of its
//	own, or use what other files beside it declare. What it needs of the bundled
//	runtime becomes part of it. A dash is a file on standard input, as is standard
//	input where the command line names nothing and something is piped or redirected
//	there.
//
//	The result is printed on standard output: a file that is named, also where
//	nothing changes in it; of a package, the files that change. Several of them
//	stand each below a line "-- name --". These flags do something else with the
//	result; at most one of them can be given:
//
//		-o DIR
//			Write a complete copy of the module to DIR, with the packages
//			rewritten. "cd DIR && go build ./... && go test ./..." works
//			with nothing else to do. DIR must be empty, or not exist, or
//			be such a copy, which is then replaced; files in it that
//			dedefer did not write are kept.
//		-goroot DIR
//			Write a GOROOT to DIR, with what the packages need of the standard
//			library rewritten, and nothing else: all other files are links
//			to those of the real one. "GOROOT=DIR go build" uses it, and
//			so does TinyGo.
//		-w
//			Rewrite the files of the module in place.
//		-d
//			Print a unified diff, and exit with 1 where there is one, as
//			gofmt does.
//		-l
//			List the files that would change.
//
//	These flags are for diffs:
//
//		-y
//			Print old and new side by side, where the terminal is 100
//			columns wide or more. Elsewhere than on a terminal, $COLUMNS
//			says how wide a line is, or it is 130.
//		-color
//			Use colours, or none with -color=false. The default is to use
//			them on a terminal, unless NO_COLOR is set.
//
//	These flags decide what is rewritten, and how:
//
//		-func NAME
//			Rewrite the function or method of this name and nothing else:
//			F, T.M, (*T).M, or a regular expression. Where the result is
//			printed, that is the function alone.
//		-unwind native|none
//			What happens to pending calls when a panic or runtime.Goexit
//			ends the function. With native, the default, they run exactly
//			as in Go, and a function keeps native defers where it needs
//			them for that: guards, and calls that only a panic itself may
//			make. With none they do not run, recover returns nil,
//			and no native defer is left: for targets that trap on a panic.
//			Then a warning on standard error names each recover that can no
//			longer fire, each function that deferred calls only to recover,
//			and each Goexit or FailNow that leaves calls pending.
//			In test files, they are only counted.
//		-keep
//			Leave a function as it is where gc's own code for its defer
//			statements is at least as good: they are few and in no loop, and
//			a panic may find calls pending. Then nothing gets slower.
//			Without -keep, all calls become explicit.
//		-v
//			List the warnings in test files, too, and say at the end how many
//			defer statements there were, and what became of them.
//		-strict
//			Treat these warnings as errors: write nothing, and exit with 1.
//		-heap allow|error
//			With error, fail where a defer statement would need a record on
//			the heap, and name it. A comment //dedefer:max N above
//			a loop promises that it makes at most N iterations, above a defer
//			statement that at most N of its calls are pending: their records
//			are in the frame then. It fails, too, where an interrupt handler
//			of TinyGo's (//go:interrupt, an //export whose name ends in
//			Handler, what interrupt.New or SetInterrupt gets) reaches a
//			function that keeps a native defer. The default is allow.
//		-deps
//			With -o, rewrite also what the packages need of other
//			modules, in a vendor directory of the copy.
//		-lines
//			Emit //line directives, so that panics, stack traces and
//			coverage show the positions of the original source.
//		-tests
//			Rewrite _test.go files too. The default is true; turn it off
//			with -tests=false.
//		-tags list
//			Build tags, separated by commas, as for the go command.
//		-target NAME
//			Look at the packages as TinyGo does for this target, with the
//			GOROOT, GOOS, GOARCH and tags that "tinygo info" tells: then
//			machine, device/..., runtime/volatile and runtime/interrupt are
//			found.
//		-C DIR
//			Change to DIR before doing anything else.
//		-f
//			Let -o write into a directory that is not empty and was not
//			written by dedefer. What the copy needs is overwritten there,
//			anything else stays.
//
//	Where the output needs the bundled runtime, the module gets a directory
//	internal/dedefer with it. Files that GOOS, GOARCH or the tags exclude stay as
//	they are; if such a file has a defer statement, a line on standard error says
//	so.
//
//	Of GOFLAGS and what "go env -w" has set, that is honoured which says what the
//	files of a package are and mean: -tags, -mod, -modfile, -overlay, -race and the
//	like, GOOS, GOARCH, GOWORK, GOEXPERIMENT. Flags for compiling, linking, testing
//	and printing, such as -cover and -toolexec, change nothing. What cannot be
//	honoured is an error: -compiler=gccgo, GO111MODULE=off, GOPACKAGESDRIVER. The
//	pattern all stands for the main module's own packages.
//
//	The copy of -o is byte for byte, with file modes, except for the rewritten
//	files. It leaves out .git, .hg, .svn and .bzr, and earlier copies inside the
//	module. A go.mod, go.work or vendor/modules.txt that refers to a directory
//	outside of the module by a relative name gets a name that works from DIR. A
//	module in a workspace gets a go.work, in which the copy has the module's place.
//	A symbolic link to a file outside of the module becomes a copy of the file, one
//	to a directory outside an absolute link to it. DIR/.dedefer lists what dedefer
//	wrote.
//
//	A package that does not type-check is left as it is, and named with its errors;
//	all others are rewritten. The exit code is 1 then. A package without a defer
//	statement stands in nobody's way: only its syntax has to be right. Files are written beside
//	their place and renamed: whatever happens, each is either old or new.
//
//	Examples:
//
//		# which files would change
//		dedefer rewrite -l ./...
//		# one function of a file, without a guard
//		dedefer rewrite -func main -unwind=none main.go
//		# a copy of the module, rewritten, and its tests
//		dedefer rewrite -o ../lowered ./... && go test -C ../lowered ./...
//
// # Generate
//
//	Usage: dedefer generate [flags] [packages]
//
//	Generate writes x_dedefer.go beside each file x.go that has a defer statement:
//	the same file, rewritten. The first is built only with a tag, the other only
//	without it, so that the tag chooses between the two. It is meant for go generate:
//
//		//go:generate go tool dedefer generate -tag tinygo -unwind none
//
//	TinyGo sets the tag tinygo, so it builds the rewritten files then, and the go
//	command the originals. Any other tag is set with -tags, as for the go command.
//
//	Packages are named as for the go command; the default is the one in the current
//	directory. Single files may be named instead.
//
//		-tag NAME
//			The tag. The default is dedefer.
//		-target NAME[,NAME]
//			Rewrite files as TinyGo sees them for these targets, as with
//			dedefer rewrite: each file for the first that has it and
//			type-checks. It is said where another target needs a different
//			one. Without -tag, the tag is tinygo.
//		-unwind native|none
//			As for dedefer rewrite, warnings included.
//		-keep
//			As for dedefer rewrite. A file in which nothing changes gets
//			no sibling.
//		-strict
//			As for dedefer rewrite.
//		-heap allow|error
//			As for dedefer rewrite.
//		-check
//			Write nothing. Name each file that is not as it would be
//			written, print the beginning of a diff, and exit with 1 if
//			there is one: for CI.
//		-undo
//			Take away what dedefer generate wrote, for whatever tag: the
//			files x_dedefer.go, the constraints in the files x.go and the
//			bundled runtime. Files are then as they were before, byte for
//			byte where nobody has edited them since.
//		-v
//			List the warnings in test files, too, say how many defer
//			statements there were, and what became of them, and print all of
//			the diffs of -check.
//
//	In x.go, only the build constraint changes: one //go:build line, which keeps what
//	it had, below a line "//dedefer:tag NAME", by which dedefer knows that it added
//	the tag. When x.go has no defer statement any more, it gets its constraint back
//	and x_dedefer.go goes; so it does when x.go is gone. Only files whose first line
//	says that dedefer generated them are ever overwritten or removed. Running it
//	again changes nothing.
//
//	A name keeps what is a constraint in it: x_linux.go becomes x_dedefer_linux.go,
//	x_test.go becomes x_dedefer_test.go. Where the order of the files' names matters,
//	because it is that in which variables are initialised and init functions run,
//	and x_dedefer.go would sort elsewhere than x.go, all files that dedefer writes in
//	this directory get names like x.dedefer.go, which do not.
//
//	Files for other platforms and tags are rewritten as well, each for a build that
//	has it. One that does not type-check there is reported, and its sibling stays as
//	it is. A package that does not type-check with the tag is reported, and rewritten
//	as without it. A file that no build with the tag has, and one with the tag
//	ignore, stays as it is.
//
//	Where the output needs the bundled runtime, the module gets a directory
//	internal/dedefer with it, which has what all files of the module use, and goes
//	when none does.
//
//	A package that does not type-check is left as it is, as by dedefer rewrite. With
//	-unwind none, a file that only builds with the tag have may then keep a native
//	defer statement: that is a warning, and an error with -strict and with -check.
//	Files are written beside their place and renamed: whatever happens, each is
//	either old or new.
//
//	Examples:
//
//		# siblings for the tag dedefer, and the tests with them
//		dedefer generate ./... && go test -tags=dedefer ./...
//		# in CI: whether they are as they would be written
//		dedefer generate -check ./...
//
// # Explain
//
//	Usage: dedefer explain [flags] [packages]
//
//	Explain tells, for each function with a defer statement, how each statement is
//	rewritten and why, what runs at each exit, in order, and what may panic where a
//	native defer is kept, a guard:
//
//		file:line:col: function: how many statements and guards
//		file:line:col: strategy: defer call
//		    why; what it costs; what gc makes of it
//		file:line:col: exit runs the lines of defer statements: return statement
//		file:line:col: guard, or guards: what may panic
//
//	With -unwind=none also a line for each recover that can no longer fire, each
//	function that deferred calls only to recover, and each Goexit or FailNow that
//	leaves calls pending:
//
//		file:line:col: function: changes: what
//
//	It writes nothing. Files, and standard input, are named as for dedefer rewrite,
//	and the flags -func, -unwind, -keep, -tests, -tags, -target and -C are the same.
//
//		-v
//			Below what may panic, tell the calls that lead there.
//		-json
//			Print one JSON object instead. docs/explain.md describes it,
//			and the words above.
//
//	Examples:
//
//		# the module
//		dedefer explain ./...
//		# a method of the standard library, with the calls that lead to a panic
//		dedefer explain -v -func='(*Pool).pinSlow' sync
//
// # Build, test, run and install
//
//	Usage: dedefer build|test|run|install [flags] [flags of the go command] [packages]
//
//	Build, test, run and install do what the go command does, and rewrite the
//	packages on their way to the compiler. No source is changed, and nothing is
//	written but what the go command writes: its caches work as ever, and so do its
//	flags. "dedefer test -scope=all -race ./..." tests a module with no defer
//	statement of its own, its dependencies and the standard library as it was.
//
//	The flags of dedefer come first, but for -C, as the go command has it:
//
//		-scope module|deps|all
//			Which packages are rewritten: those of the main module (of
//			the workspace), the default; with deps, those that they depend
//			on, too; with all, the standard library, too, but for the Go
//			runtime, which is package runtime and what is below
//			internal/runtime.
//		-unwind native|none
//			As for rewrite. The warnings about what none changes are
//			those for the packages of the module; the places in others are
//			counted, where a command is compiled.
//		-keep
//			As for rewrite.
//		-strict
//			Treat these warnings as errors: the package is not compiled.
//
//	With -work, a flag of the go command, the rewritten files of each package that
//	is compiled stay below the directory that is printed. The first build with other flags
//	compiles the standard library again, as go build -race does.
//
//	Where GOFLAGS or the command line has a -toolexec, use toolexec.
//
//	Examples:
//
//		# the tests of the module, rewritten
//		dedefer test ./...
//		# a program that holds no defer statement, nor does the library in it
//		dedefer build -unwind=none -scope=all -o prog .
//
// # Toolexec
//
//	Usage: go build -toolexec="dedefer toolexec [flags]" [packages]
//
//	Toolexec runs a tool of Go for the go command, and gives the compiler the
//	rewritten files of a package. The flags are those of dedefer build, and two
//	more, which dedefer build adds by itself:
//
//		-goflags
//			Look at GOFLAGS, too: for -trimpath, and for another -toolexec,
//			which would not run, and is refused.
//		-trimpath
//			The build has -trimpath, so that the place of the module cache
//			does not matter.
//
//	Examples:
//
//		# what dedefer build does
//		go build -toolexec='dedefer toolexec' ./...
//		# what dedefer test -unwind=none -scope=all does
//		go test -toolexec='dedefer toolexec -unwind=none -scope=all' ./...
//
// # Report
//
//	Usage: dedefer report -o FILE.html [flags] [packages]
//
//	Report writes a page for a browser, which needs nothing but itself: the functions
//	with a defer statement, the source and the lowered code of each side by side, its
//	defer statements, exits and guards, and its control-flow graph with what is
//	pending. Pointing at one of them lights up what belongs to it.
//
//		-o FILE.html
//			The file to write. Nothing else is changed.
//
//	The flags -unwind, -keep, -tests, -tags and -C are those of dedefer rewrite;
//	packages of other modules and of the standard library can be named, too.
//
//	Examples:
//
//		# a page of the module
//		dedefer report -o report.html ./...
//		# one of a package of the standard library
//		dedefer report -o sync.html -unwind=none sync
//
// # Serve
//
//	Usage: dedefer serve [flags] [packages]
//
//	Serve shows the page of dedefer report to a browser, and makes it again when a
//	source changes. At /play is a playground: a program on the left, what dedefer
//	makes of it on the right as it is typed, examples, and links that hold a program.
//	Outside of a module there is only the playground.
//
//	It serves this machine only, and no page but its own. An interrupt stops it.
//
//		-http ADDR
//			The address, which has to be a loopback address. The default is
//			127.0.0.1:0, a free port; the URL is printed.
//		-run
//			Let the playground run programs: yours, with your rights, for
//			at most 10 seconds, with 512 MB of memory and 64 kB of output.
//
//	The flags -unwind, -keep, -tests, -tags and -C are those of dedefer rewrite.
//
//	Examples:
//
//		# the module in the current directory
//		dedefer serve
//		# the same without guards, and a playground that runs programs
//		dedefer serve -unwind=none -run ./...
//
// # Completion
//
//	Usage: dedefer completion bash|zsh|fish
//
//	Completion prints a script by which the shell completes commands, flags and
//	their values. For bash and zsh, in the shell's start-up file:
//
//		source <(dedefer completion bash)
//		source <(dedefer completion zsh)
//
//	For fish:
//
//		dedefer completion fish > ~/.config/fish/completions/dedefer.fish
//
//	Examples:
//
//		# in the bash that runs
//		source <(dedefer completion bash)
//		# in each bash to come
//		dedefer completion bash >>~/.bashrc
//
// # Version
//
//	Usage: dedefer version
//
//	Version prints the version of dedefer, the revision of its source where that is
//	known, and the version of Go it was built with.
//
//	Examples:
//
//		# of dedefer
//		dedefer version
//		# of the modules that it was built from, too
//		go version -m $(which dedefer)
package main

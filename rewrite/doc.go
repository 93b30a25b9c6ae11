/*
Package rewrite lowers defer statements to explicit calls.

	prog, err := rewrite.Load(ctx, rewrite.Options{Tests: true}, "./...")
	...
	res, err := rewrite.Rewrite(ctx, prog, rewrite.Options{Unwind: rewrite.Native})
	for _, f := range res.Files {
		// f.Name, f.Old, f.New
	}

It writes nothing; what becomes of the new files is the caller's business.

# Theory of operation

Each step is a package below internal that knows nothing of the later ones.

	load      patterns           packages in the order of their imports; of one at a time, typed syntax
	facts     what functions are known to do, of other packages too: calls recover, may panic
	analysis  a declaration      sites, exits, active sets, cycles, what callees may recover
	nopanic   a declaration      whether a panic can come while calls are pending
	plan      the analysis       a strategy for each site, a guard or none, names: data with reasons
	lower     the plan           a new syntax tree of the declaration
	emit      the trees          the text of the file, type-checked

Package lowering takes one package through all of them but the first: its
function Lower gets a parsed and type-checked package, and a store of facts. It is
the same for each client, which differ in where packages and facts come from:

	client              packages from                    facts of other packages from
	module driver       the go command's list (load)     what was lowered before, else their source
	compile action      the compiler's command line      their archives
	playground          a text                           nothing
	analyzer            its pass                         the facts of go/analysis

This package is the module driver. It drops a package when its output is there, and
with it its syntax and types: what the next ones need of it is in its export data,
and in the facts of its functions. So the memory that a module takes is that of its
largest packages, and packages are worked on in parallel.

The sections that follow say what is decided, and how it is written. The doc.go of
plan and that of lower tell which file carries out which of them.

A site is a defer statement; an entry is one execution of it, a call that is
pending; an exit is a place where the body ends normally; the active set at a
point is the set of sites that have an entry pending there.

# Exits

The compiler keeps bits because it decides late. Here the active set at each
exit is known from the control-flow graph, so that

	func f(a, b bool) {
		defer first()
		if a {
			defer second()
		}
		if b {
			return
		}
		defer third()
	}

becomes, for -unwind=none,

	func f(a, b bool) {
		var active bool
		if a {
			active = true
		}
		if b {
			if active {
				second()
			}
			first()
			return
		}
		third()
		if active {
			second()
		}
		first()
	}

Only second is ever in doubt; it alone has a bit. Sites run in the reverse of
the order in which flow reaches them, which is not always that of the source: a
goto may lead backwards without making a cycle.

Where nothing but an exit stands behind a block, and nothing else is pending there, the call
stands at the end of the block, and nothing is in doubt:

	if a {                      if a {
		mu.Lock()                   mu.Lock()
		defer mu.Unlock()           n++
		n++                         mu.Unlock()
	}                           }
	return                      return

A condition that has the same value at the exits is asked again there, if nothing is left of the
statement, and no guard has to know:

	if c != nil {               if c != nil {
		defer c.Close()             c.Close()
	}                           }

A literal that several exits would have to ask for does nothing where it is not pending: its
variable begins as "onExit := func() {}", and they call it.

# Cycles

A site in a cycle of the graph (a loop, a backward goto, the body of a
range-over-func loop) may have any number of entries. They are records that
belong to the frame. All sites of one outermost cycle share a store for them, so
that the order of the records is the order of the entries.

	for _, name := range names {
		defer os.Remove(name)
	}

becomes

	var buf [16]string
	names1 := buf[:0]
	if len(names) > len(buf) {
		names1 = make([]string, 0, min(len(names), 1024))
	}
	for _, name := range names {
		names1 = append(names1, name)
	}
	for i := len(names1) - 1; i >= 0; i-- {
		os.Remove(names1[i])
	}

Records of their own, linked, cost more than twice as much: 570 ns for 16
entries, and 220 ns in a slice. Where the number of iterations is known before the loop,
the slice gets its room at once, within limits: the loop may end long before. A loop
with a constant number of iterations, and one over an array or a slice that is written
out, needs no slice: the frame has an array for its records, [numKinds]io.Closer where
the loop says "kind < numKinds".

Where each iteration passes the site, the number of entries tells the iteration of each,
and the induction variable is not kept but computed again, as by hand. Several
sites take turns then, and each has a store of its own, if it has to keep
anything:

	for i := range locks {          pending := 0
		locks[i].Lock()             var buf [16]*os.File
		defer locks[i].Unlock()     fs := buf[:0]
		f := open(i)                for i := range locks {
		defer f.Close()                 locks[i].Lock()
	}                                   pending++
	                      becomes       f := open(i)
	                                    fs = append(fs, f)
	                                    pending++
	                                }
	                                for pending > 0 {
	                                    pending--
	                                    iteration := pending / 2
	                                    i := iteration
	                                    switch pending % 2 {
	                                    case 0:
	                                        locks[i].Unlock()
	                                    case 1:
	                                        f1 := fs[iteration]
	                                        fs[iteration] = nil
	                                        f1.Close()
	                                    }
	                                }

An author can promise such a bound. Above a loop, the comment //dedefer:max 8
says that it makes at most eight iterations; above a defer statement, that at most
eight of its calls are pending. Where that turns out wrong, the defer statement
panics, with its position.

A literal that a loop defers would be a closure for each iteration. Where nothing
changes any more what it captured of its iteration, it stands before the loop, with
that as parameters:

	for _, f := range files {               onExit := func(f *os.File) { log(f.Name(), f.Close()) }
		defer func() {                      for _, f := range files {
			log(f.Name(), f.Close())            fs = append(fs, f)
		}()                       becomes   }
	}                                       for len(fs) > 0 {
	                                            ...
	                                            onExit(f)
	                                        }

An element that could keep something alive is zeroed before its entry runs, as
Go lets go of it.

# Operands

Function value, receiver and arguments are evaluated at the site, by one
statement, because gc makes all calls among the operands of a statement before
it reads variables. An operand is not saved if writing it again at every exit
gives the same value: it is a constant, a function's name, or a variable that is
assigned once, whose address is not taken, and which is in scope there. The value of a
field that a pointer leads to is saved, even where no statement of the package assigns to it:
whoever has the pointer can assign to all of what it points to, "*p = *q" in another package
and reflection too.

Types may be impossible to write at the top of the function, where variables
that several exits share are declared. Then the whole call becomes a literal,
made at the site.

# Results

"return f()" sets the results before the chain runs. Where no entry sees or
changes them and none recovers, the operands need only be evaluated before it;
where that makes no difference either, the return statement stays as it is.

	return x, nil   =>   first(); return x, nil
	return nil, fmt.Errorf("no key %q", key)   =>   first(); return nil, fmt.Errorf("no key %q", key)
	return 0, io.EOF   =>   mu.Unlock(); return 0, io.EOF   // Unlock runs no code but its own
	return f()      =>   result := f(); first(); return result
	return 0, p.err =>   err = p.err; first(); return 0, err  // if the results have names
	return f()      =>   n, err = f(); first(); return      // if first sees n or err

What hides a result at a return is renamed.

A deferred literal is a variable that is called, onExit above. Where there is no
guard, nothing else can call it, so its body stands in its place where it is
needed at one exit only, or is short:

	defer func() {                          n, err = io.Copy(w, r)
		if cerr := w.Close(); err == nil {      if cerr := w.Close(); err == nil {
			err = cerr            becomes           err = cerr
		}                                       }
	}()                                     return
	return io.Copy(w, r)

What is known there of a variable that it compares with nil is not asked again:

	defer func() {                          if err := insert(tx); err != nil {
		if err != nil {                         tx.Rollback()
			tx.Rollback()                       return err
		}                     becomes       }
	}()                                     return nil
	if err := insert(tx); err != nil {
		return err
	}
	return nil

Often one call is left of it, as of the literal above:

	if cerr := w.Close(); err == nil {      w.Close()          // err is not nil
		err = cerr                becomes
	}                                       err = w.Close()    // it is

One that does nothing but recover goes altogether.

# The guard

For -unwind=native, only a function that Go itself defers runs when a panic or
Goexit passes. Where that may happen with entries pending, the output keeps such
functions. What is called at the exits is run by a guard, which asks what is
still pending:

	mu.Lock()               mu.Lock()
	defer mu.Unlock()       active := true
	return work()           //dedefer:guard
	                        defer func() {
	                            if active {
	                                mu.Unlock()
	                            }
	                        }()
	                        result := work()
	                        active = false
	                        mu.Unlock()
	                        return result

Each site has a guard of its own, beside it, where everything that it captures is declared
already, as long as gc open-codes them all (8 at most, and 15 counted at each exit) or,
without Options.Keep, there are two, and Go runs them in the order of the entries. Otherwise
the sites of a segment, see below, share one, which stands before the first of them:

	//dedefer:guard
	defer func() {
		if active != 0 {
			dedefer.Run(func() bool {
				switch {
				case active&2 != 0:
					active &^= 2
					f1.Close()
				case active&1 != 0:
					active &^= 1
					mu.Unlock()
				default:
					return false
				}
				return true
			})
		}
	}()

Sites that whatever panics finds pending together have one bit and one guard, beside the newest, if
the calls but the oldest neither panic nor call Goexit: of two locks that are taken one after the
other, it unlocks both, without Run.

So do the records of a loop. Run, of package dedefer in ../runtime/dedefer, goes on with
the others when one of them panics. The panic stays in progress all the time. That something
is pending is asked outside of Run first: an exit, where nothing is, then neither makes the
closure nor calls Run. By the
comment above it, a later rewriting knows a function that is done. A site behind which
nothing can panic needs no guard, whatever may panic while only older ones are pending.

No panic is ever taken over and raised again: the next one would stand on the
stack on top of the last, and to find the next frame with a deferred call Go walks
down all of it, so that a panic through many frames would be quadratic. Hence a
guard runs nothing that might recover. What might, a panic has to call itself:

  - A deferred literal that calls recover is its own guard. It is deferred, and
    called at the exits as well, and first asks whether it is pending, as below.
    Where only some paths lead to it, its own variable says whether it is pending:
    "if onExit == nil", here and at the exits.

    Most such literals do nothing where recover returns nil. These stay as they
    are, word for word, and nothing is called at the exits; only where an older
    call there may panic do they ask, too, so as not to recover that. A literal
    that shares its guard with no other site is its own guard even if it does not recover.

  - A function that is known to recover, one that cannot be seen (a method of an
    interface, a function value), and a literal in a loop stay native defer
    statements. They divide the sites of the function into segments, and the guards of
    each segment are registered where Go runs them in their turn: in
    front of the newer ones that stay, behind the older ones.

A literal that is its own guard:

	defer func() { log.Print(recover()) }()            onExit := func() {
	                                                       if !active {
	                                                           return
	                                                       }
	                                         becomes       active = false
	                                                       log.Print(recover())
	                                                   }
	                                                   //dedefer:guard
	                                                   defer onExit()

At an exit Go runs its own calls last. So what is newer than each of those that may
be pending there is called explicitly, and what is older is left to its guard:

	mu.Lock()                       mu.Lock()
	defer mu.Unlock()               active := uint8(1) // 1: mu.Unlock(), 2: f.Close()
	f, err := open()                //dedefer:guard
	if err != nil {                 defer func() { ...mu.Unlock() if active&1 != 0... }()
		return err                  f, err := open()
	}                               if err != nil {
	defer done()                        active = 0
	defer f.Close()                     mu.Unlock()
	return f.Sync()                     return err
	                       becomes  }
	                                defer done()
	                                active = 3
	                                //dedefer:guard
	                                defer func() { ...f.Close() if active&2 != 0... }()
	                                err = f.Sync()
	                                active = 1
	                                f.Close()
	                                return err // then Go runs done, and the first guard mu.Unlock

An entry that no exit would call stays native as well; so does one that a guard
would have to call at an exit, if it may ask for its caller; and so do all sites of
a loop in which one stays. Where guards could not be registered in that order (a goto),
all defer statements of the function stay. A function in which every one
stays is not touched at all.

Other ways were tried. To raise the panic again on a stack that has been cut, once
it is deep, is linear but hides where it came from. A local type that embeds the
interface can be told at an exit that it is over, and recover works through the
wrapper that gc makes for it; but what it calls then has to be a method that does
nothing, declared for each interface in the package, and a lone unseen call would
still be a defer statement. In three real modules (raft, bbolt, websocket) 5 per cent
of the sites stay as it is.

A function needs no guard at all where package nopanic proves that nothing panics
while calls are pending. With Options.Keep, a function's defer statements stay as
they are where it needs one and gc's own code is at least as good: gc open-codes all
of them.

# Shared exits

Where the calls at all exits together would be more than 48 lines, three or more at
each, and for a return inside a range-over-func loop (whose iterator has to end
before the chain runs), the exits share one tail; so they do where gc then open-codes
the guards of several calls, and only then:

	{
		...body, in which "return x" became "result = x; goto exit"
	}
	exit:
		...chain
		return result

The block is there so that the goto jumps over no variable.

# Comments

Each comment of the input is in the output. One on a
return stays behind what is left of that, and one above it stays above, unless what it
returns is evaluated before the chain. One behind a defer statement goes to the call, where
there is one such, and so does one above a defer statement of which nothing is left. Directives for other tools go where what they are about goes:

	defer f.Close() //nolint:errcheck       n, err := io.Copy(w, f) // #nosec G110
	return io.Copy(w, f) // #nosec G110     f.Close() //nolint:errcheck
	                          becomes       return n, err
*/
package rewrite

package plan

import (
	"fmt"
	"go/token"
	"os"
	"strconv"
	"strings"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// A Reason is one of the things that led to a decision, as a value:
//
//	Reason{Kind: SomePaths, Pos: ..., Args: nil}
//
// is, as a sentence, "pending on only some of the paths to the exit at line 12".
type Reason struct {
	Kind  Kind
	Pos   token.Position // of what it is about; not valid where it is about nothing in particular
	Args  []string       // what its sentence names
	Calls []Reason       // of MayPanic and its like: how the calls lead to what may panic, outermost first
}

// A Kind of reason. docs/explain.md tells what each stands for.
type Kind string

// Why a site has its strategy.
const (
	EveryPath      Kind = "every-path"
	SomePaths      Kind = "some-paths"
	InBranch       Kind = "in-branch"
	AskedAgain     Kind = "asked-again"
	SomeExits      Kind = "some-exits"
	InLoop         Kind = "in-loop"
	InGotoLoop     Kind = "in-goto-loop"
	Counted        Kind = "counted"
	EveryIteration Kind = "every-iteration"
	Room           Kind = "room"
	PromisedRoom   Kind = "promised-room"
	TooLarge       Kind = "too-large"
	Captures       Kind = "captures"
	RangeFunc      Kind = "range-func"
	InPlace        Kind = "in-place"
	NoPath         Kind = "no-path"
	NoExit         Kind = "no-exit"
	DoesNothing    Kind = "does-nothing"
	IdleGuard      Kind = "idle-guard"
	NoStatements   Kind = "no-statements"
	DefersItself   Kind = "defers-recover"
	CgoRereads     Kind = "cgo-rereads"
	NoSplit        Kind = "nosplit"
	NoCheckPtr     Kind = "nocheckptr"
	NoRuntime      Kind = "no-runtime"
)

// Why a defer statement stays native, or has a literal that is its own guard.
const (
	MustCall      Kind = "must-call"
	OnlyPanics    Kind = "only-panics-run-it"
	OnlyRecovers  Kind = "only-recovers"
	BehindNative  Kind = "behind-native"
	AsksForCaller Kind = "asks-for-caller"
	TakesTurns    Kind = "takes-turns"
	NoPlace       Kind = "no-place"
	AsGood        Kind = "as-good"
	LiteralAsks   Kind = "literal-asks"
)

// Why a function keeps a guard, or needs none.
const (
	MayPanic   Kind = "may-panic"
	Total      Kind = "total"
	TotalCalls Kind = "total-calls"
)

// What changes with -unwind=none.
const (
	RecoverIdle   Kind = "recover-idle"
	CalleeIdle    Kind = "callee-idle"
	CannotRecover Kind = "cannot-recover"
	GoexitSkips   Kind = "goexit-skips"
)

// What gc makes of a defer statement.
const (
	GCFew       Kind = "gc-few"
	GCLoop      Kind = "gc-loop"
	GCRangeFunc Kind = "gc-range-func"
	GCNoOpen    Kind = "gc-beside-loop"
	GCMany      Kind = "gc-many"
	GCReturns   Kind = "gc-returns"
	GCResult    Kind = "gc-result"
)

// What a site costs, and what would make it cost less.
const (
	CostCalls    Kind = "cost-calls"
	CostNothing  Kind = "cost-nothing"
	CostBit      Kind = "cost-bit"
	CostGuardBit Kind = "cost-guard-bit"
	CostCounter  Kind = "cost-counter"
	CostFrame    Kind = "cost-frame"
	CostHeap     Kind = "cost-heap"
	CostNative   Kind = "cost-native"
	RemedyRecord Kind = "remedy-record"
	RemedyNative Kind = "remedy-native"
	RemedyUnseen Kind = "remedy-unseen"
)

// sentences are what reasons say. $line is the line of Pos, $1 the first of Args.
var sentences = map[Kind]string{
	EveryPath:      "pending on every path to each exit behind it",
	SomePaths:      "pending on only some of the paths to the exit at line $line",
	InBranch:       "pending only where the branch at line $line was taken",
	AskedAgain:     "its condition has the same value at the exits, and is asked there",
	SomeExits:      "pending at only some of the $1 exits that share one tail",
	InLoop:         "in the loop at line $line: it may be reached more than once",
	InGotoLoop:     "in a loop made by goto: it may be reached more than once",
	Counted:        "a number tells how often",
	EveryIteration: "it is passed in every iteration, so a number tells which calls are pending",
	Room:           "the frame has room for all $1 records",
	PromisedRoom:   "the frame has room for the $1 records that " + analysis.MaxMark + " promises",
	TooLarge:       "all records together, $1 bytes, are too large for the frame",
	Captures:       "but what the call captures in each iteration is not in the frame",
	RangeFunc:      "what the body of a range-over-func loop uses of the frame may be moved to the heap",
	InPlace:        "its body stands in the place of the call",
	NoPath:         "no path leads to it",
	NoExit:         "the function has no exit behind it",
	DoesNothing:    "where recover returns nil, the call does nothing",
	IdleGuard:      "it is a guard, and nothing is pending in it at an exit",
	NoStatements:   "the literal has no statements",
	CgoRereads:     "cgo saves an address at line $line, and checks what $1 holds when the call is made",
	NoRuntime:      "package $1 has a $2 of its own, so that the runtime cannot be a part of it",
	NoCheckPtr:     "//go:nocheckptr does not hold for a guard",
	NoSplit:        "//go:nosplit bounds its stack, and what calls at the exits would need of it is not known",
	DefersItself:   "line $line defers recover itself, and an entry that runs before it may recover (line $1): only this frame's own recover can then stop the panic that called it",

	MustCall:      "$1, so a panic has to call it itself",
	OnlyPanics:    "only a panic or Goexit can run it",
	OnlyRecovers:  "where recover returns nil it does nothing, so nothing is called at the exits, and a panic calls it itself",
	BehindNative:  "it runs behind the call of line $line, which Go itself makes",
	AsksForCaller: "at some exits it runs behind the call of line $line, which Go itself makes, and it may ask what called it",
	TakesTurns:    "it takes turns with the call of line $line, which stays",
	NoPlace:       "a guard for line $line could not be registered between the defer statements that stay",
	AsGood:        "gc open-codes the defer statements of the function, which costs no more than a guard and a call at each exit",
	LiteralAsks:   "its literal is its own guard: it asks first whether it is pending",

	MayPanic:   "$1 (line $line)",
	Total:      "nothing behind the first defer statement can panic or call Goexit",
	TotalCalls: "nor can, by their own source, $1",

	RecoverIdle:   "this recover can no longer fire",
	CalleeIdle:    "$1 calls recover, which can no longer fire",
	CannotRecover: "this function can no longer recover: a panic ends the program",
	GoexitSkips:   "$1 no longer runs the calls that are pending",

	GCFew:       "it is in no loop, and there are few exits",
	GCLoop:      "it is in a loop",
	GCRangeFunc: "it is in the body of a range-over-func loop",
	GCNoOpen:    "another one of the function is in a loop (line $line)",
	GCMany:      "the function has $1 of them, more than 8",
	GCReturns:   "$1 of them at $2 returns make more than 15 calls",
	GCResult:    "the result $1 may be moved to the heap",

	CostCalls:    "the call at $1, and nothing else",
	CostNothing:  "nothing",
	CostBit:      "a bit, tested where it is in doubt, and the call at $1",
	CostGuardBit: "a bit, for the guard, and the call at $1",
	CostCounter:  "a number counted up here and down at the exit",
	CostFrame:    "a record in the frame for each iteration, and a loop at the exit",
	CostHeap:     "a record for each iteration, on the heap beyond the first few, and a loop at the exit",
	CostNative:   "what gc's own defer costs",
	RemedyRecord: "$1",
	RemedyNative: "it would have to stand outside of all loops, or what it calls be known not to recover",
	RemedyUnseen: "a function or method that is known here, and does not recover, would be called at the exits",
}

// String says the reason as a sentence without a full stop.
func (r Reason) String() string {
	return os.Expand(sentences[r.Kind], func(name string) string {
		if name == "line" {
			return strconv.Itoa(r.Pos.Line)
		}
		if i, err := strconv.Atoi(name); err == nil && 0 < i && i <= len(r.Args) {
			return r.Args[i-1]
		}
		return ""
	})
}

// Phrase says the reason without a line number, for where its position is said
// beside it.
func (r Reason) Phrase() string {
	return strings.TrimSuffix(r.String(), fmt.Sprintf(" (line %d)", r.Pos.Line))
}

// Reasons are read one after the other.
type Reasons []Reason

func (l Reasons) String() string {
	texts := make([]string, len(l))
	for i, r := range l {
		texts[i] = r.String()
	}
	return strings.Join(texts, "; ")
}

// because returns a list of one reason.
func because(k Kind, args ...any) Reasons { return Reasons{{Kind: k, Args: texts(args)}} }

func texts(args []any) (list []string) {
	for _, a := range args {
		list = append(list, fmt.Sprint(a))
	}
	return list
}

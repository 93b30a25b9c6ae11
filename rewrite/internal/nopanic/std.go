package nopanic

import "strings"

// standard are functions of the standard library that neither panic nor call
// Goexit, whatever their arguments, given a receiver that is not nil: by what
// their documentation says, and TestStandard calls them with odd arguments. A
// mutex that is unlocked too often is a fatal error.
//
// The table is needed for two reasons. A module that is rewritten has only the
// export data of the standard library at hand, which says nothing of bodies. And
// where the source is at hand, as for a rewrite of the standard library itself,
// Prove shows it of one in five (TestStandardSource): others end in assembly, or in
// what the Go runtime links to them by name (math, sync, sync/atomic, time.Now), or
// index what the walk does not bound (strings, path, unicode).
var standard = tableOf(
	"(*sync.Mutex)", "Lock TryLock Unlock",
	"(*sync.RWMutex)", "Lock RLock RUnlock TryLock TryRLock Unlock",
	"(*sync/atomic.Bool)", "CompareAndSwap Load Store Swap",
	"(*sync/atomic.Int32)", "Add And CompareAndSwap Load Or Store Swap",
	"(*sync/atomic.Int64)", "Add And CompareAndSwap Load Or Store Swap",
	"(*sync/atomic.Uint32)", "Add And CompareAndSwap Load Or Store Swap",
	"(*sync/atomic.Uint64)", "Add And CompareAndSwap Load Or Store Swap",
	"(*sync/atomic.Uintptr)", "Add And CompareAndSwap Load Or Store Swap",
	"(*sync/atomic.Pointer[T])", "CompareAndSwap Load Store Swap",
	"context", "Background TODO",
	"errors", "New",
	"math", "Abs Ceil Copysign Floor Inf IsInf IsNaN Log Max Min Mod NaN Pow Round Sqrt Trunc",
	"math/bits", "LeadingZeros32 LeadingZeros64 Len Len32 Len64 OnesCount OnesCount32 OnesCount64 TrailingZeros32 TrailingZeros64",
	"os", "Getenv Getpid LookupEnv",
	"path", "Base Clean Dir Ext IsAbs Join",
	"path/filepath", "Base Clean Dir Ext FromSlash IsAbs Join ToSlash",
	"strconv", "Atoi FormatBool Itoa ParseBool Quote",
	"strings", "Compare Contains ContainsAny ContainsRune Count Cut CutPrefix CutSuffix EqualFold HasPrefix HasSuffix "+
		"Index IndexAny IndexByte IndexRune LastIndex LastIndexByte "+
		"ToLower ToUpper Trim TrimLeft TrimPrefix TrimRight TrimSpace TrimSuffix",
	"bytes", "Compare Contains Equal EqualFold HasPrefix HasSuffix Index IndexByte LastIndex TrimSpace",
	"time", "Now Since Until Unix UnixMilli",
	"(time.Time)", "Add After Before Compare Equal IsZero Round Sub Truncate Unix UnixMilli UnixNano",
	"(time.Duration)", "Hours Microseconds Milliseconds Minutes Nanoseconds Seconds String",
	"unicode", "IsDigit IsLetter IsLower IsPrint IsSpace IsUpper ToLower ToUpper",
	"unicode/utf8", "DecodeRuneInString RuneCountInString RuneLen ValidRune ValidString",
)

// tableOf makes a set of full names from prefixes and lists of names.
func tableOf(list ...string) map[string]bool {
	table := map[string]bool{}
	for i := 0; i < len(list); i += 2 {
		for name := range strings.FieldsSeq(list[i+1]) {
			table[list[i]+"."+name] = true
		}
	}
	return table
}

package nopanic

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"math"
	"math/bits"
	"math/rand"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/quick"
	"time"
	"unicode"
	"unicode/utf8"
)

// callable are the functions of the table that the test calls. Those of
// sync and sync/atomic are left out: what can go wrong with them is fatal, or
// a receiver that is nil.
var callable = []any{
	errors.New, math.Abs, math.Ceil, math.Copysign, math.Floor, math.Inf, math.IsInf, math.IsNaN,
	math.Log, math.Max, math.Min, math.Mod, math.NaN, math.Pow, math.Round, math.Sqrt, math.Trunc,
	bits.LeadingZeros32, bits.LeadingZeros64, bits.Len, bits.Len32, bits.Len64, bits.OnesCount,
	bits.OnesCount32, bits.OnesCount64, bits.TrailingZeros32, bits.TrailingZeros64, os.Getenv,
	os.Getpid, os.LookupEnv, context.Background, context.TODO, path.Base, path.Clean, path.Dir, path.Ext, path.IsAbs, path.Join,
	filepath.Base, filepath.Clean, filepath.Dir, filepath.Ext, filepath.FromSlash, filepath.IsAbs,
	filepath.Join, filepath.ToSlash, strconv.Atoi, strconv.FormatBool, strconv.Itoa, strconv.ParseBool,
	strconv.Quote, strings.Compare, strings.Contains, strings.ContainsAny, strings.ContainsRune,
	strings.Count, strings.Cut, strings.CutPrefix, strings.CutSuffix, strings.EqualFold,
	strings.HasPrefix, strings.HasSuffix, strings.Index, strings.IndexAny, strings.IndexByte,
	strings.IndexRune, strings.LastIndex, strings.LastIndexByte, strings.ToLower, strings.ToUpper,
	strings.Trim, strings.TrimLeft, strings.TrimPrefix, strings.TrimRight, strings.TrimSpace,
	strings.TrimSuffix, bytes.Compare, bytes.Contains, bytes.Equal, bytes.EqualFold, bytes.HasPrefix,
	bytes.HasSuffix, bytes.Index, bytes.IndexByte, bytes.LastIndex, bytes.TrimSpace, time.Now,
	time.Since, time.Until, time.Unix, time.UnixMilli, time.Time.Add, time.Time.After, time.Time.Before,
	time.Time.Compare, time.Time.Equal, time.Time.IsZero, time.Time.Round, time.Time.Sub, time.Time.Truncate, time.Time.Unix,
	time.Time.UnixMilli, time.Time.UnixNano, time.Duration.Hours, time.Duration.Microseconds,
	time.Duration.Milliseconds, time.Duration.Minutes, time.Duration.Nanoseconds, time.Duration.Seconds,
	time.Duration.String, unicode.IsDigit, unicode.IsLetter, unicode.IsLower, unicode.IsPrint,
	unicode.IsSpace, unicode.IsUpper, unicode.ToLower, unicode.ToUpper, utf8.DecodeRuneInString,
	utf8.RuneCountInString, utf8.RuneLen, utf8.ValidRune, utf8.ValidString,
}

// TestStandard calls each function with odd arguments.
func TestStandard(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	tried := map[string]bool{}
	for _, f := range callable {
		name := fullName(f)
		tried[name] = true
		if !standard[name] {
			t.Errorf("%s is not in the table", name)
		}
		v := reflect.ValueOf(f)
		for range 2000 {
			v.Call(odd(t, v.Type(), random))
		}
	}
	for name := range maps.Keys(standard) {
		if !tried[name] && !strings.Contains(name, "sync") {
			t.Errorf("%s is in the table and not tried", name)
		}
	}
}

// odd makes up arguments for a function of type t: zero values often, and any
// others.
func odd(t *testing.T, f reflect.Type, random *rand.Rand) (args []reflect.Value) {
	for i := range f.NumIn() {
		in := f.In(i)
		switch {
		case f.IsVariadic() && i == f.NumIn()-1:
		case random.Intn(4) == 0:
			args = append(args, reflect.Zero(in))
		case in == reflect.TypeFor[time.Time]():
			args = append(args, reflect.ValueOf(time.Unix(random.Int63()-random.Int63(), random.Int63())))
		default:
			arg, ok := quick.Value(in, random)
			if !ok {
				t.Fatalf("no value of type %v", in)
			}
			args = append(args, arg)
		}
	}
	return args
}

// fullName returns what types.Func.FullName says of f.
func fullName(f any) string {
	name := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
	return regexp.MustCompile(`^time\.(Time|Duration)\.`).ReplaceAllString(name, "(time.$1).")
}

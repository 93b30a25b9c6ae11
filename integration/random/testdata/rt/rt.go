// Package rt is what random programs share. It is not rewritten.
package rt

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
)

var (
	salt  int
	count = map[int]int{}
)

// T prints one line of the trace.
func T(id int, vals ...any) {
	var b strings.Builder
	fmt.Fprintf(&b, "%d:", id)
	for _, v := range vals {
		b.WriteByte(' ')
		show(&b, reflect.ValueOf(v), 0)
	}
	b.WriteByte('\n')
	os.Stdout.WriteString(b.String())
}

func show(b *strings.Builder, v reflect.Value, depth int) {
	if !v.IsValid() {
		b.WriteString("nil")
		return
	}
	if v.CanInterface() {
		if err, ok := v.Interface().(error); ok && !(v.Kind() == reflect.Pointer && v.IsNil()) {
			fmt.Fprintf(b, "%T(%s)", err, err.Error())
			return
		}
	}
	if depth > 4 {
		b.WriteString("...")
		return
	}
	switch v.Kind() {
	case reflect.Func, reflect.Chan:
		if v.IsNil() {
			b.WriteString("nil ")
		}
		b.WriteString(v.Kind().String())
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			b.WriteString("nil")
			return
		}
		if v.Kind() == reflect.Pointer {
			b.WriteByte('&')
		}
		show(b, v.Elem(), depth+1)
	case reflect.Struct:
		b.WriteByte('{')
		for i := 0; i < v.NumField(); i++ {
			if i > 0 {
				b.WriteByte(' ')
			}
			show(b, v.Field(i), depth+1)
		}
		b.WriteByte('}')
	case reflect.Slice, reflect.Array:
		b.WriteByte('[')
		for i := 0; i < v.Len(); i++ {
			if i > 0 {
				b.WriteByte(' ')
			}
			show(b, v.Index(i), depth+1)
		}
		b.WriteByte(']')
	case reflect.String:
		fmt.Fprintf(b, "%q", v.String())
	default:
		fmt.Fprintf(b, "%v", v)
	}
}

// Int returns a number below 4 that depends on id, on how often Int and Coin
// were called with it in this scenario, and on the scenario.
func Int(id int) int {
	count[id]++
	h := uint32(id)*2654435761 + uint32(count[id])*40503*7919 + uint32(salt)*2246822519
	h ^= h >> 15
	h *= 2246822519
	h ^= h >> 13
	return int(h>>7) & 3
}

// Coin is Int for a condition.
func Coin(id int) bool { return Int(id) < 2 }

// Rare is Coin, but true less often.
func Rare(id int) bool { return Int(id) == 0 && Int(id) < 2 }

// Err returns an error.
func Err(id int) error { return errors.New(fmt.Sprint("err", id)) }

// Cut shortens s.
func Cut(s string) string {
	if len(s) > 12 {
		return s[:6] + s[len(s)-6:]
	}
	return s
}

// Ptr returns a pointer to a copy of v.
func Ptr(v int) *int { return &v }

// Catch recovers when deferred.
func Catch(id int) {
	if r := recover(); r != nil {
		T(id, "catch", r)
	}
}

// Quiet recovers when deferred and says nothing.
func Quiet() { recover() }

// Try calls f and recovers.
func Try(id int, f func()) {
	defer Catch(id)
	f()
}

// Scenario runs f and tells how it ended.
func Scenario(name string, s int, f func()) {
	salt = s
	for k := range count {
		delete(count, k)
	}
	os.Stdout.WriteString("== " + name + "\n")
	done := make(chan struct{})
	go func() {
		defer close(done)
		normal := false
		defer func() {
			r := recover()
			switch {
			case r != nil:
				T(0, "panicked", r)
			case !normal:
				T(0, "gone")
			}
		}()
		f()
		normal = true
	}()
	<-done
}

package sibling

import (
	"bytes"
	"fmt"
	"go/format"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMarked adds a constraint to the head of a file, and takes it back.
func TestMarked(t *testing.T) {
	const mark = "//dedefer:tag t\n"
	for _, test := range []struct{ name, src, want string }{
		{"none", "package p\n", mark + "//go:build !t\n\npackage p\n"},
		{"doc", "// Package p.\npackage p\n", mark + "//go:build !t\n\n// Package p.\npackage p\n"},
		{"licence", "// Copyright.\n\n// Package p.\npackage p\n", "// Copyright.\n\n" + mark + "//go:build !t\n\n// Package p.\npackage p\n"},
		{"licence only", "// Copyright.\n\npackage p\n", "// Copyright.\n\n" + mark + "//go:build !t\n\npackage p\n"},
		{"licence in /* */", "/* Copyright. */\n\npackage p\n", mark + "//go:build !t\n\n/* Copyright. */\n\npackage p\n"},
		{"directive", "//go:generate x\n\npackage p\n", "//go:generate x\n\n" + mark + "//go:build !t\n\npackage p\n"},
		{"one tag", "//go:build a\n\npackage p\n", mark + "//go:build a && !t\n\npackage p\n"},
		{"alternatives", "// L.\n\n//go:build a || b\n\n// P.\npackage p\n", "// L.\n\n" + mark + "//go:build (a || b) && !t\n\n// P.\npackage p\n"},
		{"the tag itself", "//go:build t\n\npackage p\n", mark + "//go:build t && !t\n\npackage p\n"},
		{"in a comment", "// L.\n//go:build a\n\npackage p\n", "// L.\n" + mark + "//go:build a && !t\n\npackage p\n"},
		{"cgo", "package p\n\n// int x;\nimport \"C\"\n", mark + "//go:build !t\n\npackage p\n\n// int x;\nimport \"C\"\n"},
		{"CRLF", "package p\r\n\r\nvar x int\r\n", strings.ReplaceAll(mark, "\n", "\r\n") + "//go:build !t\r\n\r\npackage p\r\n\r\nvar x int\r\n"},
		{"byte order mark", "\ufeffpackage p\n", "\ufeff" + mark + "//go:build !t\n\npackage p\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := mustParse(t, test.src, "")
			got, err := s.Marked("t", false)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Fatalf("-want +got:\n%s", diff)
			}
			if f, err := format.Source([]byte(test.want)); err != nil || !strings.Contains(test.want, "\r") && !strings.HasPrefix(test.want, "\ufeff") && string(f) != test.want {
				t.Errorf("gofmt makes of it:\n%s%v", f, err)
			}
			again := mustParse(t, test.want, "")
			if !again.Ours {
				t.Error("the mark is not seen")
			}
			if got, err := again.Restored(false); err != nil || string(got) != test.src {
				t.Errorf("taken back: %q, %v", got, err)
			}
			if got, err := again.Marked("t", false); err != nil || string(got) != test.want {
				t.Errorf("marked twice: %q, %v", got, err)
			}
			if got := again.Overlay(); bytes.Count(got, []byte("\n")) != strings.Count(test.want, "\n") {
				t.Errorf("other lines: %q", got)
			}
		})
	}
}

// TestPlusBuild: +build lines where they are needed, nowhere else.
func TestPlusBuild(t *testing.T) {
	const src = "// +build a\n// +build b,c d\n\npackage p\n"
	s := mustParse(t, src, "")
	for _, test := range []struct {
		plus           bool
		want, restored string
	}{
		{
			true,
			"//dedefer:tag t\n//go:build a && ((b && c) || d) && !t\n// +build a\n// +build b,c d\n// +build !t\n\npackage p\n",
			"//go:build a && ((b && c) || d)\n// +build a\n// +build b,c d\n\npackage p\n",
		}, {
			false,
			"//dedefer:tag t\n//go:build a && ((b && c) || d) && !t\n\npackage p\n",
			"//go:build a && ((b && c) || d)\n\npackage p\n",
		},
	} {
		got, err := s.Marked("t", test.plus)
		if err != nil || string(got) != test.want {
			t.Errorf("got %v\n%swant\n%s", err, got, test.want)
		}
		if f, err := format.Source(got); err != nil || !bytes.Equal(f, got) {
			t.Errorf("gofmt makes of it %v\n%s", err, f)
		}
		again, err := mustParse(t, string(got), "").Restored(test.plus)
		if err != nil || string(again) != test.restored {
			t.Errorf("taken back %v\n%swant\n%s", err, again, test.restored)
		}
	}
	// These are no constraints.
	for _, src := range []string{"// +build a\npackage p\n", "/* x */\n\n// +build a\n\npackage p\n"} {
		if s := mustParse(t, src, ""); s.Constraint != nil {
			t.Errorf("%q has constraint %v", src, s.Constraint)
		}
	}
}

// TestOurs: whose "!t" it is.
func TestOurs(t *testing.T) {
	const src = "//go:build a && !t\n\npackage p\n"
	if s := mustParse(t, src, ""); s.Ours || s.Constraint.String() != "a && !t" {
		t.Errorf("without a mark: %v, %v", s.Ours, s.Constraint)
	}
	if s := mustParse(t, src, "t"); !s.Ours || s.Constraint.String() != "a" {
		t.Errorf("with a sibling: %v, %v", s.Ours, s.Constraint)
	}
	if s := mustParse(t, "//go:build a\n\npackage p\n", "t"); s.Ours {
		t.Error("nothing of ours in there")
	}
	if s := mustParse(t, "//dedefer:tag u\n//go:build !u && a\n\npackage p\n", "t"); !s.Ours || s.Constraint.String() != "a" {
		t.Errorf("with another tag: %v, %v", s.Ours, s.Constraint)
	}
}

func TestSibling(t *testing.T) {
	const src = `// Copyright.
//go:build a || b

//go:generate x
//go:generate y

// Package p.
//
//go:generate z
package p

/*
#include <stdio.h>
*/
import "C"

//go:embed x.txt
var s string

const text = ` + "`" + `
//go:generate is text here
` + "`" + `

func  f() {} //go:generate not at the start of a line
`
	const want = `// Code generated by dedefer from x.go; DO NOT EDIT.
// dedefer v1

//go:build (a || b) && t

// Copyright.

// Package p.
package p

/*
#include <stdio.h>
*/
import "C"

//go:embed x.txt
var s string

const text = ` + "`" + `
//go:generate is text here
` + "`" + `

func f() {} //go:generate not at the start of a line
`
	s := mustParse(t, src, "")
	got, err := s.Sibling([]byte(src), "t", "dedefer v1", "", false)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if from, ok := From(got); !ok || from != "x.go" {
		t.Errorf("from %q, %v", from, ok)
	}
	if how := How(got); how != "dedefer v1" {
		t.Errorf("made by %q", how)
	}
	// The same once the source has its mark.
	marked, err := s.Marked("t", false)
	if err != nil {
		t.Fatal(err)
	}
	s = mustParse(t, string(marked), "")
	if again, err := s.Sibling(s.Overlay(), "t", "dedefer v1", "", false); err != nil || !bytes.Equal(again, got) {
		t.Errorf("then:\n%s%v", again, err)
	}
}

func mustParse(t *testing.T, src, tag string) *Source {
	t.Helper()
	s, err := ParseSource("x.go", []byte(src), tag)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOriginal(t *testing.T) {
	for name, src := range map[string]string{
		"nothing":            "package p\n",
		"licence":            "// Licence.\n\n// Package p.\npackage p\n",
		"constraint":         "//go:build linux && !cgo\n\npackage p\n",
		"not as gofmt":       "//go:build (linux&&!cgo)\n\npackage p\n",
		"both forms":         "// Licence.\n\n//go:build linux\n// +build linux\n\npackage p\n",
		"old form":           "// +build linux darwin\n// +build !cgo\n\npackage p // +build a\n",
		"or":                 "//go:build a || b\n\npackage p\n",
		"empty lines":        "\n\n//go:build a\n\n\n\n// Package p.\npackage p\n",
		"CRLF":               "//go:build  a\r\n\r\npackage p\r\n",
		"byte order mark":    "\ufeff//go:build a||b\n\npackage p\n",
		"behind a comment":   "/* Licence */\n\n// text\n//go:build a\n// text\n\npackage p\n",
		"for the tag":        "//go:build  t\n\npackage p\n",
		"against the tag":    "//go:build !t && (a)\n\npackage p\n",
		"no empty line left": "//go:build a\npackage p\n",
	} {
		for _, plusBuild := range []bool{false, true} {
			t.Run(fmt.Sprint(name, plusBuild), func(t *testing.T) {
				parse := func(text []byte) *Source {
					s, err := ParseSource("x.go", text, "t")
					if err != nil {
						t.Fatal(err)
					}
					return s
				}
				s, err := ParseSource("x.go", []byte(src), "")
				if err != nil {
					t.Fatal(err)
				}
				marked, err := s.Marked("t", plusBuild)
				if err != nil {
					t.Fatal(err)
				}
				head := s.Head("t", plusBuild)
				sib, err := s.Sibling(s.Overlay(), "t", "dedefer v1", head, plusBuild)
				if err != nil {
					t.Fatal(err)
				}
				if again := parse(marked).Head("t", plusBuild, sib); again != head {
					t.Errorf("the sibling remembers %q, want %q", again, head)
				}
				got, err := parse(marked).Original(plusBuild, sib)
				if err != nil || string(got) != src {
					t.Errorf("got %q, %v\nwant %q\nsibling:\n%s", got, err, src, sib)
				}
				// Edited since: what the author has now.
				edited := bytes.Replace(marked, []byte("//go:build "), []byte("//go:build more && "), 1)
				if got, err := parse(edited).Original(plusBuild, sib); err != nil || !bytes.Contains(got, []byte("more")) || bytes.Contains(got, []byte("//dedefer:")) {
					t.Errorf("edited: got %q, %v", got, err)
				}
			})
		}
	}
}

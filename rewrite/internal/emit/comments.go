package emit

import (
	"bytes"
	"fmt"
	"go/scanner"
	"go/token"
	"strings"
	"unicode"

	"github.com/dedefer/dedefer/rewrite/internal/analysis"
)

// KeepComments checks that out, the new text of a file, has each comment of src as
// often as src has it, whatever its white space: gofmt indents the lines of a
// comment. What is missing, by a fault of package lower, comes to stand at the end of
// kept; strays has its offsets in src.
func KeepComments(src, out []byte) (kept []byte, strays []int) {
	left := map[string]int{}
	eachComment(out, func(_ int, text string) { left[withoutSpace(text)]++ })
	eachComment(src, func(offset int, text string) {
		if text == analysis.GuardMark { // it goes with its guard
			return
		}
		key := withoutSpace(text)
		left[key]--
		if left[key] < 0 {
			strays = append(strays, offset)
			out = fmt.Appendf(bytes.TrimRight(out, "\n"), "\n\n%s\n", strings.TrimRight(text, "\r"))
		}
	})
	return out, strays
}

// eachComment visits the comments of a file.
func eachComment(src []byte, visit func(offset int, text string)) {
	fset := token.NewFileSet()
	tf := fset.AddFile("", fset.Base(), len(src))
	var s scanner.Scanner
	s.Init(tf, src, nil, scanner.ScanComments)
	for {
		pos, tok, text := s.Scan()
		switch tok {
		case token.EOF:
			return
		case token.COMMENT:
			visit(tf.Offset(pos), text)
		}
	}
}

func withoutSpace(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

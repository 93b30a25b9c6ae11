package emit

import (
	"go/scanner"
	"go/token"
	"strings"
	"unicode"
)

// LostComment returns the offset in src of a comment that out, the new text of
// the file, has less often than src; -1 if there is none. White space does not
// count: gofmt indents the lines of a comment.
func LostComment(src, out []byte) int {
	left := map[string]int{}
	eachComment(out, func(_ int, text string) { left[text]++ })
	lost := -1
	eachComment(src, func(offset int, text string) {
		left[text]--
		if left[text] < 0 && lost < 0 {
			lost = offset
		}
	})
	return lost
}

// eachComment visits the comments of a file, without their white space.
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
			visit(tf.Offset(pos), withoutSpace(text))
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

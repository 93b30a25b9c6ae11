package main

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// minColumns is the width from which on two texts fit beside each other.
const minColumns = 100

// width is that of the terminal; elsewhere $COLUMNS, or what diff -y takes.
func (a *app) width() int {
	if f, ok := a.terminal.(*os.File); ok {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil {
			return w
		}
	}
	if w, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && w > 0 {
		return w
	}
	return 130
}

// columns turns the unified diff of one file into two columns, old and new.
// What stands between them says how they differ, as with diff -y: "<" where a
// line goes, ">" where it comes, "|" where it changes.
func columns(unified []byte, width int, color bool) []byte {
	c := &columnDiff{half: (width - len(" | ")) / 2, color: color}
	header := true
	for line := range bytes.Lines(unified) {
		text := strings.TrimRight(string(line), "\n")
		switch {
		case text[0] == '@':
			header = false
			c.flush()
			c.line(cyan, text)
		case header:
			if !strings.HasPrefix(text, "diff ") {
				continue
			}
			c.line(bold, text)
		case text[0] == '-':
			if len(c.after) > 0 {
				c.flush()
			}
			c.before = append(c.before, text[1:])
		case text[0] == '+':
			c.after = append(c.after, text[1:])
		case text[0] == ' ':
			c.flush()
			c.pair(text[1:], " ", text[1:])
		}
	}
	c.flush()
	return c.out
}

type columnDiff struct {
	half          int // the width of a column
	color         bool
	before, after []string // lines of a change
	out           []byte
}

// flush prints the lines of a change beside each other.
func (c *columnDiff) flush() {
	for i := range max(len(c.before), len(c.after)) {
		switch {
		case i >= len(c.after):
			c.pair(c.before[i], "<", "")
		case i >= len(c.before):
			c.pair("", ">", c.after[i])
		default:
			c.pair(c.before[i], "|", c.after[i])
		}
	}
	c.before, c.after = nil, nil
}

// line prints a line across both columns.
func (c *columnDiff) line(color, text string) {
	c.paint(color, text)
	c.out = append(c.out, '\n')
}

func (c *columnDiff) pair(left, mark, right string) {
	left, right = fit(left, c.half), fit(right, c.half)
	room := strings.Repeat(" ", c.half-utf8.RuneCountInString(left))
	if mark == " " {
		c.out = append(c.out, strings.TrimRight(left+room+"   "+right, " ")+"\n"...)
		return
	}
	c.paint(red, left)
	c.out = append(c.out, room...)
	if right == "" {
		c.out = append(c.out, " "+mark...)
	} else {
		c.out = append(c.out, " "+mark+" "...)
		c.paint(green, right)
	}
	c.out = append(c.out, '\n')
}

func (c *columnDiff) paint(color, text string) {
	if c.color && text != "" {
		text = color + text + reset
	}
	c.out = append(c.out, text...)
}

// fit writes tabs as four spaces, and cuts what does not fit.
func fit(s string, width int) string {
	s = strings.ReplaceAll(s, "\t", "    ")
	if utf8.RuneCountInString(s) <= width {
		return s
	}
	return string([]rune(s)[:width-1]) + "…"
}

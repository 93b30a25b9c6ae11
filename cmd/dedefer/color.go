package main

import (
	"bytes"
	"os"

	"golang.org/x/term"
)

const (
	bold  = "\x1b[1m"
	red   = "\x1b[31m"
	green = "\x1b[32m"
	cyan  = "\x1b[36m"
	reset = "\x1b[m"
)

// wantsColor follows no-color.org.
func wantsColor(f *os.File) bool {
	return term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// colorDiff colours the unified diff of one file.
func colorDiff(diff []byte) []byte {
	var out []byte
	header := true // a removed line may look like one of the header
	for line := range bytes.Lines(diff) {
		color := ""
		switch {
		case line[0] == '@':
			color, header = cyan, false
		case header:
			color = bold
		case line[0] == '-':
			color = red
		case line[0] == '+':
			color = green
		}
		if color == "" {
			out = append(out, line...)
			continue
		}
		text, end := bytes.CutSuffix(line, []byte("\n"))
		out = append(out, color...)
		out = append(out, text...)
		out = append(out, reset...)
		if end {
			out = append(out, '\n')
		}
	}
	return out
}

package main

import (
	_ "embed"
	"go/parser"
	"go/token"
	"strings"
	"sync"
)

//go:embed doc.go
var manual string

// manualText returns the package comment. Each run of a compiler starts a
// dedefer, which has no use for it.
var manualText = sync.OnceValue(func() string {
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", manual, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		panic(err) // it is part of this program
	}
	return file.Doc.Text()
})

// summary returns the text of dedefer help.
func summary() string { return section("Commands") }

// help returns what dedefer help says of the command.
func (c command) help() string { return section(c.title) }

// section returns the section of the manual below "# title", which is
// preformatted there, without its indentation. It is "" where there is none
// (TestManual).
func section(title string) string {
	_, text, _ := strings.Cut(manualText(), "# "+title+"\n")
	text, _, _ = strings.Cut(text, "\n# ")
	var b strings.Builder
	for line := range strings.Lines(strings.Trim(text, "\n")) {
		b.WriteString(strings.TrimPrefix(line, "\t"))
	}
	if b.Len() == 0 {
		return ""
	}
	return b.String() + "\n"
}

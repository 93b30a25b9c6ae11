package main

import (
	_ "embed"
	"go/parser"
	"go/token"
	"strings"
)

//go:embed doc.go
var manual string

// The texts of dedefer help: the sections of the package comment in doc.go.
var (
	usage          = section("Commands")
	rewriteHelp    = section("Rewrite")
	generateHelp   = section("Generate")
	explainHelp    = section("Explain")
	buildHelp      = section("Build, test, run and install")
	toolexecHelp   = section("Toolexec")
	reportHelp     = section("Report")
	serveHelp      = section("Serve")
	versionHelp    = section("Version")
	completionHelp = section("Completion")
)

// manualText is the package comment. Each run of a compiler
// starts a dedefer, so it is parsed once.
var manualText = func() string {
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", manual, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		panic(err) // it is part of this program
	}
	return file.Doc.Text()
}()

// section returns the section of the manual below "# title", which is
// preformatted there, without its indentation. It is "" where there is none
// (TestManual).
func section(title string) string {
	_, text, _ := strings.Cut(manualText, "# "+title+"\n")
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

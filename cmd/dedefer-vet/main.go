// Dedefer-vet runs the analyzer of package rewrite/analyzer for go vet:
//
//	go install github.com/dedefer/dedefer/cmd/dedefer-vet
//	go vet -vettool=$(which dedefer-vet) ./...
//
// Its flags and what it reports, it tells itself:
//
//	dedefer-vet help dedefer
package main

import (
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/dedefer/dedefer/rewrite/analyzer"
)

func main() { unitchecker.Main(analyzer.Analyzer) }

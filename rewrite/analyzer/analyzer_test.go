package analyzer_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/dedefer/dedefer/rewrite/analyzer"
)

func TestAnalyzer(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), analyzer.Analyzer, "a")
}

func TestExplicit(t *testing.T) {
	if err := analyzer.Analyzer.Flags.Set("explicit", "true"); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := analyzer.Analyzer.Flags.Set("explicit", "false"); err != nil {
			t.Error(err)
		}
	}()
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), analyzer.Analyzer, "explicit")
}

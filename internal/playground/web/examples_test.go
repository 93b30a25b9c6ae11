package web

import (
	"go/importer"
	"testing"

	"github.com/dedefer/dedefer/internal/playground"
)

// TestExamples lowers each example both ways.
func TestExamples(t *testing.T) {
	list, err := Examples()
	if err != nil {
		t.Fatal(err)
	}
	w := &playground.World{
		Importer:   importer.Default(),
		Recovering: func(string) ([]string, bool) { return nil, true },
	}
	for _, e := range list {
		for _, unwind := range []string{"native", "none"} {
			got := w.Lower(playground.Request{Src: e.Src, Unwind: unwind})
			if len(got.Errors) > 0 || len(got.View.Functions) == 0 {
				t.Errorf("%s, %s: %v", e.Name, unwind, got.Errors)
			}
		}
	}
}

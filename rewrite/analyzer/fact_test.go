package analyzer

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dedefer/dedefer/rewrite/internal/facts"
)

// TestKnown makes sure that what is known outlives the process.
func TestKnown(t *testing.T) {
	want := &known{facts.Package{Path: "p", Funcs: map[string]facts.Func{
		"T.Close": {Recovers: true, File: "/src/p.go"},
		"quit":    {Goexit: facts.Position{File: "/src/p.go", Line: 13, Col: 2}, File: "/src/p.go"},
		"F": {
			Proved: true, Needs: []int{0, 2}, File: "/src/p.go", Always: true,
			Panic: &facts.Obstacle{Pos: facts.Position{File: "/src/p.go", Line: 3, Col: 7}, What: "the index may be out of range"},
		},
	}}}
	data, err := want.GobEncode()
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if again, err := want.GobEncode(); err != nil || !bytes.Equal(data, again) {
			t.Fatalf("what is written differs from one time to the next (%v)", err)
		}
	}
	got := &known{}
	if err := got.GobDecode(data); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := got.GobDecode([]byte("nothing of the kind")); err == nil {
		t.Error("what is no Package is read without an error")
	}
}

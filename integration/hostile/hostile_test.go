package hostile

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
)

var (
	nFlag     = flag.Int("hostile.n", 40, "how many mutated programs to try")
	seedFlag  = flag.Int64("hostile.seed", 1, "number of the first mutated program")
	batchFlag = flag.Int("hostile.batch", 60, "programs per module")
	deepFlag  = flag.Int("hostile.deep", 12, "how deep, how often or how long")
	allFlag   = flag.Bool("hostile.all", false, "run all modules, not only a few")
	keepFlag  = flag.String("hostile.keep", "", "write what fails into this directory")
)

func TestMutants(t *testing.T) {
	seeds, err := Seeds()
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	var counts Counts
	for counts.Inputs < *nFlag {
		var inputs []Input
		for range min(*batchFlag, *nFlag-counts.Inputs) {
			inputs = append(inputs, Mutate(seeds, *seedFlag+int64(counts.Inputs+len(inputs))))
		}
		counts.add(try(t, inputs))
	}
	t.Logf("%d seeds, %v, %v", len(seeds), counts, time.Since(start).Round(time.Second))
}

// TestDeep tries what is nested, repeated or long.
func TestDeep(t *testing.T) {
	for _, n := range []int{1, *deepFlag} {
		var inputs []Input
		for _, s := range slices.Concat(Deep, Scaling) {
			if s.Name == "literals" {
				inputs = append(inputs, Input{s.Name, s.Make(min(n, 10))})
				continue
			}
			inputs = append(inputs, Input{fmt.Sprintf("%s, %d", s.Name, n), s.Make(n)})
		}
		t.Log(try(t, inputs))
	}
}

// FuzzSource tries what the fuzzer makes of the seeds. What does not parse, or
// has no defer, says little and costs as much: mutants of that kind are drawn
// by TestMutants.
func FuzzSource(f *testing.F) {
	if flag.Lookup("test.fuzz").Value.String() == "" {
		f.Skip("with -fuzz: each seed takes a second")
	}
	seeds, err := Seeds()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range seeds {
		f.Add(s.Src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
		if err != nil || !harness.HasDefer(file) || importsC(file) {
			t.Skip("no defer")
		}
		try(t, []Input{{"fuzzed", src}})
	})
}

func importsC(f *ast.File) bool {
	return slices.ContainsFunc(f.Imports, func(imp *ast.ImportSpec) bool { return imp.Path.Value == `"C"` })
}

// try tries inputs in one module and reports those that fail.
func try(t *testing.T, inputs []Input) Counts {
	counts, failures, err := Try(t.TempDir(), inputs)
	if err != nil {
		t.Errorf("%s and on: %v", inputs[0].Name, err)
	}
	for i, f := range failures {
		t.Errorf("%s: %s\n%s", f.Name, f.Kind, harness.Clip(f.Detail, 12))
		if *keepFlag != "" {
			name := filepath.Join(*keepFlag, fmt.Sprintf("%d_%d", os.Getpid(), time.Now().UnixNano()+int64(i)))
			if err := harness.WriteFile(name, f.Kind+"\n"+f.Name+"\n"+f.Detail+"\n----\n"+f.Src); err != nil {
				t.Error(err)
			}
		}
	}
	return counts
}

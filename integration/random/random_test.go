package random

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/dedefer/dedefer/integration/harness"
)

var (
	nFlag      = flag.Int("random.n", 12, "how many programs to compare")
	seedFlag   = flag.Int64("random.seed", 1, "seed of the first program")
	batchFlag  = flag.Int("random.batch", 40, "programs per module")
	minorFlag  = flag.Int("random.go", 0, "language version 1.N of all programs; 0: various")
	toolFlag   = flag.String("random.dedefer", "", "test this executable, not one built from the tree")
	reduceFlag = flag.Duration("random.reduce", 3*time.Minute, "reduce each program that differs, for at most so long")
	fileFlag   = flag.String("random.file", "", "reduce the program of an archive that -random.keep wrote")
	keepFlag   = flag.String("random.keep", "", "write what differs into this directory")
)

var tool string

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := withTool(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withTool(run func() int) (int, error) {
	if tool = *toolFlag; tool != "" {
		return run(), nil
	}
	dir, err := os.MkdirTemp("", "random")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	root, err := harness.ModuleRoot()
	if err != nil {
		return 0, err
	}
	if tool, err = harness.BuildTool(root, dir); err != nil {
		return 0, err
	}
	return run(), nil
}

// minorOf draws the language version of a module.
func minorOf(seed int64) int {
	if *minorFlag != 0 {
		return *minorFlag
	}
	versions := []int{26, 26, 26, 26, 21, 21, 23, 22, 20, 18}
	return versions[rand.New(rand.NewPCG(uint64(seed), 7)).IntN(len(versions))]
}

// flagsOf draws how a module is built: half of them without optimisations,
// which is quicker, too.
func flagsOf(seed int64) []string {
	if rand.New(rand.NewPCG(uint64(seed), 8)).IntN(2) == 0 {
		return []string{"-gcflags=-N -l"}
	}
	return nil
}

// argsOf draws how a module is rewritten: some of them with //line directives.
func argsOf(seed int64) []string {
	if rand.New(rand.NewPCG(uint64(seed), 9)).IntN(4) == 0 {
		return []string{"-lines"}
	}
	return nil
}

// modesOf draws what a module's programs are compared in: a third of them with -keep,
// too.
func modesOf(seed int64) []string {
	if rand.New(rand.NewPCG(uint64(seed), 10)).IntN(3) == 0 {
		return []string{"native", "keep", "none"}
	}
	return nil
}

func TestRandom(t *testing.T) {
	start := time.Now()
	programs, lines, differences, unfit := 0, 0, 0, 0
	for programs < *nFlag {
		seed := *seedFlag + int64(programs)
		n := min(*batchFlag, *nFlag-programs)
		l, d, u := compareSeeds(t, seed, n, minorOf(seed))
		programs += n
		lines += l
		differences += d
		unfit += u
	}
	t.Logf("%d programs, %d lines each, %d differences, %v", programs, lines/max(programs, 1), differences, time.Since(start).Round(time.Second))
	if unfit > 0 {
		t.Logf("%d of them left out: the Go runtime itself fails in them", unfit)
	}
}

// FuzzRandom compares a few programs for each seed.
func FuzzRandom(f *testing.F) {
	if testing.Short() {
		f.Skip("short")
	}
	f.Fuzz(func(t *testing.T, seed int64) {
		compareSeeds(t, seed, 8, minorOf(seed))
	})
}

// compareSeeds compares the programs of n seeds in one module. It returns how
// many lines they have, how many differ, and how many Go cannot run.
func compareSeeds(t *testing.T, seed int64, n, minor int) (lines, differences, unfit int) {
	var programs []Program
	for i := range n {
		p, err := Generate(seed+int64(i), fmt.Sprintf("p%03d", i), minor)
		if err != nil {
			t.Error(harness.Clip(err.Error(), 3))
			continue
		}
		lines += strings.Count(p.Src, "\n")
		programs = append(programs, p)
	}
	r := &Runner{Tool: tool, Dir: t.TempDir(), Minor: minor, Modes: modesOf(seed), Flags: flagsOf(seed), Args: argsOf(seed)}
	found, err := r.Compare(programs)
	if err != nil {
		t.Errorf("seeds from %d, go 1.%d: %v", seed, minor, err)
	}
	for _, d := range found {
		report(t, r, d)
	}
	return lines, len(found), r.Unfit
}

func report(t *testing.T, r *Runner, d Difference) {
	t.Errorf("seed %d, go 1.%d, mode %s: %s\n%s", d.Program.Seed, d.Minor, d.Mode, d.Kind, harness.Clip(d.Detail, 20))
	if *reduceFlag > 0 {
		d.Program = Reduce(r, d, *reduceFlag)
		t.Logf("reduced:\n%s%s", d.Program.Head, d.Program.Src)
	}
	if *keepFlag != "" {
		if err := Keep(*keepFlag, d); err != nil {
			t.Error(err)
		}
	}
}

// TestFile compares, and reduces, the program of a kept archive.
func TestFile(t *testing.T) {
	if *fileFlag == "" {
		t.Skip("no -random.file")
	}
	data, err := os.ReadFile(*fileFlag)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Kept(string(data))
	if err != nil {
		t.Fatal(err)
	}
	r := &Runner{Tool: tool, Dir: t.TempDir(), Minor: d.Minor, Modes: []string{d.Mode}}
	found, err := r.Compare([]Program{d.Program})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range found {
		report(t, r, d)
	}
}

package targets

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/dedefer/dedefer/integration/harness"
)

// A program is one file of package main.
type program struct {
	text string
	calm bool // it neither panics nor calls Goexit, and says so
}

const calmMark = "unwind: none ok"

// cases are those of testdata/cases that are run in any case. They use no more
// than Go 1.18 without generics.
var cases = []string{
	"args_evaluated_at_defer",
	"blank_and_unnamed_results",
	"conditional_defers_switches",
	"fail_now_style_test_runner",
	"goexit_continues_after_recovered_panic",
	"goto_forward_past_defers",
	"loop_labeled_continue_break",
	"many_defers_9_and_65",
	"named_results_modified",
	"nil_func_value_panics_at_exit",
	"os_exit_in_deferred",
	"panic_nil_old_go_version",
}

// fewPrograms returns the programs of this package, and cases.
func fewPrograms(t *testing.T) map[string]program {
	t.Helper()
	all, programs := allCases(t), map[string]program{}
	for _, name := range cases {
		p, ok := all[name]
		if !ok {
			t.Fatalf("no case %s of one file", name)
		}
		programs[name] = p
	}
	files, err := filepath.Glob(filepath.Join("testdata", "programs", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p := program{text: string(text), calm: strings.Contains(string(text), calmMark)}
		programs[strings.TrimSuffix(filepath.Base(file), ".go")] = p
	}
	return programs
}

// allCases returns the cases that are one file of Go.
func allCases(t *testing.T) map[string]program {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "testdata", "cases", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	programs := map[string]program{}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var p program
		n := 0
		for _, f := range ar.Files {
			switch f.Name {
			case "go.mod", "stdout", "stderr", "exit":
			default:
				n++
				p = program{string(f.Data), strings.Contains(string(ar.Comment), calmMark)}
			}
		}
		if n == 1 {
			programs[strings.TrimSuffix(filepath.Base(file), ".txtar")] = p
		}
	}
	return programs
}

// without leaves out what testdata/skips.txt says of a compiler.
func without(t *testing.T, programs map[string]program, compiler string) map[string]program {
	t.Helper()
	skips := listed(t, filepath.Join("testdata", "skips.txt"), compiler)
	left := maps.Clone(programs)
	maps.DeleteFunc(left, func(name string, _ program) bool { return skips[name] })
	t.Logf("%s: %d cases, %d left out by skips.txt", compiler, len(left), len(programs)-len(left))
	return left
}

// listed returns the second words of the lines of a file that begin with first.
// The others are the reason.
func listed(t *testing.T, file, first string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 2 && f[0] == first {
			names[f[1]] = true
		}
	}
	return names
}

// A suite is a module of programs, before and after.
type suite struct {
	programs             map[string]program
	before, native, none string // directories
}

const modulePath = "example.com/targets"

// newSuite writes the module and rewrites it.
func newSuite(t *testing.T, version string, programs map[string]program) *suite {
	t.Helper()
	dir := t.TempDir()
	s := &suite{programs, filepath.Join(dir, "before"), filepath.Join(dir, "native"), filepath.Join(dir, "none")}
	if err := writeModule(s.before, version, programs); err != nil {
		t.Fatal(err)
	}
	rewrite(t, s.before, s.native, "native")
	rewrite(t, s.before, s.none, "none")
	left, err := harness.DefersLeft(s.before, s.none)
	if err != nil || len(left) > 0 {
		t.Errorf("after -unwind=none there are defer statements: %v %v", left, err)
	}
	return s
}

func rewrite(t *testing.T, dir, out, unwind string) {
	t.Helper()
	c := harness.Command{Dir: dir, Args: []string{tool, "rewrite", "-unwind=" + unwind, "-o", out, "./..."}}
	if _, err := c.RunOK(); err != nil {
		t.Fatal(err)
	}
}

var (
	packageClause = regexp.MustCompile(`(?m)^package main$`)
	mainFunc      = regexp.MustCompile(`(?m)^func main\(\)`)
)

// writeModule makes each program a package with a function Main, and one
// executable of them all.
func writeModule(dir, version string, programs map[string]program) error {
	var imports, table strings.Builder
	files := map[string]string{"go.mod": fmt.Sprintf("module %s\n\ngo %s\n", modulePath, version)}
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		text := packageClause.ReplaceAllString(programs[name].text, "package "+name)
		files["p/"+name+"/main.go"] = mainFunc.ReplaceAllString(text, "func Main()")
		fmt.Fprintf(&imports, "\t%q\n", modulePath+"/p/"+name)
		fmt.Fprintf(&table, "\t%q: %s.Main,\n", name, name)
	}
	files["main.go"] = "package main\n\nimport (\n\t\"os\"\n\n" + imports.String() +
		")\n\nvar programs = map[string]func(){\n" + table.String() + "}\n\nfunc main() { programs[os.Args[1]]() }\n"
	return harness.WriteFiles(dir, files)
}

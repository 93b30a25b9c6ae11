package targets

import (
	"bytes"
	"debug/elf"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"text/tabwriter"

	"golang.org/x/tools/txtar"

	"github.com/dedefer/dedefer/integration/harness"
)

// mostOver is how much larger lowered code may be than code lowered by hand, in per
// cent.
const mostOver = 10

// manyFuncs is how many functions the programs have that are measured. Those with
// one are taken off.
const manyFuncs = 101

// TestSizes measures what one more function with one defer takes, and holds lowered
// code to what a person would have written.
func TestSizes(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "sizes", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatal("no programs to measure: ", err)
	}
	small := gccgo
	small.build = func(dir, exe string) error { return buildGccgo(dir, exe, "-Os") }
	for _, target := range []target{linuxARM, small, tinygo} {
		t.Run(target.name, func(t *testing.T) {
			t.Parallel()
			larger := listed(t, filepath.Join("testdata", "sizes", "over.txt"), target.name)
			found := find(t, target.tools)
			var text bytes.Buffer
			w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
			fmt.Fprintf(w, "code:\tnative\trewritten\tby hand\t\twith tables and data:\tnative\trewritten\tby hand\t\n")
			for _, file := range files {
				name := strings.TrimSuffix(filepath.Base(file), ".txtar")
				s := measure(t, file, target, found)
				native, none, hand := s["native"], s["none"], s["hand"]
				over := float64(none.code-hand.code) / float64(hand.code) * 100
				fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%+.0f %%\t\t%d\t%d\t%d\t\n", name, native.code, none.code, hand.code, over, native.all, none.all, hand.all)
				if target.name != tinygo.name && over > mostOver != larger[name] {
					t.Errorf("%s: %d bytes of code for each function, %d by hand; over.txt lists it: %v", name, none.code, hand.code, larger[name])
				}
			}
			w.Flush()
			t.Logf("bytes for each further function with one defer; %d programs are expected to be too large\n%s", len(larger), text.String())
		})
	}
}

// A size is that of a program, or of one more function in it.
type size struct {
	code int // what is executed
	all  int // with tables and data
}

// measure returns what a further function takes in the forms native, none and
// hand. See testdata/sizes for the programs.
func measure(t *testing.T, file string, target target, found []string) map[string]size {
	t.Helper()
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	part := map[string]string{}
	for _, f := range ar.Files {
		part[f.Name] = string(f.Data)
	}
	dir := t.TempDir()
	path := func(form string) string { return filepath.Join(dir, form) }
	writeSized(t, path("one"), part["head"], part["hand"], 1)
	writeSized(t, path("hand"), part["head"], part["hand"], manyFuncs)
	writeSized(t, path("native"), part["head"], part["native"], manyFuncs)
	rewrite(t, path("native"), path("none"), "none")
	sizes, said := map[string]size{}, map[string]string{}
	for _, form := range []string{"one", "hand", "native", "none"} {
		exe := path(form) + ".exe"
		if err := target.build(path(form), exe); err != nil {
			t.Fatalf("%s, %s: %v", file, form, err)
		}
		r, err := harness.Command{Args: target.run(found, exe)}.RunOK()
		if err != nil {
			t.Fatal(err)
		}
		s := sizeOf(t, exe)
		said[form] = r.Stderr
		sizes[form] = size{(s.code - sizes["one"].code) / (manyFuncs - 1), (s.all - sizes["one"].all) / (manyFuncs - 1)}
		if form == "one" {
			sizes[form] = s
		}
	}
	if said["native"] != said["hand"] || said["native"] != said["none"] {
		t.Errorf("%s: native: %srewritten: %sby hand: %s", file, said["native"], said["none"], said["hand"])
	}
	return sizes
}

// writeSized writes a program with n functions, which it calls.
func writeSized(t *testing.T, dir, head, function string, n int) {
	t.Helper()
	var funcs, table strings.Builder
	for i := range n {
		funcs.WriteString("\n//go:noinline\n" + strings.ReplaceAll(function, "{{.}}", fmt.Sprint(i)))
		fmt.Fprintf(&table, "\tsum += call(f%d)\n", i)
	}
	text := "package main\n\n" + head + funcs.String() + "\nfunc main() {\n\tsum := 0\n" + table.String() + "\tprintln(sum)\n}\n"
	if err := harness.WriteFiles(dir, map[string]string{"go.mod": "module " + modulePath + "\n\ngo 1.18\n", "main.go": text}); err != nil {
		t.Fatal(err)
	}
}

// sizeOf adds up the sections that are loaded.
func sizeOf(t *testing.T, exe string) (s size) {
	t.Helper()
	f, err := elf.Open(exe)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, sec := range f.Sections {
		if sec.Flags&elf.SHF_ALLOC == 0 || sec.Type == elf.SHT_NOBITS {
			continue
		}
		s.all += int(sec.Size)
		if sec.Flags&elf.SHF_EXECINSTR != 0 {
			s.code += int(sec.Size)
		}
	}
	return s
}

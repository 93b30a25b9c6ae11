package report

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"go/importer"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dedefer/dedefer/internal/report/view"
	"github.com/dedefer/dedefer/rewrite/lowering"
)

const source = `package p

import "sync"

var mu sync.Mutex

// count counts.
func count(n int, f func() error) (err error) {
	mu.Lock()
	defer mu.Unlock()
	if n++; n > 0 {
		defer func() { err = f() }()
	}
	return f()
}

func unchanged() string { return "</script>" }
`

// lowered returns a page about source.
func lowered(t *testing.T, source string, unwind lowering.Unwind) *Page {
	t.Helper()
	fset := token.NewFileSet()
	syn, err := parser.ParseFile(fset, "/m/p.go", source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	pkg := &lowering.Package{
		Path: "p", Fset: fset, Importer: importer.ForCompiler(fset, "source", nil),
		Files: []*lowering.File{{Name: "/m/p.go", Src: []byte(source), Syntax: syn}},
	}
	if err := pkg.TypeCheck(nil); err != nil {
		t.Fatal(err)
	}
	out, err := lowering.Lower(pkg, lowering.Options{Unwind: unwind, Origins: true}, lowering.NewFacts())
	if err != nil {
		t.Fatal(err)
	}
	f := out.Files[0]
	return &Page{
		Title: "m & co", Dir: "/m", Unwind: unwind, Report: &out.Report,
		Files: []view.File{{Name: "/m/p.go", Old: []byte(source), New: f.New, Lines: f.Lines}},
	}
}

func TestPage(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, lowered(t, source, lowering.Native)); err != nil {
		t.Fatal(err)
	}
	html := b.String()
	if !strings.Contains(html, "<title>m &amp; co - dedefer</title>") {
		t.Error("the title is not there, or not escaped")
	}
	if loads := regexp.MustCompile(`(?i)(src|href)="?(https?:)?//`).FindString(html); loads != "" {
		t.Errorf("the page loads something: %s", loads)
	}
	var x index
	if err := json.Unmarshal([]byte(script(t, html, "index")), &x); err != nil {
		t.Fatal(err)
	}
	if len(x.Functions) != 1 || x.Functions[0].Name != "count" || x.Functions[0].Line != 8 || x.Files[0] != "p.go" || x.Totals.Sites != 2 {
		t.Errorf("index: %+v", x)
	}
	zipped, err := base64.StdEncoding.DecodeString(script(t, html, "chunk0"))
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		t.Fatal(err)
	}
	var c view.Chunk
	if err := json.NewDecoder(z).Decode(&c); err != nil {
		t.Fatal(err)
	}
	if d := c.Decls[0]; d.First != 7 || d.Last != 15 || len(d.Src) != 9 {
		t.Errorf("declaration from %d to %d, %d lines", d.First, d.Last, len(d.Src))
	}
}

// script returns the content of a script element.
func script(t *testing.T, html, id string) string {
	t.Helper()
	_, text, ok := strings.Cut(html, `id="`+id+`">`)
	text, _, closed := strings.Cut(text, "</script>")
	if !ok || !closed {
		t.Fatalf("no script %s", id)
	}
	return text
}

var tag = regexp.MustCompile(`<[^>]*>`)

// TestOrigins checks what each line of lowered code was made for.
func TestOrigins(t *testing.T) {
	p := lowered(t, source, lowering.None)
	chunk := view.NewChunk(p.Files[0], p.Report.Functions)
	var got []string
	for _, l := range chunk.Decls[0].Out {
		text := strings.TrimSpace(tag.ReplaceAllString(l.HTML, ""))
		var made []string
		if l.Site != nil {
			made = append(made, "site "+chunk.Functions[l.Site[0]].Sites[l.Site[1]].Ref)
		}
		if l.Exit != nil {
			made = append(made, "exit "+chunk.Functions[l.Exit[0]].Exits[l.Exit[1]].Text)
		}
		if l.Guard != nil {
			made = append(made, "guard")
		}
		got = append(got, text+" // "+strings.Join(made, ", "))
	}
	want := []string{
		"// count counts. // ",
		"func count(n int, f func() error) (err error) { // ",
		"mu.Lock() // ",
		"var active bool // ",
		"if n++; n &gt; 0 { // ",
		"active = true // site 12",
		"} // ",
		"err = f() // exit return f()",
		"if active { // site 12, exit return f()",
		"err = f() // site 12, exit return f()",
		"} // site 12, exit return f()",
		"mu.Unlock() // site 10, exit return f()",
		"return // exit return f()",
		"} // ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestPanics checks that guards for the same panic are told together, and that each has
// lines of its own.
func TestPanics(t *testing.T) {
	p := lowered(t, `package p

func leave(n int) { println(n) }

func several(list []error, n int, f func() error) (err error) {
	defer leave(0)
	if n > 0 {
		defer leave(1)
		return list[n]
	}
	defer func() {
		if err != nil {
			leave(2)
		}
	}()
	return f()
}

func loop(n int, f func()) {
	for range n {
		defer leave(1)
		defer leave(2)
	}
	defer leave(0)
	f()
}

func own(n int, f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			leave(1)
		}
		leave(2)
	}()
	if n > 0 {
		defer func(k int) {
			if r := recover(); r != nil {
				leave(k)
			}
			leave(3)
		}(n)
	}
	f()
	return nil
}
`, lowering.Native)
	chunk := view.NewChunk(p.Files[0], p.Report.Functions)
	guard := func(f *view.Function, g int) string {
		var refs []string
		for _, s := range f.Guards[g].Sites {
			refs = append(refs, f.Sites[s].Ref)
		}
		return strings.Join(refs, " and ")
	}
	var got []string
	made, inBody := map[[2]int]bool{}, false
	for i := range chunk.Functions {
		f := &chunk.Functions[i]
		for _, p := range f.Panics {
			var guards []string
			for _, g := range p.Guards {
				guards = append(guards, guard(f, g))
			}
			got = append(got, fmt.Sprintf("%s: %d: %s: %s", f.Name, p.Where, p.What, strings.Join(guards, ", ")))
		}
		for _, l := range chunk.Decls[f.Decl].Out {
			if l.Guard != nil {
				made[*l.Guard] = true
				inBody = inBody || strings.Contains(tag.ReplaceAllString(l.HTML, ""), "leave(2)") && guard(f, l.Guard[1]) == "11"
			}
		}
		for g := range f.Guards {
			if !made[[2]int{i, g}] {
				t.Errorf("%s: no line was made for the guard of %s", f.Name, guard(f, g))
			}
		}
	}
	if !inBody {
		t.Error("leave(2) was not made for the guard that it stands in")
	}
	want := []string{
		"several: 9: the index may be out of range: 6, 8",
		"several: 16: f may panic or call Goexit: 11",
		"loop: 25: f may panic or call Goexit: 21 and 22, 24",
		"own: 43: f may panic or call Goexit: 29, 36",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

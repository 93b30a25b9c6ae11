package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// report prints the tables, in Markdown.
func (s *suite) report(w io.Writer, times map[cell]timing, sizes map[cell]size) {
	for _, part := range []struct {
		title string
		table *table
	}{
		{"Targets", s.targetTable(times, sizes)},
		{"Nanoseconds per operation", s.timeTable(times)},
		{"Allocations and bytes per operation", s.memoryTable(times)},
		{"Bytes of code, of the largest frame, and of a program's text, for each file", s.sizeTable(sizes)},
	} {
		fmt.Fprintf(w, "### %s\n\n", part.title)
		part.table.print(w)
		fmt.Fprintln(w)
	}
}

func (s *suite) timeTable(times map[cell]timing) *table {
	t := &table{}
	t.add(append(append([]string{"benchmark"}, variantNames()...), "lowered/native", "keep/native", "none/hand")...)
	for _, b := range s.benchmarks {
		row := []string{b.Name}
		for _, v := range variants {
			if v.has(b) {
				row = append(row, fmt.Sprintf("%.1f", times[cell{b.Name, v.Name}].Ns()))
			} else {
				row = append(row, "")
			}
		}
		row = append(row, ratioText(times, b, "lowered", "native"), ratioText(times, b, "keep", "native"))
		if !b.Panics {
			row = append(row, ratioText(times, b, "none", "hand"))
		} else {
			row = append(row, "")
		}
		t.add(row...)
	}
	return t
}

// ratioText shows how sure a ratio is, too.
func ratioText(times map[cell]timing, b benchmark, x, y string) string {
	low, median, high := times[cell{b.Name, x}].ratio(times[cell{b.Name, y}])
	return fmt.Sprintf("%.2f ± %.2f", median, (high-low)/2)
}

func (s *suite) memoryTable(times map[cell]timing) *table {
	t := &table{}
	header := []string{"benchmark"}
	for _, v := range variantNames() {
		header = append(header, v, "bytes")
	}
	t.add(header...)
	for _, b := range s.benchmarks {
		row := []string{b.Name}
		for _, v := range variants {
			c := times[cell{b.Name, v.Name}]
			row = append(row, when(v.has(b), "%d", c.Allocs), when(v.has(b), "%d", c.Bytes))
		}
		t.add(row...)
	}
	return t
}

func (s *suite) sizeTable(sizes map[cell]size) *table {
	t := &table{}
	header := []string{"functions"}
	for _, v := range variantNames() {
		header = append(header, v, "frame")
	}
	t.add(append(header, "native text", "none text", "none/native")...)
	for _, file := range s.files() {
		row := []string{strings.TrimSuffix(file, ".go")}
		for _, v := range variantNames() {
			sz, ok := sizes[cell{file, v}]
			row = append(row, when(ok, "%d", sz.Code), when(ok, "%d", sz.Frame))
		}
		native, none := sizes[cell{file, "native"}].Text, sizes[cell{file, "none"}].Text
		t.add(append(row, fmt.Sprint(native), fmt.Sprint(none), fmt.Sprintf("%.4f", float64(none)/float64(native)))...)
	}
	return t
}

// targetTable compares the results with what they should be.
func (s *suite) targetTable(times map[cell]timing, sizes map[cell]size) *table {
	var none, text, allocs scores
	lowered, keep := s.ratios(times, "lowered"), s.ratios(times, "keep")
	var costs scores // of each site that is lowered and does not panic, in nanoseconds more than native
	for _, b := range s.benchmarks {
		if b.Panics {
			continue
		}
		more := times[cell{b.Name, "lowered"}].Ns() - times[cell{b.Name, "native"}].Ns()
		costs = append(costs, score{b.Name, more / float64(b.Sites)})
		none = append(none, score{b.Name, ratio(times, b, "none", "hand")})
		if strings.HasPrefix(b.Name, "Loop") && strings.HasSuffix(b.Name, "16") {
			for _, v := range []string{"lowered", "keep", "none"} {
				allocs = append(allocs, score{b.Name + ", " + v, float64(times[cell{b.Name, v}].Allocs)})
			}
		}
	}
	for _, file := range s.files() {
		before, after := sizes[cell{file, "native"}].Text, sizes[cell{file, "none"}].Text
		text = append(text, score{strings.TrimSuffix(file, ".go"), float64(after) / float64(before)})
	}
	t := &table{}
	t.add("what", "target", "result", "met", "missed by")
	t.target("lowered/native, geometric mean", 0.50, lowered.all.mean(), nil)
	t.target("lowered/native, worst without a panic", 1.4, lowered.calm.worst(), lowered.calm)
	t.target("lowered - native, worst without a panic, ns/site", 1.5, costs.worst(), costs)
	t.target("lowered/native, worst with a panic", 3, lowered.panics.worst(), lowered.panics)
	t.target("keep/native, geometric mean", 0.45, keep.all.mean(), nil)
	t.target("keep/native, worst without a panic", 1.05, keep.calm.worst(), keep.calm)
	t.target("keep/native, worst with a panic", 1.1, keep.panics.worst(), keep.panics)
	t.target("none/hand, geometric mean", 1.05, none.mean(), nil)
	t.target("none/hand, worst", 1.3, none.worst(), none)
	t.target("text of none/native, worst", 1.0, text.worst(), text)
	t.target("allocations, loops of 16, worst", 1, allocs.worst(), allocs)
	return t
}

// ratios are those of a variant to native.
type ratios struct{ all, calm, panics scores }

func (s *suite) ratios(times map[cell]timing, variant string) (r ratios) {
	for _, b := range s.benchmarks {
		x := score{b.Name, ratio(times, b, variant, "native")}
		r.all = append(r.all, x)
		if b.Panics {
			r.panics = append(r.panics, x)
		} else {
			r.calm = append(r.calm, x)
		}
	}
	return r
}

// ratio is that of a benchmark's times in two variants.
func ratio(times map[cell]timing, b benchmark, x, y string) float64 {
	_, median, _ := times[cell{b.Name, x}].ratio(times[cell{b.Name, y}])
	return median
}

// A score is what a target limits.
type score struct {
	name  string
	value float64
}

type scores []score

func (s scores) mean() float64 {
	sum := 0.0
	for _, x := range s {
		sum += math.Log(x.value)
	}
	return math.Exp(sum / float64(len(s)))
}

func (s scores) worst() float64 {
	worst := math.NaN() // of none at all
	for _, x := range s {
		if !(worst >= x.value) {
			worst = x.value
		}
	}
	return worst
}

// over names those above the limit, worst first.
func (s scores) over(limit float64) string {
	var bad []string
	for _, x := range slices.SortedStableFunc(slices.Values(s), func(a, b score) int { return cmp.Compare(b.value, a.value) }) {
		if x.value > limit {
			bad = append(bad, fmt.Sprintf("%s %.4g", x.name, x.value))
		}
	}
	return strings.Join(bad, "; ")
}

func variantNames() (names []string) {
	for _, v := range variants {
		names = append(names, v.Name)
	}
	return names
}

// when formats a value that may be missing.
func when(ok bool, format string, value any) string {
	if !ok {
		return ""
	}
	return fmt.Sprintf(format, value)
}

// A table is rows of cells. The first row is the header.
type table struct{ rows [][]string }

func (t *table) add(row ...string) { t.rows = append(t.rows, row) }

// target adds a row about a limit, and names what is over it.
func (t *table) target(what string, limit, result float64, each scores) {
	met := "yes"
	if !(result <= limit) {
		met = "NO"
	}
	if math.IsNaN(result) {
		met = ""
	}
	t.add(what, fmt.Sprintf("%.2f", limit), fmt.Sprintf("%.4f", result), met, each.over(limit))
}

// print aligns the columns, the first one to the left.
func (t *table) print(w io.Writer) {
	width := make([]int, len(t.rows[0]))
	for _, row := range t.rows {
		for i, c := range row {
			width[i] = max(width[i], utf8.RuneCountInString(c), len("--:"))
		}
	}
	for n, row := range t.rows {
		for i, c := range row {
			pad := width[i]
			if i == 0 {
				pad = -pad
			}
			fmt.Fprintf(w, "| %*s ", pad, c)
		}
		fmt.Fprintln(w, "|")
		if n == 0 {
			for i, n := range width {
				fmt.Fprint(w, "| ", strings.Repeat("-", n-1), map[bool]string{true: "-", false: ":"}[i == 0], " ")
			}
			fmt.Fprintln(w, "|")
		}
	}
}

package random

import (
	"fmt"
	"go/format"
	"math/rand/v2"
	"strings"
)

// sprinkle puts comments into the bodies of a program's functions: behind lines, on
// lines of their own, and inside statements. It does so without drawing on what
// decides about the rest.
func sprinkle(src string, r *rand.Rand) string {
	lines := strings.Split(src, "\n")
	body := false
	for i, line := range lines {
		body = body || strings.HasPrefix(line, "func ")
		if !body || !strings.HasPrefix(line, "\t") || strings.Contains(line, "//") || r.IntN(12) > 0 {
			continue
		}
		note := fmt.Sprint("note ", i)
		switch r.IntN(4) {
		case 0:
			lines[i] = "\t// " + note + "\n" + line
		case 1:
			if at := inside(line); at > 0 {
				lines[i] = line[:at] + " /* " + note + " */ " + line[at:]
				break
			}
			fallthrough
		default:
			lines[i] = line + " // " + note
		}
	}
	text, err := format.Source([]byte(strings.Join(lines, "\n")))
	if err != nil {
		return src
	}
	return string(text)
}

// inside returns a place inside the statement that begins on a line, or -1.
func inside(line string) int {
	code, _, _ := strings.Cut(line, `"`)
	for _, word := range []string{"return ", "defer ", ":= ", "(", "= "} {
		if i := strings.Index(code, word); i >= 0 {
			return i + len(word)
		}
	}
	return -1
}

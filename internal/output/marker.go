package output

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	markerName = ".dedefer"
	markerHead = "dedefer output\n"
)

// A manifest lists what a copy consists of, by names relative to its root,
// those of directories with a slash at the end.
type manifest map[string]bool

// markerText is the content of the marker file. paths are sorted.
func markerText(version string, paths []string) []byte {
	var b bytes.Buffer
	b.WriteString(markerHead)
	b.WriteString("`dedefer rewrite -o` wrote this directory. When it does so again, it replaces\n" +
		"what is listed here, and keeps anything else.\n")
	fmt.Fprintf(&b, "version %s\n\n", version)
	for _, p := range paths {
		fmt.Fprintf(&b, "%q\n", p)
	}
	return b.Bytes()
}

// readMarker returns the manifest of the copy in dir, and whether dir is one.
func readMarker(dir string) (manifest, bool) {
	data, err := os.ReadFile(filepath.Join(dir, markerName))
	text, ours := strings.CutPrefix(string(data), markerHead)
	if err != nil || !ours {
		return nil, false
	}
	_, list, _ := strings.Cut(text, "\n\n")
	m := manifest{markerName: true}
	for line := range strings.Lines(list) {
		// A line that somebody damaged means a file that is kept.
		if p, err := strconv.Unquote(strings.TrimSuffix(line, "\n")); err == nil {
			m[p] = true
		}
	}
	return m, true
}

func hasMarker(dir string) bool {
	f, err := os.Open(filepath.Join(dir, markerName))
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, len(markerHead))
	n, _ := f.Read(head)
	return string(head[:n]) == markerHead
}

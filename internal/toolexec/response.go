package toolexec

import (
	"os"
	"path/filepath"
	"strings"
)

// A command line may be too long for the system. The tools of Go read the rest
// of it from a file then, one argument on a line: see cmd/internal/objabi.

// expand puts what is in the files named by arguments such as @FILE in place of
// these.
func expand(args []string) ([]string, error) {
	var out []string
	for _, a := range args {
		name, ok := strings.CutPrefix(a, "@")
		if !ok {
			out = append(out, a)
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(strings.ReplaceAll(string(data), "\r", "")) {
			out = append(out, decode.Replace(strings.TrimSuffix(line, "\n")))
		}
	}
	return out, nil
}

var (
	decode = strings.NewReplacer(`\\`, `\`, `\n`, "\n")
	encode = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
)

// longest is the length of a command line that every system takes.
const longest = 30 << 10

// shorten returns args, or, where they are too long, the first of them and a file
// in dir that has the others.
func shorten(args []string, dir string) ([]string, error) {
	n := 0
	for _, a := range args {
		n += len(a) + 1
	}
	if n <= longest {
		return args, nil
	}
	var b strings.Builder
	for _, a := range args[1:] {
		b.WriteString(encode.Replace(a) + "\n")
	}
	name := filepath.Join(dir, "dedefer.args")
	return []string{args[0], "@" + name}, os.WriteFile(name, []byte(b.String()), 0o666)
}

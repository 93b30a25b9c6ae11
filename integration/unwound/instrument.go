package unwound

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Env names the file that an instrumented program writes to.
const Env = "DEDEFER_UNWOUND"

// dir is where the package of Check is put in the instrumented module.
const dir = "internal/dedeferunwound"

//go:embed check.go
var check []byte

// Instrument adds calls of Check to the given files of the module in root,
// whose path is module.
func Instrument(root, module string, files []string) error {
	pkg := filepath.Join(root, filepath.FromSlash(dir))
	if err := os.MkdirAll(pkg, 0o777); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(pkg, "check.go"), check, 0o666); err != nil {
		return err
	}
	for _, file := range files {
		old, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		src, err := instrument(old, module+"/"+dir)
		if err != nil {
			return fmt.Errorf("%s: %v", file, err)
		}
		if err := os.WriteFile(file, src, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// instrument adds to src without adding lines.
func instrument(src []byte, importPath string) ([]byte, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var ends []int
	ast.Inspect(f, func(n ast.Node) bool {
		if d, ok := n.(*ast.DeferStmt); ok {
			ends = append(ends, fset.PositionFor(d.End(), false).Offset)
		}
		return true
	})
	if len(ends) == 0 {
		return src, nil
	}
	slices.Sort(ends)
	var b strings.Builder
	at := fset.PositionFor(f.Name.End(), false).Offset
	fmt.Fprintf(&b, "%s; import dedeferUnwound %q", src[:at], importPath)
	for _, end := range ends {
		fmt.Fprintf(&b, "%s; defer dedeferUnwound.Check()", src[at:end])
		at = end
	}
	b.Write(src[at:])
	return []byte(b.String()), nil
}

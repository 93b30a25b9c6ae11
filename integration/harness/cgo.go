package harness

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// madeByCgo matches names that cgo makes up. gc may take them in a source file,
// other compilers do not, and cgo may give them to something else the next time.
var madeByCgo = regexp.MustCompile(`\bC\.(struct|union|enum|class)___\d|\b_(Ctype|Cfunc|C2func|Cvar|Cmacro|Ciconst|Cfpvar)_|\b_[cC]go`)

// MadeByCgo lists the names in out's Go files that only cgo makes, and that stand
// more often there than in src's.
func MadeByCgo(src, out string) (list []string, err error) {
	err = filepath.WalkDir(out, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") {
			return err
		}
		rel, err := filepath.Rel(out, p)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		before, err := os.ReadFile(filepath.Join(src, rel))
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		found := madeByCgo.FindAll(text, -1)
		if len(found) > len(madeByCgo.FindAll(before, -1)) {
			list = append(list, fmt.Sprintf("%s: %q", filepath.ToSlash(rel), found))
		}
		return nil
	})
	return list, err
}

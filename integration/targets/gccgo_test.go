package targets

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dedefer/dedefer/integration/harness"
)

// goPackage is what go list tells of a package.
type goPackage struct {
	path, name, dir string
	files           []string
}

// packages lists those of the module in dir, each behind what it imports.
func packages(dir string) (list []goPackage, err error) {
	const format = `{{if not .Standard}}{{.ImportPath}}{{"\t"}}{{.Name}}{{"\t"}}{{.Dir}}{{"\t"}}{{join .GoFiles " "}}{{end}}`
	r, err := harness.Command{Dir: dir, Args: []string{"go", "list", "-deps", "-f", format, "."}}.RunOK()
	for line := range strings.Lines(r.Stdout) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		list = append(list, goPackage{f[0], f[1], f[2], strings.Fields(f[3])})
	}
	return list, err
}

// buildGccgo calls the compiler for each package: the go command does not get on
// with a gccgo that is older than itself.
func buildGccgo(dir, exe string, flags ...string) error {
	list, err := packages(dir)
	if err != nil {
		return err
	}
	link := []string{"gccgo", "-o", exe}
	for _, p := range list {
		object, err := compileGccgo(p, exe+"-objects", flags...)
		if err != nil {
			return err
		}
		link = append(link, object)
	}
	_, err = harness.Command{Args: link}.RunOK()
	return err
}

// compileGccgo compiles a package to an object in dir, where those that import
// it find it.
func compileGccgo(p goPackage, dir string, flags ...string) (object string, err error) {
	object = filepath.Join(dir, filepath.FromSlash(p.path)+".o")
	if err := os.MkdirAll(filepath.Dir(object), 0o777); err != nil {
		return "", err
	}
	args := append([]string{"gccgo", "-c", "-I", dir, "-o", object}, flags...)
	if p.name != "main" {
		args = append(args, "-fgo-pkgpath="+p.path)
	}
	_, err = harness.Command{Dir: p.dir, Args: append(args, p.files...)}.RunOK()
	return object, err
}

// forGccgo returns the programs that gccgo compiles: those of Go 1.18 without
// generics.
func forGccgo(t *testing.T, programs map[string]program) map[string]program {
	t.Helper()
	if _, err := exec.LookPath("gccgo"); err != nil {
		return nil
	}
	dir := t.TempDir()
	some := map[string]program{}
	for name, p := range programs {
		if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(p.text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := compileGccgo(goPackage{name, "main", dir, []string{"main.go"}}, filepath.Join(dir, "objects")); err == nil {
			some[name] = p
		}
	}
	return some
}

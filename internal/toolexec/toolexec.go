package toolexec

import (
	"bytes"
	"fmt"
	"go/ast"
	goversion "go/version"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/dedefer/dedefer/internal/become"
	"github.com/dedefer/dedefer/internal/toolexec/version"
	"github.com/dedefer/dedefer/rewrite/lowering"
)

// Options are what decides how packages are lowered. All of them are part of
// the key of a package (see package version).
type Options struct {
	Unwind   lowering.Unwind
	Keep     bool // as for lowering.Options
	Scope    Scope
	Strict   bool // where -unwind=none changes what the module's packages do, it is an error
	Trimpath bool // the build has -trimpath
}

// Run runs the tool that args name with the rest of them, and returns its exit
// code. An error is one of this package's own: nothing was compiled then.
func Run(args []string, opts Options) (code int, err error) {
	tool := strings.TrimSuffix(filepath.Base(args[0]), ".exe")
	switch {
	case tool != "compile":
		return become.Program(args)
	case len(args) == 2 && args[1] == "-V=full":
		return version.Answer(os.Stdout, args, version.Options{
			Unwind: opts.Unwind.String(), Keep: opts.Keep, Scope: string(opts.Scope), Strict: opts.Strict, Trimpath: opts.Trimpath,
		})
	}
	u, err := NewUnit(args)
	if err != nil {
		return 1, err
	}
	if u == nil {
		return become.Program(args)
	}
	return (&action{unit: u, opts: opts}).run()
}

// An action is one run of the compiler.
type action struct {
	unit   *Unit
	opts   Options
	member Member
}

func (a *action) run() (code int, err error) {
	src, err := readSource(a.unit)
	if err != nil {
		return 1, err
	}
	if a.lowers(src) {
		return a.lower(src)
	}
	if a.member.Recovering, err = src.recovering(nil); err != nil {
		return a.original() // the compiler says what is wrong
	}
	if err := a.addChanges(); err != nil {
		return 1, err
	}
	if a.member.empty() {
		return become.Program(a.unit.Args)
	}
	return a.compile(a.unit.Args)
}

// lowers reports whether there is anything to lower, or to say of what
// -unwind=none changes.
func (a *action) lowers(src *source) bool {
	if !a.unit.in(a.opts.Scope) || lowering.IsRuntime(a.unit.Path) && src.isGenerated() {
		return false
	}
	return src.hasDefer || src.hasRecover && a.opts.Unwind == lowering.None
}

// lower compiles the unit with lowered files in place of those that change.
func (a *action) lower(src *source) (code int, err error) {
	u := a.unit
	if err := checkVersion(u.Go); err != nil {
		return 1, err
	}
	pkg, err := src.load()
	if err != nil {
		return a.refused(err)
	}
	syn := map[string]*ast.File{}
	for _, f := range pkg.Files {
		syn[f.Name] = f.Syntax
	}
	if a.member.Recovering, err = src.recovering(syn); err != nil {
		return a.refused(err)
	}
	facts := lowering.RecoverFacts(func(path string) ([]string, bool) {
		m, err := a.imported(path)
		return m.Recovering, err == nil
	})
	out, err := lowering.Lower(pkg, lowering.Options{Unwind: a.opts.Unwind, Keep: a.opts.Keep, Compile: true, Private: true}, facts)
	if err != nil {
		return 1, err
	}
	if err := a.warn(out.Report.Losses); err != nil {
		return 1, err
	}
	if err := a.addChanges(); err != nil {
		return 1, err
	}
	args, err := a.write(out)
	if err != nil {
		return 1, err
	}
	return a.compileLowered(args)
}

// checkVersion complains of a compiler of a newer language than this program
// can read.
func checkVersion(v string) error {
	built := goversion.Lang(runtime.Version())
	if built != "" && goversion.Compare(goversion.Lang(v), built) > 0 {
		return fmt.Errorf("dedefer was built with %s and cannot read what %s compiles: build dedefer again with %[2]s (after 'go get -tool github.com/dedefer/dedefer/cmd/dedefer', 'go tool dedefer' always fits)", runtime.Version(), v)
	}
	return nil
}

// imported returns what the archive of a package says. Only those that the unit
// imports itself can be asked.
func (a *action) imported(path string) (*Member, error) {
	if archive, ok := a.unit.Packages[path]; ok {
		if m, err := readMember(archive); err == nil {
			return m, nil
		} else {
			return &Member{}, err
		}
	}
	return &Member{}, fmt.Errorf("no archive of package %s", path)
}

// write writes the files that changed, and returns the command line for them.
func (a *action) write(out *lowering.Lowered) ([]string, error) {
	if len(out.Files) == 0 {
		return a.unit.Args, nil
	}
	dir := filepath.Join(a.unit.Dir(), "dedefer")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	put := func(base string, text []byte) (string, error) {
		name := base
		for i := 2; taken[name]; i++ { // an overlay may have two files of one name
			name = fmt.Sprintf("%d_%s", i, base)
		}
		taken[name] = true
		name = filepath.Join(dir, name)
		return name, os.WriteFile(name, text, 0o666)
	}
	args := slices.Clone(a.unit.Args)
	for _, f := range out.Files {
		text := fmt.Appendf(nil, "//line %s:1:1\n", f.File.Name)
		text = append(text, bytes.TrimPrefix(f.New, []byte("\ufeff"))...)
		name, err := put(filepath.Base(f.File.Name), text)
		if err != nil {
			return nil, err
		}
		args[a.unit.First+slices.Index(a.unit.Files(), f.File.Name)] = name
	}
	for _, base := range slices.Sorted(maps.Keys(out.Runtime)) {
		// A name in angle brackets is one that the compiler leaves as it is.
		_, file, _ := strings.Cut(base, "_")
		name, err := put(base, fmt.Appendf(nil, "//line <dedefer>/%s:1:1\n%s", file, out.Runtime[base]))
		if err != nil {
			return nil, err
		}
		args = append(args, name)
	}
	return args, nil
}

// compile runs the compiler, and adds to the archive what others have to know.
func (a *action) compile(args []string) (code int, err error) {
	if args, err = shorten(args, a.unit.Dir()); err != nil {
		return 1, err
	}
	if code, err = become.Run(args, os.Stdout, os.Stderr); code != 0 || err != nil {
		return code, err
	}
	a.sayChanges()
	return 0, appendMember(a.unit.Out, &a.member)
}

// compileLowered is compile for a command line of lowered files. Where the
// compiler refuses these, it is asked about the original ones: its words are about
// them then.
func (a *action) compileLowered(args []string) (code int, err error) {
	if slices.Equal(args, a.unit.Args) {
		return a.compile(args)
	}
	if args, err = shorten(args, a.unit.Dir()); err != nil {
		return 1, err
	}
	var stdout, stderr bytes.Buffer
	code, err = become.Run(args, &stdout, &stderr)
	switch {
	case err != nil:
		return 1, err
	case code != 0 && !aboutFiles(stdout.Bytes()) && !aboutFiles(stderr.Bytes()):
		return a.refused(fmt.Errorf("%s%s", stdout.Bytes(), stderr.Bytes()))
	}
	os.Stdout.Write(stdout.Bytes())
	os.Stderr.Write(stderr.Bytes())
	if code != 0 {
		return code, nil
	}
	a.sayChanges()
	return 0, appendMember(a.unit.Out, &a.member)
}

// aboutFiles reports whether the compiler complains of its files, a full disk perhaps,
// and not of what is in them: then it names itself and no position.
func aboutFiles(words []byte) bool { return bytes.HasPrefix(words, []byte("compile: ")) }

// original lets the compiler say what is wrong.
func (a *action) original() (code int, err error) {
	args, err := shorten(a.unit.Args, a.unit.Dir())
	if err != nil {
		return 1, err
	}
	return become.Run(args, os.Stdout, os.Stderr)
}

// refused lets the compiler say what is wrong with the package. If it finds
// nothing, something is wrong with the tool, which says why.
func (a *action) refused(why error) (code int, err error) {
	if code, err = a.original(); code != 0 || err != nil {
		return code, err
	}
	os.Remove(a.unit.Out)
	return 1, &Bug{a.unit.Path, why}
}

// A Bug says that a package was not compiled because of something wrong here.
type Bug struct {
	Path string
	Err  error
}

func (b *Bug) Error() string {
	return fmt.Sprintf("package %s compiles, but not when it is lowered: %v", b.Path, b.Err)
}

func (b *Bug) Unwrap() error { return b.Err }

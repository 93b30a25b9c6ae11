package load

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/types"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedefer/dedefer/internal/goflags"
)

// A Setup is what the go command is told besides the arguments of a command: by
// the environment, by "go env -w" and by GOFLAGS. It is the one place that reads
// these; whoever runs the go command does it by a Setup.
//
// GOFLAGS are given to every command, whatever it is for. Of them count those
// that say which files a package has and what they mean (see listFlags), and the
// overlay, which is read by setupFor. The others say how things are compiled, linked,
// tested or printed. Some of these would change what is listed, and are kept from
// the go command: with -cover the files would be those that it instruments, with
// -toolexec types would come from what a tool makes of the source.
type Setup struct {
	Dir     string            // absolute, of the go command
	Env     []string          // for the go command; its GOFLAGS change nothing
	Flags   []string          // of GOFLAGS, for go list
	Overlay map[string][]byte // texts instead of those of files, by absolute name; nil where a file is not to exist
	ModFile string            // -modfile, absolute; "" where there is none

	OverlayFile string // -overlay, as it is given; "" where there is none

	Experiment string // GOEXPERIMENT

	GoWork string // the workspace file that counts, absolute; "off", or "" where there is none

	vars map[string]string // of go env
}

// listFlags are the flags that matter to a list of packages.
var listFlags = []string{"tags", "mod", "modfile", "modcacherw", "race", "msan", "asan", "trimpath", "installsuffix", "p"}

// valueFlags are those of these, and others that count, which have a value.
var valueFlags = []string{"tags", "mod", "modfile", "installsuffix", "p", "overlay", "compiler"}

// NewSetup asks the go command. An error is a UsageError for what cannot be
// honoured: it names the flag or the variable, and says what to do.
func NewSetup(ctx context.Context, cfg Config) (*Setup, error) {
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, err
	}
	s := &Setup{Dir: dir, Env: cfg.Env, Overlay: map[string][]byte{}}
	if s.Env == nil {
		s.Env = os.Environ()
	}
	s.Env = withoutPrinting(s.Env, s.getenv("GOFLAGS"))
	out, err := s.Go(ctx, "env", "-json", "GOFLAGS", "GOMOD", "GOWORK", "GOEXPERIMENT", "GOROOT", "GOARCH", "GO111MODULE")
	if err != nil && strings.Contains(err.Error(), "for flag -C (from $GOFLAGS)") {
		return nil, &UsageError{Msg: "GOFLAGS has -C, which the go command takes on its command line only: take it out, and use the flag -C of dedefer"}
	} else if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(out), &s.vars); err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	s.GoWork, s.Experiment = s.vars["GOWORK"], s.vars["GOEXPERIMENT"]
	if err := s.refuse(); err != nil {
		return nil, err
	}
	flags, err := s.goFlags(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.readFlags(append(flags, cfg.BuildFlags...)); err != nil {
		return nil, err
	}
	return s, nil
}

// withoutPrinting returns env without those flags of GOFLAGS that tell go list what to print, since
// go env takes them for its own: -json=Dir, -u.
func withoutPrinting(env []string, text string) []string {
	flags, err := goflags.Split(text)
	if err != nil {
		return env
	}
	left := []string{"-buildvcs=false"} // empty, it would be what "go env -w" says
	for _, f := range flags {
		switch name, _, _ := strings.Cut(strings.TrimLeft(f, "-"), "="); name {
		case "json", "u", "w", "changed":
		default:
			left = append(left, f)
		}
	}
	if len(left) > len(flags) {
		return env
	}
	return append(slices.Clip(env), "GOFLAGS="+goflags.Join(left))
}

// setupFor is NewSetup, once the overlay has been read.
func setupFor(ctx context.Context, cfg Config) (*Setup, error) {
	s, err := NewSetup(ctx, cfg)
	if err == nil && s.OverlayFile != "" {
		err = s.readOverlay()
	}
	if err != nil {
		return nil, err
	}
	maps.Copy(s.Overlay, cfg.Overlay)
	return s, nil
}

// refuse returns an error for a variable that asks for what this program cannot do.
func (s *Setup) refuse() error {
	if s.vars["GO111MODULE"] == "off" {
		return &UsageError{Msg: "GO111MODULE=off is set, and packages are rewritten as part of their module: unset it, or run go env -u GO111MODULE"}
	}
	if arch := s.vars["GOARCH"]; types.SizesFor("gc", arch) == nil {
		return &UsageError{Msg: fmt.Sprintf("GOARCH=%s: Go has no such architecture (go tool dist list names them)", arch)}
	}
	if d := s.getenv("GOPACKAGESDRIVER"); d != "" && d != "off" {
		return &UsageError{Msg: fmt.Sprintf("GOPACKAGESDRIVER=%s is set, and packages are those of the go command: unset it, or set GOPACKAGESDRIVER=off", d)}
	}
	return nil
}

func (s *Setup) getenv(key string) (value string) {
	for _, kv := range s.Env { // the last one counts
		if v, ok := strings.CutPrefix(kv, key+"="); ok {
			value = v
		}
	}
	return value
}

// goFlags returns the flags in GOFLAGS, and keeps them from the go command.
func (s *Setup) goFlags(ctx context.Context) ([]string, error) {
	s.Env = append(slices.Clip(s.Env), "GOPACKAGESDRIVER=off")
	text := s.vars["GOFLAGS"]
	if text == "" {
		return nil, nil
	}
	flags, err := goflags.Split(text)
	if err != nil {
		return nil, &UsageError{Msg: fmt.Sprintf("GOFLAGS=%s: %v", text, err)}
	}
	for _, f := range flags {
		if name := strings.TrimLeft(f, "-"); slices.Contains(valueFlags, name) {
			return nil, &UsageError{Msg: fmt.Sprintf("GOFLAGS=%s: %s has no value: write %[2]s=VALUE", text, f)}
		}
	}
	if _, err := s.Go(ctx, "version"); err != nil { // it knows which flags there are
		return nil, err
	}
	s.Env = append(s.Env, "GOFLAGS=-buildvcs=false") // empty, it would be what "go env -w" says
	return flags, nil
}

// readFlags takes flags apart. Of several with one name the last counts.
func (s *Setup) readFlags(flags []string) error {
	for i := 0; i < len(flags); i++ {
		f := flags[i]
		name, value, ok := strings.Cut(strings.TrimLeft(f, "-"), "=")
		if !ok && slices.Contains(valueFlags, name) && i+1 < len(flags) {
			i++
			value = flags[i]
			f += "=" + value
		}
		switch {
		case name == "compiler" && value != "gc":
			return &UsageError{Msg: fmt.Sprintf("the go command is told %s (by GOFLAGS), and types come from what gc compiles: take it out (the output is for any compiler)", f)}
		case name == "overlay":
			s.OverlayFile = value
		case name == "modfile" && value == "":
			s.ModFile = ""
		case name == "modfile":
			s.ModFile = s.abs(value)
			s.Flags = append(s.Flags, "-modfile="+s.ModFile)
		case slices.Contains(listFlags, name):
			s.Flags = append(s.Flags, f)
		}
	}
	return nil
}

func (s *Setup) abs(name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(s.Dir, name)
}

// readOverlay reads what "go help build" documents for -overlay.
func (s *Setup) readOverlay() error {
	fail := func(err error) error {
		return &UsageError{Msg: fmt.Sprintf("-overlay=%s (from GOFLAGS): %v", s.OverlayFile, cause(err))}
	}
	data, err := os.ReadFile(s.abs(s.OverlayFile))
	if err != nil {
		return fail(err)
	}
	var file struct{ Replace map[string]string }
	if err := json.Unmarshal(data, &file); err != nil {
		return fail(err)
	}
	for name, by := range file.Replace {
		var text []byte // of no file
		if by != "" {
			if text, err = os.ReadFile(s.abs(by)); err != nil {
				return fail(fmt.Errorf("%s stands for %s: %w", by, name, cause(err)))
			}
			text = append([]byte{}, text...) // not nil
		}
		s.Overlay[s.abs(name)] = text
	}
	return nil
}

// Go runs the go command and returns what it prints. Its error is a UsageError
// in the go command's words.
func (s *Setup) Go(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = s.Dir, append(slices.Clip(s.Env), "PWD="+s.Dir)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return "", &UsageError{Msg: "the go command is not on PATH, and it is what finds packages: install Go, or add the bin directory of its GOROOT to PATH"}
	case err != nil:
		return "", &UsageError{Msg: cmp.Or(strings.TrimSpace(stderr.String()), fmt.Sprintf("go %s: %v", args[0], err))}
	}
	return string(out), nil
}

// HasExperiment reports whether GOEXPERIMENT can have this name, such as jsonv2 or
// nojsonv2: which there are depends on the version of Go.
func (s *Setup) HasExperiment(ctx context.Context, name string) bool {
	other := *s
	other.Env = append(slices.Clip(s.Env), "GOEXPERIMENT="+name)
	_, err := other.Go(ctx, "env", "GOVERSION")
	return err == nil
}

// overlayFlag writes the overlay to a file for the go command, which is there until
// clean is called. The compiler complains of the files that hold its texts: names
// gives them their own names.
func (s *Setup) overlayFlag() (flags []string, names *strings.Replacer, clean func(), err error) {
	if len(s.Overlay) == 0 {
		return nil, strings.NewReplacer(), func() {}, nil
	}
	dir, err := os.MkdirTemp("", "dedefer-overlay-*")
	if err != nil {
		return nil, nil, nil, err
	}
	clean = func() { os.RemoveAll(dir) }
	var own []string
	file := struct{ Replace map[string]string }{map[string]string{}}
	for i, name := range slices.Sorted(maps.Keys(s.Overlay)) {
		by := ""
		if text := s.Overlay[name]; text != nil {
			by = filepath.Join(dir, fmt.Sprintf("%d-%s", i, filepath.Base(name)))
			err = errors.Join(err, os.WriteFile(by, text, 0o600))
			own = append(own, by, name)
			if rel, err := filepath.Rel(s.Dir, by); err == nil && filepath.IsLocal(rel) {
				own = append(own, "."+string(filepath.Separator)+rel, name)
			}
		}
		file.Replace[name] = by
	}
	data, _ := json.Marshal(file) // strings can be marshalled
	name := filepath.Join(dir, "overlay.json")
	if err = errors.Join(err, os.WriteFile(name, data, 0o600)); err != nil {
		clean()
		return nil, nil, nil, err
	}
	return []string{"-overlay=" + name}, strings.NewReplacer(own...), clean, nil
}

// cause returns what an error about a file says besides its name.
func cause(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// A Source reads files, or the texts that stand for them.
type Source struct{ overlay map[string][]byte }

// Read returns what a file holds.
func (s Source) Read(name string) ([]byte, error) {
	text, ok := s.overlay[name]
	switch {
	case !ok:
		return os.ReadFile(name)
	case text == nil:
		return nil, &os.PathError{Op: "open", Path: name, Err: os.ErrNotExist}
	}
	return text, nil
}

// GoFiles returns the absolute names of the Go files in a directory, sorted.
func (s Source) GoFiles(dir string) (names []string) {
	entries, _ := os.ReadDir(dir) // one of the overlay alone cannot be read
	for _, e := range entries {
		names = append(names, filepath.Join(dir, e.Name()))
	}
	for name := range s.overlay {
		if filepath.Dir(name) == dir {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool {
		base := filepath.Base(name)
		text, ok := s.overlay[name]
		return ok && text == nil || !strings.HasSuffix(base, ".go") || strings.HasPrefix(base, "_") || strings.HasPrefix(base, ".")
	})
}

package analyzer

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"maps"
	"slices"

	"github.com/dedefer/dedefer/rewrite/internal/facts"
)

// known is what is known of the functions of a package.
type known struct{ facts.Package }

func (*known) AFact() {}

func (k *known) String() string { return fmt.Sprintf("%d functions", len(k.Funcs)) }

// encoded is a known as it is written. gob writes maps in any order, but go vet keeps
// what it is given, and the same has to be the same bytes each time.
type encoded struct {
	Path  string
	Funcs []encodedFunc
}

type encodedFunc struct {
	Name string
	Func facts.Func
}

// GobEncode implements gob.GobEncoder.
func (k *known) GobEncode() ([]byte, error) {
	w := encoded{Path: k.Path}
	for _, name := range slices.Sorted(maps.Keys(k.Funcs)) {
		w.Funcs = append(w.Funcs, encodedFunc{name, k.Funcs[name]})
	}
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(w)
	return b.Bytes(), err
}

// GobDecode implements gob.GobDecoder.
func (k *known) GobDecode(data []byte) error {
	var w encoded
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&w); err != nil {
		return err
	}
	k.Path, k.Funcs = w.Path, make(map[string]facts.Func, len(w.Funcs))
	for _, f := range w.Funcs {
		k.Funcs[f.Name] = f.Func
	}
	return nil
}

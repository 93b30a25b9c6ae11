package toolexec

import (
	"fmt"
	"go/token"
	"go/types"
	"os"

	"golang.org/x/tools/go/gcexportdata"
)

// An importer reads the archives that the go command says a package may import.
// Their export data has all that other packages contribute to it.
type importer struct {
	unit *Unit
	fset *token.FileSet
	seen map[string]*types.Package // by path
}

func (im *importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if p := im.unit.Imports[path]; p != "" {
		path = p
	}
	if t := im.seen[path]; t != nil && t.Complete() {
		return t, nil
	}
	archive, ok := im.unit.Packages[path]
	if !ok {
		return nil, fmt.Errorf("no archive of package %s", path)
	}
	f, err := os.Open(archive)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", archive, err)
	}
	return gcexportdata.Read(r, im.fset, im.seen, path)
}

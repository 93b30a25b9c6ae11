//go:build js && wasm

// Command wasm is the lowering in a page: it calls dedeferReady with a function that
// takes a request of package playground as JSON, and returns the response.
package main

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"go/token"
	"go/types"
	"syscall/js"

	"golang.org/x/tools/go/gcexportdata"

	"github.com/dedefer/dedefer/integration/playground/std"
	"github.com/dedefer/dedefer/internal/playground"
)

func main() {
	data := make([]byte, js.Global().Get("dedeferStd").Get("length").Int())
	js.CopyBytesToGo(data, js.Global().Get("dedeferStd"))
	var packages map[string]std.Package
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&packages); err != nil {
		panic(err)
	}
	imp := &importer{packages: packages, fset: token.NewFileSet(), types: map[string]*types.Package{}}
	world := &playground.World{
		Importer: imp,
		Recovering: func(path string) ([]string, bool) {
			p, ok := packages[path]
			return p.Recovering, ok
		},
	}
	lower := js.FuncOf(func(_ js.Value, args []js.Value) any {
		var req playground.Request
		if err := json.Unmarshal([]byte(args[0].String()), &req); err != nil {
			return err.Error()
		}
		out, err := json.Marshal(world.Lower(req))
		if err != nil {
			return err.Error()
		}
		return string(out)
	})
	js.Global().Call("dedeferReady", lower)
	select {}
}

// An importer reads the export data of packages when they are imported.
type importer struct {
	packages map[string]std.Package
	fset     *token.FileSet
	types    map[string]*types.Package
}

func (imp *importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if t := imp.types[path]; t != nil && t.Complete() {
		return t, nil
	}
	p, ok := imp.packages[path]
	if !ok {
		return nil, fmt.Errorf("package %s is not in this playground", path)
	}
	return gcexportdata.Read(bytes.NewReader(p.Export), imp.fset, imp.types, path)
}

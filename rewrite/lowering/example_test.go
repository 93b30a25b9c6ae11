package lowering_test

import (
	"fmt"
	"go/importer"
	"go/parser"
	"go/token"
	"log"

	"github.com/dedefer/dedefer/rewrite/lowering"
)

// A package made from a string, lowered without the go command: its types come
// from the source of what it imports.
func ExampleLower() {
	const src = `package store

import "sync"

type Store struct {
	mu    sync.Mutex
	items map[string]int
}

func (s *Store) Get(key string) (int, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n, ok := s.items[key]; ok {
		return n, true
	}
	return 0, false
}
`
	fset := token.NewFileSet()
	file := &lowering.File{Name: "store.go", Src: []byte(src)}
	var err error
	file.Syntax, err = parser.ParseFile(fset, file.Name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		log.Fatal(err)
	}
	pkg := &lowering.Package{
		Path: "example.com/store", Fset: fset, Files: []*lowering.File{file},
		Importer: importer.ForCompiler(fset, "source", nil),
	}
	if err := pkg.TypeCheck(nil); err != nil {
		log.Fatal(err)
	}
	out, err := lowering.Lower(pkg, lowering.Options{Unwind: lowering.None}, lowering.NewFacts())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", out.Files[0].New)
	for _, f := range out.Report.Functions {
		for _, s := range f.Sites {
			fmt.Printf("// %v: %s: %s\n", s.Pos, s.Call, s.Strategy)
		}
	}
	// Output:
	// package store
	//
	// import "sync"
	//
	// type Store struct {
	// 	mu    sync.Mutex
	// 	items map[string]int
	// }
	//
	// func (s *Store) Get(key string) (int, bool) {
	// 	s.mu.Lock()
	// 	if n, ok := s.items[key]; ok {
	// 		s.mu.Unlock()
	// 		return n, true
	// 	}
	// 	s.mu.Unlock()
	// 	return 0, false
	// }
	// // store.go:12:2: s.mu.Unlock(): direct
}

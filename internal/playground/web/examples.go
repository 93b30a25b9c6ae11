package web

import (
	"fmt"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/dedefer/dedefer/testdata"
)

// An Example is a program to look at.
type Example struct {
	Name  string `json:"name"`
	Shows string `json:"shows"`
	Src   string `json:"src"`
}

// offered are the examples by what they show: the first one is there when the page
// opens, the others are cases of testdata.
var offered = []struct{ shows, name string }{
	{"What defer is for: a lock, and a file", "seed_basic_usage"},
	{"Arguments are evaluated at the statement", "args_evaluated_at_defer"},
	{"Only some paths: a bit", "conditional_defers_switches"},
	{"Deferred code changes results", "named_results_modified"},
	{"A result that is set before a panic", "return_value_then_deferred_panic"},
	{"Loops whose length is known", "bounded_loops"},
	{"Literals in loops", "lifted_literals"},
	{"Loop variables", "loopvar_go122_per_iteration"},
	{"A loop made by goto", "loop_built_with_goto"},
	{"Range over a function", "rangefunc_returns"},
	{"Commit or roll back", "tx_commit_rollback_pattern"},
	{"A middleware that recovers", "http_recover_middleware"},
	{"A parser that bails out", "parser_bailout"},
	{"Panics that replace one another", "repanic_same_and_other"},
	{"Goexit", "goexit_runs_defers"},
	{"Callees that cannot be seen", "interface_in_field"},
	{"Many returns: a shared tail", "many_returns"},
	{"Mutex and Once", "mutex_and_once_patterns"},
}

// First is the program that is there when the page opens.
const First = `package main

import (
	"fmt"
	"io"
	"os"
)

// copyFile copies a file; what is written is on the disk when it returns.
func copyFile(to, from string, sync bool) (err error) {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := w.Close(); err == nil {
			err = cerr
		}
	}()
	if sync {
		defer w.Sync()
	}
	_, err = io.Copy(w, r)
	return err
}

func main() {
	fmt.Println(copyFile("copy", "no such file", true))
}
`

// Examples returns the programs that are offered.
func Examples() ([]Example, error) {
	list := []Example{{"first", "A file that is copied", First}}
	for _, o := range offered {
		data, err := testdata.Cases.ReadFile("cases/" + o.name + ".txtar")
		if err != nil {
			return nil, err
		}
		for _, f := range txtar.Parse(data).Files {
			if strings.HasSuffix(f.Name, ".go") {
				list = append(list, Example{o.name, o.shows, string(f.Data)})
			}
		}
		if n := len(list); list[n-1].Name != o.name {
			return nil, fmt.Errorf("%s has no program", o.name)
		}
	}
	return list, nil
}

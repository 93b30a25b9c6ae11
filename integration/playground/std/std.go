// Package std has the form in which the playground's page gets packages of the
// standard library.
package std

// A Package is what the lowering of a program has to know of what it imports.
type Package struct {
	Export     []byte   // export data, as gcexportdata writes it
	Recovering []string // the functions that call recover
}

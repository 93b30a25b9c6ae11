// Package fn has the functions without any cleanup, nor the locking that would
// need it.
package fn

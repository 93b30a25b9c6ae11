// Package rewrite lowers defer statements to explicit calls.
package rewrite

// Package fn has the functions lowered by hand, as an expert would for a program
// in which nothing panics. Those that are there to show a panic are missing.
package fn

package random

// Reduce makes the program of a difference smaller.
func Reduce(r *Runner, d Difference) Program { return d.Program }

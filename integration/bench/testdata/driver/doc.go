// Package driver calls the functions under measurement. Each of its exported
// functions is one benchmark: it does n operations and returns what they came
// to. Its file is named like that of the functions in package fn. The names of
// those in which a panic is raised start with Panic. A line bench:sites tells how
// many sites an operation passes, where that is not one. A line bench:runs tells how many
// operations make a round: what needs a stack of megabytes makes it grow in the first.
package driver

package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

func main() {
	only := flag.String("bench", ".", "run only the benchmarks that match this regular expression")
	benchtime := flag.Duration("benchtime", 20*time.Millisecond, "how long a benchmark runs in each round")
	count := flag.Int("count", 15, "the number of rounds")
	keep := flag.String("o", "", "keep the modules below this directory")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := compare(*only, *benchtime, *count, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// compare makes the variants, measures them, and prints the tables.
func compare(only string, benchtime time.Duration, count int, keep string) error {
	re, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	if count < 1 {
		return errors.New("-count has to be at least 1")
	}
	dir, err := scratch(keep)
	if err != nil {
		return err
	}
	if keep == "" {
		defer os.RemoveAll(dir)
	}
	s, err := newSuite(dir, re)
	if err != nil {
		return err
	}
	times, err := s.measure(benchtime, count)
	if err != nil {
		return err
	}
	sizes, err := s.sizes()
	if err != nil {
		return err
	}
	s.report(os.Stdout, times, sizes)
	return nil
}

// scratch is the directory for the modules: a new one if the user names none.
func scratch(keep string) (string, error) {
	if keep == "" {
		return os.MkdirTemp("", "dedefer-bench")
	}
	dir, err := filepath.Abs(keep)
	if err != nil {
		return "", err
	}
	return dir, os.Mkdir(dir, 0o777)
}

// Command copier mirrors a directory with several workers.
//
//	copier [-j WORKERS] [-log FILE] SRC DST
//
// A file NAME.tmpl is expanded to NAME (see expand), parts NAME.part1,
// NAME.part2, ... are joined to NAME, all others are copied. Files that DST
// has already are left alone. A file that cannot be mirrored does not keep
// the others from it; the exit code is then 1.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	workers := flag.Int("j", 4, "number of files in work at once")
	logFile := flag.String("log", "", "append to this file what was done")
	flag.Parse()
	if flag.NArg() != 2 || *workers < 1 {
		fmt.Fprintln(os.Stderr, "usage: copier [-j WORKERS] [-log FILE] SRC DST")
		os.Exit(2)
	}
	if err := run(os.Stdout, flag.Arg(0), flag.Arg(1), *logFile, *workers); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run mirrors src to dst and prints what it did, to the log file too if there
// is to be one.
func run(w io.Writer, src, dst, logFile string, workers int) (err error) {
	if logFile != "" {
		log, err := os.OpenFile(logFile, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
		if err != nil {
			return err
		}
		defer log.Close()
		w = io.MultiWriter(w, log)
	}
	var report Report
	defer func() { err = errors.Join(err, report.Print(w)) }()
	return Mirror(src, dst, workers, &report)
}

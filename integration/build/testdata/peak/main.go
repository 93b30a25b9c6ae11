// Peak stands before the compiler: it writes down how much memory the process that
// started it has taken, with the package, and becomes the compiler.
//
//	dedefer toolexec -unwind=none peak/compile /go/compile -p PATH ...
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
)

func main() {
	if i := slices.Index(os.Args, "-p"); i > 0 {
		record(os.Args[i+1])
	}
	err := syscall.Exec(os.Args[1], os.Args[1:], os.Environ())
	fmt.Fprintln(os.Stderr, "peak:", err)
	os.Exit(1)
}

// record appends a line such as "net/http 89000 kB" to the file $PEAK. Where there
// is nothing to lower, the process that started this one is the go command.
func record(path string) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", os.Getppid()))
	if strings.HasPrefix(string(status), "Name:\tgo\n") {
		return
	}
	for line := range strings.Lines(string(status)) {
		if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			if f, err := os.OpenFile(os.Getenv("PEAK"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666); err == nil {
				fmt.Fprintln(f, path, strings.TrimSpace(kb))
				f.Close()
			}
		}
	}
}

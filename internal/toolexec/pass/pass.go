// Package pass becomes the tool that the go command wants to run, where that is not
// the compiler, before the rest of the program is initialised.
//
// The go command runs each tool by way of -toolexec, and asks five of them for their
// version in a build that has nothing else to do. Packages are initialised in the
// order of their import paths, as far as their imports allow. So this one comes
// before those that take time, for it imports no more than it must: not even strings.
package pass

// Tool returns the command line of the tool in one of dedefer, which has the form
//
//	dedefer toolexec -unwind=none -keep /path/to/asm -V=full
//
// It returns nil where the tool is the compiler, and where a flag may have its value
// in another argument.
func Tool(args []string) []string {
	if len(args) < 2 || args[1] != "toolexec" {
		return nil
	}
	for i, a := range args[2:] {
		switch {
		case a == "" || a[lastIndex(a, '/')+1:] == "compile":
			return nil
		case a[0] != '-':
			return args[2+i:]
		case index(a, '=') < 0 && a != "-goflags" && a != "-keep" && a != "-strict":
			return nil
		}
	}
	return nil
}

func index(s string, c byte) int {
	for i := range len(s) {
		if s[i] == c {
			return i
		}
	}
	return -1
}

func lastIndex(s string, c byte) int {
	i := len(s) - 1
	for i >= 0 && s[i] != c {
		i--
	}
	return i
}

//go:build unix

package pass

import (
	"os"
	"syscall"
)

func init() {
	tool := Tool(os.Args)
	if tool == nil {
		return
	}
	if lastIndex(tool[0], '/') >= 0 {
		become(tool[0], tool)
		return
	}
	path, _ := syscall.Getenv("PATH")
	for path != "" {
		dir := path
		if i := index(path, ':'); i >= 0 {
			dir, path = path[:i], path[i+1:]
		} else {
			path = ""
		}
		const executable = 1
		if name := dir + "/" + tool[0]; dir != "" && dir[0] == '/' && syscall.Access(name, executable) == nil {
			become(name, tool)
		}
	}
}

// become returns where there is no such program. Where there is none anywhere, main
// comes to the tool again, and says so.
func become(name string, args []string) { syscall.Exec(name, args, syscall.Environ()) }

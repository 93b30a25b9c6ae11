package main

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
)

func (a *app) versionCommand(_ context.Context, args []string) error {
	if len(args) > 0 {
		if args[0] == "-h" || args[0] == "-help" || args[0] == "--help" {
			return flag.ErrHelp
		}
		return usageErrorf("version takes no arguments, and got %q", args)
	}
	_, err := fmt.Fprintln(a.stdout, versionLine())
	return err
}

// version is that of the module, as far as the go command recorded it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func versionLine() string {
	line := "dedefer " + version()
	if info, ok := debug.ReadBuildInfo(); ok {
		line += revision(info.Settings)
	}
	return fmt.Sprintf("%s %s %s/%s", line, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// revision tells from what source the program was built, where that is known.
func revision(settings []debug.BuildSetting) string {
	values := make(map[string]string)
	for _, s := range settings {
		values[s.Key] = s.Value
	}
	rev := values["vcs.revision"]
	if rev == "" {
		return ""
	}
	if values["vcs.modified"] == "true" {
		rev += ", modified"
	}
	return " (revision " + rev + ")"
}

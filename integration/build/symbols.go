package build

import (
	"debug/elf"
	"debug/gosym"
	"encoding/binary"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// DeferCallers returns the functions of a linux/amd64 executable that call the
// Go runtime for defer statements, without those of the Go runtime itself, which is
// never lowered.
func DeferCallers(exe string) ([]string, error) {
	f, err := elf.Open(exe)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if f.Machine != elf.EM_X86_64 {
		return nil, fmt.Errorf("%s is for %v", exe, f.Machine)
	}
	text := f.Section(".text")
	code, err := text.Data()
	if err != nil {
		return nil, err
	}
	symbols, err := f.Symbols()
	if err != nil {
		return nil, err
	}
	targets := map[uint64]bool{}
	for _, s := range symbols {
		if strings.HasPrefix(s.Name, "runtime.deferproc") || s.Name == "runtime.deferreturn" {
			targets[s.Value] = true
		}
	}
	lines, err := f.Section(".gopclntab").Data()
	if err != nil {
		return nil, err
	}
	table, err := gosym.NewTable(nil, gosym.NewLineTable(lines, text.Addr))
	if err != nil {
		return nil, err
	}
	var callers []string
	found := false
	for _, s := range symbols {
		if elf.ST_TYPE(s.Info) == elf.STT_FUNC && s.Value >= text.Addr && s.Value+s.Size <= text.Addr+text.Size {
			from := s.Value - text.Addr
			if !callsAny(code[from:from+s.Size], s.Value, targets) {
				continue
			}
			found = true
			if file, _, _ := table.PCToLine(s.Value); !isGoRuntime(s.Name, file) {
				callers = append(callers, s.Name)
			}
		}
	}
	if !found {
		return nil, errors.New("no function calls the runtime for a defer statement, not even one of the runtime: the search is wrong")
	}
	slices.Sort(callers)
	return callers, nil
}

// callsAny looks for CALL instructions to targets in code that starts at addr.
func callsAny(code []byte, addr uint64, targets map[uint64]bool) bool {
	const call, size = 0xE8, 5
	for i := 0; i+size <= len(code); i++ {
		if code[i] == call {
			offset := int32(binary.LittleEndian.Uint32(code[i+1:]))
			if targets[addr+uint64(i)+size+uint64(int64(offset))] {
				return true
			}
		}
	}
	return false
}

// isGoRuntime reports whether a function is of the part of Go that is never lowered.
// That may give its functions the names of others: package runtime has one called
// internal/synctest.Run.
func isGoRuntime(function, file string) bool {
	dir := path.Dir(file)
	function = strings.TrimPrefix(function, "local.") // of a program that loads plugins
	return strings.HasPrefix(function, "runtime.") || strings.HasPrefix(function, "internal/runtime/") ||
		dir == "runtime" || strings.HasSuffix(dir, "/src/runtime")
}

// textSize returns the size of an executable's code.
func textSize(exe string) (uint64, error) {
	f, err := elf.Open(exe)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.Section(".text").Size, nil
}

package plan

// chooseWords decides how predeclared identifiers are written.
func chooseWords(d *draft) {
	w := &d.Words
	*w = Words{True: "true", False: "false", Bool: "bool", Tag: "uint8"}
	// Inside of literals nothing is known of what f declares.
	switch {
	case d.opts.Native || !d.predeclared("nil") || d.declares["nil"]:
	case d.predeclared("any") && !d.declares["any"] && d.goAtLeast("go1.18"):
		w.Any = "any"
	default:
		w.Any = "interface{}"
	}
	for _, name := range []string{"append", "len", "nil", "true", "false", "bool", "uint8", "uint16", "uint32", "uint64"} {
		w.Shadowed = w.Shadowed || !d.predeclared(name)
	}
	if !w.Shadowed {
		return
	}
	w.True, w.False, w.Bool = "1 == 1", "1 != 1", d.Unit.Runtime.Of("Bool")
	for _, name := range []string{"uint8", "int", "uint", "uint16", "int8", "int16", "int32", "uint32", "rune", "byte", "int64", "uint64", "uintptr"} {
		if d.predeclared(name) {
			w.Tag = name
			return
		}
	}
}

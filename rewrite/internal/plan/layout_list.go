package plan

// List is a linked list of records on the heap: where append and len mean something
// else, the plain way to write one is still there.
//
//	entries = &entry{next: entries, f: f}
//	pending++
var List = &Layout{Name: "list", OnHeap: true, Counted: true, Cost: CostFrame}

type list struct{}

func (list) fits(st *store) bool { return st.Words.Shadowed }

func (list) settle(st *store) {
	r := st.r
	r.Type = st.Names.Fresh("entry")
	r.Local = "type " + r.Type + " " + st.structText("next *"+r.Type)
}

func (list) explain(st *store, s *Site) { st.explainSize(s) }
func (list) name(st *store)             { st.nameElements() }

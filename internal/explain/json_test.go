package explain

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// TestDocumented checks that docs/explain.md names each field of the JSON, and its
// version.
func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/explain.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(page), "## JSON")
	if !ok {
		t.Fatal("docs/explain.md has no section about JSON")
	}
	text, table, _ := strings.Cut(text, "| kind |")
	if !strings.Contains(text, fmt.Sprintf("| `version` | %d.", Version)) {
		t.Errorf("the version is not %d there", Version)
	}
	named := map[string]bool{}
	for _, m := range regexp.MustCompile("`([a-z]+)`").FindAllStringSubmatch(text, -1) {
		named[m[1]] = true
	}
	if table == "" || len(named) < 20 {
		t.Fatalf("the section has %d names, and a table of %d bytes", len(named), len(table))
	}
	seen := map[reflect.Type]bool{}
	var check func(reflect.Type)
	check = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice:
			check(typ.Elem())
			return
		case reflect.Struct:
		default:
			return
		}
		if seen[typ] {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			f := typ.Field(i)
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && !named[name] {
				t.Errorf("%s: the field %s is not described", typ.Name(), name)
			}
			check(f.Type)
		}
	}
	check(reflect.TypeFor[Document]())
}

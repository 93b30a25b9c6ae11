package report

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/styles"
)

var update = flag.Bool("update", false, "write light.css and dark.css anew")

// highlighted are the types of tokens that view.Highlight tells apart.
var highlighted = []chroma.TokenType{
	chroma.Keyword, chroma.KeywordType, chroma.KeywordConstant, chroma.NameBuiltin, chroma.NameFunction,
	chroma.Comment, chroma.LiteralString, chroma.LiteralNumber,
}

// TestColors compares the style sheets with chroma's styles.
func TestColors(t *testing.T) {
	for name, have := range map[string]struct{ file, text string }{
		"github": {"light.css", light}, "github-dark": {"dark.css", dark},
	} {
		var b strings.Builder
		style := styles.Get(name)
		for _, typ := range highlighted {
			if c := style.Get(typ).Colour; c.IsSet() {
				b.WriteString(".code ." + chroma.StandardTypes[typ] + "{color:" + c.String() + "}\n")
			}
		}
		if *update {
			if err := os.WriteFile(have.file, []byte(b.String()), 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if have.text != b.String() {
			t.Errorf("%s has\n%s\nchroma's %s is\n%s", have.file, have.text, name, b.String())
		}
	}
}

package report

import (
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/styles"
)

// Colors returns the style sheet for what view.Highlight makes: chroma's style github, and
// github-dark where the page is dark.
var Colors = sync.OnceValue(func() string {
	light, dark := colors("github", ".code "), colors("github-dark", ".code ")
	return light + "@media (prefers-color-scheme:dark){" + strings.ReplaceAll(dark, ".code ", ":root:not([data-theme=light]) .code ") + "}\n" +
		strings.ReplaceAll(dark, ".code ", "[data-theme=dark] .code ")
})

// highlighted are the types of tokens that it knows.
var highlighted = []chroma.TokenType{
	chroma.Keyword, chroma.KeywordType, chroma.KeywordConstant, chroma.NameBuiltin, chroma.NameFunction,
	chroma.Comment, chroma.LiteralString, chroma.LiteralNumber,
}

func colors(style, prefix string) string {
	var b strings.Builder
	s := styles.Get(style)
	for _, typ := range highlighted {
		if c := s.Get(typ).Colour; c.IsSet() {
			b.WriteString(prefix + "." + chroma.StandardTypes[typ] + "{color:" + c.String() + "}\n")
		}
	}
	return b.String()
}

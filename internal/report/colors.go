package report

import (
	_ "embed"
	"strings"
)

// Colors returns the style sheet for what view.Highlight makes: chroma's style github, and
// github-dark where the page is dark. Paper is white.
func Colors() string {
	return light + "@media screen and (prefers-color-scheme:dark){" + strings.ReplaceAll(dark, ".code ", ":root:not([data-theme=light]) .code ") + "}\n@media screen{" +
		strings.ReplaceAll(dark, ".code ", "[data-theme=dark] .code ") + "}\n"
}

// light and dark are rules of chroma's styles. They are kept as text, since package
// styles reads all of its styles whenever a program starts, and each compile action of
// a build starts dedefer (TestColors).
var (
	//go:embed light.css
	light string
	//go:embed dark.css
	dark string
)

// Package web has the page of the playground, and its examples.
package web

import (
	_ "embed"
	"encoding/json"
	"io"
	"text/template"

	"github.com/dedefer/dedefer/internal/report"
)

var (
	//go:embed play.html
	playHTML string
	//go:embed play.css
	playCSS string
	//go:embed play.js
	playJS string

	playTemplate = template.Must(template.New("play").Parse(playHTML))
)

// A Page is the page to type into.
type Page struct {
	Engine string // script elements that call dedeferEngine with who lowers
	Server bool   // a server lowers
	Report bool   // there is a report at /
}

// Write writes the page.
func (p *Page) Write(w io.Writer) error {
	examples, err := Examples()
	if err != nil {
		return err
	}
	data, err := json.Marshal(map[string]any{"examples": examples, "server": p.Server})
	if err != nil {
		return err
	}
	return playTemplate.Execute(w, map[string]any{
		"CSS":    report.Style() + playCSS,
		"Script": report.Script() + playJS,
		"Data":   string(data),
		"Engine": p.Engine,
		"Server": p.Server,
		"Report": p.Report,
	})
}

package main

import (
	"fmt"
	"strings"
)

// A syntaxError is thrown as a panic from any depth of the parser.
type syntaxError struct {
	line int
	msg  string
}

func (e syntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.msg) }

// expand replaces ${NAME} in text by the variable's value and ${NAME:DEFAULT}
// by DEFAULT, itself expanded, where there is no such variable. Of a variable
// that is a list separated by commas, ${NAME/N} is the Nth element.
func expand(text string, vars map[string]string) (out string, err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case syntaxError:
			out, err = "", p
		default:
			panic(p)
		}
	}()
	p := &parser{text: text, vars: vars}
	return p.content(""), nil
}

type parser struct {
	text  string
	pos   int
	depth int
	vars  map[string]string
}

func (p *parser) fail(format string, args ...any) {
	panic(syntaxError{1 + strings.Count(p.text[:p.pos], "\n"), fmt.Sprintf(format, args...)})
}

// enter bounds how deep defaults can be nested; it returns what undoes it.
func (p *parser) enter() (leave func()) {
	if p.depth++; p.depth > 10 {
		p.fail("nested too deeply")
	}
	return func() { p.depth-- }
}

// content expands up to one of the bytes in end, or to the end of the text.
func (p *parser) content(end string) string {
	defer p.enter()()
	var b strings.Builder
	for p.pos < len(p.text) && !strings.ContainsRune(end, rune(p.text[p.pos])) {
		if strings.HasPrefix(p.text[p.pos:], "${") {
			b.WriteString(p.variable())
			continue
		}
		b.WriteByte(p.text[p.pos])
		p.pos++
	}
	return b.String()
}

func (p *parser) variable() string {
	start := p.pos
	p.pos += len("${")
	name := p.word()
	value, ok := p.vars[name]
	for {
		if p.pos == len(p.text) {
			p.pos = start
			p.fail("${%s is not closed", name)
		}
		c := p.text[p.pos]
		p.pos++
		switch c {
		case '}':
			if !ok {
				p.fail("no variable %q", name)
			}
			return value
		case ':':
			if other := p.content("}"); !ok {
				value, ok = other, true
			}
		case '/':
			var n int
			if _, err := fmt.Sscan(p.word(), &n); err != nil {
				p.fail("%s/ wants a number", name)
			}
			value = strings.Split(value, ",")[n-1]
		default:
			p.fail("unexpected %q after %s", c, name)
		}
	}
}

func (p *parser) word() string {
	start := p.pos
	for p.pos < len(p.text) && !strings.ContainsRune(":/}$ \n", rune(p.text[p.pos])) {
		p.pos++
	}
	return p.text[start:p.pos]
}

// Package goflags takes GOFLAGS apart.
package goflags

import (
	"fmt"
	"strings"
)

// Split returns the flags in GOFLAGS as the go command splits them (cmd/internal/quoted): at
// spaces, where a flag may stand in ” or "" as a whole.
//
//	-mod=mod '-gcflags=-N -l'        "-mod=mod", "-gcflags=-N -l"
//
// A quotation mark that is not closed is an error.
func Split(s string) (list []string, err error) {
	const spaces = " \t\r\n"
	for {
		s = strings.TrimLeft(s, spaces)
		if s == "" {
			return list, nil
		}
		if q := s[0]; q == '\'' || q == '"' {
			end := strings.IndexByte(s[1:], q)
			if end < 0 {
				return nil, fmt.Errorf("a quotation mark %c is not closed", q)
			}
			list = append(list, s[1:1+end])
			s = s[2+end:]
			continue
		}
		end := strings.IndexAny(s, spaces)
		if end < 0 {
			end = len(s)
		}
		list = append(list, s[:end])
		s = s[end:]
	}
}

// Join returns what Split takes apart into list.
func Join(list []string) string {
	var quoted []string
	for _, f := range list {
		switch {
		case !strings.ContainsAny(f, " \t\r\n"):
		case strings.Contains(f, "'"):
			f = `"` + f + `"`
		default:
			f = "'" + f + "'"
		}
		quoted = append(quoted, f)
	}
	return strings.Join(quoted, " ")
}

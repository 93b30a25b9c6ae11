package toolexec

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

// A Member is what the tool adds to the archive of a package, for those who
// import it. The linker and everybody else leaves out a member whose name they do not
// know. It is text, so that the same package gives the same bytes:
//
//	recover F
//	recover T.Close
//	changes 3 example.com/other
type Member struct {
	Recovering []string       // the functions that call recover, sorted
	Changes    map[string]int // what -unwind=none changes in packages outside the module that this one depends on, itself included
}

const memberName = "dedefer.facts" // an archive has room for 16 bytes

func (m *Member) empty() bool { return len(m.Recovering) == 0 && len(m.Changes) == 0 }

func (m *Member) text() []byte {
	var b bytes.Buffer
	for _, name := range m.Recovering {
		fmt.Fprintf(&b, "recover %s\n", name)
	}
	for _, path := range slices.Sorted(maps.Keys(m.Changes)) {
		fmt.Fprintf(&b, "changes %d %s\n", m.Changes[path], path)
	}
	return b.Bytes()
}

func parseMember(data []byte) (*Member, error) {
	m := &Member{Changes: map[string]int{}}
	for line := range bytes.Lines(data) {
		verb, rest, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		switch verb {
		case "recover":
			m.Recovering = append(m.Recovering, rest)
		case "changes":
			count, path, _ := strings.Cut(rest, " ")
			n, err := strconv.Atoi(count)
			if err != nil {
				return nil, err
			}
			m.Changes[path] = n
		default:
			return nil, fmt.Errorf("unknown line %q", line)
		}
	}
	return m, nil
}

// appendMember adds m to an archive, if it says anything.
func appendMember(archive string, m *Member) (err error) {
	if m.empty() {
		return nil
	}
	f, err := os.OpenFile(archive, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	data := m.text()
	entry := fmt.Appendf(nil, "%-16s%-12d%-6d%-6d%-8o%-10d`\n%s", memberName, 0, 0, 0, 0o644, len(data), data)
	if len(data)%2 == 1 {
		entry = append(entry, 0)
	}
	_, err = f.Write(entry)
	return err
}

// readMember returns what appendMember added: an empty one where there was
// nothing to say.
func readMember(archive string) (*Member, error) {
	f, err := os.Open(archive)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const magic, header = 8, 60
	head := make([]byte, header)
	for off := int64(magic); ; {
		if _, err := f.ReadAt(head, off); err == io.EOF {
			return &Member{}, nil
		} else if err != nil {
			return nil, err
		}
		size, err := strconv.ParseInt(strings.TrimSpace(string(head[48:58])), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: not an archive: %w", archive, err)
		}
		off += header
		if strings.TrimSpace(string(head[:16])) == memberName {
			data := make([]byte, size)
			if _, err := f.ReadAt(data, off); err != nil {
				return nil, err
			}
			m, err := parseMember(data)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", archive, memberName, err)
			}
			return m, nil
		}
		off += size + size&1
	}
}

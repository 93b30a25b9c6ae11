package plan

import "testing"

func TestPlural(t *testing.T) {
	for name, want := range map[string]string{
		"f": "fs", "x": "xs", "y": "ys", "key": "keys", "entry": "entries", "box": "boxes", "batch": "batches", "dash": "dashes", "conn1": "conn1s",
	} {
		if got := plural(name); got != want {
			t.Errorf("plural(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestNamedHint(t *testing.T) {
	for name, want := range map[string]string{
		"File": "file", "FSMSnapshot": "snapshot", "ReadCloser": "rc", "FileInfo": "info", "URL": "url", "DB": "db", "JSONError": "err", "T": "t", "Vec3": "result",
	} {
		if got := namedHint(name); got != want {
			t.Errorf("namedHint(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestLowerFirst(t *testing.T) {
	for name, want := range map[string]string{
		"Close": "close", "RWMutex": "rwMutex", "ID": "id", "URLs": "urls", "HTTPServer": "httpServer", "x": "x", "Éclair": "éclair", "": "",
	} {
		if got := lowerFirst(name); got != want {
			t.Errorf("lowerFirst(%q) = %q, want %q", name, got, want)
		}
	}
}

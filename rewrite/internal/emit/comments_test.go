package emit

import "testing"

func TestKeepComments(t *testing.T) {
	src := "package p // one\n\n// two\nfunc f() {} /* two */\n// two\n"
	for _, test := range []struct{ out, want string }{
		{src, src},
		{"package p // one\n\n//   two\nfunc f() {} /* two */\n// two\n", "package p // one\n\n//   two\nfunc f() {} /* two */\n// two\n"},
		{"package p\n\n// two\nfunc f() {}\n", "package p\n\n// two\nfunc f() {}\n\n// one\n\n/* two */\n\n// two\n"},
	} {
		got, strays := KeepComments([]byte(src), []byte(test.out))
		if string(got) != test.want || (len(strays) > 0) != (test.out != test.want) {
			t.Errorf("%q: %q, strays at %v", test.out, got, strays)
		}
	}
}

package goflags

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	for in, want := range map[string][]string{
		"":                             nil,
		" -v\t-x\n":                    {"-v", "-x"},
		`'-gcflags=-l -trimpath=$PWD'`: {"-gcflags=-l -trimpath=$PWD"},
		`"-ldflags=-X 'a=b'" -tags=x`:  {"-ldflags=-X 'a=b'", "-tags=x"},
		`-tags="a"`:                    {`-tags="a"`},
	} {
		got, err := Split(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	}
	if _, err := Split(`-v '-x`); err == nil {
		t.Error("no error where a quotation mark is not closed")
	}
}

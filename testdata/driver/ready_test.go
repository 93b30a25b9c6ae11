package baro

import "testing"

func TestReady(t *testing.T) {
	for range 6 {
		handleReady()
		if Ready.masked {
			t.Fatal("the interrupt stays masked")
		}
	}
	if n := Ready.Take(); n != most || Ready.Take() != 0 {
		t.Errorf("%d values", n)
	}
}

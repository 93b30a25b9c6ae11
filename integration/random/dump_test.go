package random

import (
	"flag"
	"fmt"
	"testing"
)

var dumpDir = flag.String("random.dump", "", "")

func TestDump(t *testing.T) {
	if *dumpDir == "" {
		t.Skip()
	}
	var ps []Program
	for i := range *nFlag {
		p, err := Generate(*seedFlag+int64(i), fmt.Sprintf("p%03d", i), minorOf(*seedFlag))
		if err != nil {
			t.Fatal(err)
		}
		ps = append(ps, p)
	}
	WriteModule(*dumpDir, minorOf(*seedFlag), ps)
}

//go:build !unix

package harness

import "os"

func maxRSS(*os.ProcessState) int64 { return 0 }

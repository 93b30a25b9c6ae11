module github.com/dedefer/dedefer

go 1.25.0

require (
	github.com/alecthomas/chroma/v2 v2.27.0
	github.com/dave/dst v0.27.4
	github.com/google/go-cmp v0.7.0
	github.com/rogpeppe/go-internal v1.16.0
	golang.org/x/mod v0.40.0
	golang.org/x/sync v0.22.0
	golang.org/x/sys v0.47.0
	golang.org/x/term v0.45.0
	golang.org/x/tools v0.49.0
)

require github.com/dlclark/regexp2/v2 v2.2.1 // indirect

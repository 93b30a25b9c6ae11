module example.com/baro

go 1.26.0

replace github.com/dedefer/dedefer => ../..

tool github.com/dedefer/dedefer/cmd/dedefer

require (
	github.com/dave/dst v0.28.0 // indirect
	github.com/dedefer/dedefer v0.0.0-00010101000000-000000000000 // indirect
	github.com/rogpeppe/go-internal v1.16.0 // indirect
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/term v0.47.0 // indirect
	golang.org/x/tools v0.52.0 // indirect
)

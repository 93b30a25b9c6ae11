package integration

// realModules are at their newest versions of November 2026.
var realModules = []realModule{
	{kind: "storage", path: "go.etcd.io/bbolt", version: "v1.5.0"},
	{kind: "storage", path: "github.com/tidwall/buntdb", version: "v1.3.0"},
	{kind: "web", path: "github.com/gin-gonic/gin", version: "v1.12.0", timed: true},
	{kind: "web", path: "github.com/go-chi/chi/v5", version: "v5.5.0"},
	{kind: "web", path: "github.com/labstack/echo/v5", version: "v5.4.4"},
	{kind: "web", path: "github.com/gorilla/websocket", version: "v1.5.3"},
	{
		kind: "web", path: "github.com/valyala/fasthttp", version: "v1.77.0",
		leave: map[string]string{"fasthttpproxy": "connects to hosts of the internet"},
	},
	{kind: "RPC", path: "connectrpc.com/connect", version: "v1.21.1"},
	{kind: "interpreter", path: "github.com/dop251/goja", version: "v0.0.0-20260917113740-793a2a65c13b"},
	{kind: "interpreter", path: "go.starlark.net", version: "v0.0.0-20260908191801-89a6a09411d5"},
	{kind: "interpreter", path: "github.com/yuin/gopher-lua", version: "v1.1.2"},
	{kind: "concurrency", path: "golang.org/x/sync", version: "v0.24.0"},
	{kind: "concurrency", path: "github.com/sourcegraph/conc", version: "v0.3.0"},
	{kind: "concurrency", path: "github.com/alitto/pond/v2", version: "v2.7.1"},
	{kind: "generics", path: "github.com/puzpuzpuz/xsync/v4", version: "v4.5.0"},
	{
		kind: "cgo", path: "github.com/mattn/go-sqlite3", version: "v1.14.53", cgo: true,
		env: []string{"CGO_CFLAGS=-O0"}, // the C library is compiled for each copy
	},
	{kind: "logging", path: "go.uber.org/zap", version: "v1.28.0", lines: "tests find their own line numbers in logs and stack traces"},
	{kind: "metrics", path: "github.com/prometheus/client_golang", version: "v1.25.0"},
	{kind: "command line", path: "github.com/spf13/cobra", version: "v1.10.2"},
	{kind: "files", path: "github.com/spf13/afero", version: "v1.15.0"},
}

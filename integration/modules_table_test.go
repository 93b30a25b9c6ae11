package integration

// realModules are at their newest versions of November 2026.
var realModules = []realModule{
	{kind: "storage", path: "go.etcd.io/bbolt", version: "v1.5.0"},
	{kind: "web", path: "github.com/gin-gonic/gin", version: "v1.12.0", timed: true},
	{kind: "web", path: "github.com/labstack/echo/v5", version: "v5.4.4"},
	{kind: "web", path: "github.com/gorilla/websocket", version: "v1.5.3"},
	{kind: "concurrency", path: "golang.org/x/sync", version: "v0.24.0"},
	{kind: "concurrency", path: "github.com/sourcegraph/conc", version: "v0.3.0"},
}

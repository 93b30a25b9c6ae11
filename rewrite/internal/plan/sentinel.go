package plan

// sentinels are error variables of the standard library, which declares them and assigns to
// none of them again.
var sentinels = map[string]bool{
	"context.Canceled": true, "context.DeadlineExceeded": true,
	"database/sql.ErrConnDone": true, "database/sql.ErrNoRows": true, "database/sql.ErrTxDone": true,
	"errors.ErrUnsupported": true,
	"io.EOF":                true, "io.ErrClosedPipe": true, "io.ErrNoProgress": true,
	"io.ErrShortBuffer": true, "io.ErrShortWrite": true, "io.ErrUnexpectedEOF": true,
	"io/fs.ErrClosed": true, "io/fs.ErrExist": true, "io/fs.ErrInvalid": true,
	"io/fs.ErrNotExist": true, "io/fs.ErrPermission": true,
	"net.ErrClosed":            true,
	"net/http.ErrServerClosed": true,
	"os.ErrClosed":             true, "os.ErrDeadlineExceeded": true, "os.ErrExist": true, "os.ErrInvalid": true,
	"os.ErrNotExist": true, "os.ErrPermission": true, "os.ErrProcessDone": true,
}

// quiet are functions that people defer most, and that run no code but their own.
var quiet = map[string]bool{
	"(*os.File).Close": true, "(*sync.Mutex).Unlock": true, "(*sync.RWMutex).RUnlock": true,
	"(*sync.RWMutex).Unlock": true, "(*sync.WaitGroup).Done": true,
}

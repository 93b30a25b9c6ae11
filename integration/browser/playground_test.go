package browser

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func clear(selector string) chromedp.Action {
	return chromedp.Evaluate(`(e => { e.value = ""; e.dispatchEvent(new Event("input", { bubbles: true })); })(document.querySelector("`+selector+`"))`, nil)
}

func blur() chromedp.Action { return chromedp.Evaluate("document.activeElement.blur()", nil) }

// serve starts dedefer serve in dir, and returns its URL.
func serve(t *testing.T, dir string, args ...string) string {
	t.Helper()
	name, err := dedefer()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(name, append([]string{"serve"}, args...)...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("dedefer serve: %v", err)
		}
	})
	return strings.TrimSpace(url)
}

const lowered = "document.documentElement.dataset.lowered && !document.body.classList.contains('stale')"

// out has the lowered program.
const out = "[...document.querySelectorAll('#out .cell')].map(c => c.textContent).join('\\n')"

// playground clicks through the page of a playground.
func playground(t *testing.T, p *tab) {
	t.Helper()
	p.until(lowered)
	if got := eval[string](p, out); !strings.Contains(got, "func copyFile(") || !strings.Contains(got, "r.Close()") {
		t.Errorf("lowered:\n%s", got)
	}

	// What is typed is lowered, and an error shows in its line.
	p.do(chromedp.SetValue("#src", "package main\n\nimport \"os\"\n\nfunc main() {\n\tdefer os.Remove(\"x\")\n\tprintln(y)\n}\n", chromedp.ByQuery))
	p.do(chromedp.Evaluate(`document.querySelector("#src").dispatchEvent(new Event("input"))`, nil))
	p.until("document.querySelector('#errors li')")
	if got := eval[string](p, "document.querySelector('#errors li').textContent"); got != "7:10: undefined: y" {
		t.Errorf("error %q", got)
	}
	p.until("document.querySelector('#under .err')")
	if got := eval[string](p, "document.querySelector('#under .err').textContent"); !strings.Contains(got, "println(y)") {
		t.Errorf("the line of the error is %q", got)
	}
	p.click("#errors li")
	p.key(kb.Delete)
	p.key("1")
	p.until("!document.querySelector('#errors li') && " + lowered)
	p.until("document.querySelector('#facts .card code')")
	if got := eval[string](p, "document.querySelector('#facts .card code').textContent"); got != `defer os.Remove("x")` {
		t.Errorf("site %q", got)
	}

	// Without a panic to think of there is no defer left.
	p.click("input[value=none]")
	p.until("!" + out + ".includes('defer') && " + lowered)

	// The link holds the program.
	p.until("location.hash.startsWith('#unwind=none&code=')")
	src := eval[string](p, "document.querySelector('#src').value")
	hash := eval[string](p, "location.hash")
	p.do(chromedp.Evaluate("location.hash = '#example=bounded_loops'", nil))
	p.until("document.querySelector('#src').value.includes('func counted(') && document.querySelector('input[value=native]').checked && " + lowered)
	p.do(chromedp.Evaluate("location.hash = '"+hash+"'", nil))
	p.until("document.querySelector('input[value=none]').checked && " + lowered)
	if got := eval[string](p, "document.querySelector('#src').value"); got != src {
		t.Errorf("the link holds %q, want %q", got, src)
	}

	// An example, and its graph.
	p.do(chromedp.Evaluate(`(e => { e.value = "conditional_defers_switches"; e.dispatchEvent(new Event("change")); })(document.querySelector("#example"))`, nil))
	p.until("document.querySelector('#src').value.includes('switch') && " + lowered)
	p.click("#graph")
	p.until("document.querySelector('#flow svg')")
	p.click("#graph")
}

func TestPlayground(t *testing.T) {
	url := serve(t, t.TempDir(), "-run")
	p := open(t, url+"play", 1500, 900, url)
	p.until(lowered)
	p.shot("playground.png")
	playground(t, p)

	p.do(chromedp.Evaluate("location.hash = '#example=args_evaluated_at_defer'", nil))
	p.until("document.querySelector('input[value=native]').checked && " + lowered)
	p.click("#run")
	p.until("document.querySelector('#result .same')")
	if n := eval[int](p, "document.querySelectorAll('#result pre').length"); n != 2 {
		t.Errorf("%d outputs", n)
	}
}

// TestLive changes a source while the report is looked at.
func TestLive(t *testing.T) {
	dir := write(t, map[string]string{"go.mod": module, "shelf.go": shelf})
	url := serve(t, dir)
	p := open(t, url, 1500, 900, url)
	p.until("document.documentElement.dataset.ready")
	text := strings.Replace(shelf, "func Clear", "func Changed() {\n\tdefer os.Remove(\"x\")\n}\n\nfunc Clear", 1)
	p.until("performance.now() > 4000") // it knows how the sources were
	if err := os.WriteFile(filepath.Join(dir, "shelf.go"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	// Between two pages there is nothing.
	p.until("document.querySelector('#count')?.textContent === '4 functions'")
}

// TestStatic opens the playground without a server, from the disk.
func TestStatic(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the lowering to WebAssembly")
	}
	dir := t.TempDir()
	cmd := exec.Command("go", "run", "./integration/playground", "-o", dir)
	cmd.Dir = root
	built, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, built)
	}
	p := open(t, fileURL(filepath.Join(dir, "index.html")), 1500, 900)
	p.until(lowered)
	t.Logf("%s; the engine was there after %s ms, for which the page's thread worked %.0f ms", strings.TrimSpace(string(built)), eval[string](p, "document.documentElement.dataset.engine"), p.thread())
	playground(t, p)
}

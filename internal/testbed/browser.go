package testbed

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long a browser may take for one thing.
const patience = 30 * time.Second

// browser is a Chromium of our own. The kernel kills it when we die: chromedp
// asks for that on Linux.
type browser struct {
	ctx    context.Context
	cancel context.CancelFunc
}

// missingBrowser says what is missing, and nothing when nothing is.
func missingBrowser() string {
	if chromium() == "" {
		return "chromium is not in PATH; on Debian: apt-get install chromium fonts-noto-cjk"
	}
	return ""
}

// chromium is the program of the browser.
func chromium() string {
	return program("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
}

// Browser is an empty tab of a headless Chromium, closed when the test ends. The
// tests of a process share one browser, but each tab is like a new person: it
// has cookies and a cache of its own. It reaches 127.0.0.1 and localhost only;
// what it asks of others fails, and stands in [Page.Requests]. See [Require].
func Browser(t testing.TB) *Page {
	t.Helper()
	Require(t, "browser")
	running, err := started.chromium()
	if err != nil {
		t.Fatalf("testbed: %v", err)
	}
	ctx, cancel := chromedp.NewContext(running.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	p := &Page{t: t, ctx: ctx}
	// The tab lives as long as the context that it is first used with.
	if err := errors.Join(chromedp.Do(ctx), chromedp.Listen(ctx, p.listen)); err != nil {
		t.Fatalf("testbed: %v", err)
	}
	p.Size(1280, 800, false)
	return p
}

// chromium is the running browser; it is started if there is none.
func (s *servers) chromium() (*browser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.browser == nil && s.failed == nil {
		s.browser, s.failed = startBrowser()
	}
	return s.browser, s.failed
}

// startBrowser starts Chromium and waits until it listens.
func startBrowser() (*browser, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium()),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ = chromedp.NewContext(ctx)
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		return nil, err
	}
	return &browser{ctx, cancel}, nil
}

// stop closes the browser and waits until it is gone with its folder.
func (b *browser) stop() error {
	defer b.cancel()
	return chromedp.Cancel(b.ctx)
}

package testbed

import (
	"context"
	_ "embed"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axe is axe-core 4.14.1 by Deque, under the MPL 2.0: see axe.LICENSE.
//
//go:embed axe.min.js
var axe string

// Page is a tab in which a test does what a person would. Every method fails the
// test when it does not come about within half a minute. Selectors are CSS and
// mean the first match; what is done with an element waits until it is visible.
type Page struct {
	t   testing.TB
	ctx context.Context

	mu          sync.Mutex
	requests    []string
	errors      []string
	transferred int64
}

// Violation is a rule of accessibility that a page breaks, as axe-core tells it.
type Violation struct {
	Rule, Impact, Help string
	// Where has the selector and the HTML of each element that breaks it.
	Where []string
}

// Open goes to an address and waits until the page is loaded.
func (p *Page) Open(address string) {
	p.t.Helper()
	p.do("open "+address, chromedp.Navigate(address))
}

// Size sets the size of what is visible, in CSS pixels. A mobile page is touched,
// and follows its viewport tag.
func (p *Page) Size(width, height int, mobile bool) {
	p.t.Helper()
	var options []chromedp.EmulateViewportOption
	if mobile {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	p.do("size", chromedp.EmulateViewport(int64(width), int64(height), options...))
}

// Lang sets the languages that the person reads, best first, such as
// "zh-CN,en", from the next request on. The browser adds the weights.
func (p *Page) Lang(accept string) {
	p.t.Helper()
	var agent string
	p.Eval("navigator.userAgent", &agent)
	call(p, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: accept})
}

// Dark says whether the person likes dark pages.
func (p *Page) Dark(dark bool) {
	p.t.Helper()
	scheme := map[bool]string{true: "dark", false: "light"}[dark]
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

// NoScript switches the scripts of the pages off or on. Axe needs them.
func (p *Page) NoScript(off bool) {
	p.t.Helper()
	call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off})
}

// Type types behind what is in a field; "\t" and "\n" are the keys Tab and Enter.
func (p *Page) Type(selector, text string) {
	p.t.Helper()
	p.do("type into "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Upload chooses a file in a file field.
func (p *Page) Upload(selector, path string) {
	p.t.Helper()
	p.do("upload into "+selector, chromedp.SetUploadFiles(chromedp.CSS(selector), []string{path}))
}

// Press presses keys wherever the focus is.
func (p *Page) Press(keys string) {
	p.t.Helper()
	p.do("press keys", chromedp.KeyEvent(keys))
}

// Click clicks an element. When that leads to another page, see Follow.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Follow clicks a link or a button and waits until the page behind it is loaded.
func (p *Page) Follow(selector string) {
	p.t.Helper()
	do(p, "follow "+selector, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Click(chromedp.CSS(selector))))
}

// Wait waits until an element is visible.
func (p *Page) Wait(selector string) {
	p.t.Helper()
	p.do("wait for "+selector, chromedp.WaitVisible(chromedp.CSS(selector)))
}

// Text is the text of an element as a person sees it.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return do(p, "text of "+selector, chromedp.Text(chromedp.CSS(selector)))
}

// Eval runs a script, waits for it if it is a promise, and puts its value into
// out, which is a pointer as for [json.Unmarshal], or nil.
func (p *Page) Eval(script string, out any) {
	p.t.Helper()
	value := do(p, "script", chromedp.Evaluate[[]byte](script, chromedp.EvalAwaitPromise))
	if out == nil {
		return
	}
	if err := json.Unmarshal(value, out); err != nil {
		p.t.Fatalf("value %s of script %s: %v", value, script, err)
	}
}

// Screenshot writes the whole page as a PNG file.
func (p *Page) Screenshot(path string) {
	p.t.Helper()
	picture := do(p, "screenshot", chromedp.FullScreenshot(100))
	if err := os.WriteFile(path, picture, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// Axe is what axe-core finds wrong with the page as it is.
func (p *Page) Axe() []Violation {
	p.t.Helper()
	p.Eval(axe+";null", nil)
	var found []Violation
	p.Eval(`axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.map(v => ({
		Rule: v.id, Impact: v.impact, Help: v.help, Where: v.nodes.map(n => n.target.join(" ") + " " + n.html)})))`, &found)
	return found
}

// Requests is every address that the tab has asked for since it was made, in
// order, except data: addresses.
func (p *Page) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

// ConsoleErrors is what the tab has complained of since it was made: errors of
// scripts, of the content security policy, of loading, and console.error.
func (p *Page) ConsoleErrors() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.errors)
}

// Transferred is how many bytes came over the wire for the tab since it was made,
// headers included, compressed as they were.
func (p *Page) Transferred() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.transferred
}

// listen notes what the browser reports. It must not call the browser.
func (p *Page) listen(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "data:") {
			p.requests = append(p.requests, e.Request.URL)
		}
	case *network.EventLoadingFinished:
		p.transferred += int64(e.EncodedDataLength)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			p.errors = append(p.errors, e.Entry.Text+" "+e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		p.errors = append(p.errors, exception(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			p.errors = append(p.errors, spoken(e.Args))
		}
	}
}

// exception is an error of a script in words.
func exception(e *runtime.ExceptionDetails) string {
	if e.Exception != nil {
		return e.Text + " " + e.Exception.Description
	}
	return e.Text
}

// spoken is what a script said to the console.
func spoken(args []*runtime.RemoteObject) string {
	var words []string
	for _, arg := range args {
		word := arg.Description
		if word == "" && json.Unmarshal(arg.Value, &word) != nil {
			word = string(arg.Value)
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// do runs an action that has no value.
func (p *Page) do(what string, action chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	do(p, what, action)
}

// do runs an action and is its value; it fails the test when it does not work.
func do[T any](p *Page, what string, action chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
	return value
}

// call runs a command of the protocol.
func call[P any](p *Page, command cdp.Command[P, cdp.Empty], params P) {
	p.t.Helper()
	do(p, command.Method, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, t, command, params)
	})
}

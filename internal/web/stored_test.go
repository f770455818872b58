package web

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// naughty packs all naughty strings into texts of at most so many characters, each
// whole; what no field takes, such as control characters, is left out.
func naughty(t *testing.T, limit int) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(testbed.Shared(t), "data", "blns", "blns.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all, texts []string
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	all = append(all, `"><img src=x onerror=alert(1)>`, `'-alert(1)-'`, `</textarea><script>alert(1)</script>`, `{{.}}`, `javascript:alert(1)`)
	for _, s := range all {
		s = strings.TrimSpace(clean(s))
		if s == "" || utf8.RuneCountInString(s) > limit || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			continue
		}
		if n := len(texts); n > 0 && utf8.RuneCountInString(texts[n-1])+1+utf8.RuneCountInString(s) <= limit {
			texts[n-1] += " " + s
		} else {
			texts = append(texts, s)
		}
	}
	return texts
}

// foreignParts lists what no page of ours has, and what a text that became markup
// would bring.
const foreignParts = `(() => {
	const bad = [];
	for (const e of document.querySelectorAll("*")) {
		for (const a of e.attributes) {
			if (/^on/i.test(a.name) || a.name === "style" || a.name === "srcdoc") bad.push(e.tagName + " " + a.name);
			if (["href", "src", "action", "formaction", "xlink:href", "data"].includes(a.name) && /^[\s\u0000-\u001f]*(javascript|vbscript|data):/i.test(a.value)) bad.push(e.tagName + " " + a.value);
		}
		if (["IMG", "IFRAME", "OBJECT", "EMBED", "BASE", "STYLE", "VIDEO", "AUDIO", "MARQUEE", "BLINK", "APPLET", "FRAMESET", "ISINDEX"].includes(e.tagName)) bad.push(e.tagName);
		if (e.tagName === "SCRIPT" && !/^\/assets\//.test(e.getAttribute("src") || "")) bad.push("SCRIPT");
	}
	return bad.join("; ");
})()`

// Stored XSS: all naughty strings in every field that a person fills in, as those
// see them to whom they are shown.
func TestStoredXSS(t *testing.T) {
	testbed.Require(t, "browser")
	w := newWorld(t)
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	base := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	w.sow()
	for _, c := range []struct {
		who   string
		paths []string
	}{
		{"visitor", []string{"/map", "/institutions/NAUGHTY", "/courses/3650990001:NAUGHTY0", "/courses/3650990001:NAUGHTY9", "/map?q=%3Cscript%3E", "/plan?to=%3Cscript%3E&r=%22%3E%3Cimg%20src=x%20onerror=1%3E"}},
		{"registrar", []string{"/school", "/school/learners", "/school/learners/N0", "/school/learners/N5", "/school/staff", "/school/corrections", "/school/proposals"}},
		{"decider", []string{"/school/proposals", "/school/corrections"}},
		{"administrator", []string{"/admin/people", "/admin/tokens", "/admin/proposals", "/audit"}},
		{"auditor", []string{"/audit", "/admin/proposals", "/admin/people"}},
		{"learner", []string{"/my", "/my/looks", "/my/corrections", "/my/grants", "/my/entries", "/my/data"}},
	} {
		p := testbed.Browser(t)
		w.comesIn(p, base, c.who)
		shown := false
		for _, path := range c.paths {
			p.Open(base + path)
			shown = w.unharmed(p, c.who+" at "+path) || shown
			for page := 0; page < 8; page++ { // the rest of a list
				var next string
				p.Eval(`(document.querySelector(".pager a[rel=next], .pager a:last-of-type") || {}).href || ""`, &next)
				if next == "" || !strings.Contains(next, "after=") && !strings.Contains(next, "cursor=") {
					break
				}
				p.Open(next)
				shown = w.unharmed(p, c.who+" at "+path+" further on") || shown
			}
		}
		if !shown {
			t.Errorf("the %s is shown none of it", c.who)
		}
		for _, line := range p.ConsoleErrors() {
			if strings.Contains(line, "Content Security Policy") {
				t.Errorf("%s: %s", c.who, line)
			}
		}
	}
}

// unharmed wants a page without anything that a text brought in, and says whether
// such texts stand there, as text.
func (w *world) unharmed(p *testbed.Page, where string) (shown bool) {
	w.t.Helper()
	var bad string
	if p.Eval(foreignParts, &bad); bad != "" {
		w.t.Errorf("%s has %.300s", where, bad)
	}
	text := p.Text("main")
	return strings.Contains(text, "<script>") || strings.Contains(text, "onerror")
}

// comesIn signs somebody in, in a browser.
func (w *world) comesIn(p *testbed.Page, base, who string) {
	w.t.Helper()
	for _, someone := range w.people {
		if someone.name != who || someone.role == 0 {
			continue
		}
		w.later(time.Minute)
		p.Open(base + "/login")
		p.Type("#name", who)
		p.Type("#password", goodPassword)
		p.Follow("#door .button.main")
		if someone.app != "" {
			p.Type("#code", someone.in.code(someone.app))
			p.Follow("main .button.main")
		}
	}
}

// sow puts the strings wherever people write.
func (w *world) sow() {
	t, ctx := w.t, w.t.Context()
	names, words := naughty(t, 150), naughty(t, 450)
	fill(t, w.bank, "institutions", "code,name,kind\nNAUGHTY,"+cell(names[0])+",overseas\n")
	courses, learners := "institution,code,name,credits,outline\n", "account,name,institution\n"
	for i, name := range names {
		courses += fmt.Sprintf("%s,NAUGHTY%d,%s,1,%s\n", yunfan, i, cell(name), cell(words[i%len(words)]))
		learners += fmt.Sprintf("N%d,%s,%s\n", i, cell(name), yunfan)
	}
	fill(t, w.bank, "courses", courses)
	fill(t, w.bank, "learners", learners)
	administrator := bank.Actor{Name: "u:ruler", Login: "ruler", Roles: bank.IsAdministrator}
	registrar := bank.Actor{Name: "u:sower", Login: "sower", Roles: bank.IsRegistrar, Institution: yunfan}
	for i, text := range words {
		account := fmt.Sprint("N", i)
		if i < 10 {
			account = ownLearner
		}
		_, err := w.bank.RequestCorrection(ctx, w.learnerActor(account), bank.NewCorrection{Field: "name", Value: names[i%len(names)], Why: text})
		w.taken(err)
		_, err = w.bank.Propose(ctx, administrator, bank.Proposal{Kind: "policy", Reason: text, Args: map[string]string{"file": "policies", "scope": "bank", "valid_from": fmt.Sprintf("2027-01-%02d", i%28+1), "min_grade": "60"}})
		w.taken(err)
	}
	for i, text := range names {
		_, err := w.bank.Invite(ctx, operator, bank.NewInvitation{Name: text, Grants: []bank.RoleGrant{{Role: bank.IsExpert, Institution: yunfan}}})
		w.taken(err)
		_, _, err = w.bank.AddToken(ctx, operator, bank.NewToken{Name: text, Institution: yunfan})
		w.taken(err)
		_, err = w.bank.RevealLearner(ctx, registrar, ownLearner, text)
		w.taken(err)
		if i < 20 {
			_, _, err = w.bank.AddShare(ctx, w.learnerActor(ownLearner), bank.NewShare{Note: text, Agreed: true})
			w.taken(err)
		}
	}
}

// taken wants a text to be taken, or refused as one that a field does not take.
func (w *world) taken(err error) {
	w.t.Helper()
	if err != nil && bank.CodeOf(err) != bank.Invalid && bank.CodeOf(err) != bank.TooMany && bank.CodeOf(err) != bank.Conflict {
		w.t.Fatal(err)
	}
}

// cell is a text as a cell of CSV.
func cell(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }

package web

import (
	"regexp"
	"strings"
	"testing"
)

// notKept are the forms in which people type and that are not kept, each with why.
// They are named by their page and where they are sent. Searches are not kept either.
var notKept = map[string]string{
	"claim.html /claim":                "a code, a new password and what proves who somebody is",
	"invitation.html ":                 "a new password",
	"login.html /login":                "a password",
	"account.html /account/password":   "passwords",
	"_form.html {{.Page}}":             "what is asked stands in the address, also for who is not signed in",
	"regional.html /regional/look":     "a purpose is said anew for each file",
	"evaluation_edit.html {{.Action}}": "the editor keeps what it holds itself",
}

var (
	postedForm   = regexp.MustCompile(`(?s)<form\b[^>]*method="post"[^>]*>.*?</form>`)
	formAction   = regexp.MustCompile(`action="((?:[^"{]|\{\{.*?\}\})*)"`)
	templateCall = regexp.MustCompile(`\{\{template "([^"]+)"([^}]*)\}\}`)
	oneInput     = regexp.MustCompile(`<input\b[^>]*>`)
	notTyped     = regexp.MustCompile(`type="(hidden|checkbox|radio|file|date)"|readonly`)
)

// partsOf are the parts of templates by the names by which others call them.
func partsOf(pages map[string]string) map[string]string {
	parts := map[string]string{}
	for _, text := range pages {
		for _, part := range strings.Split(text, `{{define "`)[1:] {
			name, body, _ := strings.Cut(part, `"}}`)
			parts[name] = body
		}
	}
	return parts
}

// typedInto counts what can be typed into a piece of a form: lines and passages.
func typedInto(text string, parts map[string]string) (lines, passages int) {
	passages = strings.Count(text, "<textarea")
	for _, input := range oneInput.FindAllString(text, -1) {
		if !notTyped.MatchString(input) {
			lines++
		}
	}
	for _, call := range templateCall.FindAllStringSubmatch(text, -1) {
		if call[1] == "input" && strings.Contains(call[2], `"Kind" "date"`) {
			continue
		}
		more, longer := typedInto(parts[call[1]], parts)
		lines, passages = lines+more, passages+longer
	}
	return lines, passages
}

// What somebody typed into a form of several fields, or of a passage, comes back after a
// reload, a way back or another login: all such forms are kept, but those that say why not.
func TestEveryTypedFormIsKept(t *testing.T) {
	pages := pageTexts(t)
	parts := partsOf(pages)
	var kept int
	excused := map[string]bool{}
	for page, text := range pages {
		for _, form := range postedForm.FindAllString(text, -1) {
			opening, _, _ := strings.Cut(form, "\n")
			action := page + " " + formAction.FindStringSubmatch(opening + ` action=""`)[1]
			if strings.Contains(opening, `role="search"`) {
				continue
			}
			keeps, tells := strings.Contains(form, ` data-keep="`), strings.Contains(form, `{{template "brought`)
			if keeps != tells {
				t.Errorf("%s is kept: %v, says that it came back: %v", action, keeps, tells)
			}
			if keeps {
				kept++
				continue
			}
			if notKept[action] != "" {
				excused[action] = true
			} else if lines, passages := typedInto(form, parts); passages > 0 || lines > 1 {
				t.Errorf("%s loses %d lines and %d passages", action, lines, passages)
			}
		}
	}
	for action := range notKept {
		if !excused[action] {
			t.Errorf("there is no such form any more: %s", action)
		}
	}
	if kept < 40 {
		t.Errorf("only %d forms are kept", kept)
	}
}

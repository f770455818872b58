package web

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/BurntSushi/toml"

	"creditbank/internal/bank"
	"creditbank/templates"
)

// sentences are the forms of every sentence of a language: key → form → text.
func sentences(t *testing.T, tag string) map[string]map[string]string {
	t.Helper()
	var raw map[string]any
	if _, err := toml.DecodeFS(templates.FS, "lang/"+tag+".toml", &raw); err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for key, value := range raw {
		switch value := value.(type) {
		case string:
			all[key] = map[string]string{"other": value}
		case map[string]any:
			all[key] = map[string]string{}
			for form, text := range value {
				all[key][form], _ = text.(string)
			}
		}
	}
	return all
}

var placeholder = regexp.MustCompile(`\.([A-Z][A-Za-z]*)`)

// Both languages say the same things, about the same values.
func TestLanguagesAgree(t *testing.T) {
	zh, en := sentences(t, "zh-CN"), sentences(t, "en")
	values := func(forms map[string]string) []string {
		found := map[string]bool{}
		for _, text := range forms {
			for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
				found[m[1]] = true
			}
		}
		return slices.Sorted(maps.Keys(found))
	}
	for key := range zh {
		if en[key] == nil {
			t.Errorf("English lacks %s", key)
		} else if a, b := values(zh[key]), values(en[key]); !slices.Equal(a, b) {
			t.Errorf("%s speaks of %v in Chinese and of %v in English", key, a, b)
		}
	}
	for key, forms := range en {
		if zh[key] == nil {
			t.Errorf("Chinese lacks %s", key)
		}
		if strings.Contains(forms["other"], ".Count") && forms["one"] == "" {
			t.Errorf("%s does not say how one is counted in English", key)
		}
		if strings.ContainsFunc(forms["other"], func(r rune) bool { return unicode.Is(unicode.Han, r) }) && key != "site.other_language" && key != "field.flag" && key != "column.flag" {
			t.Errorf("%s is Chinese in English: %s", key, forms["other"])
		}
	}
}

var (
	keyInPage = regexp.MustCompile(`\b(?:t|Say) "([^"]+)"`)
	keyInCode = regexp.MustCompile(`"((?:cli|error|check|step|site)\.[a-z_.]+)"|Say\("([^"]+)"`)
)

// pageTexts are the templates of pages by the names of their files.
func pageTexts(t *testing.T) map[string]string {
	t.Helper()
	files, err := fs.Glob(templates.FS, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, file := range files {
		text, err := fs.ReadFile(templates.FS, file)
		if err != nil {
			t.Fatal(err)
		}
		texts[file] = string(text)
	}
	return texts
}

// usedKeys are the keys that pages and programs name outright.
func usedKeys(t *testing.T) map[string]string {
	t.Helper()
	used := map[string]string{}
	read := func(file string, text []byte, pattern *regexp.Regexp) {
		for _, m := range pattern.FindAllStringSubmatch(string(text), -1) {
			if key := strings.Join(m[1:], ""); !strings.HasSuffix(key, ".") && !strings.HasSuffix(key, "_") {
				used[key] = file
			}
		}
	}
	for name, text := range pageTexts(t) {
		read(name, []byte(text), keyInPage)
	}
	for _, folder := range []string{".", "../bank", "../../cmd/creditbank"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(name, "_test.go") {
				read(name, text, keyInCode)
			}
		}
	}
	return used
}

// codedKeys are the keys that are made of a prefix and a code.
func codedKeys() []string {
	var keys []string
	add := func(prefix string, codes ...string) {
		for _, code := range codes {
			keys = append(keys, prefix+"."+code)
		}
	}
	add("state", "matched", "earned", "not_evaluated", "refused", "conditional", "expired", "used", "not_used")
	add("outcome", "credit", "refused", "pending")
	add("kind", slices.Concat(bank.InstitutionKinds(), bank.RecordKinds())...)
	add("refusal", bank.ReasonCodes()...)
	add("reason", "matched", "earned", "no_rule", "pending", "refused", "refused_note", "incomplete_set", "grade_below", "grade_below_none", "level_gate", "expired",
		"outside_window", "already_used", "better_elsewhere", "cap", "never_exempt", "grade_above", "not_passed", "no_gain", "no_gain_held", "better_attempt", "better_way",
		"missed", "grade_above_none")
	add("lack", "none", "incomplete_set", "grade_below", "grade_below_none", "grade_above", "grade_above_none", "expired", "outside_window", "already_used", "not_passed",
		"earned", "no_gain")
	add("step", "no_rule", "pending", "refused", "incomplete_set", "grade_below", "level_gate", "expired", "outside_window", "cap", "never_exempt", "not_passed")
	add("finding", findings...)
	add("place", places[:]...)
	add("role", bank.RoleNames()...)
	add("audit", bank.AuditActions()...)
	add("who", "my", "school", "admin", "audit")
	for _, kind := range []bank.InvitationKind{bank.InviteStaff, bank.InviteRecovery, bank.InviteFirst} {
		add("invitation", "title_"+string(kind), "lead_"+string(kind), "send_"+string(kind))
	}
	for _, done := range accountDone {
		add("account", "done_"+done)
	}
	add("my", prefixed("done_", slices.Concat(grantDone, requestDone, correctionDone, goalDone, consentDone, erasureDone))...)
	add("statistics", "origins", "origins_text", "deciders", "deciders_text")
	add("apply", prefixed("done_", slices.Clone(applyDone))...)
	add("application", prefixed("done_", slices.Clone(applicationDone))...)
	add("application", prefixed("show_", slices.Clone(inboxShows))...)
	add("application", "step_submitted", "step_waits_school", "step_waits_appeal", "step_may_appeal", "step_decided_first", "step_decided_automatic", "step_condition_over", "step_decided_condition",
		"step_decided_appeal", "step_decided_correction", "step_appeal_open", "step_appeal_decided", "step_appeal_withdrawn", "step_withdrawn")
	add("application.state", append(bank.ApplicationStates(), "waiting")...)
	add("application.item", append(bank.Outcomes(), bank.ItemOpen)...)
	add("request.state", bank.RequestStates()...)
	add("type", "object", "array", "integer", "boolean", "string")
	add("note", bank.NoteCodes()...)
	add("error.not_found", "upload")
	add("desk", prefixed("done_", slices.Clone(importDone))...)
	add("import", prefixed("kind_", append(bank.Kinds(), bank.OneRoster))...)
	add("import", "state_staged", "state_checked", "state_committed", "state_undone", "state_dropped", "ended_failed", "ended_cancelled", "ended_interrupted")
	add("column", bank.ColumnForms()...)
	add("template", "fill_in", "examples", "refused", "required")
	add("separator", "comma", "semicolon", "tab")
	add("error.not_found", "institution", "programme", "course", "equivalence", "learner", "version", "tile", "entry", "checkpoint", "token", "share", "retention", "correction", "result")
	keys = append(keys, ownDataKeys()...)
	add("error.not_found", "proposal")
	add("error.not_found", "attachment")
	add("error.not_found", "evaluation", "request")
	add("error.not_found", "flag")
	keys = append(keys, clockKeys()...)
	add("error.not_found", "application", "decision", "consequence")
	keys = append(keys, deskKeys()...)
	for _, line := range (desk{}).todoTable(bank.ToDo{}) {
		keys = append(keys, line.Key)
	}
	keys = append(keys, mapDeskKeys()...)
	keys = append(keys, jobKeys()...)
	keys = append(keys, listKeys()...)
	keys = append(keys, regionalKeys()...)
	keys = append(keys, priorKeys()...)
	keys = append(keys, attestationKeys()...)
	add("error.not_found", "login", "invitation", "device", "passkey", "seat")
	for _, level := range fieldLevels() {
		for _, class := range level.Classes {
			keys = append(keys, class.Key)
		}
	}
	return keys
}

// prefixed are the codes behind a prefix.
func prefixed(prefix string, codes []string) []string {
	for i := range codes {
		codes[i] = prefix + codes[i]
	}
	return codes
}

// findings are the codes of docs/ledger-format.md: all that can be wrong with a ledger; and, with a
// sentence of its own, what can be wrong with a result beside its entries.
var findings = []string{"missing", "needless", "too_long", "not_text", "not_word", "out_of_range", "unknown", "misfit", "other_owner", "not_issuer", "not_batch", "apart",
	"absent", "standing", "elsewhere", "overdraft", "part", "no_such_entry", "reversed_twice", "reverses_again", "not_swapped", "superseded", "unfinished", "not_in_order",
	"balance_differs", "gap", "repeated", "bytes_differ", "leaf_differs", "node_differs", "unlogged", "head_differs", "truncated", "bad_form", "unknown_key", "bad_signature",
	"retired_key", "other_log", "not_proven", "bad_key", "outside_of_log", "audit_gap", "link_differs", "audit_head_differs", "audit_truncated",
	"decision_differs", "not_replayed", "item_differs",
	"kept_standing", "kept_content", "kept_salt", "kept_score"}

// Every key that is used has a sentence, and no sentence of a page lies unused.
func TestEveryKeyHasASentence(t *testing.T) {
	known, used := sentences(t, "en"), usedKeys(t)
	for _, key := range codedKeys() {
		used[key] = "a code"
	}
	for key, file := range used {
		if known[key] == nil && !strings.HasSuffix(key, "not_found.") {
			t.Errorf("%s uses %s, which has no sentence", file, key)
		}
	}
	for key := range known {
		if used[key] == "" && !strings.HasPrefix(key, "field.") && !strings.HasPrefix(key, "lint.") {
			t.Errorf("nothing says %s", key)
		}
	}
}

// What the bank finds wrong with a field has a sentence, in the words of its code.
func TestEveryFaultOfAFieldHasASentence(t *testing.T) {
	known, found := sentences(t, "en"), 0
	fault := regexp.MustCompile(`(?:fault|invalidField)\("[a-z_]+", [^"\n]*, "([a-z_]+)", |readField\([^"\n]*"[a-z_]+", [^"\n]*, "([a-z_]+)", `)
	files, err := filepath.Glob("../bank/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, of := range fault.FindAllStringSubmatch(string(source), -1) {
			found++
			if code := of[1] + of[2]; known["field."+code] == nil {
				t.Errorf("%s finds %q, which has no sentence", filepath.Base(name), code)
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d were found", found)
	}
}

// Words stand in the language files alone.
func TestNoWordsInTemplates(t *testing.T) {
	err := fs.WalkDir(templates.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(name, "lang/") {
			return err
		}
		text, err := fs.ReadFile(templates.FS, name)
		for _, line := range strings.Split(string(text), "\n") {
			if strings.ContainsFunc(line, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				t.Errorf("%s holds Chinese: %s", name, line)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

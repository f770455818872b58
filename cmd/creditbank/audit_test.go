package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What was done can be listed, narrowed and taken along.
func TestAuditCommand(t *testing.T) {
	folder := t.TempDir()
	db := "--db=sqlite:" + filepath.Join(folder, "bank.db")
	schools := filepath.Join(folder, "schools.csv")
	if err := os.WriteFile(schools, []byte("code,name,kind\n4150000001,School,higher_vocational\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(status int, args ...string) string {
		t.Helper()
		var out, said strings.Builder
		if got := run(t.Context(), append([]string{db, "--lang=en"}, args...), &out, &said); got != status {
			t.Fatalf("%v: status %d: %s", args, got, said.String())
		}
		return out.String()
	}
	run(0, "import", "institutions", schools)
	if lines := run(0, "audit", "list", "--action=import"); !strings.HasPrefix(lines, "1 ") || !strings.Contains(lines, "operator") || !strings.Contains(lines, "import institutions") {
		t.Errorf("listed:\n%s", lines)
	}
	var list struct {
		Items []listedAudit
		Total int
	}
	learners := filepath.Join(folder, "learners.csv")
	if err := os.WriteFile(learners, []byte("account,name\nL1,A\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run(0, "import", "learners", learners)
	for subject, want := range map[string]int{"L1": 1, "a name": 0} { // the search itself is noted, about an account
		if err := json.Unmarshal([]byte(run(0, "audit", "list", "--json", "--action=audit.search", "--subject="+subject)), &list); err != nil || list.Total != want {
			t.Errorf("of %s: %+v, %v", subject, list, err)
		}
	}
	out := filepath.Join(folder, "audit.csv")
	run(0, "audit", "export", "--out="+out)
	text, err := os.ReadFile(out)
	if err != nil || !strings.Contains(string(text), "number,at,actor") || !strings.Contains(string(text), ",import,institutions,") {
		t.Errorf("%s, %v", text, err)
	}
	run(1, "audit", "list", "--from=yesterday")
}

package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// A registrar registers a course by form with a file, pastes three, one of which is
// wrong, and changes the credits of a course on which a rule stands: what that touches
// is said before, the rule is flagged, and the receiving school confirms it.
func TestCoursesInABrowser(t *testing.T) {
	outline := filepath.Join(t.TempDir(), "outline.txt")
	if err := os.WriteFile(outline, []byte("1. Sets"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, view := range views {
		s, base := doors(t)
		fill(t, s.bank, "institutions", "code,name,kind\n"+theCentre+",学分银行,bank\n")
		rosa, renate := s.staff("rosa", registrar), s.staff("renate", bank.RoleGrant{Role: bank.IsRegistrar, Institution: yuntu})
		p := viewer(t, view.width, view.tag, view.dark)
		look := func(name string) { t.Helper(); looked(t, p, name, view.tag, view.width) }
		english, kept := view.tag == "en", ""
		rosa.takes(p, base)
		p.Open(base + "/school/courses")
		look("courses")
		p.Open(base + "/school/courses/new")
		p.Follow(`form.entries .main`)
		look("course-wrong")
		for field, text := range map[string]string{"code": "NEW1", "name": "Drawing", "name_en": "Drawing", "credits": "2.5", "hours": "40", "practice_hours": "20", "level": "4", "competence-0": "Reads drawings", "level-0": "3"} {
			p.Eval(`document.getElementById("`+field+`").value = ""`, nil)
			p.Type("#"+field, text)
		}
		p.Type("#outline", "Projection")
		p.Open(base + "/school/courses/new") // what was typed is there after a reload
		if p.Eval(`document.getElementById("competence-0").value + document.getElementById("outline").value`, &kept); kept != "Reads drawingsProjection" {
			t.Errorf("after a reload the form has %q", kept)
		}
		p.Eval(`document.getElementById("credits").value = "2,5"`, nil)
		p.Follow(`form.entries .main`)
		p.Eval(`document.getElementById("credits").value = "2.5"`, nil) // all else is still there
		p.Follow(`form.entries .main`)
		expect(t, p, "h1", "NEW1")
		p.Upload("#files", outline)
		p.Follow(`form[action$="/files"] .button`)
		expect(t, p, `section[aria-labelledby="files-title"]`, "outline.txt")
		look("course")
		p.Open(base + "/school/courses/new") // what was saved is not offered again
		if p.Eval(`document.getElementById("name").value`, &kept); kept != "" {
			t.Errorf("a new course is called %q", kept)
		}

		p.Open(base + "/school/courses/paste")
		p.Eval(`document.getElementById("rows").value = "code\tname\tcredits\tvalid_from\nP1\tSets\t2\t\nP2\tGraphs\t4,5\t\n00P3\tLogic\t3\t2026-09-01"`, nil)
		p.Follow(`button[name=preview]`)
		look("pasted")
		if text := p.Text(".preview .bad"); !strings.Contains(text, "4,5") {
			t.Errorf("the wrong row is %q", text)
		}
		var pasted string
		p.Eval(`document.getElementById("rows").value`, &pasted)
		p.Open(base + "/school/courses/paste")
		brought(t, p, "#rows", pasted)
		p.Follow(`button[name=preview]`)
		p.Follow(`button[name=save]`)
		look("paste-left")
		p.Eval(`document.getElementById("rows").value = document.getElementById("rows").value.replace("4,5", "4.5")`, nil)
		p.Follow(`button[name=preview]`)
		p.Follow(`button[name=save]`)
		p.Open(base + "/school/courses?q=P3&sort=-credits")
		expect(t, p, ".sheet", "00P3")

		p.Open(base + "/school/courses/" + yunfan + ":M")
		p.Eval(`document.getElementById("credits").value = "5"; document.getElementById("valid_from").value = "2027-02-01"; null`, nil)
		p.Follow(`button[value=impact]`) // what it would do, before anything is saved
		p.Wait("#numbers")
		look("course-impact")
		p.Open(base + "/school/courses/" + yunfan + ":M")
		if p.Eval(`document.getElementById("valid_from").value`, &kept); kept != "2027-02-01" {
			t.Errorf("back from what it would do the form has %q", kept)
		}
		p.Click("#course-form [data-brought] button")
		look("course-relied")
		p.Eval(`document.getElementById("credits").value = "5"`, nil)
		p.Follow(`form.entries .main`)
		look("course-refused")
		p.Eval(`document.getElementById("valid_from").value = "2027-02-01"`, nil)
		p.Follow(`form.entries .main`)
		expect(t, p, "#touches", "E1")
		look("course-touches")
		p.Follow(`form.entries .main`)
		expect(t, p, `section[aria-labelledby="history"]`, "5")
		p.Open(base + "/school/changes")
		expect(t, p, "main", "E1")
		look("changes-sender")

		renate.takes(p, base)
		p.Open(base + "/school/changes")
		look("changes")
		p.Follow(`.decide .main`)
		var left []string
		p.Eval(`Array.from(document.querySelectorAll("#flags ~ article"), e => e.id || e.getAttribute("aria-labelledby"))`, &left)
		if len(left) != 1 || left[0] != "rule-1@E11" {
			t.Errorf("still flagged are %q", left)
		}
		anna := s.staff("anna", administrator)
		anna.takes(p, base)
		p.Open(base + "/admin/units")
		look("units")
		p.Open(base + "/admin/units/new")
		p.Type("#code", "U1")
		p.Type("#name", "Maths unit")
		p.Type("#credits", "4")
		p.Follow(`form.entries .main`)
		look("unit")
		if text := p.Text("main"); english && !strings.Contains(text, "Courses that map to this unit") {
			t.Errorf("the unit says %s", text)
		}
		p.Open(base + "/courses/" + yunfan + ":NEW1")
		expect(t, p, "main", "Reads drawings")
		look("course-public")
		untroubledBut(t, p, base)
	}
}

// untroubledBut wants no request to another site.
func untroubledBut(t *testing.T, p *testbed.Page, base string) {
	t.Helper()
	for _, address := range p.Requests() {
		if !strings.HasPrefix(address, base) {
			t.Errorf("a request went to %s", address)
		}
	}
}

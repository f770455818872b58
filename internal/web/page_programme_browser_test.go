package web

import (
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// A registrar registers a programme: the national code comes out of the catalogue and
// shows its class through the levels; the plan is pasted; a change says whom it touches.
func TestProgrammesInABrowser(t *testing.T) {
	for _, view := range views {
		s, base := doors(t)
		fill(t, s.bank, "catalogue", "code,name,level,category_code,category_name,class_code,class_name,state_controlled,added,source\n"+
			"710201,计算机应用,中职,71,电子与信息大类,7102,计算机类,0,,x\n510203,软件技术,高职专科,51,电子与信息大类,5102,计算机类,0,,x\n310203,软件工程技术,职业本科,31,电子与信息大类,3102,计算机类,0,,x\n")
		fill(t, s.bank, "catalogue-intros", "code,name,level,class_code,years,careers,abilities,basic_courses,core_courses,practice,qualification_certs,skill_level_certs,articulates_to_associate,articulates_to_vocational_bachelor,articulates_to_bachelor\n"+
			"510203,软件技术,高职专科,5102,三年,面向计算机程序设计员等职业。,具有程序设计的能力；|具有软件测试的能力。,程序设计基础,软件测试,在校内外实训。,软考,Web前端开发,,软件工程技术,软件工程\n")
		fill(t, s.bank, "catalogue-courses", "programme_code,programme_name,kind,seq,course_name\n510203,软件技术,专业基础课程,1,程序设计基础\n510203,软件技术,专业核心课程,1,软件测试\n")
		fill(t, s.bank, "articulation", "from_code,from_name,from_level,to_level,to_name,to_code\n510203,软件技术,高职专科,职业本科,软件工程技术,310203\n710201,计算机应用,中职,高职专科,软件技术,510203\n")
		fill(t, s.bank, "level-certificates", "name,n_programmes,programme_codes\nWeb前端开发,12,510203\n")
		renate := s.staff("renate", bank.RoleGrant{Role: bank.IsRegistrar, Institution: yuntu})
		p := viewer(t, view.width, view.tag, view.dark)
		look := func(name string) { t.Helper(); looked(t, p, name, view.tag, view.width) }
		renate.takes(p, base)
		p.Open(base + "/school/programmes")
		look("programmes")
		p.Open(base + "/school/programmes/new")
		p.Follow(`.actions .main[class]:last-child`)
		look("programme-wrong")
		for field, text := range map[string]string{"code": "NEW", "name": "Software", "name_en": "Software", "required_credits": "20", "find": "rj",
			"gcode-0": "core", "gname-0": "Core", "gmin-0": "8"} {
			p.Type("#"+field, text)
		}
		p.Follow(`button[name=look]`)
		look("programme-found")
		var kept string
		p.Open(base + "/school/programmes/new") // what was typed outlives a search and a way back
		if p.Eval(`document.getElementById("name").value + document.getElementById("gcode-0").value`, &kept); kept != "Softwarecore" {
			t.Errorf("after a search and a way back the form has %q", kept)
		}
		p.Follow(`button[name=look]`)
		p.Follow(`button[name=pick][value="510203"]`)
		expect(t, p, ".chain", "310203")
		p.Eval(`document.querySelector(".chain details").open = true; null`, nil)
		expect(t, p, ".chain dl", "Web前端开发")
		look("programme-introduced")
		p.Eval(`document.querySelector("details.paste").open = true; document.getElementById("paste").value = "core\tT1\t1\ncore\tT8\t1\t1"`, nil)
		p.Follow(`button[value=paste]`)
		p.Follow(`#programme-form > .actions .main`)
		if !strings.Contains(p.Text("h1"), "NEW") {
			t.Fatal(p.Text("main"))
		}
		look("programme")
		fill(t, s.bank, "learners", "account,name,institution,programme\nL5,五,"+yuntu+",NEW\n")
		p.Eval(`document.getElementById("required_credits").value = "24"`, nil)
		p.Follow(`#programme-form > .actions .main`)
		look("programme-touches")
		p.Follow(`.touch .main`)
		p.Open(base + "/programmes/" + yuntu + ":NEW")
		if text := p.Text("main"); !strings.Contains(text, "24") || !strings.Contains(text, "T8") {
			t.Errorf("the public page says %s", text)
		}
		untroubledBut(t, p, base)
	}
}

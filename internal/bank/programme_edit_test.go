package bank_test

import (
	"errors"
	"fmt"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

func typedProgramme(pairs ...string) bank.ProgrammeForm {
	f := bank.ProgrammeForm{Values: map[string]string{"institution": "B", "code": "Q", "name": "Software", "required_credits": "12", "catalogue_code": "510203"},
		Groups: []map[string]string{{"code": "core", "name": "Core", "min_credits": "6"}, {}, {"code": "free", "name": "Free", "min_credits": "2"}},
		Plan:   []map[string]string{{"group": "core", "course": "b1", "required": "1"}, {"group": "free", "course": "b2", "never_exempt": "1"}, {"group": ""}}}
	for i := 0; i < len(pairs); i += 2 {
		f.Values[pairs[i]] = pairs[i+1]
	}
	return f
}

var registrarB = bank.Actor{Name: "u:reg-b", Roles: bank.IsRegistrar, Institution: "B", Login: "reg-b"}

func TestAProgrammeIsRegisteredAndChanged(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		mapped(t, b)
		e, err := b.ReadProgramme(ctx, typedProgramme())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			actor bank.Actor
			want  bank.Code
		}{{learner, bank.Denied}, {administrator, bank.Denied}, {registrarA, bank.NotFound}, {bank.Actor{Roles: bank.IsDecider, Institution: "B"}, bank.Denied}} {
			_, err := b.SaveProgramme(ctx, c.actor, e, "")
			wantCode(t, c.actor.Name, err, c.want)
		}
		saved, err := b.SaveProgramme(ctx, registrarB, e, "")
		if err != nil || saved.Made != bank.SavedNew {
			t.Fatalf("%+v, %v", saved, err)
		}
		k := transfer.ProgrammeKey{Institution: "B", Code: "Q"}
		got, stamp, err := b.ProgrammeDetail(ctx, k)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(e) || stamp != saved.Stamp || len(got.Groups) != 2 || len(got.Plan) != 2 || !got.Plan[1].NeverExempt {
			t.Errorf("%+v %s, %v; want %+v", got, stamp, err, e)
		}
		s, err := b.Snapshot(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := s.Programme(k, b.Today()); err != nil || len(info.Groups) != 2 {
			t.Errorf("the map has %+v, %v", info, err)
		}
		_, err = b.SaveProgramme(ctx, registrarB, e, "")
		wantCode(t, "a code that is taken", err, bank.Conflict)
		if again, err := b.SaveProgramme(ctx, registrarB, e, stamp); err != nil || again.Made != bank.SavedNothing {
			t.Errorf("once more: %+v, %v", again, err)
		}
		other := typedProgramme("name", "Software Engineering")
		other.Plan = other.Plan[:1]
		changed, err := b.ReadProgramme(ctx, other)
		if err != nil {
			t.Fatal(err)
		}
		text(t, b, "learners", "account,name,institution,programme\nL9,Nine,B,Q\n")
		tried, err := b.TryProgramme(ctx, registrarB, changed, stamp)
		if err != nil || fmt.Sprint(tried.Changed) != "[name plan]" || tried.Learners != 1 || tried.Nothing() {
			t.Errorf("%+v, %v", tried, err)
		}
		if _, err := b.SaveProgramme(ctx, registrarB, changed, stamp); err != nil {
			t.Fatal(err)
		}
		_, err = b.SaveProgramme(ctx, registrarB, e, stamp)
		var refusal *bank.Error
		if !errors.As(err, &refusal) || refusal.Code != bank.Conflict || len(refusal.Fields) != 2 || refusal.Fields[1].Field != "plan" {
			t.Errorf("a stale one: %v", err)
		}
	})
}

func TestTypedProgrammeFaults(t *testing.T) {
	b := open(t, "sqlite:"+t.TempDir()+"/bank.db")
	mapped(t, b)
	for want, change := range map[string]func(f *bank.ProgrammeForm){
		"catalogue_code catalogue_code":   func(f *bank.ProgrammeForm) { f.Values["catalogue_code"] = "999999" },
		"required_credits amount":         func(f *bank.ProgrammeForm) { f.Values["required_credits"] = "many" },
		"groups[0].min_credits amount":    func(f *bank.ProgrammeForm) { f.Groups[0]["min_credits"] = "-1" },
		"groups[2].code twice_typed":      func(f *bank.ProgrammeForm) { f.Groups[2]["code"] = "core" },
		"plan[0].course unknown_course":   func(f *bank.ProgrammeForm) { f.Plan[0]["course"] = "a1" },
		"plan[1].group unknown_group":     func(f *bank.ProgrammeForm) { f.Plan[1]["group"] = "nope" },
		"plan[1].course twice_typed":      func(f *bank.ProgrammeForm) { f.Plan[1]["course"] = "b1" },
		"institution unknown_institution": func(f *bank.ProgrammeForm) { f.Values["institution"] = "Z" },
	} {
		f := typedProgramme()
		change(&f)
		_, err := b.ReadProgramme(ctx, f)
		wantFault(t, want, err, want)
	}
	// A group in which a rule awards credit stays.
	text(t, b, "equivalences", "equivalence,source_institution,source_course,target_institution,target_group,target_credits\nE9,A,a2,B,core,2\n")
	p, stamp, err := b.ProgrammeDetail(ctx, transfer.ProgrammeKey{Institution: "B", Code: "P"})
	if err != nil {
		t.Fatal(err)
	}
	p.Groups, p.Plan = nil, nil
	_, err = b.SaveProgramme(ctx, registrarB, p, stamp)
	wantFault(t, "a group that is used", err, "groups group_used")
}

// A national code is found by words, and shows its class through the levels.
func TestCatalogueChain(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		text(t, b, "catalogue", "code,name,level,category_code,category_name,class_code,class_name,state_controlled,added,source\n"+
			"660301,机电技术应用,中职,66,装备制造大类,6603,自动化类,0,,x\n460301,机电一体化技术,高职专科,46,装备制造大类,4603,自动化类,0,,x\n"+
			"260301,机械电子工程技术,职业本科,26,装备制造大类,2603,自动化类,0,,x\n460101,机械设计与制造,高职专科,46,装备制造大类,4601,机械设计制造类,0,,x\n")
		found, err := b.FindCatalogue(ctx, "jd", "higher_vocational")
		if err != nil || len(found) != 2 || found[0].Code != "460301" {
			t.Errorf("%+v, %v", found, err)
		}
		if found, err := b.FindCatalogue(ctx, "4601", ""); err != nil || len(found) != 1 {
			t.Errorf("%+v, %v", found, err)
		}
		chain, err := b.Catalogue(ctx, "460301")
		if err != nil || chain.ClassName != "自动化类" || len(chain.Stages) != 3 || chain.Stages[0].Level != "中职" || chain.Stages[2].Entries[0].Code != "260301" {
			t.Errorf("%+v, %v", chain, err)
		}
		if chain, err := b.Catalogue(ctx, "460399"); err != nil || chain.Name != "" || len(chain.Stages) != 3 {
			t.Errorf("one that is not listed: %+v, %v", chain, err)
		}
		_, err = b.Catalogue(ctx, "99")
		wantFault(t, "no code", err, "catalogue_code catalogue_code")
	})
}

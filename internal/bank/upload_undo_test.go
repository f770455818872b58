package bank_test

import (
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// Lists, scales, parts of exams, days of the calendar, uses and drafts of rules are undone
// as a whole, both what came new and what was changed, and not while something rests on
// them.
func TestListsAreUndone(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		admin := bank.Actor{Name: "u:admin", Roles: bank.IsAdministrator}
		for _, f := range [][2]string{
			{"regions", "code,name,kind,parent_code\n500000,重庆市,province,\n"}, {"catalogue", "code,name,level\n510203,软件技术,高职专科\n"},
			{"holidays", "day,kind,name\n2027-01-01,off,元旦\n"}, {"schools", "school_code,name\n1,一\n"}, {"learners", "account,name,institution\nL1,示例,A\n"},
			{"records", "learner,reference,institution,course,grade,completed_on\nL1,r,A,a1,80,2026-01-01\n"},
			{"equivalences", "equivalence,source_institution,source_course,target_institution,target_course,note\nD,A,a1,B,b1,before\n"},
		} {
			text(t, b, f[0], f[1])
		}
		undo := func(u bank.Upload) bank.Code { t.Helper(); return bank.CodeOf(b.UndoUpload(ctx, admin, u.ID)) }
		for _, f := range []struct{ kind, file, rests, on string }{
			{"regions", "code,name,kind,parent_code\n500000,改名,province,\n500101,万州区,county,500100\n500100,市辖区,city,500000\n", "institutions", "code,name,kind,region\nC,See,overseas,500101\n"},
			{"catalogue", "code,name,level\n510203,改名,高职专科\n510299,新专业,高职专科\n", "programmes", "institution,code,name,catalogue_code,required_credits\nB,N,New,510299,10\n"},
			{"schools", "school_code,name\n1,改名\n2,二\n", "", ""},
			{"holidays", "day,kind,name\n2027-01-01,off,改名\n2027-01-02,off,元旦\n", "", ""},
			{"scales", "scale,valid_from,grade,score,passed\nstars,2026-01-01,three,90,1\nstars,2026-01-01,one,40,0\n", "records", "learner,reference,institution,course,grade,scale,completed_on\nL1,s,A,a1,three,stars,2026-02-01\n"},
			{"exams", "exam,name,valid_from,institution,course,maximum\nE,Exam,2026-01-01,A,a1,300\n", "records", "learner,reference,kind,institution,course,grade,completed_on\nL1,e,exam,A,a1,80,2026-02-01\n"},
			{"uses", "learner,institution,reference,used_institution,used_programme,used_on\nL1,A,r,B,P,2026-03-01\n", "", ""},
		} {
			before := export(t, b, f.kind)
			u := commit(t, b, admin, staged(t, b, admin, f.kind, f.file), false)
			if u.State != bank.UploadCommitted || !u.Undoable || export(t, b, f.kind) == before {
				t.Fatalf("%s: %+v", f.kind, u)
			}
			if code := undo(u); code != "" || export(t, b, f.kind) != before {
				t.Errorf("%s undone: %s, %s", f.kind, code, export(t, b, f.kind))
			}
			u = commit(t, b, admin, staged(t, b, admin, f.kind, f.file), false)
			if u.State != bank.UploadCommitted {
				t.Fatalf("%s again: %+v", f.kind, u)
			}
			if f.rests == "" {
				continue
			}
			if r := text(t, b, f.rests, f.on); r.New != 1 {
				t.Fatalf("%s: %+v", f.rests, r)
			}
			if code := undo(u); code != bank.Conflict {
				t.Errorf("%s is undone under what rests on it: %q", f.kind, code)
			}
		}
		wantSound(t, b)
	})
}

// Drafts of rules that an import brought are withdrawn, those it changed say again what
// they said; one with which somebody did something keeps the import from being undone.
func TestDraftsOfRulesAreUndone(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		const header = "equivalence,source_institution,source_course,target_institution,target_course,note\n"
		text(t, b, "equivalences", header+"D,A,a1,B,b1,before\n")
		before := export(t, b, "equivalences")
		file := header + "D,A,a1,B,b1,after\nN,A,a1,B,b2,new\n"
		admin := bank.Actor{Name: "u:admin", Roles: bank.IsAdministrator}
		u := commit(t, b, admin, staged(t, b, admin, "equivalences", file), false)
		if u.State != bank.UploadCommitted || u.Counts.New != 1 || u.Counts.Updated != 1 {
			t.Fatalf("%+v", u)
		}
		if err := b.UndoUpload(ctx, admin, u.ID); err != nil || export(t, b, "equivalences") != before {
			t.Fatalf("%v %s", err, export(t, b, "equivalences"))
		}
		if e, err := b.Evaluation(ctx, admin, "N@1"); err != nil || e.State != bank.EvaluationWithdrawn {
			t.Errorf("%+v %v", e.State, err)
		}
		u = commit(t, b, admin, staged(t, b, admin, "equivalences", file), false)
		if got := export(t, b, "equivalences"); u.Counts.New+u.Counts.Updated != 2 || !strings.Contains(got, "after") || !strings.Contains(got, "new") {
			t.Fatalf("again: %+v %s", u, got)
		}
		e, err := b.Evaluation(ctx, admin, "N@2")
		if err == nil {
			_, err = b.ActOnEvaluation(ctx, admin, "N@2", bank.EvaluationAct{Action: "withdraw", Stamp: e.Stamp})
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := b.UndoUpload(ctx, admin, u.ID); bank.CodeOf(err) != bank.Conflict {
			t.Errorf("after a step: %v", err)
		}
	})
}

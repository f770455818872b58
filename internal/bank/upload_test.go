package bank_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/intake"
)

// registrarOfA is a registrar of the school A.
var registrarOfA = bank.Actor{Name: "u:registrar-a", Roles: bank.IsRegistrar, Institution: "A"}

// ended waits until a job is over.
func ended(t *testing.T, b *bank.Bank, actor bank.Actor, job string, err error) bank.Job {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		j, err := b.Job(ctx, actor, job)
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("job %+v: %v", j, err)
		}
		if j.State != bank.JobRunning {
			return j
		}
	}
}

// staged brings a file and checks it.
func staged(t *testing.T, b *bank.Bank, actor bank.Actor, kind, file string) bank.Upload {
	t.Helper()
	u, err := b.StageUpload(ctx, actor, bank.NewUpload{Kind: kind, Content: []byte(file)}, intake.Staged)
	if err != nil {
		t.Fatal(err)
	}
	return checked(t, b, actor, u.ID)
}

func checked(t *testing.T, b *bank.Bank, actor bank.Actor, id string) bank.Upload {
	t.Helper()
	job, err := b.CheckUpload(ctx, actor, id, intake.Staged)
	if j := ended(t, b, actor, job, err); j.State != bank.JobDone {
		t.Fatalf("%+v", j)
	}
	u, err := b.Upload(ctx, actor, id)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func commit(t *testing.T, b *bank.Bank, actor bank.Actor, u bank.Upload, partial bool) bank.Upload {
	t.Helper()
	job, err := b.CommitUpload(ctx, actor, u.ID, u.Stamp, partial, intake.Staged)
	ended(t, b, actor, job, err)
	u, err = b.Upload(ctx, actor, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// A faulty roster is checked, mended in place, taken in and undone.
func TestUploadOfARoster(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		u := staged(t, b, registrarOfA, "learners", "某校名单\n学号,学生姓名,性别,出生日期\n001,示例一,男,46266\n002,示例二,甲,2008-01-01\n合计,,,\n")
		if u.State != bank.UploadChecked || u.Counts.Refused != 3 || u.Columns["学号"] != "account" || u.Columns["学生姓名"] != "name" {
			t.Fatalf("%+v", u)
		}
		r, err := b.UploadReport(ctx, registrarOfA, u.ID)
		if err != nil || len(r.Errors) != 3 || r.Errors[0].Code != "date_serial" || !r.Errors[0].Mendable || r.Names["gender"] != "性别" {
			t.Fatalf("%+v %v", r, err)
		}
		if err := b.MendUpload(ctx, registrarOfA, u.ID, []string{"date_serial", "total_row"}, map[int]map[string]string{4: {"gender": "女"}}, u.Stamp); err != nil {
			t.Fatal(err)
		}
		if err := b.MendUpload(ctx, registrarOfA, u.ID, nil, nil, u.Stamp); bank.CodeOf(err) != bank.Conflict {
			t.Errorf("a stale change: %v", err)
		}
		u = commit(t, b, registrarOfA, checked(t, b, registrarOfA, u.ID), false)
		if u.State != bank.UploadCommitted || u.Counts.New != 2 || u.Staged || !u.Undoable {
			t.Fatalf("%+v", u)
		}
		if got := export(t, b, "learners"); !strings.Contains(got, "001,示例一") || !strings.Contains(got, ",2026-09-01,male,A,") {
			t.Errorf("%s", got)
		}
		if err := b.UndoUpload(ctx, registrarOfA, u.ID); err != nil {
			t.Fatal(err)
		}
		if got := export(t, b, "learners"); strings.Contains(got, "示例") {
			t.Errorf("after undoing %s", got)
		}
		if err := b.UndoUpload(ctx, registrarOfA, u.ID); bank.CodeOf(err) != bank.Conflict {
			t.Errorf("undone twice: %v", err)
		}
	})
}

// A registrar brings in rows of the own school alone, and sees no others' imports.
func TestUploadsKeepToTheSchool(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		text(t, b, "learners", "account,name,institution,id_number\nX,别校,B,11010519491231002X\n")
		for kind, file := range map[string]string{
			"courses": "institution,code,name,credits\nB,new,New,1\n", "programmes": "institution,code,name,required_credits\nB,new,New,1\n",
			"groups":   "institution,programme,code,name,min_credits\nB,P,new,New,1\n",
			"plans":    "institution,programme,group,course\nB,P,core,b1\n",
			"records":  "learner,institution,course,grade,completed_on\nX,B,b1,80,2026-01-01\n",
			"learners": "account,name,institution\nX,改名,A\n", "equivalences": "source_institution,source_course,target_institution,target_course\nB,b1,B,b2\n",
		} {
			u := staged(t, b, registrarOfA, kind, file)
			r, err := b.UploadReport(ctx, registrarOfA, u.ID)
			if err != nil || u.Counts.Refused != 1 || r.Errors[0].Code != "not_yours" {
				t.Errorf("%s: %+v %+v %v", kind, u.Counts, r.Errors, err)
			}
		}
		u := staged(t, b, registrarOfA, "learners", "account,name,id_number\nY,示例,11010519491231002X\n")
		if r, _ := b.UploadReport(ctx, registrarOfA, u.ID); len(r.Errors) != 1 || r.Errors[0].Code != "taken_other" || strings.Contains(fmt.Sprint(r.Errors[0].Args), "X") {
			t.Errorf("a number of another school's learner: %+v", r.Errors)
		}
		if _, err := b.StageUpload(ctx, registrarOfA, bank.NewUpload{Kind: "institutions", Content: []byte("code,name,kind\n")}, intake.Staged); bank.CodeOf(err) != bank.Denied {
			t.Errorf("institutions: %v", err)
		}
		other := bank.Actor{Name: "u:registrar-b", Roles: bank.IsRegistrar, Institution: "B"}
		if _, err := b.Upload(ctx, other, u.ID); bank.CodeOf(err) != bank.NotFound {
			t.Errorf("another school's import: %v", err)
		}
		if page, err := b.Uploads(ctx, other, bank.Window{}); err != nil || page.Total != 0 {
			t.Errorf("%+v %v", page, err)
		}
	})
}

// What rests on an import keeps it from being undone; each kind is undone whole.
func TestUploadsAreUndone(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		admin := bank.Actor{Name: "u:admin", Roles: bank.IsAdministrator}
		text(t, b, "learners", "account,name,institution\nL1,示例,A\n")
		files := [][2]string{
			{"institutions", "code,name,kind\nC,See,overseas\nA,Renamed,overseas\n"}, {"courses", "institution,code,name,credits\nC,c1,Course,2\n"},
			{"programmes", "institution,code,name,required_credits\nC,P,Programme,10\n"}, {"groups", "institution,programme,code,name,min_credits\nC,P,core,Core,2\n"},
			{"plans", "institution,programme,group,course\nC,P,core,c1\n"}, {"records", "learner,reference,institution,course,grade,completed_on\nL1,r,C,c1,80,2026-01-01\n"},
		}
		before := map[string]string{}
		var uploads []bank.Upload
		for _, f := range files {
			before[f[0]] = export(t, b, f[0])
			u := commit(t, b, admin, staged(t, b, admin, f[0], f[1]), false)
			if u.State != bank.UploadCommitted {
				t.Fatalf("%s: %+v", f[0], u)
			}
			uploads = append(uploads, u)
		}
		for i := range 4 { // nothing rests on a plan
			if err := b.UndoUpload(ctx, admin, uploads[i].ID); bank.CodeOf(err) != bank.Conflict {
				t.Errorf("%s is undone under what rests on it: %v", uploads[i].Kind, err)
			}
		}
		if err := b.UndoUpload(ctx, admin, uploads[5].ID); err != nil {
			t.Fatalf("records: %v", err)
		}
		var statement bytes.Buffer
		page, err := b.Statement(ctx, "L1", bank.Window{})
		for _, e := range page.Items {
			fmt.Fprint(&statement, e.Kind, " ")
		}
		if err != nil || strings.TrimSpace(statement.String()) != "deposit reverse" {
			t.Errorf("the ledger says %q %v", statement.String(), err)
		}
		for i := 4; i >= 0; i-- { // the result stays as reversed: its course stays too
			err := b.UndoUpload(ctx, admin, uploads[i].ID)
			if i >= 2 && (err != nil || export(t, b, files[i][0]) != before[files[i][0]]) {
				t.Errorf("%s: %v", files[i][0], err)
			}
		}
	})
}

// Two imports at once do not mix, one that is cancelled leaves nothing, and what
// was brought goes after a week.
func TestUploadsApart(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		one := staged(t, b, registrarOfA, "courses", "institution,code,name,credits\nA,one,One,1\n")
		two := staged(t, b, registrarOfA, "courses", "institution,code,name,credits\nA,two,Two,1\n")
		first, err := b.CommitUpload(ctx, registrarOfA, one.ID, one.Stamp, false, intake.Staged)
		if err != nil {
			t.Fatal(err)
		}
		two = commit(t, b, registrarOfA, two, false)
		ended(t, b, registrarOfA, first, nil)
		if err := b.UndoUpload(ctx, registrarOfA, one.ID); err != nil {
			t.Fatal(err)
		}
		if got := export(t, b, "courses"); strings.Contains(got, "One") || !strings.Contains(got, "Two") {
			t.Errorf("%s", got)
		}
		waits := staged(t, b, registrarOfA, "learners", "account,name\nL9,示例\n")
		now := b.Now()
		b.Now = func() time.Time { return now.Add(8 * 24 * time.Hour) }
		if err := b.RunDue(ctx); err != nil {
			t.Fatal(err)
		}
		waits, err = b.Upload(ctx, registrarOfA, waits.ID)
		two, _ = b.Upload(ctx, registrarOfA, two.ID)
		if err != nil || waits.Staged || waits.State != bank.UploadDropped || two.Undoable {
			t.Errorf("after a week: %+v, %+v, %v", waits, two, err)
		}
	})
}

package bank_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// small is a bank with one school, one target school and a programme.
func small(t *testing.T, b *bank.Bank) {
	t.Helper()
	for _, f := range [][2]string{
		{"institutions", "code,name,kind\nA,School A,overseas\nB,School B,overseas\n"},
		{"courses", "institution,code,name,credits\nA,a1,Maths,4\nA,a2,Physics,2\nB,b1,Algebra,3\nB,b2,Optics,2\n"},
		{"programmes", "institution,code,name,required_credits\nB,P,Engineering,10\n"},
		{"groups", "institution,programme,code,name,min_credits\nB,P,core,Core,10\n"},
		{"plans", "institution,programme,group,course\nB,P,core,b1\n"},
	} {
		if r := text(t, b, f[0], f[1]); r.Refused > 0 {
			t.Fatalf("%s: %+v", f[0], r.Errors)
		}
	}
}

func TestRefusedRowsNameColumnAndReason(t *testing.T) {
	cases := []struct{ name, kind, file, column, code string }{
		{"credits with a comma", "courses", "institution,code,name,credits\nA,x,X,\"4,5\"\n", "credits", "amount"},
		{"negative credits", "courses", "institution,code,name,credits\nA,x,X,-1\n", "credits", "amount"},
		{"too many decimals", "courses", "institution,code,name,credits\nA,x,X,1.234\n", "credits", "amount"},
		{"unknown school", "courses", "institution,code,name,credits\nZ,x,X,1\n", "institution", "unknown_institution"},
		{"no name", "courses", "institution,code,name,credits\nA,x,,1\n", "name", "required"},
		{"wrong date", "courses", "institution,code,name,credits,valid_from\nA,x,X,1,2026-02-30\n", "valid_from", "date"},
		{"window upside down", "courses", "institution,code,name,credits,valid_from,valid_to\nA,x,X,1,2026-02-02,2026-02-01\n", "valid_to", "window"},
		{"level 11", "courses", "institution,code,name,credits,level\nA,x,X,1,11\n", "level", "number"},
		{"control character", "courses", "institution,code,name,credits\nA,x,\"a\x07b\",1\n", "name", "control_character"},
		{"kind", "institutions", "code,name,kind\nC,C,shop\n", "kind", "choice"},
		{"school code", "institutions", "code,name,kind\n123,C,secondary_vocational\n", "code", "school_code"},
		{"USCC check digit", "institutions", "code,name,kind\n9144030071526726XA,C,enterprise\n", "code", "uscc_check_digit"},
		{"national code", "programmes", "institution,code,name,required_credits,catalogue_code\nB,Q,Q,1,999999\n", "catalogue_code", "catalogue_code"},
		{"unknown group", "plans", "institution,programme,group,course\nB,P,nope,b2\n", "group", "unknown_group"},
		{"band upside down", "equivalences", "equivalence,source_institution,source_course,min_grade,max_grade,target_institution,target_course\nE,A,a1,80,70,B,b1\n", "max_grade", "band"},
		{"refusal without reason", "equivalences", "equivalence,source_institution,source_course,target_institution,target_course,outcome\nE,A,a1,B,b1,refused\n", "reasons", "reasons"},
		{"unknown reason", "equivalences", "equivalence,source_institution,source_course,target_institution,target_course,outcome,reasons\nE,A,a1,B,b1,refused,BAD\n", "reasons", "choice"},
		{"no target", "equivalences", "equivalence,source_institution,source_course,target_institution,target_course\nE,A,a1,B,\n", "target_course", "rule_target"},
		{"terms disagree", "equivalences", "equivalence,source_institution,source_course,target_institution,target_course,valid_from\nE,A,a1,B,b1,2020-01-01\nE,A,a2,,,2021-01-01\n", "valid_from", "disagrees"},
		{"two target schools", "equivalences", "equivalence,source_institution,source_course,target_institution,target_course\nE,A,a1,B,b1\nE,A,a2,A,a2\n", "target_institution", "disagrees"},
		{"one course in two bands", "equivalences", "equivalence,source_institution,source_course,min_grade,target_institution,target_course\nE,A,a1,60,B,b1\nE,A,a1,70,,\n", "source_course", "twice"},
		{"exemption with credits", "equivalences", "equivalence,source_institution,source_course,target_institution,target_course,exemption,target_credits\nE,A,a1,B,b1,1,3\n", "target_credits", "exemption_credits"},
		{"share of 50", "caps", "scope,valid_from,cap,share\nbank,2020-01-01,total,50\n", "share", "share"},
		{"unknown account", "records", "learner,institution,course,grade,completed_on\nL1,A,a1,80,2026-01-01\n", "learner", "unknown_learner"},
		{"identity number", "learners", "account,name,id_number\nL1,示例学员,000000200809010017\n", "id_number", "id_number"},
		{"second bank", "institutions", "code,name,kind\n3650990001,One,bank\n3650990002,Two,bank\n", "kind", "second_bank"},
		{"date of Excel", "courses", "institution,code,name,credits,valid_from\nA,x,X,1,2025/9/1\n", "valid_from", "date_form"},
		{"date without zeros", "courses", "institution,code,name,credits,valid_from\nA,x,X,1,2025-9-1\n", "valid_from", "date_form"},
		{"code of Excel", "courses", "institution,code,name,credits\n3.65099E+09,x,X,1\n", "institution", "excel_number"},
		{"identity number of Excel", "learners", "account,name,id_number\nL1,示例学员,1.10105E+17\n", "id_number", "excel_number"},
		{"course for itself", "equivalences", "equivalence,source_institution,source_course,target_institution,target_course\nE,B,b1,B,b1\n", "source_course", "self"},
		{"innocent row", "equivalences", "equivalence,source_institution,source_course,target_institution,target_course\nE,A,a1,B,b1\nE,A,zz,,\n", "", "partner"},
		{"row of a rule that cannot be read", "equivalences", "equivalence,source_institution,source_course,target_institution,target_course\nE,A,a1,B,b1\nE,A,a2,B,b1,x\n", "", "partner"},
		{"bytes of a mended file", "courses", "institution,code,name,credits,reject_column,reject_value\nA,x,\\xbf\\xce,1,,\n", "name", "encoding_left"},
		{"cells of a mended file", "courses", "institution,code,name,credits,reject_column,reject_value\nA,x,X,1,,5\n", "", "surplus_left"},
		{"catalogue level", "catalogue", "code,name,level\n510201,计算机应用技术,中职\n", "level", "catalogue_level"},
		{"catalogue class", "catalogue", "code,name,level,class_code\n510201,计算机应用技术,高职专科,5103\n", "class_code", "catalogue_class"},
		{"state control without K", "catalogue", "code,name,level,state_controlled\n510201,计算机应用技术,高职专科,1\n", "state_controlled", "catalogue_controlled"},
		{"gender against the number", "learners", "account,name,id_number,gender\nL1,示例学员,000000200809010016,女\n", "gender", "gender"},
		{"orphan region", "regions", "code,name,kind,parent_code\n500101,万州区,county,500100\n", "parent_code", "unknown_parent"},
	}
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		for _, c := range cases {
			before := export(t, b, c.kind)
			r := text(t, b, c.kind, c.file)
			named := slices.ContainsFunc(r.Errors, func(e bank.RowError) bool { return e.Column == c.column && e.Code == c.code && e.Row >= 2 })
			if !named || r.Refused == 0 || r.Written {
				t.Errorf("%s: %+v, want %s: %s", c.name, r, c.column, c.code)
			}
			if r.Rows != r.New+r.Unchanged+r.Updated+r.Refused {
				t.Errorf("%s: counts do not add up: %+v", c.name, r)
			}
			if export(t, b, c.kind) != before {
				t.Errorf("%s: something was written", c.name)
			}
		}
	})
}

func TestWrongColumnsAreRefusedByName(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		tab := parseTable(t, []byte("institution,code,name,colour\nA,x,X,red\n"))
		_, err := b.Import(context.Background(), operator, bank.Import{Kind: "courses", Header: tab.header, Rows: tab.all()})
		if bank.CodeOf(err) != bank.Invalid || !strings.Contains(err.Error(), "colour") || !strings.Contains(err.Error(), "credits: missing_column") {
			t.Errorf("got %v, want Invalid naming colour and the missing credits", err)
		}
		_, err = b.Import(context.Background(), operator, bank.Import{Kind: "shoes"})
		if bank.CodeOf(err) != bank.Invalid {
			t.Errorf("unknown kind: %v", err)
		}
	})
}

func TestPartialTakesGoodRowsAndDryRunWritesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		tab := parseTable(t, []byte("institution,code,name,credits\nA,n1,N1,1\nA,n2,N2,wrong\nA,n3,N3,3\nA,n3,N3,4\nA,n1,N1,1\n"))
		in := bank.Import{Kind: "courses", Header: tab.header, Rows: tab.all(), DryRun: true, Partial: true}
		before := export(t, b, "courses")
		dry, err := b.Import(context.Background(), operator, in)
		if err != nil || export(t, b, "courses") != before {
			t.Fatalf("dry run: %v", err)
		}
		in.DryRun = false
		r, err := b.Import(context.Background(), operator, in)
		if err != nil || r.New != 2 || r.Refused != 2 || r.Unchanged != 1 || r.Rows != 5 || !r.Written {
			t.Fatalf("partial: %+v %v", r, err)
		}
		dry.Written = true
		dry.Rejected, r.Rejected = nil, nil
		if got, want := asJSON(t, dry), asJSON(t, r); got != want {
			t.Errorf("the dry run said %s, the import %s", got, want)
		}
	})
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSameReferenceWithOtherContentIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		text(t, b, "learners", "account,name\nL1,示例学员\n")
		const head = "learner,reference,institution,course,grade,completed_on\n"
		if r := text(t, b, "records", head+"L1,r1,A,a1,80,2026-01-01\n"); r.New != 1 {
			t.Fatalf("first: %+v", r)
		}
		if r := text(t, b, "records", head+"L1,r1,A,a1,80,2026-01-01\n"); r.Unchanged != 1 {
			t.Errorf("again: %+v", r)
		}
		if r := text(t, b, "records", head+"L1,r1,A,a1,95,2026-01-01\n"); r.Refused != 1 || r.Errors[0].Code != "lasting" {
			t.Errorf("with another grade: %+v", r)
		}
	})
}

// A changed rule is a new version that ends the old one; results keep the
// version that held when they were completed.
func TestVersionsOfAnEquivalence(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		const head = "equivalence,source_institution,source_course,target_institution,target_course,target_credits,valid_from\n"
		text(t, b, "equivalences", head+"E,A,a1,B,b1,3,2020-01-01\n")
		if r := text(t, b, "equivalences", head+"E,A,a1,B,b1,2,2024-09-01\n"); r.Updated != 1 {
			t.Fatalf("new version: %+v", r)
		}
		for _, c := range []struct{ completed, want string }{{"2024-08-31", "3"}, {"2024-09-01", "2"}, {"2019-12-31", "0"}} {
			if got := transferable(t, b, c.completed); got != c.want {
				t.Errorf("completed %s: %s credits, want %s", c.completed, got, c.want)
			}
		}
		if r := text(t, b, "equivalences", head+"E,A,a1,B,b1,3,2020-01-01\n"); r.Unchanged != 1 {
			t.Errorf("the first version again: %+v", r)
		}
	})
}

func transferable(t *testing.T, b *bank.Bank, completed string) string {
	t.Helper()
	a, err := b.Plan(context.Background(), bank.CheckInput{To: programmeP,
		Records: []bank.CheckRecord{{Institution: "A", Course: "a1", Grade: "90", CompletedOn: completed}}})
	if err != nil {
		t.Fatal(err)
	}
	return a.Transferable.String()
}

func TestDraftsAreNotServed(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		tab := parseTable(t, []byte("equivalence,source_institution,source_course,target_institution,target_course\nE,A,a1,B,b1\n"))
		in := bank.Import{Kind: "equivalences", Header: tab.header, Rows: tab.all()}
		if _, err := b.Import(context.Background(), operator, in); err != nil {
			t.Fatal(err)
		}
		if got := transferable(t, b, "2026-01-01"); got != "0" {
			t.Errorf("a draft gives %s credits", got)
		}
		take(t, b, "equivalences", tab)
		if got := transferable(t, b, "2026-01-01"); got != "3" {
			t.Errorf("published it gives %s credits, want 3", got)
		}
	})
}

// Every nasty string is either refused by name or comes out as it went in.
func TestNastyStringsAsNames(t *testing.T) {
	shared := testbed.Shared(t)
	var nasty []string
	if err := json.Unmarshal(readFile(t, filepath.Join(shared, "data", "blns", "blns.json")), &nasty); err != nil {
		t.Fatal(err)
	}
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		for i, s := range nasty {
			tab := table{header: []string{"institution", "code", "name", "credits"},
				rows: []bank.Row{{Number: 2, Line: 2, Cells: []string{"A", "nasty", strings.TrimSpace(s), "1"}}}}
			r := take(t, b, "courses", tab)
			if r.Refused == 1 {
				continue
			}
			courses, err := b.Course(context.Background(), courseKey("A", "nasty"))
			if err != nil || courses.Current.Name != strings.TrimSpace(s) {
				t.Errorf("string %d: %q became %q (%v)", i, s, courses.Current.Name, err)
			}
		}
	})
}

// The bank's place cannot be taken by another institution, not even in the file
// in which the bank gives it up, whatever the order of rows.
func TestThereIsOneBank(t *testing.T) {
	const head = "code,name,kind\n"
	const one, two = "3650990001,One,", "3650990002,Two,"
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		if r := text(t, b, "institutions", head+one+"bank\n"+two+"enterprise\n"); r.New != 2 {
			t.Fatalf("%+v", r)
		}
		for _, rows := range []string{two + "bank\n", one + "enterprise\n" + two + "bank\n", two + "bank\n" + one + "enterprise\n"} {
			r := text(t, b, "institutions", head+rows)
			if r.Written || r.Refused != 1 || r.Errors[0].Code != "second_bank" {
				t.Errorf("%q: %+v", rows, r)
			}
		}
		if r := text(t, b, "institutions", head+one+"bank\n"); r.Unchanged != 1 {
			t.Errorf("the bank again: %+v", r)
		}
	})
}

func TestResultsOfTheFutureAreRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		text(t, b, "learners", "account,name\nL1,示例学员\n")
		const head = "learner,institution,course,grade,completed_on\n"
		r := text(t, b, "records", head+"L1,A,a1,80,2026-11-23\n")
		if r.Refused != 1 || r.Errors[0].Code != "future" || r.Errors[0].Column != "completed_on" {
			t.Errorf("tomorrow: %+v", r)
		}
		if r := text(t, b, "records", head+"L1,A,a1,80,2026-11-22\n"); r.New != 1 {
			t.Errorf("today: %+v", r)
		}
	})
}

// The rows of a rule with two target institutions: the second is wrong, and nothing else is.
func TestTwoTargetInstitutionsAreNamedAtTheirRow(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		r := text(t, b, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course\nE,A,a1,B,b1\nE,A,a1,A,a2\n")
		var got []string
		for _, e := range r.Errors {
			got = append(got, fmt.Sprintf("%d %s %s", e.Row, e.Column, e.Code))
		}
		if want := []string{"2  partner", "3 target_institution disagrees"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// A file in which nobody can say where rows begin is refused whole, also in part.
func TestBrokenQuotesRefuseTheFile(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		before := export(t, b, "courses")
		tab := parseTable(t, []byte("institution,code,name,credits\nA,n1,N1,1\nA,\"n2,N2,1\nA,n3,N3,1\n"))
		_, err := b.Import(context.Background(), operator, bank.Import{Kind: "courses", Header: tab.header, Rows: tab.all(), Partial: true})
		if bank.CodeOf(err) != bank.Invalid || !strings.Contains(err.Error(), "row 3: quotes") {
			t.Errorf("got %v", err)
		}
		if export(t, b, "courses") != before {
			t.Error("something was written")
		}
	})
}

func TestOtherSeparatorsAreNamed(t *testing.T) {
	b := open(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db"))
	for _, header := range []string{"institution;code;name;credits", "institution\tcode\tname\tcredits"} {
		_, err := b.Import(context.Background(), operator, bank.Import{Kind: "courses", Header: []string{header}})
		if bank.CodeOf(err) != bank.Invalid || !strings.Contains(err.Error(), "file: separator") {
			t.Errorf("%q: %v", header, err)
		}
	}
}

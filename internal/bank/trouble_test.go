package bank_test

import (
	"bytes"
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/intake"
)

// damaged imports a file as the command line does.
func damaged(t *testing.T, b *bank.Bank, kind string, file []byte, mend ...string) bank.ImportReport {
	t.Helper()
	table, err := intake.Open(bytes.NewReader(file), kind, "")
	if err != nil {
		t.Fatal(err)
	}
	report, err := b.Import(context.Background(), operator, bank.Import{Kind: kind, Header: table.Header(), Rows: table.Rows(), Notes: table.Notes(), Mend: mend})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// said are the codes of what is wrong and of what is noted.
func said(r bank.ImportReport) (faults, notes []string) {
	for _, e := range r.Errors {
		faults = append(faults, e.Column+":"+e.Code)
	}
	for _, n := range r.Notes {
		notes = append(notes, n.Column+":"+n.Code)
	}
	return faults, notes
}

// Each trouble has a name, and what is certain is mended when a person says so.
func TestTroublesAreNamed(t *testing.T) {
	const records = "learner,reference,institution,course,grade,credits,completed_on\n"
	const courses = "institution,code,name,credits,valid_from\n"
	for name, c := range map[string]struct {
		kind, file    string
		faults, notes []string
		mend          string // the trouble that is confirmed; empty: it is no matter of that
	}{
		"digits lost":          {"records", records + "1.10105E+17,r,A,007,80,1,2026-09-01\n", []string{"learner:excel_number"}, nil, ""},
		"digits beyond 15":     {"learners", "account,name,id_number\nX,示例,110105194912310000\n", []string{"id_number:excel_digits"}, nil, ""},
		"digits of a code":     {"courses", courses + "365000000100000000,c,n,1,\n", []string{"institution:excel_digits"}, nil, ""},
		"zeros of a course":    {"records", records + "L1,r,A,7,80,1,2026-09-01\n", []string{"course:lost_zeros"}, []string{"course:lost_zeros_mended"}, "lost_zeros"},
		"zeros of an account":  {"records", records + "42,r,A,007,80,1,2026-09-01\n", []string{"learner:lost_zeros"}, []string{"learner:lost_zeros_mended"}, "lost_zeros"},
		"zeros of two codes":   {"records", records + "L1,r,A,8,80,1,2026-09-01\n", []string{"course:unknown_course"}, nil, ""},
		"a count of days":      {"records", records + "L1,r,A,007,80,1,46266\n", []string{"completed_on:date_serial"}, []string{"completed_on:date_serial_mended"}, "date_serial"},
		"a binary fraction":    {"records", records + "L1,r,A,007,80,3.4999999999999996,2026-09-01\n", nil, []string{"credits:binary_fraction"}, ""},
		"wide digits":          {"records", records + "L1,r,A,００７,８５．５,１．５,２０２６－０９－０１\n", nil, []string{"completed_on:full_width", "course:full_width", "credits:full_width", "grade:full_width"}, ""},
		"wide digits, defined": {"courses", courses + "A,Ｃ１,n,1,\n", nil, []string{"code:full_width_kept"}, ""},
		"letter O":             {"records", records + "L1,r,A,OO7,8O,1.O,2026-O9-01\n", []string{"course:letter_o", "credits:letter_o", "completed_on:letter_o", "grade:grade"}, nil, ""},
		"letter O in a number": {"records", records + "L1,r,A,007,80,1.O,2026-09-01\n", []string{"credits:letter_o"}, []string{"credits:letter_o_mended"}, "letter_o"},
		"letter O of a person": {"learners", "account,name,id_number\nX,示例,11O1O519491231002X\n", []string{"id_number:letter_o"}, []string{"id_number:letter_o_mended"}, "letter_o"},
		"what nobody sees":     {"records", records + "L1\u200b,r,\u00a0A,\ufeff007,80\u200c,1\u00a0,2026-09-01\n", nil, []string{"course:invisible", "grade:invisible", "learner:invisible"}, ""},
		"dots of a name":       {"learners", "account,name\nX,阿卜杜•热合曼\nY,买买提・江\nZ,古丽·娜尔\n", nil, []string{"name:name_dot"}, ""},
		"a private character":  {"learners", "account,name\nX,王\ue863\n", nil, []string{"name:private_use"}, ""},
		"a row of counts":      {"learners", "account,name\nL9,示例\n合计,4 人\n", []string{":total_row"}, []string{":total_row_mended"}, "total_row"},
		"a row of totals":      {"records", records + "L1,r,A,007,80,1,2026-09-01\n合计：,,,,,1,\n", []string{":total_row"}, []string{":total_row_mended"}, "total_row"},
		"the same row twice":   {"records", records + strings.Repeat("L1,r,A,007,80,1,2026-09-01\n", 3), nil, []string{":row_twice"}, ""},
		"an error of Excel":    {"records", records + "L1,r,A,#N/A,80,#VALUE!,2026-09-01\n", []string{"course:excel_error", "credits:excel_error"}, nil, ""},
		"NUL":                  {"records", records + "L1,r,A,007\x00,80,1,2026-09-01\n", []string{":nul"}, nil, ""},
		"half a character":     {"records", records + "L1,好好好好,A,007\xed\xa0\x80,80,1,2026-09-01\n", []string{":surrogate"}, nil, ""},
		"a title":              {"records", "2026 年秋季成绩\n\n" + records + "L1,r,A,007,80,1,2026-09-01\n", nil, []string{":title_rows"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, b *bank.Bank) {
				small(t, b)
				text(t, b, "courses", "institution,code,name,credits\nA,007,Zeros,1\nA,08,Eight,1\nA,008,Eight,1\n")
				text(t, b, "learners", "account,name\nL1,示例学员\n00042,示例学员\n")
				faults, notes := said(damaged(t, b, c.kind, []byte(c.file)))
				slices.Sort(faults)
				slices.Sort(c.faults)
				slices.Sort(notes)
				if c.mend != "" && len(notes) > 0 || !reflect.DeepEqual(faults, c.faults) || c.mend == "" && !reflect.DeepEqual(notes, c.notes) {
					t.Fatalf("faults %q, notes %q", faults, notes)
				}
				if c.mend == "" {
					return
				}
				r := damaged(t, b, c.kind, []byte(c.file), c.mend)
				if faults, notes := said(r); faults != nil || !reflect.DeepEqual(notes, c.notes) || !r.Written {
					t.Errorf("confirmed: faults %q, notes %q, %+v", faults, notes, r)
				}
			})
		})
	}
}

// What is read otherwise is kept as it was read.
func TestTroublesAreReadAsMeant(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		text(t, b, "courses", "institution,code,name,credits\nA,007,Zeros,1\n")
		damaged(t, b, "learners", []byte("*学分账号,姓 名\nX,阿卜杜•热合曼\nY,\U00020BB7𫖯•\n"))
		damaged(t, b, "records", []byte("learner,reference,institution,course,grade,credits,completed_on\nX,r,A,7,８５,3.4999999999999996,46266\n"), "lost_zeros", "date_serial")
		if got := export(t, b, "learners"); !strings.Contains(got, "阿卜杜·热合曼") || !strings.Contains(got, "𠮷𫖯•") {
			t.Errorf("learners %s", got)
		}
		if got := export(t, b, "records"); !strings.Contains(got, "X,r,course,A,007,,85,percent,3.5,,,2026-09-01,") {
			t.Errorf("records %s", got)
		}
	})
}

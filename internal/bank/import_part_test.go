package bank_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// A file that is longer than what is held of it at once is taken as a short one is: the
// same row twice is told, two rows that contradict each other are refused, and a file
// that was taken changes nothing the second time.
func TestRecordsArePartByPart(t *testing.T) {
	const rows = 20_100 // some parts
	var file strings.Builder
	file.WriteString("learner,reference,institution,course,grade,completed_on\n")
	for i := range rows {
		fmt.Fprintf(&file, "L1,R%05d,3650990001,M,%d,2025-06-25\n", i, 60+i%40)
	}
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		text(t, b, "institutions", "code,name,kind\n3650990001,云帆学校,secondary_vocational\n")
		text(t, b, "courses", "institution,code,name,credits\n3650990001,M,数学,4\n")
		text(t, b, "learners", "account,name\nL1,示例学员\n")
		r := text(t, b, "records", file.String()+"L1,R00005,3650990001,M,65,2025-06-25\nL1,R15000,3650990001,M,60,2025-06-25\nL1,R00006,3650990001,M,59,2025-06-25\n")
		if r.Rows != rows+3 || r.New != rows || r.Unchanged != 2 || r.Refused != 1 || r.Written {
			t.Fatalf("%d rows, %d new, %d unchanged, %d refused, written %v", r.Rows, r.New, r.Unchanged, r.Refused, r.Written)
		}
		if e := r.Errors[0]; e.Code != "contradicts" || e.Row != rows+4 || e.Args["Row"] != 8 {
			t.Errorf("the fault is %+v", e)
		}
		if r := text(t, b, "records", file.String()); r.New != rows || !r.Written {
			t.Errorf("%d new, %d refused %v", r.New, r.Refused, r.Errors[:min(1, len(r.Errors))])
		}
		if r := text(t, b, "records", file.String()); r.Unchanged != rows || r.Written {
			t.Errorf("again %d unchanged", r.Unchanged)
		}
		if v, err := b.Verify(t.Context(), bank.VerifyInput{}); err != nil || v.Finding != nil || v.Entries != rows {
			t.Errorf("the ledger: %v %+v", err, v)
		}
	})
}

// Of a file that is longer than what waits for its learners some results are written when
// a row of theirs comes again, and some are not: that they came is known of both.
func TestRecordsWaitForTheirLearners(t *testing.T) {
	const rows, learners = 130_000, 700
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "bank.db")
	b := open(t, dsn)
	text(t, b, "institutions", "code,name,kind\n3650990001,云帆学校,secondary_vocational\n")
	text(t, b, "courses", "institution,code,name,credits\n3650990001,M,数学,4\n")
	accounts := "account,name\n"
	for i := range learners {
		accounts += fmt.Sprintf("L%d,示例学员\n", i)
	}
	text(t, b, "learners", accounts)
	result := func(n, grade int) string {
		return fmt.Sprintf("L%d,R%06d,3650990001,M,%d,2025-06-25\n", n*31%learners, n, grade)
	}
	var file strings.Builder
	file.WriteString("learner,reference,institution,course,grade,completed_on\n")
	for n := range rows {
		file.WriteString(result(n, 60+n%40))
	}
	again := ""
	for _, n := range []int{0, 31, rows / 2, rows - 1} {
		again += result(n, 60+n%40) + result(n, 59)
	}
	r := text(t, b, "records", file.String()+again)
	if r.New != rows || r.Unchanged != 4 || r.Refused != 4 || r.Written {
		t.Fatalf("%d new, %d unchanged, %d refused, written %v", r.New, r.Unchanged, r.Refused, r.Written)
	}
	for i, n := range []int{0, 31, rows / 2, rows - 1} {
		// The row before said the same as the first, and is the last that did.
		if e := r.Errors[i]; e.Code != "contradicts" || e.Row != rows+3+2*i || e.Args["Row"] != e.Row-1 {
			t.Errorf("result %d: %+v", n, e)
		}
	}
	if r := text(t, b, "records", file.String()); r.New != rows || !r.Written {
		t.Fatalf("%d new, %d refused", r.New, r.Refused)
	}
	if v, err := b.Verify(t.Context(), bank.VerifyInput{}); err != nil || v.Finding != nil || v.Entries != rows || v.Records != rows {
		t.Errorf("the ledger: %v %+v", err, v)
	}
	wantConsistent(t, rawOf(t, dsn))
	if r := text(t, b, "records", file.String()); r.Unchanged != rows || r.Written {
		t.Errorf("again %d unchanged", r.Unchanged)
	}
}

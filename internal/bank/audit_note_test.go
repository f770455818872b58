package bank_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/sheet"
)

// auditRows are all rows as the operator's export gives them, without the header.
func auditRows(t *testing.T, b *bank.Bank) (rows [][]string) {
	t.Helper()
	err := b.AuditExport(ctx, operator, bank.AuditQuery{}, func(cells ...string) error {
		rows = append(rows, append([]string(nil), cells...))
		return nil
	})
	if err != nil || len(rows) == 0 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	return rows[1:]
}

// Who did what, on what, about whom and why stands there; who somebody is does not.
func TestWhatIsNoted(t *testing.T) {
	personal := []string{"欧阳测试", "E99000099", "13800000000", "someone@example.invalid", "秘书处的系统"}
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, dsn, _ string) {
		in := textIn(t, b, "learners", "account,name,id_type,id_number,birth_date,phone,email\nL7,"+
			strings.Join([]string{personal[0], "passport", personal[1], "1990-01-01", personal[2], personal[3]}, ",")+"\n")
		if !in.Written {
			t.Fatalf("%+v", in)
		}
		deposited(t, b, learnA, "R1")
		done(t)(b.Reverse(ctx, operator, []int64{0}, bank.Why{Reason: "issuer_correction"}))
		deposited(t, b, learnA, "R1", "R2")
		done(t)(b.Hold(ctx, operator, learnA, refs("R1", "R2"), bank.Why{Cause: bank.Cause{Kind: "application", ID: "A1"}}))
		done(t)(b.Release(ctx, operator, learnA, refs("R1", "R2"), bank.Why{}))
		done(t)(b.Merge(ctx, operator, learnA, learnB, bank.Why{Reason: "two_accounts"}))
		made, secret, err := b.AddToken(ctx, operator, bank.NewToken{Name: personal[4], Institution: school})
		if err != nil {
			t.Fatal(err)
		}
		system, err := b.Authenticate(ctx, secret)
		if err != nil {
			t.Fatal(err)
		}
		done(t)(b.Deposit(ctx, system, learnB, []bank.DepositRecord{result("R3")}, bank.Why{})) // stands in the ledger
		if err := b.RevokeToken(ctx, operator, made.ID); err != nil {
			t.Fatal(err)
		}
		nothing := func(...string) error { return nil }
		for _, kind := range bank.Kinds() {
			if err := b.Export(ctx, operator, kind, nothing); err != nil {
				t.Fatal(err)
			}
		}
		wantRefused(t, b.Export(ctx, registrar, "learners", nothing), bank.Denied)
		if _, err := b.ViewAccount(ctx, registrar, learnB); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range auditRows(t, b)[4:] {
			for _, secret := range append(personal, secret) {
				if strings.Contains(strings.Join(row, " "), secret) {
					t.Errorf("%q stands in %q", secret, row)
				}
			}
			got = append(got, strings.TrimRight(strings.Join([]string{row[2], row[6], row[7], row[8], row[9], row[10]}, "|"), "|"))
		}
		want := []string{"operator|import|learners||rows=1 new=1 unchanged=0 updated=0 refused=0",
			"operator|book|entry 0|L1|deposit entries=1", "operator|book|entry 1|L1|reverse entries=1|issuer_correction", "operator|book|entry 2|L1|deposit entries=2",
			"operator|book|entry 4|L1|hold entries=2", "operator|book|entry 6|L1|release entries=2",
			"operator|merge|L2|L1||two_accounts", "operator|book|entry 8|L1|merge entries=2|two_accounts", "operator|book|entry 8|L2|merge entries=2|two_accounts",
			"operator|token.add|" + made.ID + "||" + school, "operator|token.revoke|" + made.ID, "operator|export|learners", "operator|export|records", "operator|export|uses",
			"operator|export|creditbank-courses", "operator|export|creditbank-external", "operator|export|creditbank-certificates",
			"u:reg|look|account|L2", "operator|audit.export"}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("noted is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		wantSound(t, b)
	})
}

// An export holds all that the chain is made of, through the writer of tables too.
func TestAuditExportCanBeChecked(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		notes(t, b, 2100) // more than are read at once
		if err := b.Write(ctx, func(tx bank.Tx) error { return tx.Note("=HYPERLINK(1)") }); err != nil {
			t.Fatal(err)
		}
		var file strings.Builder
		w := sheet.NewWriter(&file)
		err := b.AuditExport(ctx, auditor, bank.AuditQuery{}, func(cells ...string) error { return w.Write(cells) })
		if err := errors.Join(err, w.Flush()); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(file.String(), ",=HYPERLINK") {
			t.Error("a formula is one")
		}
		wantChain(t, file.String(), 4+2100+1+1)
		// A part of it: those about one thing, in their order.
		var numbers []string
		err = b.AuditExport(ctx, auditor, bank.AuditQuery{Action: "import"}, func(cells ...string) error { numbers = append(numbers, cells[0]); return nil })
		if err != nil || fmt.Sprint(numbers) != "[number 1 2 3 4]" {
			t.Errorf("%v, %v", numbers, err)
		}
	})
}

// A backup holds the note of itself, and what is put back says that it was.
func TestBackupAndRestoreAreNoted(t *testing.T) {
	folder := t.TempDir()
	dsn, copied := "sqlite:"+filepath.Join(folder, "bank.db"), filepath.Join(folder, "copy")
	b := open(t, dsn)
	if err := b.Backup(ctx, operator, copied, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := bank.Restore(ctx, operator, dsn, copied, "now"); err != nil {
		t.Fatal(err)
	}
	rows := auditRows(t, open(t, dsn))
	if len(rows) != 3 || rows[0][6] != "backup" || rows[1][6] != "restore" || rows[1][2] != "operator" {
		t.Errorf("%q", rows)
	}
	left, err := filepath.Glob(filepath.Join(folder, "*restoring*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := os.Stat(filepath.Join(folder, "bank.db.replaced-now")); err != nil {
		t.Error(err)
	}
}

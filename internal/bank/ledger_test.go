package bank_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
	"creditbank/internal/transfer"
)

// school is the institution of the small bank, there is the programme, a and b are learners.
const (
	school  = "4150000001"
	learnA  = "L1"
	learnB  = "L2"
	nowhere = "L9"
)

var there = transfer.ProgrammeKey{Institution: school, Code: "P"}

// opened is a bank with a key on either database.
func opened(t testing.TB, dsn, key string) *bank.Bank {
	t.Helper()
	b, err := bank.OpenWith(ctx, dsn, bank.Options{LedgerKeyFile: key, LedgerOrigin: "bank.example/api/v1/ledger", PersonalKey: testbed.PersonalKey(dsn)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// onBothWithKey runs a test on both databases, and says where the bank is.
func onBothWithKey(t *testing.T, test func(t *testing.T, b *bank.Bank, dsn, key string)) {
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		dsn, key := "sqlite:"+filepath.Join(dir, "bank.db"), filepath.Join(dir, "key")
		test(t, little(t, opened(t, dsn, key)), dsn, key)
	})
	t.Run("postgres", func(t *testing.T) {
		dsn, key := newBank(t), filepath.Join(t.TempDir(), "key")
		test(t, little(t, opened(t, dsn, key)), dsn, key)
	})
}

// little fills a bank with one school, three courses, a programme and three learners.
func little(t testing.TB, b *bank.Bank) *bank.Bank {
	t.Helper()
	for _, f := range [][2]string{
		{"institutions", "code,name,kind,hours_per_credit,credit_step\n" + school + ",School,higher_vocational,16,0.5\n"},
		{"courses", "institution,code,name,credits,hours\n" + school + ",C1,One,3,48\n" + school + ",C2,Two,0,40\n" + school + ",C3,Three,0,\n"},
		{"programmes", "institution,code,name,required_credits\n" + school + ",P,Programme,100\n" + school + ",Q,Other,100\n"},
		{"learners", "account,name\nL1,Li\nL2,Wang\nL3,Zhang\n"},
	} {
		if r := textIn(t, b, f[0], f[1]); r.Refused > 0 || !r.Written {
			t.Fatalf("%s: %+v", f[0], r)
		}
	}
	return b
}

// textIn imports a file.
func textIn(t testing.TB, b *bank.Bank, kind, csv string) bank.ImportReport {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(csv), "\n")
	in := bank.Import{Kind: kind, Header: strings.Split(lines[0], ","), Rows: func(yield func(bank.Row, error) bool) {
		for i, line := range lines[1:] {
			if !yield(bank.Row{Number: i + 2, Line: i + 2, Cells: strings.Split(line, ",")}, nil) {
				return
			}
		}
	}}
	r, err := b.Import(ctx, operator, in)
	if err != nil {
		t.Fatalf("import %s: %v", kind, err)
	}
	return r
}

// result is a good element of a deposit.
func result(reference string) bank.DepositRecord {
	return bank.DepositRecord{Reference: reference, Institution: school, Course: "C1", Grade: "80", Credits: "4", CompletedOn: "2025-07-01"}
}

func ref(reference string) bank.RecordRef {
	return bank.RecordRef{Institution: school, Reference: reference}
}

func refs(references ...string) (list []bank.RecordRef) {
	for _, r := range references {
		list = append(list, ref(r))
	}
	return list
}

// deposited books good results.
func deposited(t testing.TB, b *bank.Bank, account string, references ...string) bank.Receipt {
	t.Helper()
	var list []bank.DepositRecord
	for _, r := range references {
		list = append(list, result(r))
	}
	return done(t)(b.Deposit(ctx, operator, account, list, bank.Why{}))
}

func done(t testing.TB) func(bank.Receipt, error) bank.Receipt {
	return func(r bank.Receipt, err error) bank.Receipt {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
}

// wantRefused holds a refusal against its code and fields: "field: what".
func wantRefused(t testing.TB, err error, code bank.Code, fields ...string) {
	t.Helper()
	var refusal *bank.Error
	if !errors.As(err, &refusal) {
		t.Fatalf("got %v, want a refusal %s", err, code)
	}
	var got []string
	for _, f := range refusal.Fields {
		got = append(got, f.Field+": "+f.Code)
	}
	if refusal.Code != code || !slices.Equal(got, fields) {
		t.Errorf("got %s %q, want %s %q", refusal.Code, got, code, fields)
	}
}

// wantSound holds the whole ledger against its rules.
func wantSound(t testing.TB, b *bank.Bank) bank.VerifyReport {
	t.Helper()
	report, err := b.Verify(ctx, bank.VerifyInput{})
	if err != nil {
		t.Fatal(err)
	}
	if report.Finding != nil {
		t.Fatalf("found %v", report.Finding)
	}
	trial, err := b.TrialBalance(ctx)
	if err != nil || trial.Sum != 0 || trial.Size != report.Entries || trial.Loss != report.Loss {
		t.Fatalf("trial balance %+v, %v", trial, err)
	}
	if accounts, err := b.StatementsDiffer(ctx); err != nil || len(accounts) > 0 {
		t.Fatalf("the statements of %v are not their entries: %v", accounts, err)
	}
	return report
}

// state is all that an account has, in one line.
func state(t testing.TB, b *bank.Bank, account string) string {
	t.Helper()
	sum, err := b.Balance(context.Background(), account)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%v/%v/%v of %d", sum.Available, sum.Held, sum.Expired, sum.Records)
	for _, p := range sum.Programmes {
		text += fmt.Sprintf(" %s %v/%v", p.Code, p.Applied, p.Redeemed)
	}
	return text
}

func wantState(t testing.TB, b *bank.Bank, account, want string) {
	t.Helper()
	if got := state(t, b, account); got != want {
		t.Errorf("%s has %s, want %s", account, got, want)
	}
}

// A result goes through every place, and the books follow.
func TestTheWholeWay(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		why := bank.Why{Reason: "diploma", Cause: bank.Cause{Kind: "application", ID: "A-1"}}
		got := deposited(t, b, learnA, "R1", "R2", "R3")
		if got.Batch != 0 || len(got.Entries) != 3 || len(got.Records) != 3 || got.Records[2].Entry != 2 || got.Records[2].State != bank.DepositNew {
			t.Errorf("deposit: %+v", got)
		}
		wantState(t, b, learnA, "12/0/0 of 3")
		done(t)(b.Hold(ctx, operator, learnA, refs("R1", "R2"), why))
		wantState(t, b, learnA, "4/8/0 of 3")
		done(t)(b.Release(ctx, operator, learnA, refs("R2"), why))
		done(t)(b.Convert(ctx, operator, learnA, there, []bank.Conversion{{RecordRef: ref("R1"), Worth: 350}}, why))
		wantState(t, b, learnA, "8/0/0 of 3 P 3.5/0")
		booked := done(t)(b.Redeem(ctx, operator, learnA, there, refs("R1"), why))
		wantState(t, b, learnA, "8/0/0 of 3 P 0/3.5")
		e := booked.Entries[0]
		if e.Actor != "operator" || e.Reason != "diploma" || e.Cause != why.Cause || e.Debit.String() != "applied:L1@"+school+":P" {
			t.Errorf("redeemed by %+v", e)
		}
		done(t)(b.Expire(ctx, operator, learnA, refs("R2"), bank.Why{}))
		wantState(t, b, learnA, "4/0/4 of 3 P 0/3.5")
		done(t)(b.Refresh(ctx, operator, learnA, refs("R2"), bank.Why{Reason: "test passed"}))
		done(t)(b.Merge(ctx, operator, learnA, learnB, bank.Why{Reason: "one person"}))
		wantState(t, b, learnA, "0/0/0 of 1 P 0/3.5")
		wantState(t, b, learnB, "8/0/0 of 2")
		if loss, err := b.CreditLoss(ctx); err != nil || loss != 50 {
			t.Errorf("loss %v, %v", loss, err)
		}
		if report := wantSound(t, b); report.Entries != 13 || report.Records != 3 || report.Learners != 2 || report.Loss != 50 {
			t.Errorf("verified %+v", report)
		}
	})
}

// The seeds are booked: every result, and those used before the bank opened.
func TestSeedsAreBooked(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		seeded(t, b)
		first := wantSound(t, b)
		if first.Entries != 3818+4*12 || first.Records != 3818 || first.Loss != 0 {
			t.Errorf("booked %+v", first)
		}
		seeded(t, b)
		if again := wantSound(t, b); again.Root != first.Root {
			t.Error("the second import booked something")
		}
		list, err := b.Standings(ctx, "L000011")
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(list, func(s bank.Standing) bool { return s.Reference == "YF2024-00031" })
		if i < 0 || list[i].Place != "redeemed" || list[i].Programme.Code != "530701" || list[i].Amount != list[i].Deposited {
			t.Errorf("a used result stands so: %+v", list)
		}
	})
}

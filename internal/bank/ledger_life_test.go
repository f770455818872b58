package bank_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
)

const recordsHeader = "learner,reference,institution,course,grade,credits,completed_on\n"

// row is a row of a file of records.
func row(account, reference, grade string) string {
	return account + "," + reference + "," + school + ",C1," + grade + ",4,2025-07-01\n"
}

// An import books each new row in a batch of its own, tied by the import: learner by learner.
func TestImportBooks(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		file := recordsHeader + row("L1", "B", "80") + row("L2", "A", "80")
		if r := textIn(t, b, "records", file); r.New != 2 {
			t.Fatalf("%+v", r)
		}
		if r := textIn(t, b, "records", file+row("L1", "C", "80")); r.New != 1 || r.Unchanged != 2 {
			t.Fatalf("%+v", r)
		}
		var got []string
		for n := range int64(3) {
			e, err := b.LedgerEntry(ctx, operator, n)
			if err != nil {
				t.Fatal(err)
			}
			if e.Batch != n || e.Actor != "operator" || e.Cause.Kind != "import" {
				t.Errorf("%+v", e)
			}
			got = append(got, e.Record.Reference+e.Cause.ID)
		}
		if got[0][:1]+got[1][:1]+got[2][:1] != "BAC" || got[0][1:] != got[1][1:] || got[0][1:] == got[2][1:] {
			t.Errorf("booked %v", got)
		}
		// What is refused books nothing, and other content is a conflict.
		if r := textIn(t, b, "records", recordsHeader+row("L1", "D", "80")+row("L1", "B", "90")); r.Refused != 1 || r.Written || r.Errors[0].Code != "lasting" {
			t.Fatalf("%+v", r)
		}
		if report := wantSound(t, b); report.Entries != 3 {
			t.Errorf("%d entries", report.Entries)
		}
	})
}

// A withdrawn result stays so when the same file comes again, and is corrected when
// another does.
func TestImportCorrects(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		textIn(t, b, "records", recordsHeader+row("L1", "A", "80")+row("L1", "B", "80"))
		done(t)(b.Reverse(ctx, operator, []int64{0}, bank.Why{Reason: "issuer_correction"}))
		if answer, err := b.ReadRecords(ctx, bank.CheckInput{Records: []bank.CheckRecord{{Institution: school, Course: "C1"}}}); err != nil || len(answer) != 1 {
			t.Fatal(err)
		}
		if r := textIn(t, b, "records", recordsHeader+row("L1", "A", "80")); r.Unchanged != 1 {
			t.Fatalf("%+v", r)
		}
		wantState(t, b, learnA, "4/0/0 of 1")
		if r := textIn(t, b, "records", recordsHeader+row("L2", "A", "85")); r.Updated != 1 || !r.Written {
			t.Fatalf("%+v", r)
		}
		wantState(t, b, learnA, "4/0/0 of 1")
		wantState(t, b, learnB, "4/0/0 of 1")
		wantSound(t, b)
	})
}

const usesHeader = "learner,institution,reference,used_institution,used_programme,used_on,note\n"

// Results that were used before the bank opened are booked as redeemed, once, and
// only while they are available.
func TestUsesAreBooked(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		textIn(t, b, "records", recordsHeader+row("L1", "A", "80")+row("L1", "B", "80"))
		use := func(reference string) string {
			return "L1," + school + "," + reference + "," + school + ",P,2024-09-20,\n"
		}
		for range 2 {
			textIn(t, b, "uses", usesHeader+use("A"))
			wantState(t, b, learnA, "4/0/0 of 2 P 0/4")
		}
		e, err := b.LedgerEntry(ctx, operator, 5)
		if err != nil || e.Batch != 2 || e.Reason != "used_on 2024-09-20" || e.Kind.String() != "redeem" {
			t.Errorf("%+v, %v", e, err)
		}
		done(t)(b.Hold(ctx, operator, learnA, refs("B"), bank.Why{}))
		if r := textIn(t, b, "uses", usesHeader+use("B")); r.Refused != 1 || r.Errors[0].Code != "stands_held" || r.Errors[0].Column != "reference" {
			t.Errorf("%+v", r)
		}
		answer, err := b.PlanLearner(ctx, operator, learnA, bank.CheckInput{To: there})
		if err != nil || answer.Records[0].Used != school+":P" || answer.Records[1].Used != "held" {
			t.Errorf("%+v, %v", answer.Records, err)
		}
		wantSound(t, b)
	})
}

// Validity ends by the bank's policy, counted from completion or from the last refresh.
func TestExpireDue(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, _ *bank.Bank, dsn, key string) {
		b := opened(t, dsn, key) // which has written nothing yet: a clock is never behind that of an earlier write
		at := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
		b.Now = func() time.Time { return at }
		day := func(text string) calendar.Day {
			d, err := calendar.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		due := func(on string, want int) {
			t.Helper()
			if r := done(t)(b.ExpireDue(ctx, operator, learnA, day(on), bank.Why{})); len(r.Entries) != want {
				t.Errorf("on %s %d end, want %d", on, len(r.Entries), want)
			}
		}
		old := result("old")
		old.CompletedOn = "2022-11-21"
		done(t)(b.Deposit(ctx, operator, learnA, []bank.DepositRecord{old, result("young")}, bank.Why{}))
		due("2026-11-22", 0) // there is no policy
		textIn(t, b, "policies", "scope,valid_from,validity_years\nbank,2020-01-01,4\n")
		due("2026-11-21", 0)
		due("2026-11-22", 1)
		wantState(t, b, learnA, "4/0/4 of 2")
		due("2026-11-22", 0)
		done(t)(b.Refresh(ctx, operator, learnA, refs("old"), bank.Why{Reason: "test"}))
		due("2026-11-22", 0)
		at = at.AddDate(4, 0, 1)
		due("2030-11-22", 1) // the young one; the refreshed one has a day left
		due("2030-11-23", 1)
		wantState(t, b, learnA, "0/0/8 of 2")
		wantSound(t, b)
	})
}

// What comes for an account that was merged is meant for the other, a merge is
// undone by its reversal, and a merged account takes no deposits.
func TestMerge(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		why := bank.Why{Reason: "one person"}
		file := recordsHeader + row("L1", "A", "80") + row("L1", "B", "80")
		textIn(t, b, "records", file)
		done(t)(b.Expire(ctx, operator, learnA, refs("B"), why))
		merged := done(t)(b.Merge(ctx, operator, learnA, learnB, why))
		if len(merged.Entries) != 1 {
			t.Errorf("%+v", merged)
		}
		if r := textIn(t, b, "records", file+row("L1", "C", "80")); r.Unchanged != 2 || r.New != 1 {
			t.Errorf("%+v", r)
		}
		wantState(t, b, learnB, "8/0/0 of 2")
		_, err := b.Deposit(ctx, operator, learnA, []bank.DepositRecord{result("D")}, why)
		wantRefused(t, err, bank.Conflict)
		_, err = b.Merge(ctx, operator, learnA, "L3", why)
		wantRefused(t, err, bank.Conflict)
		done(t)(b.Merge(ctx, operator, learnB, "L3", why))
		if sum, err := b.Balance(ctx, learnA); err != nil || sum.MergedInto != "L3" {
			t.Errorf("%+v, %v", sum, err)
		}
		wantState(t, b, "L3", "8/0/0 of 2")
		for _, account := range []string{learnB, "L3"} {
			page, err := b.Statement(ctx, account, bank.Window{})
			if err != nil || len(page.Items) < 2 {
				t.Errorf("%s: %+v, %v", account, page, err)
			}
		}
		last := ledgerSize(t, b) - 1
		done(t)(b.Reverse(ctx, operator, []int64{last, last - 1}, why))
		wantState(t, b, learnB, "8/0/0 of 2")
		deposited(t, b, learnB, "D")
		wantSound(t, b)
	})
}

// A statement is read in pages that stay as they are.
func TestStatement(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		for i := range 7 {
			deposited(t, b, []string{learnA, learnB}[i%2], fmt.Sprint("R", i))
		}
		var got []string
		w := bank.Window{Limit: 2}
		for pages := 0; ; pages++ {
			page, err := b.Statement(ctx, learnA, w)
			if err != nil || pages > 5 {
				t.Fatal(pages, err)
			}
			for _, e := range page.Items {
				got = append(got, fmt.Sprint(e.Number))
			}
			if pages == 0 && page.Total != 4 {
				t.Errorf("%d in all", page.Total)
			}
			if page.Next == "" {
				break
			}
			w.Cursor = page.Next
			if pages == 0 {
				deposited(t, b, learnA, "more")
			}
		}
		if text := strings.Join(got, " "); text != "0 2 4 6 7" {
			t.Errorf("entries %s", text)
		}
		_, err := b.Statement(ctx, learnA, bank.Window{Cursor: "-1"})
		wantRefused(t, err, bank.Invalid, "cursor: cursor")
		_, err = b.Statement(ctx, nowhere, bank.Window{})
		wantRefused(t, err, bank.NotFound)
		_, err = b.Balance(ctx, nowhere)
		wantRefused(t, err, bank.NotFound)
	})
}

// Results that were booked before and have lost their entries are not booked again
// by opening the bank: verification finds that nothing stands behind them.
func TestLostEntriesAreNotBookedAgain(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, dsn, key string) {
		many(t, b, learnA, "R", 300)
		checkpointOf(t, b)
		raw := rawOf(t, dsn)
		disarm(t, raw, dsn)
		for _, lost := range []string{"entry", "ledger_node", "checkpoint"} {
			execute(t, raw, "DELETE FROM "+lost)
			report, err := opened(t, dsn, key).Verify(ctx, bank.VerifyInput{})
			if err != nil {
				t.Fatal(err)
			}
			if report.Finding == nil || report.Entries != 0 {
				t.Errorf("without %s: %d entries, found %v", lost, report.Entries, report.Finding)
			}
		}
	})
}

// A database with results and without entries, as an older program leaves it, is
// booked when it is opened, once.
func TestOlderDatabaseIsBooked(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, dsn, key string) {
		textIn(t, b, "records", recordsHeader+row("L1", "A", "80")+row("L1", "B", "80")+row("L2", "C", "40"))
		textIn(t, b, "uses", usesHeader+"L1,"+school+",A,"+school+",P,2024-09-20,\n")
		raw := rawOf(t, dsn)
		disarm(t, raw, dsn)
		execute(t, raw, "DELETE FROM entry", "UPDATE record SET standing = '', standing_institution = NULL, standing_programme = NULL, deposited = 0, worth = 0, last_entry = NULL, salt = NULL")
		for range 2 {
			b = opened(t, dsn, key)
			wantState(t, b, learnA, "4/0/0 of 2 P 0/4")
			wantState(t, b, learnB, "0/0/0 of 1")
			if report := wantSound(t, b); report.Entries != 7 {
				t.Errorf("%d entries", report.Entries)
			}
		}
		if r := textIn(t, b, "records", recordsHeader+row("L1", "A", "80")); r.Unchanged != 1 {
			t.Errorf("%+v", r)
		}
	})
}

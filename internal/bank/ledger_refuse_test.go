package bank_test

import (
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// ledgerSize is how many entries there are.
func ledgerSize(t testing.TB, b *bank.Bank) int64 {
	t.Helper()
	trial, err := b.TrialBalance(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return trial.Size
}

// Bad input is refused with the promised code, by element and field, and nothing is written.
func TestDepositRefuses(t *testing.T) {
	bad := func(change func(*bank.DepositRecord)) []bank.DepositRecord {
		wrong := result("N2")
		change(&wrong)
		return []bank.DepositRecord{result("N1"), wrong, result("N3")}
	}
	cases := []struct {
		name    string
		account string
		in      []bank.DepositRecord
		why     bank.Why
		code    bank.Code
		fields  []string
	}{
		{"zero credits", learnA, bad(func(d *bank.DepositRecord) { d.Credits = "0" }), bank.Why{}, bank.Invalid, []string{"records[1].credits: amount_zero"}},
		{"negative credits", learnA, bad(func(d *bank.DepositRecord) { d.Credits = "-4" }), bank.Why{}, bank.Invalid, []string{"records[1].credits: amount"}},
		{"over-long credits", learnA, bad(func(d *bank.DepositRecord) { d.Credits = "4.125" }), bank.Why{}, bank.Invalid, []string{"records[1].credits: amount"}},
		{"too many credits", learnA, bad(func(d *bank.DepositRecord) { d.Credits = "10000" }), bank.Why{}, bank.Invalid, []string{"records[1].credits: amount"}},
		{"reference of two lines", learnA, bad(func(d *bank.DepositRecord) { d.Reference = "N\n2" }), bank.Why{}, bank.Invalid, []string{"records[1].reference: control_character"}},
		{"title of two lines", learnA, bad(func(d *bank.DepositRecord) { d.Title = "N\r\n2" }), bank.Why{}, bank.Invalid, []string{"records[1].title: control_character"}},
		{"twice but for blanks", learnA, []bank.DepositRecord{result("N1"), result(" N1\n")}, bank.Why{}, bank.Invalid, []string{"records[1].reference: twice_listed"}},
		{"unknown account", nowhere, []bank.DepositRecord{result("N1")}, bank.Why{}, bank.NotFound, nil},
		{"unknown course", learnA, bad(func(d *bank.DepositRecord) { d.Course = "C9" }), bank.Why{}, bank.Invalid, []string{"records[1].course: unknown_course"}},
		{"unknown institution", learnA, bad(func(d *bank.DepositRecord) { d.Institution = "4150000009" }), bank.Why{}, bank.Invalid, []string{"records[1].institution: unknown_institution"}},
		{"no grade, to come", learnA, bad(func(d *bank.DepositRecord) { d.Grade, d.CompletedOn = "", "2199-01-01" }), bank.Why{}, bank.Invalid,
			[]string{"records[1].completed_on: future", "records[1].grade: required"}},
		{"twice", learnA, []bank.DepositRecord{result("N1"), result("N1")}, bank.Why{}, bank.Invalid, []string{"records[1].reference: twice_listed"}},
		{"other content", learnA, bad(func(d *bank.DepositRecord) { d.Reference, d.Grade = "R1", "90" }), bank.Why{}, bank.Conflict, []string{"records[1].reference: lasting"}},
		{"another's", learnB, []bank.DepositRecord{result("R1")}, bank.Why{}, bank.Conflict, []string{"records[0].reference: lasting"}},
		{"none", learnA, nil, bank.Why{}, bank.Invalid, []string{"records: required"}},
		{"too many", learnA, make([]bank.DepositRecord, bank.MaxBatch+1), bank.Why{}, bank.Invalid, []string{"records: too_many"}},
		{"long reason", learnA, []bank.DepositRecord{result("N1")}, bank.Why{Reason: strings.Repeat("x", 81)}, bank.Invalid, []string{"reason: too_long"}},
		{"half a cause", learnA, []bank.DepositRecord{result("N1")}, bank.Why{Cause: bank.Cause{Kind: "application"}}, bank.Invalid, []string{"cause: required"}},
		{"cause of no word", learnA, []bank.DepositRecord{result("N1")}, bank.Why{Cause: bank.Cause{Kind: "A B", ID: "1"}}, bank.Invalid, []string{"cause.kind: word"}},
		{"key of another form", learnA, []bank.DepositRecord{result("N1")}, bank.Why{Key: "a b"}, bank.Invalid, []string{"Idempotency-Key: idempotency_key"}},
	}
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		deposited(t, b, learnA, "R1")
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				_, err := b.Deposit(ctx, operator, c.account, c.in, c.why)
				wantRefused(t, err, c.code, c.fields...)
			})
		}
		if n := ledgerSize(t, b); n != 1 {
			t.Errorf("%d entries, want 1", n)
		}
		wantState(t, b, learnA, "4/0/0 of 1")
		wantSound(t, b)
	})
}

// What cannot be moved is not, and the answer says where it stands.
func TestMovesRefuse(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		deposited(t, b, learnA, "free", "held", "used", "done", "over", "gone")
		deposited(t, b, learnB, "other")
		why := bank.Why{Reason: "r"}
		done(t)(b.Hold(ctx, operator, learnA, refs("held", "used", "done"), why))
		done(t)(b.Convert(ctx, operator, learnA, there, []bank.Conversion{{RecordRef: ref("used"), Worth: 400}, {RecordRef: ref("done"), Worth: 0}}, why))
		done(t)(b.Redeem(ctx, operator, learnA, there, refs("done"), why))
		done(t)(b.Expire(ctx, operator, learnA, refs("over"), why))
		done(t)(b.Reverse(ctx, operator, []int64{5}, why))
		before := ledgerSize(t, b)
		elsewhere := transfer.ProgrammeKey{Institution: school, Code: "Q"}
		hold := func(account string, list ...string) error {
			_, err := b.Hold(ctx, operator, account, refs(list...), why)
			return err
		}
		r := "records[0].reference: "
		wantRefused(t, hold(learnA, "held"), bank.Conflict, r+"stands_held")
		wantRefused(t, hold(learnA, "free", "used", "done"), bank.Conflict, "records[1].reference: stands_applied", "records[2].reference: stands_redeemed")
		wantRefused(t, hold(learnA, "over"), bank.Conflict, r+"stands_expired")
		wantRefused(t, hold(learnA, "gone"), bank.Conflict, r+"stands_nowhere")
		wantRefused(t, hold(learnA, "other"), bank.NotFound, r+"unknown_record")
		wantRefused(t, hold(learnA, "none"), bank.NotFound, r+"unknown_record")
		wantRefused(t, hold(learnA, "free", "free"), bank.Invalid, "records[1].reference: twice_listed")
		wantRefused(t, hold(learnA), bank.Invalid, "records: required")
		wantRefused(t, hold(nowhere, "free"), bank.NotFound)
		_, err := b.Release(ctx, operator, learnA, refs("free"), why)
		wantRefused(t, err, bank.Conflict, r+"stands_available")
		_, err = b.Redeem(ctx, operator, learnA, there, refs("held"), why)
		wantRefused(t, err, bank.Conflict, r+"stands_held")
		_, err = b.Redeem(ctx, operator, learnA, elsewhere, refs("used"), why)
		wantRefused(t, err, bank.Conflict, r+"stands_applied")
		_, err = b.Redeem(ctx, operator, learnA, transfer.ProgrammeKey{Institution: school, Code: "Z"}, refs("used"), why)
		wantRefused(t, err, bank.NotFound)
		_, err = b.Convert(ctx, operator, learnA, there, []bank.Conversion{{RecordRef: ref("free"), Worth: 1}}, why)
		wantRefused(t, err, bank.Conflict, r+"stands_available")
		_, err = b.Convert(ctx, operator, learnA, there, []bank.Conversion{{RecordRef: ref("held"), Worth: -1}, {RecordRef: ref("x"), Worth: 1_000_000}}, why)
		wantRefused(t, err, bank.Invalid, "records[0].worth: amount_range", "records[1].worth: amount_range")
		_, err = b.Refresh(ctx, operator, learnA, refs("free"), why)
		wantRefused(t, err, bank.Conflict, r+"stands_available")
		_, err = b.Merge(ctx, operator, learnA, learnB, why)
		wantRefused(t, err, bank.Conflict)
		_, err = b.Merge(ctx, operator, learnA, learnA, why)
		wantRefused(t, err, bank.Invalid, "into: same_account")
		_, err = b.Merge(ctx, operator, learnB, nowhere, why)
		wantRefused(t, err, bank.NotFound)
		_, err = b.ExpireDue(ctx, operator, learnA, b.Today()+1, why)
		wantRefused(t, err, bank.Invalid, "on: day_ahead")
		if n := ledgerSize(t, b); n != before {
			t.Errorf("%d entries, want %d", n, before)
		}
		wantSound(t, b)
	})
}

// An entry is reversed once, with its other half, while the record stands where it brought it.
func TestReverse(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		why := bank.Why{Reason: "issuer_correction"}
		reverse := func(numbers ...int64) error {
			_, err := b.Reverse(ctx, operator, numbers, why)
			return err
		}
		deposited(t, b, learnA, "R1", "R2")                                                                          // 0, 1
		done(t)(b.Hold(ctx, operator, learnA, refs("R1"), why))                                                      // 2
		done(t)(b.Convert(ctx, operator, learnA, there, []bank.Conversion{{RecordRef: ref("R1"), Worth: 300}}, why)) // 3, 4
		wantRefused(t, reverse(0), bank.Conflict, "entries[0]: stands_applied")
		wantRefused(t, reverse(4), bank.Conflict, "entries[0]: reverse_both")
		wantRefused(t, reverse(1, 1), bank.Invalid, "entries[1]: twice_listed")
		wantRefused(t, reverse(99), bank.NotFound, "entries[0]: unknown_entry")
		wantRefused(t, reverse(), bank.Invalid, "entries: required")
		_, err := b.Reverse(ctx, operator, []int64{1}, bank.Why{})
		wantRefused(t, err, bank.Invalid, "reason: required")
		if err := reverse(2, 3, 4); err != nil { // 5, 6, 7
			t.Fatal(err)
		}
		wantState(t, b, learnA, "8/0/0 of 2")
		wantRefused(t, reverse(3), bank.Conflict, "entries[0]: reversed_twice")
		wantRefused(t, reverse(5), bank.Conflict, "entries[0]: reverses_again")
		if err := reverse(0); err != nil { // 8
			t.Fatal(err)
		}
		wantState(t, b, learnA, "4/0/0 of 1")
		// The correction, for another learner: the school had mixed them up.
		corrected := result("R1")
		corrected.Grade = "95"
		got := done(t)(b.Deposit(ctx, operator, learnB, []bank.DepositRecord{corrected}, why))
		if got.Batch != 9 || got.Records[0].State != bank.DepositNew {
			t.Errorf("corrected: %+v", got)
		}
		wantState(t, b, learnB, "4/0/0 of 1")
		if loss, err := b.CreditLoss(ctx); err != nil || loss != 0 {
			t.Errorf("loss %v, %v", loss, err)
		}
		wantSound(t, b)
	})
}

// The same results again book nothing, also one by one, in part, or with a key.
func TestDepositAgain(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		deposited(t, b, learnA, "R1")
		got := deposited(t, b, learnA, "R1", "R2")
		if len(got.Entries) != 1 || got.Records[0].State != bank.DepositUnchanged || got.Records[0].Entry != 0 || got.Records[1].Entry != 1 {
			t.Errorf("in part: %+v", got)
		}
		if got := deposited(t, b, learnA, "R1", "R2"); got.Batch != -1 || len(got.Entries) != 0 {
			t.Errorf("all again: %+v", got)
		}
		why := bank.Why{Key: "k1", Reason: "r"}
		first := done(t)(b.Hold(ctx, operator, learnA, refs("R1"), why))
		again := done(t)(b.Hold(ctx, operator, learnA, refs("R1"), why))
		if first.Replayed || !again.Replayed || again.Batch != first.Batch || len(again.Entries) != 1 || again.Entries[0] != first.Entries[0] {
			t.Errorf("with a key: %+v and %+v", first, again)
		}
		_, err := b.Hold(ctx, operator, learnA, refs("R2"), why)
		wantRefused(t, err, bank.Conflict)
		why.Reason = "other"
		_, err = b.Hold(ctx, operator, learnA, refs("R1"), why)
		wantRefused(t, err, bank.Conflict)
		wantState(t, b, learnA, "4/4/0 of 2")
	})
}

// What a result is worth when it is deposited.
func TestDepositAmounts(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		for _, c := range []struct {
			name, course, credits, hours, grade, want string
		}{
			{"its credits", "C1", "2.25", "100", "80", "2.25"},
			{"its hours, rounded down to the step", "C1", "", "31", "80", "1.5"},
			{"hours of less than a step", "C1", "", "7", "80", "0"},
			{"its course's credits", "C1", "", "", "80", "3"},
			{"its course's hours", "C2", "", "", "80", "2.5"},
			{"nothing known", "C3", "", "", "80", "0"},
			{"no pass", "C1", "4", "", "40", "0"},
		} {
			d := result(c.name)
			d.Course, d.Credits, d.Hours, d.Grade = c.course, c.credits, c.hours, c.grade
			got := done(t)(b.Deposit(ctx, operator, learnA, []bank.DepositRecord{d}, bank.Why{}))
			if amount := got.Records[0].Amount.String(); amount != c.want {
				t.Errorf("%s: %s, want %s", c.name, amount, c.want)
			}
		}
		// An import books the same.
		r := textIn(t, b, "records", "learner,reference,institution,course,grade,credits,hours,completed_on\n"+
			"L2,I1,"+school+",C1,80,2.25,100,2025-07-01\nL2,I2,"+school+",C1,80,,31,2025-07-01\nL2,I3,"+school+",C2,80,,,2025-07-01\nL2,I4,"+school+",C1,40,4,,2025-07-01\n")
		if r.New != 4 {
			t.Fatalf("%+v", r)
		}
		wantState(t, b, learnB, "6.25/0/0 of 4")
		wantSound(t, b)
	})
}

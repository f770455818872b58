package ledger_test

import (
	"errors"
	"strings"
	"testing"

	"creditbank/internal/credit"
	"creditbank/internal/ledger"
)

func TestCheckOfOneEntry(t *testing.T) {
	long := strings.Repeat("学", ledger.MaxText+1)
	for _, c := range []struct {
		name   string
		change func(*ledger.Entry)
		code   ledger.Code
		field  string
	}{
		{"number", func(e *ledger.Entry) { e.Number, e.Batch = -5, -5 }, ledger.OutOfRange, "number"},
		{"batch after it", func(e *ledger.Entry) { e.Batch = e.Number + 1 }, ledger.OutOfRange, "batch"},
		{"batch", func(e *ledger.Entry) { e.Batch = -1 }, ledger.OutOfRange, "batch"},
		{"no kind", func(e *ledger.Entry) { e.Kind = 0 }, ledger.Unknown, "kind"},
		{"a kind too far", func(e *ledger.Entry) { e.Kind = ledger.Merge + 1 }, ledger.Unknown, "kind"},
		{"less than nothing", func(e *ledger.Entry) { e.Amount = -1 }, ledger.OutOfRange, "amount"},
		{"too much", func(e *ledger.Entry) { e.Amount = credit.MaxAmount + 1 }, ledger.OutOfRange, "amount"},
		{"no time", func(e *ledger.Entry) { e.At = 0 }, ledger.OutOfRange, "at"},
		{"reverses nothing to reverse", func(e *ledger.Entry) { e.Reverses = 1 }, ledger.Needless, "reverses"},
		{"no debit account", func(e *ledger.Entry) { e.Debit = ledger.Account{} }, ledger.Unknown, "debit.place"},
		{"account of nobody", func(e *ledger.Entry) { e.Credit.Owner = "" }, ledger.Missing, "credit.owner"},
		{"account with a programme", func(e *ledger.Entry) { e.Credit.Programme = "1" }, ledger.Needless, "credit.programme"},
		{"account number too long", func(e *ledger.Entry) { e.Credit.Owner = long }, ledger.TooLong, "credit.owner"},
		{"account that is no text", func(e *ledger.Entry) { e.Credit.Owner = "\xff" }, ledger.NotText, "credit.owner"},
		{"accounts that do not fit", func(e *ledger.Entry) { e.Kind = ledger.Hold }, ledger.Misfit, "credit"},
		{"another issuer", func(e *ledger.Entry) { e.Debit.Institution = "4150000009" }, ledger.NotIssuer, "debit"},
		{"record without issuer", func(e *ledger.Entry) { e.Record.Institution = "" }, ledger.Missing, "record.institution"},
		{"record without reference", func(e *ledger.Entry) { e.Record.Reference = "" }, ledger.Missing, "record.reference"},
		{"reason too long", func(e *ledger.Entry) { e.Reason = long }, ledger.TooLong, "reason"},
		{"no actor", func(e *ledger.Entry) { e.Actor = "" }, ledger.Missing, "actor"},
		{"cause without a kind", func(e *ledger.Entry) { e.Cause.Kind = "" }, ledger.Missing, "cause.kind"},
		{"cause that is no word", func(e *ledger.Entry) { e.Cause.Kind = "Import" }, ledger.NotWord, "cause.kind"},
		{"cause without a number", func(e *ledger.Entry) { e.Cause.ID = "" }, ledger.Missing, "cause.id"},
	} {
		e := everyKind(0)[10]
		c.change(&e)
		err := e.Check()
		var f *ledger.Fault
		if !errors.As(err, &f) || f.Code != c.code || f.Field != c.field || f.Number != e.Number {
			t.Errorf("%s: got %v, want %s: %s", c.name, err, c.field, c.code)
		}
	}
}

// Each kind books between its own places only: all 8 × 7 × 7 are tried.
func TestKindsAndPlaces(t *testing.T) {
	accounts := []ledger.Account{
		ledger.IssuerOf(school), ledger.AvailableOf("a"), ledger.HeldOf("a"), ledger.InConversion(),
		ledger.AppliedAt("a", school, "1"), ledger.RedeemedAt("a", school, "1"), ledger.ExpiredOf("a"),
	}
	allowed := map[string]bool{
		"deposit issuer available": true, "hold available held": true, "release held available": true, "convert held conversion": true,
		"convert conversion applied": true, "redeem applied redeemed": true, "expire available expired": true, "merge available available": true,
		"reverse available issuer": true, "reverse held available": true, "reverse available held": true, "reverse conversion held": true,
		"reverse applied conversion": true, "reverse redeemed applied": true, "reverse expired available": true, "reverse available available": true,
	}
	seen := 0
	for kind := ledger.Deposit; kind <= ledger.Merge; kind++ {
		for _, from := range accounts {
			for _, to := range accounts {
				name := kind.String() + " " + from.Place.String() + " " + to.Place.String()
				if from.Place == to.Place {
					to.Owner = "b"
				}
				e := ledger.Entry{Number: 9, Batch: 9, Kind: kind, Debit: from, Credit: to, Amount: 1, Record: result(1), Actor: "u", At: 1}
				if err := e.Check(); (err == nil) != allowed[name] {
					t.Errorf("%s: %v", name, err)
				} else if err == nil {
					seen++
				}
			}
		}
	}
	if seen != len(allowed) {
		t.Errorf("%d ways of booking, want %d", seen, len(allowed))
	}
}

func TestOwnersOfBothAccounts(t *testing.T) {
	hold := ledger.Entry{Kind: ledger.Hold, Debit: ledger.AvailableOf("a"), Credit: ledger.HeldOf("b"), Record: result(1), Actor: "u", At: 1}
	wantFault(t, hold.Check(), ledger.OtherOwner, 0, "credit")
	merge := ledger.Entry{Kind: ledger.Merge, Debit: ledger.AvailableOf("a"), Credit: ledger.AvailableOf("a"), Record: result(1), Actor: "u", At: 1}
	wantFault(t, merge.Check(), ledger.OtherOwner, 0, "credit")
	redeem := ledger.Entry{Kind: ledger.Redeem, Debit: ledger.AppliedAt("a", "x", "1"), Credit: ledger.RedeemedAt("a", "x", "2"), Record: result(1), Actor: "u", At: 1}
	wantFault(t, redeem.Check(), ledger.Misfit, 0, "credit")
	undone := everyKind(0)[9]
	undone.Debit, undone.Credit = ledger.AvailableOf("a"), ledger.IssuerOf("4150000009")
	wantFault(t, undone.Check(), ledger.NotIssuer, 9, "credit")
	reversal := ledger.Entry{Number: 3, Kind: ledger.Reverse, Debit: ledger.HeldOf("a"), Credit: ledger.AvailableOf("a"), Record: result(1), Actor: "u", At: 1, Reverses: 3}
	wantFault(t, reversal.Check(), ledger.OutOfRange, 3, "reverses")
}

func TestCheckBatch(t *testing.T) {
	pair := func() []ledger.Entry { return everyKind(0)[4:6] }
	if err := ledger.CheckBatch(pair()); err != nil {
		t.Error(err)
	}
	if err := ledger.CheckBatch(nil); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		name   string
		change func([]ledger.Entry) []ledger.Entry
		code   ledger.Code
		number int64
		field  string
	}{
		{"half a conversion", func(b []ledger.Entry) []ledger.Entry { return b[:1] }, ledger.Unfinished, 4, "credit"},
		{"the other half", func(b []ledger.Entry) []ledger.Entry { return b[1:] }, ledger.NotBatch, 5, "batch"},
		{"number left out", func(b []ledger.Entry) []ledger.Entry { b[1].Number++; return b }, ledger.NotBatch, 6, "number"},
		{"another batch", func(b []ledger.Entry) []ledger.Entry { b[1].Batch++; return b }, ledger.NotBatch, 5, "batch"},
		{"another actor", func(b []ledger.Entry) []ledger.Entry { b[1].Actor = "u8"; return b }, ledger.NotBatch, 5, "actor"},
		{"another time", func(b []ledger.Entry) []ledger.Entry { b[1].At++; return b }, ledger.NotBatch, 5, "at"},
		{"another cause", func(b []ledger.Entry) []ledger.Entry { b[1].Cause.ID = "13"; return b }, ledger.NotBatch, 5, "cause"},
		{"one record twice", func(b []ledger.Entry) []ledger.Entry {
			again := b[0]
			again.Number = 5
			return []ledger.Entry{b[0], again}
		}, ledger.Apart, 5, "debit"},
		{"a line wrong by itself", func(b []ledger.Entry) []ledger.Entry { b[1].Amount = -1; return b }, ledger.OutOfRange, 5, "amount"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantFault(t, ledger.CheckBatch(c.change(pair())), c.code, c.number, c.field)
		})
	}
}

// Texts that could be taken for one another, or for marks of the form, give
// forms that differ and are read back as they were.
func TestOddTexts(t *testing.T) {
	odd := []string{"-", "%2D", "%", "%25", "a:b", "a", "b", "a@b", "a@b:c", " a", "a ", "a\n", "a\nnumber 1", "\x00", "\x7f", "\u00e9", "e\u0301", "学分", "\u2028", "%3A", ":", "a%3Ab", "reason -", strings.Repeat("𠮷", ledger.MaxText), strings.Repeat("%", ledger.MaxText)}
	seen := map[string]string{}
	for _, s := range odd {
		e := everyKind(0)[0]
		e.Record = ledger.Record{Institution: s, Reference: s}
		e.Debit, e.Credit = ledger.IssuerOf(s), ledger.AvailableOf(s)
		e.Reason, e.Actor, e.Cause.ID = s, s, s
		form := e.Append(nil)
		if lines := strings.Count(string(form), "\n"); lines != 14 {
			t.Errorf("%q gives %d lines, want 14", s, lines)
		}
		if got, err := ledger.ParseEntry(form); err != nil || got != e {
			t.Errorf("%q is read back as %+v, %v", s, got, err)
		}
		if other, there := seen[string(form)]; there {
			t.Errorf("%q and %q have one form", s, other)
		}
		seen[string(form)] = s
	}
	long := ledger.AppliedAt(strings.Repeat("𠮷", ledger.MaxText), strings.Repeat("\x01", ledger.MaxText), "1")
	e := everyKind(0)[5]
	e.Credit = long
	if got, err := ledger.ParseEntry(e.Append(nil)); err != nil || got != e {
		t.Errorf("the longest account is read back as %+v, %v", got.Credit, err)
	}
}

// Where two codes stand beside each other, moving a character from one to the
// other gives another form.
func TestCodesDoNotRunTogether(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range []ledger.Account{
		ledger.AppliedAt("a", "b", "c"), ledger.AppliedAt("a@b", "c", "d"), ledger.AppliedAt("a", "b@c", "d"), ledger.AppliedAt("a", "b:c", "d"), ledger.AppliedAt("a", "b", "c:d"),
		ledger.AppliedAt("a:b", "c", "d"), ledger.AvailableOf("a@b:c"), ledger.RedeemedAt("a", "b", "c"), ledger.IssuerOf("a"), ledger.AvailableOf("a"), ledger.HeldOf("a"), ledger.ExpiredOf("a"), ledger.InConversion(),
	} {
		form := a.String()
		if seen[form] {
			t.Errorf("%s is the form of two accounts", form)
		}
		seen[form] = true
		if got, err := ledger.ParseAccount(form); err != nil || got != a {
			t.Errorf("%s is read as %v, %v, want %v", form, got, err, a)
		}
	}
}

func TestBadAccounts(t *testing.T) {
	for _, form := range []string{
		"", ":", "issuer", "issuer:", "issuer:-", "issuer:a:b", "issuer:a@b", "conversion:", "conversion:a", "available:a@b", "applied:a", "applied:a@b", "applied:a@b:", "applied:a@b:c:d", "applied:a@b@c:d",
		"Available:a", "available: a:", "available:a\n", "available:%61", "available:%3a", "available:%3", "available:%", "available:%2D1", "available:\xff", "bank:a", "available:" + strings.Repeat("a", ledger.MaxText+1),
	} {
		if got, err := ledger.ParseAccount(form); !errors.Is(err, ledger.BadForm) {
			t.Errorf("%q: got %v, %v, want bad_form", form, got, err)
		}
	}
}

func TestBadEntries(t *testing.T) {
	e := everyKind(0)[9]
	good := string(e.Append(nil))
	change := func(from, to string) string {
		if !strings.Contains(good, from) {
			t.Fatalf("the form has no %q", from)
		}
		return strings.Replace(good, from, to, 1)
	}
	for name, form := range map[string]string{
		"empty": "", "cut": good[:len(good)-1], "one line more": good + "\n", "another version": change("entry/1", "entry/2"), "leading zero": change("number 9", "number 09"), "plus": change("batch 9", "batch +9"),
		"minus zero": change("amount 0", "amount -0"), "no amount": change("amount 0", "amount "), "two spaces": change("kind reverse", "kind  reverse"), "trailing space": change("kind reverse", "kind reverse "),
		"upper case": change("kind reverse", "kind Reverse"), "other order": change("number 9\nbatch 9", "batch 9\nnumber 9"), "CR": strings.ReplaceAll(good, "\n", "\r\n"), "reverses nothing": change("reverses 8", "reverses -"),
		"needless escape": change("actor u7", "actor %757"), "empty reason": change("reason issuer_correction", "reason "), "cause without number": change("cause import:12", "cause import"), "cause of three": change("import:12", "import:12:13"),
		"too large": change("number 9", "number 99999999999999999999"), "BOM": "\ufeff" + good, "another name": change("reason ", "motive "),
	} {
		if got, err := ledger.ParseEntry([]byte(form)); err == nil {
			t.Errorf("%s is read as %+v", name, got)
		}
	}
}

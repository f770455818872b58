package bank_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"creditbank/internal/bank"
	"creditbank/internal/credit"
	"creditbank/internal/ledger"
	"creditbank/internal/testbed"
)

// model is what the books of two learners should be after what was done: where each
// record stands, with how much.
type model struct {
	place map[string]string // of a reference; empty: nowhere
	owner map[string]string
	worth map[string]credit.Amount
	last  map[string]int64 // its last entry
	kinds map[int64]ledger.Kind
}

// walk makes operations at random, of which many are refused, and follows in the model.
type walk struct {
	t     *rapid.T
	b     *bank.Bank
	m     model
	names []string
}

func (w *walk) pick() string { return rapid.SampledFrom(w.names).Draw(w.t, "record") }

// did takes what an operation came to: it is refused exactly when the model says so.
func (w *walk) did(what, name string, r bank.Receipt, err error, may bool, place string, worth credit.Amount) {
	switch {
	case may != (err == nil):
		w.t.Fatalf("%s of %s, which stands in %q: %v", what, name, w.m.place[name], err)
	case err != nil && bank.CodeOf(err) == "":
		w.t.Fatalf("%s of %s: a fault of ours: %v", what, name, err)
	case err != nil:
		return
	}
	w.m.place[name], w.m.worth[name] = place, worth
	for _, e := range r.Entries {
		w.m.last[name], w.m.kinds[e.Number] = e.Number, e.Kind
	}
}

func (w *walk) deposit(*rapid.T) {
	name := w.pick()
	account := rapid.SampledFrom([]string{learnA, learnB}).Draw(w.t, "account")
	place := w.m.place[name]
	r, err := w.b.Deposit(ctx, operator, account, []bank.DepositRecord{result(name)}, bank.Why{})
	if place != "" && w.m.owner[name] == account {
		w.did("deposit again", name, r, err, true, place, w.m.worth[name])
		return
	}
	w.did("deposit", name, r, err, place == "", "available", 400)
	if err == nil {
		w.m.owner[name] = account
	}
}

// depositTwo deposits two results in one batch: both or none.
func (w *walk) depositTwo(*rapid.T) {
	account := rapid.SampledFrom([]string{learnA, learnB}).Draw(w.t, "account")
	names := rapid.Permutation(w.names).Draw(w.t, "records")[:2]
	may := true
	for _, name := range names {
		may = may && (w.m.place[name] == "" || w.m.owner[name] == account)
	}
	r, err := w.b.Deposit(ctx, operator, account, []bank.DepositRecord{result(names[0]), result(names[1])}, bank.Why{})
	if may != (err == nil) || (err != nil && bank.CodeOf(err) == "") {
		w.t.Fatalf("deposit of %v, which stand in %q and %q: %v", names, w.m.place[names[0]], w.m.place[names[1]], err)
	}
	for _, e := range r.Entries {
		name := e.Record.Reference
		w.m.place[name], w.m.worth[name], w.m.owner[name] = "available", 400, account
		w.m.last[name], w.m.kinds[e.Number] = e.Number, e.Kind
	}
}

// merge ends the walk: what is available to the one learner is the other's, and it
// is refused while an application holds something.
func (w *walk) merge() {
	held := false
	for _, name := range w.names {
		held = held || (w.m.owner[name] == learnA && w.m.place[name] == "held")
	}
	_, err := w.b.Merge(ctx, operator, learnA, learnB, bank.Why{Reason: "same_person"})
	if held != (err != nil) || (err != nil && bank.CodeOf(err) == "") {
		w.t.Fatalf("merge while held is %v: %v", held, err)
	}
	for _, name := range w.names {
		if err == nil && w.m.owner[name] == learnA && w.m.place[name] == "available" {
			w.m.owner[name] = learnB
		}
	}
	w.hold()
}

func (w *walk) move(what, from, to string, do func(name, account string) (bank.Receipt, error)) func(*rapid.T) {
	return func(*rapid.T) {
		name := w.pick()
		r, err := do(name, w.m.owner[name])
		w.did(what, name, r, err, from == w.m.place[name], to, w.m.worth[name])
	}
}

func (w *walk) convert(*rapid.T) {
	name := w.pick()
	worth := credit.Amount(rapid.SampledFrom([]int{0, 350, 400, 450}).Draw(w.t, "worth"))
	r, err := w.b.Convert(ctx, operator, w.m.owner[name], there, []bank.Conversion{{RecordRef: ref(name), Worth: worth}}, bank.Why{})
	w.did("convert", name, r, err, w.m.place[name] == "held", "applied", worth)
}

// back reverses the last entry of a record; a conversion with both its lines.
func (w *walk) back(*rapid.T) {
	name := w.pick()
	last, ever := w.m.last[name]
	if !ever {
		return
	}
	kind := w.m.kinds[last]
	numbers := []int64{last}
	if kind == ledger.Convert {
		numbers = []int64{last, last - 1}
	}
	r, err := w.b.Reverse(ctx, operator, numbers, bank.Why{Reason: "test"})
	before := map[ledger.Kind]string{ledger.Deposit: "", ledger.Hold: "available", ledger.Release: "held", ledger.Convert: "held",
		ledger.Redeem: "applied", ledger.Expire: "available"}
	place, known := before[kind]
	worth := w.m.worth[name]
	if kind == ledger.Convert {
		worth = 400
	}
	w.did("reversal of "+kind.String(), name, r, err, known, place, worth)
}

// hold compares everything that is kept with the model.
func (w *walk) hold() {
	report, err := w.b.Verify(ctx, bank.VerifyInput{})
	if err != nil || report.Finding != nil {
		w.t.Fatalf("verify: %v, %v", report.Finding, err)
	}
	trial, err := w.b.TrialBalance(ctx)
	if err != nil || trial.Sum != 0 {
		w.t.Fatalf("trial balance %+v, %v", trial, err)
	}
	books := ledger.NewBooks()
	for n := range report.Entries {
		e, err := w.b.LedgerEntry(ctx, operator, n)
		if err == nil {
			err = books.Post(&e)
		}
		if err != nil {
			w.t.Fatalf("replay of entry %d: %v", n, err)
		}
	}
	if books.Trial() != 0 || books.Loss() != trial.Loss {
		w.t.Fatalf("replayed: sum %v, loss %v, want %v", books.Trial(), books.Loss(), trial.Loss)
	}
	for _, account := range []string{learnA, learnB} {
		w.holdAccount(books, account)
	}
}

func (w *walk) holdAccount(books *ledger.Books, account string) {
	sum, err := w.b.Balance(ctx, account)
	if err != nil {
		w.t.Fatal(err)
	}
	var applied, redeemed, want credit.Amount
	for _, p := range sum.Programmes {
		applied, redeemed = applied+p.Applied, redeemed+p.Redeemed
	}
	for place, got := range map[ledger.Account]credit.Amount{ledger.AvailableOf(account): sum.Available, ledger.HeldOf(account): sum.Held, ledger.ExpiredOf(account): sum.Expired,
		ledger.AppliedAt(account, there.Institution, there.Code): applied, ledger.RedeemedAt(account, there.Institution, there.Code): redeemed} {
		want = 0
		for _, name := range w.names {
			if w.m.owner[name] == account && w.m.place[name] == place.Place.String() {
				want += w.m.worth[name]
			}
		}
		if got != want || books.Balance(place) != want {
			w.t.Fatalf("%s has %v, replayed %v, want %v", place, got, books.Balance(place), want)
		}
	}
	list, err := w.b.Standings(ctx, account)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range list {
		if stand := books.Stand(s.RecordRef); s.Place != w.m.place[s.Reference] || stand.Account.Place.String() != s.Place || stand.Amount != s.Amount {
			w.t.Fatalf("%s stands in %q with %v, replayed in %s with %v, want %q", s.Reference, s.Place, s.Amount, stand.Account, stand.Amount, w.m.place[s.Reference])
		}
	}
}

// After whatever is done, and whatever of it is refused, the books balance, each
// record is in one place, and the entries replay to what is kept.
func TestAnySequence(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			run := 0
			var shared *bank.Bank
			if kind == "postgres" {
				shared = little(t, opened(t, testbed.Postgres(t), filepath.Join(t.TempDir(), "key")))
			}
			rapid.Check(t, func(rt *rapid.T) {
				run++
				b := shared
				if b == nil {
					if run > 15 {
						return // each has a database of its own
					}
					b = little(t, opened(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db"), filepath.Join(t.TempDir(), "key")))
				} else if run > 1 {
					return
				}
				walkOnce(rt, b)
			})
		})
	}
}

func walkOnce(rt *rapid.T, b *bank.Bank) {
	w := &walk{t: rt, b: b, m: model{map[string]string{}, map[string]string{}, map[string]credit.Amount{}, map[string]int64{}, map[int64]ledger.Kind{}}}
	for i := range 4 {
		w.names = append(w.names, fmt.Sprintf("R%d", i))
		w.m.owner[w.names[i]] = learnA
	}
	none := bank.Why{}
	actions := []func(*rapid.T){w.deposit, w.deposit, w.depositTwo, w.convert, w.back,
		w.move("hold", "available", "held", func(n, a string) (bank.Receipt, error) { return b.Hold(ctx, operator, a, refs(n), none) }),
		w.move("release", "held", "available", func(n, a string) (bank.Receipt, error) { return b.Release(ctx, operator, a, refs(n), none) }),
		w.move("redeem", "applied", "redeemed", func(n, a string) (bank.Receipt, error) { return b.Redeem(ctx, operator, a, there, refs(n), none) }),
		w.move("expire", "available", "expired", func(n, a string) (bank.Receipt, error) { return b.Expire(ctx, operator, a, refs(n), none) }),
		w.move("refresh", "expired", "available", func(n, a string) (bank.Receipt, error) { return b.Refresh(ctx, operator, a, refs(n), none) }),
	}
	order := rapid.SliceOfN(rapid.IntRange(0, len(actions)-1), 60, 60).Draw(rt, "actions")
	for i, a := range order {
		actions[a](rt)
		if i%20 == 19 {
			w.hold()
		}
	}
	w.merge()
}

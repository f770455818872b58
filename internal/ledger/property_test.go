package ledger_test

import (
	"cmp"
	"maps"
	"slices"
	"testing"

	"creditbank/internal/credit"
	"creditbank/internal/ledger"

	"pgregory.net/rapid"
)

// likely are the kinds that are possible from where a record stands.
func likely(at ledger.Place) []ledger.Kind {
	switch at {
	case ledger.Available:
		return []ledger.Kind{ledger.Hold, ledger.Hold, ledger.Hold, ledger.Expire, ledger.Merge, ledger.Reverse}
	case ledger.Held:
		return []ledger.Kind{ledger.Release, ledger.Convert, ledger.Convert, ledger.Reverse}
	case ledger.Applied:
		return []ledger.Kind{ledger.Redeem, ledger.Reverse}
	case ledger.Redeemed, ledger.Expired:
		return []ledger.Kind{ledger.Reverse}
	}
	return []ledger.Kind{ledger.Deposit}
}

// draw makes the next entries of a ledger at random: most are possible, many are not.
func draw(t *rapid.T, j *journal, books *ledger.Books) {
	owners := []string{"a", "b", "c"}
	owner := rapid.SampledFrom(owners).Draw(t, "owner")
	r := result(rapid.IntRange(1, 5).Draw(t, "record"))
	stand := books.Stand(r)
	amount, from, kinds := stand.Amount, stand.Account, likely(stand.Account.Place)
	switch rapid.IntRange(0, 9).Draw(t, "odd") {
	case 0:
		amount = credit.Amount(rapid.IntRange(0, 600).Draw(t, "amount"))
	case 1, 2:
		kinds = []ledger.Kind{ledger.Deposit, ledger.Hold, ledger.Release, ledger.Convert, ledger.Redeem, ledger.Reverse, ledger.Expire, ledger.Merge}
	case 3: // the owner as drawn
	default:
		owner = cmp.Or(from.Owner, owner)
	}
	programme := rapid.SampledFrom([]string{"1", "2"}).Draw(t, "programme")
	worth := credit.Amount(rapid.IntRange(0, 600).Draw(t, "worth"))
	switch rapid.SampledFrom(kinds).Draw(t, "kind") {
	case ledger.Deposit:
		j.begin(ledger.Deposit, ledger.IssuerOf(school), ledger.AvailableOf(owner), worth, r, false)
	case ledger.Hold:
		j.begin(ledger.Hold, ledger.AvailableOf(owner), ledger.HeldOf(owner), amount, r, false)
	case ledger.Release:
		j.begin(ledger.Release, ledger.HeldOf(owner), ledger.AvailableOf(owner), amount, r, false)
	case ledger.Convert:
		j.begin(ledger.Convert, ledger.HeldOf(owner), ledger.InConversion(), amount, r, false)
		j.begin(ledger.Convert, ledger.InConversion(), ledger.AppliedAt(owner, school, programme), worth, r, true)
	case ledger.Redeem:
		j.begin(ledger.Redeem, from, ledger.RedeemedAt(owner, from.Institution, from.Programme), amount, r, false)
	case ledger.Expire:
		j.begin(ledger.Expire, ledger.AvailableOf(owner), ledger.ExpiredOf(owner), amount, r, false)
	case ledger.Merge:
		j.begin(ledger.Merge, ledger.AvailableOf(owner), ledger.AvailableOf(rapid.SampledFrom(owners).Draw(t, "other")), amount, r, false)
	case ledger.Reverse:
		drawReversal(t, j, r)
	}
}

// drawReversal undoes some entry of a record, the last two rather than others,
// and a conversion as a whole.
func drawReversal(t *rapid.T, j *journal, r ledger.Record) {
	var own []int64
	for _, e := range j.entries {
		if e.Record == r {
			own = append(own, e.Number)
		}
	}
	if len(own) == 0 {
		return
	}
	n := own[len(own)-1-rapid.IntRange(0, len(own)-1).Draw(t, "back")]
	was := j.entries[n]
	j.back(n, false)
	if was.Kind == ledger.Convert && was.Credit.Place == ledger.Applied {
		j.back(n-1, true)
	}
}

// Whatever is asked of the books, they stay balanced, every record is in one
// place with all it is worth, and both the replay and the two passes over the
// ledger in other orders come to the same balances.
func TestAnySequenceOfEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j, books := &journal{}, ledger.NewBooks()
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			at := len(j.entries)
			draw(t, j, books)
			j.entries = j.entries[:at+booked(j.entries[at:], books)]
		}
		model := sums(j.entries)
		if err := ledger.CompareBalances(maps.Collect(books.Balances()), model); err != nil {
			t.Fatal(err)
		}
		if books.Trial() != 0 {
			t.Fatalf("trial balance %d", books.Trial())
		}
		places(t, books, model)
		if err := byRecord(j.entries); err != nil {
			t.Fatal(err)
		}
		byLearner(t, j.entries, model)
	})
}

// booked posts a batch, whole or not at all, as the rules of batches allow,
// and says how many entries that were.
func booked(batch []ledger.Entry, books *ledger.Books) int {
	if len(batch) == 0 || ledger.CheckBatch(batch) != nil || books.Post(&batch[0]) != nil {
		return 0
	}
	for i := 1; i < len(batch); i++ {
		if err := books.Post(&batch[i]); err != nil {
			panic(err) // the first line took the record into conversion, and nothing forbids to take it out
		}
	}
	return len(batch)
}

func sums(entries []ledger.Entry) map[ledger.Account]credit.Amount {
	balances := map[ledger.Account]credit.Amount{}
	for _, e := range entries {
		balances[e.Debit] -= e.Amount
		balances[e.Credit] += e.Amount
	}
	return balances
}

// places adds up the records where they stand and finds the learners' balances in that.
func places(t *rapid.T, books *ledger.Books, want map[ledger.Account]credit.Amount) {
	standing := map[ledger.Account]credit.Amount{}
	for n := 1; n <= 5; n++ {
		if at := books.Stand(result(n)); at.Account.Owner != "" {
			standing[at.Account] += at.Amount
		}
	}
	own := maps.Clone(want)
	maps.DeleteFunc(own, func(a ledger.Account, _ credit.Amount) bool { return a.Owner == "" })
	if err := ledger.CompareBalances(standing, own); err != nil {
		t.Fatalf("records stand elsewhere than balances say: %v", err)
	}
}

// byRecord is the pass over the ledger ordered by record.
func byRecord(entries []ledger.Entry) error {
	ordered := slices.Clone(entries)
	slices.SortStableFunc(ordered, func(a, b ledger.Entry) int { return cmp.Compare(a.Record.Reference, b.Record.Reference) })
	var trail ledger.Trail
	for i := range ordered {
		if err := trail.Follow(&ordered[i]); err != nil {
			return err
		}
	}
	return trail.Rest()
}

// byLearner is the pass over the ledger learner by learner.
func byLearner(t *rapid.T, entries []ledger.Entry, want map[ledger.Account]credit.Amount) {
	tally := ledger.NewTally()
	for _, owner := range []string{"c", "a", "b"} {
		tally.Begin(owner)
		kept := map[ledger.Account]credit.Amount{}
		for i, e := range entries {
			for _, a := range []ledger.Account{e.Debit, e.Credit} {
				if a.Owner == owner {
					kept[a] = want[a]
				}
			}
			if e.Debit.Owner == owner || e.Credit.Owner == owner {
				if err := tally.Post(&entries[i]); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := tally.Compare(kept); err != nil {
			t.Fatal(err)
		}
	}
	if tally.Trial() != 0 || tally.Entries() != int64(len(entries)) || tally.Issued()[ledger.InConversion()] != want[ledger.InConversion()] {
		t.Fatalf("trial %d, %d entries of %d, issued %v", tally.Trial(), tally.Entries(), len(entries), tally.Issued())
	}
}

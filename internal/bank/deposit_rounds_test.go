package bank

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// anyResult is a result of one of few learners and keys, with anything in its other fields.
func anyResult() *rapid.Generator[keyed[recordKey, Record]] {
	few := rapid.StringMatching(`[a-c]{0,2}`)
	return rapid.Custom(func(t *rapid.T) keyed[recordKey, Record] {
		number := func(name string) int64 { return int64(rapid.Int32().Draw(t, name)) }
		return keyed[recordKey, Record]{
			recordKey{few.Draw(t, "institution"), few.Draw(t, "reference")},
			Record{
				Learner: few.Draw(t, "learner"), Kind: few.Draw(t, "kind"), Course: rapid.String().Draw(t, "course"), Title: rapid.String().Draw(t, "title"),
				Grade: rapid.String().Draw(t, "grade"), Scale: few.Draw(t, "scale"), Score: credit.Score(number("score")), Passed: rapid.Bool().Draw(t, "passed"),
				Credits: credit.Amount(number("credits")), Hours: credit.Hours(number("hours")), Level: int(number("level")),
				Completed: calendar.Day(number("completed")), ValidTo: rapid.SampledFrom([]calendar.Day{calendar.None, 0, 20_000}).Draw(t, "valid_to"),
				Term: rapid.String().Draw(t, "term"),
			},
		}
	})
}

// Whatever is taken comes out once and as it was, and next is always the first behind
// the last in the order of the table, or the first of all where none is behind it.
func TestRoundsGiveInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s rounds
		var held []keyed[recordKey, Record]
		var last keyed[recordKey, Record]
		next := func() keyed[recordKey, Record] {
			slices.SortStableFunc(held, func(a, b keyed[recordKey, Record]) int { return compareByLearner(&a, &b) })
			at := slices.IndexFunc(held, func(k keyed[recordKey, Record]) bool { return compareByLearner(&k, &last) >= 0 })
			at = max(at, 0)
			last = held[at]
			held = slices.Delete(held, at, at+1)
			return last
		}
		unlike := func(k keyed[recordKey, Record]) recordKey {
			return recordKey{k.key.Institution, k.value.Learner + "/" + k.key.Reference}
		}
		for range rapid.IntRange(1, 6).Draw(t, "parts") {
			part := rapid.SliceOfNDistinct(anyResult(), 0, 40, unlike).Draw(t, "part")
			part = slices.DeleteFunc(part, func(k keyed[recordKey, Record]) bool {
				return slices.ContainsFunc(held, func(h keyed[recordKey, Record]) bool { return compareByLearner(&h, &k) == 0 })
			})
			s.take(part)
			held = append(held, part...)
			asked := rapid.IntRange(0, len(held)).Draw(t, "asked")
			for some := range s.give(asked) {
				for _, got := range some {
					if want := next(); got.keyed != want {
						t.Fatalf("%+v comes, want %+v", got.keyed, want)
					}
					asked--
				}
			}
			if asked != 0 {
				t.Fatalf("%d too few came", asked)
			}
		}
	})
}

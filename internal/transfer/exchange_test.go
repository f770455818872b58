package transfer

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"creditbank/internal/credit"
)

// What is merged by the number of records stands as if it had been sorted.
func TestItemsStandByWhatTheyBringForARecord(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		items := make([]*item, dice.IntN(40))
		for i := range items {
			items[i] = &item{total: credit.Amount(50 * dice.IntN(12)), records: make([]int, 1+dice.IntN(4))}
		}
		slices.SortFunc(items, func(a, b *item) int { return cmp.Compare(b.total, a.total) })
		for i, it := range items {
			it.place = i
		}
		want := slices.SortedStableFunc(slices.Values(items), func(a, b *item) int {
			return cmp.Compare(b.total*credit.Amount(len(a.records)), a.total*credit.Amount(len(b.records)))
		})
		if got := mostForRecord(items); !slices.Equal(got, want) {
			t.Fatalf("%d items in another order", len(items))
		}
	}
}

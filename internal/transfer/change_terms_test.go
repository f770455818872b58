package transfer_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// randomTerms are a policy, a cap or both that come into force at a place of a scope,
// today or later, in place of none or of an earlier version.
func (w *world) randomTerms(seed uint64, scope transfer.Scope) (c transfer.Change) {
	d := &dice{Rand: rand.New(rand.NewPCG(seed, 29))}
	at := d.place()
	for at.Scope != scope {
		at = d.place()
	}
	if d.one(60) {
		p := transfer.Policy{Place: at, From: today, MinGrade: transfer.NoScore, Validity: -1, MaxRise: -1}
		if d.one(60) {
			p.MinGrade = credit.Score(6000 + 500*d.IntN(6))
		}
		if d.one(40) {
			p.Validity = d.IntN(8)
		}
		if d.one(30) {
			p.MaxRise = d.IntN(4)
		}
		c.Policies = append(c.Policies, p)
	}
	if len(c.Policies) == 0 || d.one(30) {
		kind := pick(d, transfer.CapTotal, transfer.CapGroup, transfer.CapSourceKind, transfer.CapSourceInstitution)
		key := map[transfer.CapKind]string{transfer.CapGroup: "g1", transfer.CapSourceKind: "course", transfer.CapSourceInstitution: sender}[kind]
		limit := transfer.Cap{Place: at, From: today, Kind: kind, Key: key, Credits: -1, Share: -1}
		if d.one(80) { // else it lifts one
			limit.Credits = credit.Amount(50 * d.IntN(30))
		}
		c.Caps = append(c.Caps, limit)
	}
	return c
}

// What a policy or a cap of any scope moves is the difference between all plans without
// and with it, in both numbers and on both sides.
func TestTermsMoveWhatAllPlansDifferBy(t *testing.T) {
	var lock sync.Mutex
	moved, stayed := map[transfer.Scope]int{}, map[transfer.Scope]int{}
	inShards(t, 6_000, func(t *testing.T, seed uint64) {
		w := randomWorld(seed)
		scope := []transfer.Scope{transfer.ScopeBank, transfer.ScopeInstitution, transfer.ScopeProgramme}[seed/4%3]
		c := w.randomTerms(seed, scope)
		m, after := transfer.Compile(w.facts), transfer.Compile(w.apply(c).facts)
		var want []transfer.Move
		some := 0
		for _, p := range w.facts.Programmes {
			b, _ := m.Plan(p.ProgrammeKey, w.records, w.asOf)
			a, _ := after.Plan(p.ProgrammeKey, w.records, w.asOf)
			some += int(a.Transferable + b.Transferable)
			if a.Applied != b.Applied || a.Transferable != b.Transferable {
				want = append(want, transfer.Move{Programme: p.ProgrammeKey, Before: standingOf(b), After: standingOf(a)})
			}
		}
		got := m.With(c).Moves(w.records, w.asOf)
		slices.SortFunc(want, func(a, b transfer.Move) int { return slices.Compare(words(a.Programme), words(b.Programme)) })
		if !slices.Equal(got, want) {
			t.Errorf("seed %d, %+v: moves %+v, want %+v", seed, c, got, want)
		}
		lock.Lock()
		defer lock.Unlock()
		moved[scope] += len(want)
		stayed[scope] += bit(some > 0 && len(want) == 0)
	})
	t.Cleanup(func() {
		if len(moved) < 3 || len(stayed) < 3 {
			t.Errorf("moved %v, stayed %v: that proves little", moved, stayed)
		}
	})
}

func words(p transfer.ProgrammeKey) []string { return []string{p.Code, p.Institution} }

func standingOf(a transfer.Answer) transfer.Standing {
	return transfer.Standing{Programme: a.Programme, Required: a.Required, Applied: a.Applied, Transferable: a.Transferable, Optimal: a.Optimal}
}

// Nothing is left to search where what is settled breaks a row already.
func TestNothingIsLeftOfWhatIsBroken(t *testing.T) {
	if transfer.RestOfBroken() {
		t.Error("a search goes on below what no plan can hold")
	}
}

package transfer

import (
	"cmp"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// terms are the policy in force for one programme on one day.
type terms struct {
	minGrade credit.Score // NoScore: a pass
	validity int          // years; 0: none
	maxRise  int          // -1: no level gate
	caps     []limit
}

// limit is a cap in force, with its limit in credits.
type limit struct {
	Kind  CapKind
	Key   string
	Limit credit.Amount
}

func places(key ProgrammeKey) [3]Place {
	return [3]Place{
		{Scope: ScopeBank},
		{Scope: ScopeInstitution, Institution: key.Institution},
		{Scope: ScopeProgramme, Institution: key.Institution, Programme: key.Code},
	}
}

// termsOf resolves programme over institution over bank, field by field.
func (m *Map) termsOf(p *programme, asOf calendar.Day) terms {
	t := m.policyOf(p.ProgrammeKey, asOf)
	for _, c := range m.capsOf(p.ProgrammeKey, asOf) {
		if amount, limited := c.Limit(p.Required); limited {
			t.caps = append(t.caps, limit{c.Kind, c.Key, amount})
		}
	}
	return t
}

// capsOf are the caps in force, those of a narrower place instead of the wider
// ones of their kind and key; in the order of kind and key. A key without a
// programme is what holds for the institution as a whole.
func (m *Map) capsOf(key ProgrammeKey, asOf calendar.Day) []Cap {
	var inForce []Cap
	for _, place := range places(key) {
		for _, c := range latestCaps(m.caps[place], asOf) {
			at := slices.IndexFunc(inForce, func(o Cap) bool { return o.Kind == c.Kind && o.Key == c.Key })
			if at >= 0 {
				inForce[at] = c
			} else {
				inForce = append(inForce, c)
			}
		}
	}
	slices.SortFunc(inForce, func(a, b Cap) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key)) })
	return inForce
}

// policyOf resolves the policies alone. A key without a programme is what holds
// for the institution as a whole.
func (m *Map) policyOf(key ProgrammeKey, asOf calendar.Day) terms {
	t := terms{minGrade: NoScore, maxRise: -1}
	for _, place := range places(key) {
		if policy, ok := latestPolicy(m.policies[place], asOf); ok {
			t.take(policy)
		}
	}
	return t
}

func (t *terms) take(p Policy) {
	if p.MinGrade != NoScore {
		t.minGrade = p.MinGrade
	}
	if p.Validity >= 0 {
		t.validity = p.Validity
	}
	if p.MaxRise >= 0 {
		t.maxRise = p.MaxRise
	}
}

// Limit is the cap in credits of a programme that asks for so many, and whether it is
// one: a cap with neither credits nor share is lifted.
func (c Cap) Limit(required credit.Amount) (credit.Amount, bool) {
	switch {
	case c.Credits >= 0 && c.Share >= 0:
		return min(c.Credits, c.Share.Of(required)), true
	case c.Credits >= 0:
		return c.Credits, true
	case c.Share >= 0:
		return c.Share.Of(required), true
	}
	return 0, false
}

func latestPolicy(versions []Policy, asOf calendar.Day) (Policy, bool) {
	for i := len(versions) - 1; i >= 0; i-- {
		if versions[i].From <= asOf {
			return versions[i], true
		}
	}
	return Policy{}, false
}

// latestCaps takes of each kind and key the version that began last.
// The list is sorted by kind, key and first day.
func latestCaps(versions []Cap, asOf calendar.Day) []Cap {
	var latest []Cap
	for _, c := range versions {
		if c.From > asOf {
			continue
		}
		if n := len(latest); n > 0 && latest[n-1].Kind == c.Kind && latest[n-1].Key == c.Key {
			latest[n-1] = c
			continue
		}
		latest = append(latest, c)
	}
	return latest
}

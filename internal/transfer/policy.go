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
	inForce := map[limit]Cap{}
	for _, place := range places(p.ProgrammeKey) {
		for _, c := range latestCaps(m.caps[place], asOf) {
			inForce[limit{Kind: c.Kind, Key: c.Key}] = c
		}
	}
	for key, c := range inForce {
		if amount, limited := c.amount(p.Required); limited {
			key.Limit = amount
			t.caps = append(t.caps, key)
		}
	}
	slices.SortFunc(t.caps, func(a, b limit) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key)) })
	return t
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

// amount is the cap in credits; a cap with neither credits nor share is lifted.
func (c Cap) amount(required credit.Amount) (credit.Amount, bool) {
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

package transfer

import (
	"sync"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// day is what a map comes to on one day of a question, whoever asks.
type day struct {
	asOf     calendar.Day
	credits  []credit.Amount // by course: of the version in force
	policies []terms         // by institution: what binds the rules of all its programmes; without caps
	totals   []credit.Amount // by programme: the cap on all credits, -1 none
}

// dayKeeper keeps the days asked about last: nearly every question is about today.
type dayKeeper struct {
	lock sync.Mutex
	kept []*day // the latest first
}

// keptDays is how many days are kept.
const keptDays = 4

func (m *Map) onDay(asOf calendar.Day) *day {
	m.days.lock.Lock()
	defer m.days.lock.Unlock()
	kept := m.days.kept
	for i, d := range kept {
		if d.asOf == asOf {
			copy(kept[1:i+1], kept[:i])
			kept[0] = d
			return d
		}
	}
	d := m.newDay(asOf)
	m.days.kept = append([]*day{d}, kept[:min(len(kept), keptDays-1)]...)
	return d
}

func (m *Map) newDay(asOf calendar.Day) *day {
	d := &day{asOf: asOf, credits: make([]credit.Amount, m.courseCount()), policies: make([]terms, len(m.institutions)-1),
		totals: make([]credit.Amount, m.programmeCount())}
	for n := range d.credits {
		d.credits[n] = m.courseOn(int32(n), asOf).amount()
	}
	for at := range d.policies {
		d.policies[at] = m.loosest(int32(at), asOf)
		m.capTotals(d, int32(at))
	}
	return d
}

// loosest is the policy that binds every programme of an institution: none,
// where one of them may have its own.
func (m *Map) loosest(institution int32, asOf calendar.Day) terms {
	if m.scoped[institution] {
		return terms{minGrade: NoScore, maxRise: -1}
	}
	return m.policyOf(ProgrammeKey{Institution: m.institutionCode(institution)}, asOf)
}

// capTotals finds the cap on all credits for each programme of an institution.
func (m *Map) capTotals(d *day, institution int32) {
	wide := m.capsOf(ProgrammeKey{Institution: m.institutionCode(institution)}, d.asOf)
	for _, n := range m.offeredBy(institution) {
		caps := wide
		if m.capped[institution] {
			caps = m.capsOf(m.programmeKey(n), d.asOf)
		}
		d.totals[n] = -1
		for _, c := range caps {
			if amount, limited := c.Limit(m.programmes[n].required); limited && c.Kind == CapTotal {
				d.totals[n] = amount
			}
		}
	}
}

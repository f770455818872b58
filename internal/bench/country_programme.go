package bench

import (
	"fmt"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// The groups of a programme, and how many courses of its plan stand in each. The
// group of electives has no courses: unassigned credit fills it.
const (
	groupBasic    = "basic"
	groupFound    = "found"
	groupCore     = "core"
	groupExtra    = "ext"
	groupElective = "elective"
)

const basicCourses = 12 // courses that stand in every plan of the institution, two of them never exempt

// home is the institution of a programme, and its place there.
func (c *Country) home(programme int) (receiver, place int) {
	return programme % c.receivers, programme / c.receivers
}

// programmeKey is the n-th programme. Institutions share the codes of the
// national catalogue.
func (c *Country) programmeKey(n int) transfer.ProgrammeKey {
	receiver, place := c.home(n)
	return transfer.ProgrammeKey{Institution: c.receiver(receiver), Code: fmt.Sprintf("51%04d", (place*19+receiver*7)%800)}
}

func (c *Country) programme(n int) transfer.Programme {
	d := c.dice(aboutProgramme, n)
	p := transfer.Programme{ProgrammeKey: c.programmeKey(n), Required: credit.Amount(100 * (120 + 2*d.IntN(21)))}
	for _, g := range []struct {
		code  string
		share int
	}{{groupBasic, 28}, {groupFound, 18}, {groupCore, 26}, {groupExtra, 14}, {groupElective, 6}} {
		if g.code == groupElective && d.one(200) {
			continue
		}
		minimum := int(p.Required) * (g.share + d.IntN(5) - 2) / 100 / 50 * 50
		p.Groups = append(p.Groups, transfer.Group{Code: g.code, Min: credit.Amount(minimum)})
	}
	for place, course := range c.planOf(n) {
		p.Plan = append(p.Plan, transfer.PlanCourse{Course: c.poolCourse(n%c.receivers, course).Code, Group: groupAt(place),
			NeverExempt: place < 2})
	}
	return p
}

func groupAt(place int) string {
	switch {
	case place < basicCourses:
		return groupBasic
	case place < 20:
		return groupFound
	case place < 32:
		return groupCore
	}
	return groupExtra
}

// planOf lists the pool courses of a plan: what all have in common, the thesis
// and the placement first, then courses of the programme's own field.
func (c *Country) planOf(n int) []int {
	_, place := c.home(n)
	d := c.dice(aboutProgramme, c.Programmes+n)
	plan := make([]int, 0, planEach)
	for course := range basicCourses {
		plan = append(plan, course)
	}
	const field = 90 // courses from which a programme takes its own
	first := place * 37 % (poolEach - basicCourses)
	for len(plan) < planEach {
		course := basicCourses + (first+d.IntN(field))%(poolEach-basicCourses)
		if !slices.Contains(plan, course) {
			plan = append(plan, course)
		}
	}
	return plan
}

func (c *Country) policies() []transfer.Policy {
	bank := transfer.Place{Scope: transfer.ScopeBank}
	list := []transfer.Policy{
		{Place: bank, From: calendar.Date(2018, 9, 1), MinGrade: transfer.NoScore, Validity: 10, MaxRise: 3},
		{Place: bank, From: calendar.Date(2024, 9, 1), MinGrade: transfer.NoScore, Validity: 8, MaxRise: 2},
	}
	for n := range c.receivers {
		d := c.dice(aboutCap, n)
		if !d.one(300) {
			continue
		}
		list = append(list, transfer.Policy{Place: transfer.Place{Scope: transfer.ScopeInstitution, Institution: c.receiver(n)},
			From: calendar.Date(2020+d.IntN(8), 3, 1), MinGrade: pick[credit.Score](d, transfer.NoScore, 6500, 7000),
			Validity: pick(d, -1, 5, 6), MaxRise: pick(d, -1, -1, 3)})
	}
	return list
}

func (c *Country) caps() []transfer.Cap {
	bank := transfer.Cap{Place: transfer.Place{Scope: transfer.ScopeBank}, From: calendar.Date(2018, 9, 1), Credits: -1, Share: -1}
	total, certificates, overseas := bank, bank, bank
	total.Kind, total.Share = transfer.CapTotal, 5000
	certificates.Kind, certificates.Key, certificates.Credits = transfer.CapSourceKind, "certificate", 1600
	overseas.Kind, overseas.Key, overseas.Share = transfer.CapSourceInstitutionKind, "general_secondary", 2000
	list := []transfer.Cap{total, certificates, overseas}
	for n := range c.receivers {
		list = append(list, c.capsOf(n)...)
	}
	for n := range c.Programmes {
		if d := c.dice(aboutCap, 2*c.receivers+n); d.one(20) {
			key := c.programmeKey(n)
			list = append(list, transfer.Cap{From: calendar.Date(2021, 9, 1), Kind: transfer.CapTotal, Credits: credit.Amount(100 * (20 + d.IntN(40))), Share: -1,
				Place: transfer.Place{Scope: transfer.ScopeProgramme, Institution: key.Institution, Programme: key.Code}})
		}
	}
	return list
}

// capsOf are the caps of an institution's own.
func (c *Country) capsOf(receiver int) []transfer.Cap {
	d := c.dice(aboutCap, c.receivers+receiver)
	own := transfer.Cap{Place: transfer.Place{Scope: transfer.ScopeInstitution, Institution: c.receiver(receiver)},
		From: calendar.Date(2019+d.IntN(6), 9, 1), Credits: -1, Share: -1}
	var list []transfer.Cap
	if total := own; d.one(400) {
		total.Kind, total.Share = transfer.CapTotal, pick[credit.Share](d, 3000, 4000, 6000)
		list = append(list, total)
	}
	if group := own; d.one(200) {
		group.Kind, group.Key, group.Credits = transfer.CapGroup, pick(d, groupBasic, groupExtra), credit.Amount(100*(8+d.IntN(12)))
		list = append(list, group)
	}
	if school := own; d.one(50) {
		school.Kind, school.Key, school.Credits = transfer.CapSourceInstitution, c.sender(d.IntN(c.senders)), credit.Amount(100*(15+d.IntN(20)))
		list = append(list, school)
	}
	return list
}

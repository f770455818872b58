package transfer

import (
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// Answer is what a learner's records are worth in one programme, and why.
type Answer struct {
	AsOf         calendar.Day
	Programme    ProgrammeKey
	Required     credit.Amount
	Earned       credit.Amount // by results of the institution itself
	Applied      credit.Amount // 抵掉毕业要求的学分
	Transferable credit.Amount // 可转学分
	Missing      credit.Amount // required − earned − applied, not below 0
	Optimal      bool          // applied and transferable are proven to be the best
	BoundApplied credit.Amount // proven limits, equal to the two numbers when Optimal
	BoundTotal   credit.Amount
	Groups       []GroupAnswer
	Items        []Item
	Records      []RecordAnswer // one for each record, in the order given
	NotChosen    []NotChosen    // every satisfied equivalence outside the plan
}

// GroupAnswer is the state of one requirement group.
type GroupAnswer struct {
	Code    string
	Min     credit.Amount
	Earned  credit.Amount
	Applied credit.Amount
	Missing credit.Amount
}

// Item is an equivalence of the plan, with what it takes and gives.
type Item struct {
	Rule    RuleRef
	Via     []RuleRef // the rules into standard units on the way
	Records []int
	Credits credit.Amount
	Awards  []Award
}

// Award is one target of an item. Group is empty for credit that no group of
// the programme asks for.
type Award struct {
	Course    string // empty: unassigned credit
	Group     string
	Credits   credit.Amount
	Exemption bool
}

// RecordAnswer is the state of one record, with one reason for each equivalence
// it failed, the nearest to success first.
type RecordAnswer struct {
	State   State
	Rule    RuleRef // of a matched record
	Group   string  // of an earned record
	Reasons []Reason
}

// NotChosen is a satisfied equivalence that the plan leaves out, and why.
type NotChosen struct {
	Rule   RuleRef
	Via    []RuleRef
	Reason Reason
}

// Plan answers for one programme: the best plan and a reason for everything
// outside it. It reports false for a programme the map does not know.
func (m *Map) Plan(to ProgrammeKey, records []Record, asOf calendar.Day) (Answer, bool) {
	return m.For(records, asOf).Plan(to)
}

// consider weighs the rules for a programme, once for all questions about it.
func (l *learner) consider(programme int32) *considered {
	c := l.programmes[programme]
	if c == nil {
		q := l.before(l.m.programme(programme))
		c = &considered{question: q, deliberation: q.weigh()}
		l.programmes[programme] = c
	}
	return c
}

// considered is a programme with the rules that concern the learner in it.
type considered struct {
	*question
	deliberation
}

func (l *learner) plan(programme int32, e effort) Answer {
	c := l.consider(programme)
	return c.plan(c.deliberation, e)
}

// plan chooses among what was weighed, and explains the choice.
func (q *question) plan(d deliberation, e effort) Answer {
	plan, best, bound, optimal := solve(q, ordered(d.items), e)
	a := q.answer(plan, best)
	a.Optimal = optimal && d.untold == 0
	a.BoundApplied, a.BoundTotal = bound.applied+d.untold, bound.transferable+d.untold
	q.explain(&a, d, plan)
	return a
}

// deliberation sorts the rules that concern a learner by what they come to.
type deliberation struct {
	items  []*item       // may stand in a plan
	idle   []*item       // satisfied, but over a cap alone, or giving nothing
	barred []barred      // satisfied, but can stand in no plan
	others []*trial      // not satisfied, refused or pending
	shared []*trial      // likewise, of those that are the same thing to other programmes
	untold credit.Amount // most that rules with too many ways through standard units could add
}

type barred struct {
	trial  *trial
	reason Reason
}

// weigh tries the rules of the programme's institution on the records.
func (q *question) weigh() deliberation {
	stock := q.stock()
	d := deliberation{items: make([]*item, 0, len(stock.satisfied)), shared: stock.others}
	for _, t := range stock.satisfied {
		q.value(&d, t)
	}
	for _, n := range stock.rest {
		if scope := q.m.scopes[q.m.rules[n].scope].programme; scope != -1 && scope != q.programme.n {
			continue
		}
		r := q.rule(n)
		if !q.fed(r) {
			q.sort(&d, q.try(q.direct(r)))
			continue
		}
		offers, complete := q.offers(r)
		if !complete {
			d.untold += q.most(r)
		}
		for _, o := range offers {
			q.sort(&d, q.try(o))
		}
	}
	return d
}

func (q *question) sort(d *deliberation, t *trial) {
	if t.gives() {
		q.value(d, t)
		return
	}
	d.others = append(d.others, t)
}

// value sorts a rule that is satisfied by what it gives.
func (q *question) value(d *deliberation, t *trial) {
	if reason := q.barred(t); reason != nil {
		d.barred = append(d.barred, barred{t, *reason})
		return
	}
	awards := q.awardsOf(t)
	it := q.newItem(t, awards, q.usesOf(t, awards))
	if q.overCap(it.uses) || (it.total == 0 && it.exempt == 0) {
		d.idle = append(d.idle, it)
		return
	}
	d.items = append(d.items, it)
}

// answer adds up the plan.
func (q *question) answer(plan []*item, w worth) Answer {
	p := q.programme
	a := Answer{AsOf: q.asOf, Programme: p.ProgrammeKey, Required: p.Required, Earned: q.total,
		Applied: w.applied, Transferable: w.transferable}
	a.Missing = max(0, a.Required-a.Earned-a.Applied)
	awarded := make([]credit.Amount, len(p.groups))
	for _, it := range plan {
		a.Items = append(a.Items, q.planItem(it))
		for _, g := range it.byGroup {
			awarded[g.group] += g.amount
		}
	}
	for g, group := range p.groups {
		applied := min(q.stillNeeded(g), awarded[g])
		a.Groups = append(a.Groups, GroupAnswer{Code: q.groupCode(g), Min: group.min, Earned: q.filled[g], Applied: applied,
			Missing: max(0, group.min-q.filled[g]-applied)})
	}
	return a
}

func (q *question) planItem(it *item) Item {
	item := Item{Rule: it.ref, Via: it.trial.refs(), Credits: it.total}
	for _, r := range it.records {
		item.Records = append(item.Records, q.given[r])
	}
	slices.Sort(item.Records)
	for _, a := range it.awards {
		item.Awards = append(item.Awards, Award{Course: q.m.courseCode(a.course), Group: q.groupCode(a.group), Credits: a.credits, Exemption: a.exempt})
	}
	return item
}

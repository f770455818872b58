package transfer

import (
	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// trial is an offer tried on the learner's records.
type trial struct {
	offer
	bound []int   // by need: the record that meets it, -1 none
	fails []fail  // the records of needs that none meets, with the reason
	gate  *Reason // the level gate, when it alone stands in the way
	spare []int   // further records in the courses of the bound ones
}

// fail is a record that does not meet a need, and why.
type fail struct {
	record int
	reason Reason
}

func (t *trial) met() bool {
	for _, b := range t.bound {
		if b < 0 {
			return false
		}
	}
	return true
}

// satisfied says whether the rule could stand in a plan.
func (t *trial) satisfied() bool { return t.met() && t.gate == nil }

// try binds each need to the record that counts: the best score that satisfies
// it, ties to the later date. Records the programme counts as its own are skipped.
func (q *question) try(o offer) *trial {
	t := q.trials.one()
	t.offer, t.bound = o, q.numbers.take(len(o.needs))
	for i := range o.needs {
		q.bind(t, i, &o.needs[i])
	}
	if t.met() && o.rule.terms.outcome == outcomeCredit {
		t.gate = q.levelGate(t)
	}
	return t
}

func (q *question) bind(t *trial, i int, n *need) {
	t.bound[i] = -1
	var fails []fail
	c := q.recordsOf(n.course)
	for r := c.from; r < c.to; r++ {
		if !q.free(r) {
			continue
		}
		missed, failed := q.failure(n, &q.records[r])
		if !failed && t.bound[i] < 0 {
			t.bound[i] = r
			continue
		}
		fails = append(fails, fail{r, missed})
	}
	if t.bound[i] < 0 {
		t.fails = append(t.fails, fails...)
		return
	}
	for _, f := range fails {
		t.spare = append(t.spare, f.record)
	}
}

// concerned are the records that share the fate of the rule.
func (t *trial) concerned() []int {
	var records []int
	for _, r := range t.bound {
		if r >= 0 {
			records = append(records, r)
		}
	}
	return append(records, t.spare...)
}

// failure is the first condition of a need that a record misses.
// The order goes from what cannot be mended to what can.
func (q *question) failure(n *need, r *Record) (Reason, bool) {
	if (n.from != calendar.None && r.Completed < n.from) || (n.to != calendar.None && r.Completed > n.to) {
		return Reason{Code: OutsideWindow, Completed: r.Completed, From: n.from, To: n.to}, true
	}
	if years := n.term(&q.terms); years > 0 {
		if until := r.Completed.AddYears(years); q.asOf > until {
			return Reason{Code: Expired, Completed: r.Completed, Until: until}, true
		}
	}
	return q.gradeFailure(n, r)
}

// gradeFailure holds the score of a record against the band of a need. A result
// without a score meets no band.
func (q *question) gradeFailure(n *need, r *Record) (Reason, bool) {
	least := n.minimum(&q.terms)
	switch {
	case n.max != NoScore && r.Score > n.max:
		return Reason{Code: GradeAbove, Needed: n.max, Got: r.Score, GotGrade: r.Grade}, true
	case least != NoScore && r.Score < least:
		return Reason{Code: GradeBelow, Needed: least, Got: r.Score, GotGrade: r.Grade}, true
	case n.max != NoScore && r.Score == NoScore:
		return Reason{Code: GradeAbove, Needed: n.max, Got: r.Score, GotGrade: r.Grade}, true
	}
	return Reason{}, false
}

// levelGate refuses a rise of more framework levels than the policy allows,
// unless one of the sources stands high enough to be the bridge.
func (q *question) levelGate(t *trial) *Reason {
	if q.terms.maxRise < 0 {
		return nil
	}
	highest := 0
	for i, n := range t.needs {
		highest = max(highest, q.level(n.course, &q.records[t.bound[i]]))
	}
	if highest == 0 {
		return nil
	}
	for _, target := range t.rule.targets {
		if target.course < 0 {
			continue
		}
		if level := int(q.m.courseOn(target.course, q.asOf).level); level > 0 && level > highest+q.terms.maxRise {
			return &Reason{Code: LevelGate, Course: q.m.courseCode(target.course), FromLevel: highest, ToLevel: level, Bridge: level - q.terms.maxRise}
		}
	}
	return nil
}

func (q *question) level(course int32, r *Record) int {
	if r.Level > 0 {
		return r.Level
	}
	return int(q.m.courseOn(course, r.Completed).level)
}

// hours are the hours a record stands for: its own, else by its credits, else its course's.
func (l *learner) hours(course int32, r *Record) credit.Hours {
	if r.Hours > 0 {
		return r.Hours
	}
	rate := l.m.rate(l.m.courses[course].at)
	if r.Credits > 0 {
		return rate.Hours(r.Credits)
	}
	c := l.m.courseOn(course, r.Completed)
	if c.hours > 0 {
		return credit.Hours(c.hours)
	}
	return rate.Hours(c.amount())
}

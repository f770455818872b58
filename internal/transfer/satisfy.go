package transfer

import (
	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// trial is an offer tried on the learner's records.
type trial struct {
	offer
	bound []int   // by need: the record that meets it, -1 none
	gate  *Reason // the level gate, when it alone stands in the way
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

// gives says whether the rule gives credit for the records.
func (t *trial) gives() bool { return t.rule.terms.outcome == outcomeCredit && t.satisfied() }

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
	c := q.recordsOf(n.course)
	for r := c.from; r < c.to; r++ {
		if q.free(r) && q.missed(n, &q.records[r]) == "" {
			t.bound[i] = r
			return
		}
	}
}

// spare are further records in the courses of the bound ones.
func (q *question) spare(t *trial) []int {
	var spare []int
	for i, n := range t.needs {
		if t.bound[i] < 0 {
			continue
		}
		c := q.recordsOf(n.course)
		for r := c.from; r < c.to; r++ {
			if r != t.bound[i] && q.free(r) {
				spare = append(spare, r)
			}
		}
	}
	return spare
}

// concerned are the records that share the fate of the rule.
func (q *question) concerned(t *trial) []int {
	var records []int
	for _, r := range t.bound {
		if r >= 0 {
			records = append(records, r)
		}
	}
	return append(records, q.spare(t)...)
}

// missed is the first condition of a need that a record misses, empty for none.
// The order goes from what cannot be mended to what can. A result without a score
// meets no band.
func (q *question) missed(n *need, r *Record) Code {
	if (n.from != calendar.None && r.Completed < n.from) || (n.to != calendar.None && r.Completed > n.to) {
		return OutsideWindow
	}
	if years := n.term(&q.terms); years > 0 && q.asOf > r.Completed.AddYears(years) {
		return Expired
	}
	switch least := n.minimum(&q.terms); {
	case n.max != NoScore && r.Score > n.max:
		return GradeAbove
	case least != NoScore && r.Score < least:
		return GradeBelow
	case n.max != NoScore && r.Score == NoScore:
		return GradeAbove
	}
	return ""
}

// failure tells the condition that a record misses, with the values compared.
func (q *question) failure(n *need, r *Record) Reason {
	reason := Reason{Code: q.missed(n, r)}
	switch reason.Code {
	case OutsideWindow:
		reason.Completed, reason.From, reason.To = r.Completed, n.from, n.to
	case Expired:
		reason.Completed, reason.Until = r.Completed, r.Completed.AddYears(n.term(&q.terms))
	case GradeAbove:
		reason.Needed, reason.Got, reason.GotGrade = n.max, r.Score, r.Grade
	case GradeBelow:
		reason.Needed, reason.Got, reason.GotGrade = n.minimum(&q.terms), r.Score, r.Grade
	}
	return reason
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

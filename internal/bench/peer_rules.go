package bench

import (
	"cmp"
	"fmt"
	"math"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// loadRules writes the rules that can award: what they ask for, course by course,
// and what they give. A standard unit is asked for by what leads to it.
func (l *peerLoader) loadRules(rules []transfer.Rule) error {
	needs, awards := l.into("need", 10), l.into("award", 9)
	for n := range rules {
		r := &rules[n]
		if r.Outcome != transfer.Credit || r.Institution == l.bank {
			continue
		}
		for part, s := range r.Sources {
			if err := l.need(needs, n, part, r, s); err != nil {
				return err
			}
		}
		for i, t := range r.Targets {
			l.award(awards, n, i, r, t)
		}
	}
	return flushed(needs, awards)
}

// condition is what a result in one course must be.
type condition struct {
	min, max credit.Score
	from, to calendar.Day
	years    int
}

func conditionOf(r *transfer.Rule, s transfer.Source) condition {
	return condition{s.Min, s.Max, r.From, r.To, r.Validity}
}

// and holds where both hold.
func (c condition) and(o condition) condition {
	c.min, c.from = max(c.min, o.min), max(c.from, o.from)
	if c.max == transfer.NoScore || o.max != transfer.NoScore && o.max < c.max {
		c.max = o.max
	}
	if c.to == calendar.None || o.to != calendar.None && o.to < c.to {
		c.to = o.to
	}
	if c.years == 0 || o.years != 0 && o.years < c.years {
		c.years = o.years
	}
	return c
}

func (l *peerLoader) need(table *peerTable, n, part int, r *transfer.Rule, s transfer.Source) error {
	policy := l.policies[r.Institution]
	c := conditionOf(r, s)
	if c.min == transfer.NoScore {
		c.min = policy.MinGrade
	}
	c.years = cmp.Or(c.years, policy.Validity)
	c.put(table, l.courses[s.CourseKey], n, part, len(r.Sources), 0)
	for way, feeder := range l.feeders[s.CourseKey] {
		if len(feeder.Sources) > 1 {
			return fmt.Errorf("rule %s: the tables know standard units by one course alone", feeder.Code)
		}
		first := feeder.Sources[0]
		conditionOf(&feeder, first).and(c).put(table, l.courses[first.CourseKey], n, part, len(r.Sources), way+1)
	}
	return nil
}

// put writes a condition. A result without a score has −1: it meets neither bound.
func (c condition) put(table *peerTable, course, rule, part, parts, way int) {
	if c.max != transfer.NoScore {
		c.min = max(c.min, 0)
	} else {
		c.max = math.MaxInt32
	}
	from, to, years := 0, math.MaxInt32, 9999
	if c.from != calendar.None {
		from = dateNumber(c.from)
	}
	if c.to != calendar.None {
		to = dateNumber(c.to)
	}
	if c.years > 0 {
		years = c.years
	}
	table.put(course, rule, part, way, parts, int(c.min), int(c.max), from, to, years*10000)
}

// award writes a target that can give credits. Hours are converted in SQL: the
// divisor is the hours of one step of the institution's credits.
func (l *peerLoader) award(table *peerTable, n, i int, r *transfer.Rule, t transfer.Target) {
	if t.Exemption {
		return
	}
	programme, course, group := -1, 0, -1
	credits, divisor := t.Credits, 0
	if r.Programme != "" {
		programme = l.programmeAt[transfer.ProgrammeKey{Institution: r.Institution, Code: r.Programme}]
	}
	if t.Course == "" {
		group = l.group(t.Group)
	} else {
		key := transfer.CourseKey{Institution: r.Institution, Code: t.Course}
		course = l.courses[key]
		if t.Mode == transfer.Catalogue {
			credits = courseOn(l.versions[key], l.asOf).Credits
		}
	}
	if t.Mode == transfer.FromHours {
		divisor = int(l.rates[r.Institution]) * int(l.step[r.Institution])
	}
	if credits > 0 || divisor > 0 {
		table.put(n, i, l.institutions[r.Institution], programme, course, group, int(credits), divisor, int(l.step[r.Institution]))
	}
}

package oracle

import "fmt"

// candidate is a satisfied rule with the records it consumes and what it awards.
type candidate struct {
	rule    string // key of the equivalence itself
	key     string // with the rules it is served by
	records []int
	awards  []award
}

// award is one target with its credits. group is blank outside the programme.
type award struct {
	course, group string
	credits       int64
	exemption     bool
}

func (c candidate) credits() int64 {
	var sum int64
	for _, a := range c.awards {
		sum += a.credits
	}
	return sum
}

// awards computes what a rule gives for the records it consumes.
func (q *question) awards(r *Rule, records []int) []award {
	var out []award
	for _, t := range r.Targets {
		a := award{course: t.Course, group: t.Group, exemption: t.Exemption}
		if t.Course != "" {
			a.group = q.group[t.Course]
		}
		a.credits = q.worth(t, records)
		out = append(out, a)
	}
	return out
}

func (q *question) worth(t Target, records []int) int64 {
	switch {
	case t.Exemption:
		return 0
	case t.Mode == "source":
		return q.convert(records)
	case t.Mode == "fixed" || t.Course == "":
		return t.Credits
	}
	return q.course(q.p.Institution, t.Course, q.asOf).Credits
}

// convert turns the hours of the records together into credits of the programme's
// institution, down to its step.
func (q *question) convert(records []int) int64 {
	var hours int64
	for _, i := range records {
		hours += q.hours(q.records[i])
	}
	to := q.institution(q.p.Institution)
	if to.Step <= 0 {
		to.Step = 50
	}
	if to.Rate <= 0 {
		return 0
	}
	return hours / (to.Rate * to.Step) * to.Step
}

// hours of a record: its own, else its credits at its institution's rate, else those
// of its course on the day it was completed, else that course's credits at the rate.
func (q *question) hours(r Record) int64 {
	rate := q.institution(r.Institution).Rate
	c := q.course(r.Institution, r.Course, r.Day)
	for _, h := range []int64{r.Hours, r.Credits * rate, c.Hours, c.Credits * rate} {
		if h > 0 {
			return h
		}
	}
	return 0
}

// gated says which target course lies too many levels above the records, or nothing.
// Levels that are not known do not gate.
func (q *question) gated(r *Rule, records []int) error {
	highest := 0
	for _, i := range records {
		rec := q.records[i]
		level := rec.Level
		if level == 0 {
			level = q.course(rec.Institution, rec.Course, rec.Day).Level
		}
		highest = max(highest, level)
	}
	if q.terms.MaxRise < 0 || highest == 0 {
		return nil
	}
	for _, t := range r.Targets {
		if t.Course == "" {
			continue
		}
		if level := q.course(q.p.Institution, t.Course, q.asOf).Level; level > highest+q.terms.MaxRise {
			return fmt.Errorf("course %s is of level %d, the records of level %d", t.Course, level, highest)
		}
	}
	return nil
}

// barred says which target may not be awarded at all, or nothing.
func (q *question) barred(awards []award) error {
	seen := map[string]bool{}
	for _, a := range awards {
		switch {
		case a.course == "":
			continue
		case q.never[a.course]:
			return fmt.Errorf("course %s is never exempt", a.course)
		case q.held[a.course]:
			return fmt.Errorf("course %s is held already", a.course)
		case seen[a.course]:
			return fmt.Errorf("course %s is awarded twice", a.course)
		}
		seen[a.course] = true
	}
	return nil
}

// counted is how many credits of the candidate lie in the scope of the cap.
func (q *question) counted(l limit, c candidate) int64 {
	if l.cap == "group" {
		var sum int64
		if q.groupIndex(l.key) < 0 {
			return 0
		}
		for _, a := range c.awards {
			if a.group == l.key {
				sum += a.credits
			}
		}
		return sum
	}
	if l.cap == "total" {
		return c.credits()
	}
	for _, i := range c.records {
		if q.lies(l, q.records[i]) {
			return c.credits()
		}
	}
	return 0
}

// lies reports whether the record lies in the source scope of the cap.
func (q *question) lies(l limit, r Record) bool {
	switch l.cap {
	case "source_kind":
		return r.Kind == l.key || r.Kind == "" && l.key == "course"
	case "source_institution":
		return r.Institution == l.key
	case "source_institution_kind":
		return q.institution(r.Institution).Kind == l.key
	}
	return false
}

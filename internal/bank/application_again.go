package bank

import (
	"database/sql"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// givenAward is what an earlier application brought a learner in the programme.
type givenAward struct {
	transfer.Award
	on      calendar.Day
	sources []transfer.Record // kinds and institutions of the results that it took
	earned  bool              // a result of the school itself fills the group already
}

// givenBefore are the awards that an account has already, or will have once a
// condition is met, by programme, and the courses that were recognised for prior learning.
func givenBefore(read reading, account string) (map[transfer.ProgrammeKey][]givenAward, error) {
	given := map[transfer.ProgrammeKey][]givenAward{}
	var last applicationItem // rows of one item follow each other
	begin := 0               // where its awards begin
	err := read(func(rows *sql.Rows) error {
		var item applicationItem
		var to transfer.ProgrammeKey
		var awards string
		var decided int64
		var source transfer.Record
		if err := rows.Scan(&item.application, &item.item, &to.Institution, &to.Code, &awards, &decided, &source.Institution, &source.Kind); err != nil {
			return err
		}
		if item != last {
			list, err := readAwards(awards)
			if err != nil {
				return err
			}
			last, begin = item, len(given[to])
			for _, a := range list {
				given[to] = append(given[to], givenAward{Award: a, on: calendar.Of(fromMicros(decided))})
			}
		}
		for i := begin; i < len(given[to]); i++ {
			given[to][i].sources = append(given[to][i].sources, source)
		}
		return nil
	}, `SELECT i.application, i.item, a.institution, a.programme, CASE i.state WHEN 'conditional' THEN i.awards ELSE i.given_awards END, a.decided_at, r.institution, c.kind
		FROM application a JOIN application_item i ON i.application = a.id
		JOIN application_record r ON r.application = i.application AND r.item = i.item
		JOIN record c ON c.institution = r.institution AND c.reference = r.reference
		WHERE a.learner = $1 AND i.state IN ('full', 'alternative', 'partial', 'conditional')
		ORDER BY a.decided_at, i.application, i.item, r.institution, r.reference`, account)
	if err != nil {
		return nil, err
	}
	return given, priorGiven(read, account, given)
}

// freezeAgain asks once more what the learner has not been given yet.
func freezeAgain(c transfer.Case, given []givenAward) transfer.Case {
	facts, records := withGiven(c, given)
	again, _ := transfer.Compile(facts).Freeze(c.To, records, c.AsOf)
	return again
}

// withGiven adds to a question what was given in the programme: it counts as earned in
// its group, by results behind the others, is not awarded again, and fills the caps.
func withGiven(c transfer.Case, given []givenAward) (transfer.Facts, []transfer.Record) {
	facts, records := c.Facts, slices.Clone(c.Records)
	facts.Rules = slices.DeleteFunc(slices.Clone(facts.Rules), func(r transfer.Rule) bool { return givesAgain(&r, c.To, given) != "" })
	at := slices.IndexFunc(facts.Programmes, func(p transfer.Programme) bool { return p.ProgrammeKey == c.To })
	facts.Programmes, facts.Courses = slices.Clone(facts.Programmes), slices.Clone(facts.Courses)
	programme := &facts.Programmes[at]
	programme.Plan = slices.Clone(programme.Plan)
	for _, g := range byGroup(given) {
		// A course of its own stands for all that was given in the group.
		course := transfer.CourseKey{Institution: c.To.Institution, Code: "given " + g.Group}
		facts.Courses = append(facts.Courses, transfer.Course{CourseKey: course, Credits: g.Credits, From: calendar.None, To: calendar.None})
		programme.Plan = append(programme.Plan, transfer.PlanCourse{Course: course.Code, Group: g.Group})
		records = append(records, transfer.Record{CourseKey: course, Kind: transfer.KindCourse, Score: transfer.NoScore, Passed: true, Credits: g.Credits, Completed: g.on})
	}
	if slices.ContainsFunc(given, func(g givenAward) bool { return g.earned }) {
		facts.Caps = withPriorCap(facts.Caps)
	}
	facts.Caps = capsLeft(&facts, programme, given)
	return facts, records
}

// givesAgain is the course of a rule that was given in the programme already; empty:
// none is.
func givesAgain(r *transfer.Rule, to transfer.ProgrammeKey, given []givenAward) string {
	if r.Institution != to.Institution {
		return ""
	}
	for _, t := range r.Targets {
		if t.Course != "" && slices.ContainsFunc(given, func(g givenAward) bool { return g.Course == t.Course }) {
			return t.Course
		}
	}
	return ""
}

// byGroup adds up what was given in the groups of a programme.
func byGroup(given []givenAward) (sums []givenAward) {
	for _, g := range given {
		if g.Group == "" || g.Credits == 0 || g.earned {
			continue
		}
		i := slices.IndexFunc(sums, func(s givenAward) bool { return s.Group == g.Group })
		if i < 0 {
			sums = append(sums, givenAward{Award: transfer.Award{Group: g.Group}, on: g.on})
			i = len(sums) - 1
		}
		sums[i].Credits += g.Credits
	}
	return sums
}

// capsLeft is what the caps leave after what was given.
func capsLeft(facts *transfer.Facts, programme *transfer.Programme, given []givenAward) []transfer.Cap {
	left := slices.Clone(facts.Caps)
	for i := range left {
		limit, limited := left[i].Limit(programme.Required)
		if !limited {
			continue
		}
		left[i].Share, left[i].Credits = -1, max(0, limit-takenFrom(facts, left[i], given))
	}
	return left
}

// takenFrom is how much of what was given counts against a cap.
func takenFrom(facts *transfer.Facts, c transfer.Cap, given []givenAward) (sum credit.Amount) {
	for _, g := range given {
		if c.Kind == transfer.CapTotal || c.Kind == transfer.CapGroup && g.Group == c.Key || slices.ContainsFunc(g.sources, func(r transfer.Record) bool { return lies(facts, c, r) }) {
			sum += g.Credits
		}
	}
	return sum
}

// lies says whether a result lies in the scope of a cap on sources.
func lies(facts *transfer.Facts, c transfer.Cap, r transfer.Record) bool {
	switch c.Kind {
	case transfer.CapSourceKind:
		return r.Kind == c.Key
	case transfer.CapSourceInstitution:
		return r.Institution == c.Key
	case transfer.CapSourceInstitutionKind:
		return slices.ContainsFunc(facts.Institutions, func(in transfer.Institution) bool { return in.Code == r.Institution && in.Kind == c.Key })
	}
	return false
}

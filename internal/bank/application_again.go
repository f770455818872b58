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
}

// givenBefore are the awards of a programme that an account has already, or will have
// once a condition is met.
func givenBefore(read reading, account string, to transfer.ProgrammeKey) (given []givenAward, err error) {
	type key struct {
		application string
		item        int
	}
	at := map[key]int{}
	var items [][]givenAward
	err = read(func(rows *sql.Rows) error {
		var k key
		var awards string
		var decided int64
		var source transfer.Record
		if err := rows.Scan(&k.application, &k.item, &awards, &decided, &source.Institution, &source.Kind); err != nil {
			return err
		}
		if n, known := at[k]; known {
			for i := range items[n] {
				items[n][i].sources = append(items[n][i].sources, source)
			}
			return nil
		}
		list, err := readAwards(awards)
		if err != nil {
			return err
		}
		at[k] = len(items)
		var item []givenAward
		for _, a := range list {
			item = append(item, givenAward{Award: a, on: calendar.Of(fromMicros(decided)), sources: []transfer.Record{source}})
		}
		items = append(items, item)
		return nil
	}, `SELECT i.application, i.item, CASE i.state WHEN 'conditional' THEN i.awards ELSE i.given_awards END, a.decided_at, r.institution, c.kind
		FROM application a JOIN application_item i ON i.application = a.id
		JOIN application_record r ON r.application = i.application AND r.item = i.item
		JOIN record c ON c.institution = r.institution AND c.reference = r.reference
		WHERE a.learner = $1 AND a.institution = $2 AND a.programme = $3 AND i.state IN ('full', 'alternative', 'partial', 'conditional')
		ORDER BY a.decided_at, i.application, i.item, r.institution, r.reference`, account, to.Institution, to.Code)
	return slices.Concat(items...), err
}

// freezeAgain asks once more what the learner has not been given yet: what was given
// counts as earned in its group, is not awarded again, and fills the caps.
func freezeAgain(c transfer.Case, given []givenAward) transfer.Case {
	facts, records := c.Facts, slices.Clone(c.Records)
	facts.Rules = slices.DeleteFunc(slices.Clone(facts.Rules), func(r transfer.Rule) bool {
		return r.Institution == c.To.Institution && slices.ContainsFunc(r.Targets, func(t transfer.Target) bool {
			return t.Course != "" && slices.ContainsFunc(given, func(g givenAward) bool { return g.Course == t.Course })
		})
	})
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
	facts.Caps = capsLeft(&facts, programme, given)
	again, _ := transfer.Compile(facts).Freeze(c.To, records, c.AsOf)
	return again
}

// byGroup adds up what was given in the groups of a programme.
func byGroup(given []givenAward) (sums []givenAward) {
	for _, g := range given {
		if g.Group == "" || g.Credits == 0 {
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

package bank

import (
	"context"
	"database/sql"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// PriorCourse is a course of a plan, and why it cannot be recognised for prior
// learning, if it cannot.
type PriorCourse struct {
	CourseInfo
	Group    string
	Credits  credit.Amount
	Outcomes int
	Reason   string // one of [PriorReasons]; empty: it can
	Running  string // the learner's recognition of it that is under way
}

// PriorReasons lists why a course cannot be recognised for prior learning.
func PriorReasons() []string {
	return []string{"never_exempt", "no_outcomes", "failed", "has", "asked", "running", "cap"}
}

// priorShare is the cap on prior learning where no policy says another: three tenths of
// what the programme requires (field/credit-systems.md, R-059).
const priorShare credit.Share = 3000

// PriorCourses lists the courses of a programme's plan in its order, with what speaks
// against recognising each for the learner who asks. It promises Denied and NotFound.
func (b *Bank) PriorCourses(ctx context.Context, actor Actor, to transfer.ProgrammeKey) ([]PriorCourse, error) {
	account, err := b.own(ctx, actor)
	if err != nil {
		return nil, err
	}
	o, err := b.priorOffer(ctx, account, to)
	if err != nil {
		return nil, err
	}
	info, err := o.Snapshot.Programme(to, b.Today())
	if err != nil {
		return nil, err
	}
	var list []PriorCourse
	for _, g := range info.Groups {
		for _, c := range g.Courses {
			one, err := b.priorCourse(ctx, &o, c.Course)
			if err != nil {
				return nil, err
			}
			one.Group = g.Code
			list = append(list, one)
		}
	}
	return list, nil
}

// priorOffer is what the learner is offered in a programme, and what is under way.
type priorOffer struct {
	ApplicationOffer
	running map[string]string // course → recognition
	asked   map[string]bool   // courses that an application gives, or asks for
	given   int               // awards that were given before
}

func (b *Bank) priorOffer(ctx context.Context, account string, to transfer.ProgrammeKey) (o priorOffer, err error) {
	if o.ApplicationOffer, err = b.offer(ctx, account, to); err != nil {
		return o, err
	}
	if o.running, err = priorsRunning(b.reading(ctx), account, to.Institution); err != nil {
		return o, err
	}
	given, err := givenBefore(b.reading(ctx), account)
	if err != nil {
		return o, err
	}
	o.given = len(given[to])
	o.asked, err = askedCourses(b.reading(ctx), account, to.Institution)
	return o, err
}

// priorCourse says what speaks against one course.
func (b *Bank) priorCourse(ctx context.Context, o *priorOffer, course CourseInfo) (PriorCourse, error) {
	one := PriorCourse{CourseInfo: course, Running: o.running[course.Code]}
	versions, err := courseVersions(b.reading(ctx), course.CourseKey)
	if err != nil || len(versions) == 0 {
		return one, err
	}
	now := detailOn(versions, o.AsOf)
	one.Credits, one.Outcomes = now.Credits, len(now.Outcomes)
	one.Reason = o.reason(course.Code, now.Credits, one.Outcomes)
	return one, nil
}

// reason says why a course cannot be recognised, empty when it can.
func (o *priorOffer) reason(course string, credits credit.Amount, outcomes int) string {
	passed, failed := o.results(course)
	switch {
	case o.neverExempt(course):
		return "never_exempt"
	case passed:
		return "has"
	case failed:
		return "failed"
	case o.asked[course]:
		return "asked"
	case outcomes == 0:
		return "no_outcomes"
	case o.running[course] != "":
		return "running"
	}
	if c := o.priorCase(course, credits); len(c.Answer.Items) == 0 {
		return "cap"
	}
	return ""
}

func (o *priorOffer) neverExempt(course string) bool {
	n, known := o.Snapshot.Map.ProgrammeNumber(o.To)
	if !known {
		return false
	}
	key := transfer.CourseKey{Institution: o.To.Institution, Code: course}
	at, _ := o.Snapshot.Map.CourseNumber(key)
	for from, to := o.Snapshot.Map.PlanOf(n); from < to; from++ {
		if c, _, never := o.Snapshot.Map.PlanAt(from); c == at && never {
			return true
		}
	}
	return false
}

// results says whether the learner has passed, and whether they have failed, a course of
// the school.
func (o *priorOffer) results(course string) (passed, failed bool) {
	for _, r := range o.Records[:len(o.References)] {
		if r.Institution == o.To.Institution && r.Code == course {
			passed, failed = passed || r.Passed, failed || !r.Passed
		}
	}
	return passed, failed
}

// priorRule names the award of a course for prior learning in what the engine is asked.
func priorRule(course string) transfer.RuleRef {
	return transfer.RuleRef{Code: "prior learning " + course, Version: 1}
}

// priorCase asks the engine whether a course can be awarded for prior learning: one
// equivalence, from a source of the kind prior_learning to the whole course, under all
// caps, of which what was given before is taken. That there is an item in the answer
// says that it can. The policies on grades, age and levels of results do not concern it:
// each outcome of the course itself was judged.
func (o *priorOffer) priorCase(course string, credits credit.Amount) transfer.Case {
	facts, key := o.Facts, transfer.CourseKey{Institution: o.To.Institution, Code: course}
	source := transfer.CourseKey{Institution: KindPriorLearning, Code: course}
	facts.Policies, facts.Caps = nil, withPriorCap(facts.Caps)
	facts.Institutions = append(slices.Clone(facts.Institutions), transfer.Institution{Code: source.Institution, Rate: o.rate(), Step: 1})
	facts.Courses = slices.DeleteFunc(slices.Clone(facts.Courses), func(c transfer.Course) bool { return c.CourseKey == key })
	for _, k := range []transfer.CourseKey{source, key} {
		facts.Courses = append(facts.Courses, transfer.Course{CourseKey: k, Credits: credits, From: calendar.None, To: calendar.None})
	}
	facts.Rules = []transfer.Rule{{RuleRef: priorRule(course), Institution: o.To.Institution, Programme: o.To.Code, Outcome: transfer.Credit,
		Sources: []transfer.Source{{CourseKey: source, Min: transfer.NoScore, Max: transfer.NoScore}}, Targets: []transfer.Target{{Course: course, Mode: transfer.Catalogue}},
		From: calendar.None, To: calendar.None, Since: o.AsOf}}
	records := append(o.homeRecords(), transfer.Record{CourseKey: source, Kind: KindPriorLearning, Score: transfer.NoScore, Passed: true, Credits: credits, Completed: o.AsOf})
	c, _ := transfer.Compile(facts).Freeze(o.To, records, o.AsOf)
	return c
}

// rate is that of the school.
func (o *priorOffer) rate() credit.Rate {
	for _, in := range o.Facts.Institutions {
		if in.Code == o.To.Institution {
			return in.Rate
		}
	}
	return 0
}

// homeRecords are the learner's results in courses of the school, and what stands for
// what was given before.
func (o *priorOffer) homeRecords() (records []transfer.Record) {
	for _, r := range o.Records {
		if r.Institution == o.To.Institution {
			records = append(records, r)
		}
	}
	return records
}

// withPriorCap adds the cap that holds where no policy names one for prior learning.
func withPriorCap(caps []transfer.Cap) []transfer.Cap {
	if slices.ContainsFunc(caps, isPriorCap) {
		return caps
	}
	return append(slices.Clone(caps), transfer.Cap{Place: transfer.Place{Scope: transfer.ScopeBank}, From: calendar.None, Kind: transfer.CapSourceKind,
		Key: KindPriorLearning, Credits: -1, Share: priorShare})
}

func isPriorCap(c transfer.Cap) bool {
	return c.Kind == transfer.CapSourceKind && c.Key == KindPriorLearning
}

// priorGiven adds what prior learning brought a learner, by programme: to each whose plan
// has the course. The results themselves are earned there; here they are told to the caps.
func priorGiven(read reading, account string, given map[transfer.ProgrammeKey][]givenAward) error {
	return read(func(rows *sql.Rows) error {
		g := givenAward{earned: true, sources: []transfer.Record{{Kind: KindPriorLearning}}}
		var to transfer.ProgrammeKey
		var decided int64
		err := rows.Scan(&to.Institution, &to.Code, &g.Course, &g.Group, &g.Credits, &decided)
		g.on = calendar.Of(fromMicros(decided))
		given[to] = append(given[to], g)
		return err
	}, `SELECT c.institution, c.programme, p.course, c.grp, p.credits, p.decided_at FROM prior_learning p
		JOIN plan_course c ON c.institution = p.institution AND c.course = p.course
		WHERE p.learner = $1 AND p.state = 'granted' ORDER BY p.decided_at, p.id, c.programme`, account)
}

// priorsRunning are the recognitions of a learner at a school that are under way, by course.
func priorsRunning(read reading, account, institution string) (map[string]string, error) {
	running := map[string]string{}
	return running, read(func(rows *sql.Rows) error {
		var course, id string
		err := rows.Scan(&course, &id)
		running[course] = id
		return err
	}, `SELECT course, id FROM prior_learning WHERE learner = $1 AND institution = $2 AND state IN ('draft', 'submitted', 'assigned', 'assessed')`, account, institution)
}

// askedCourses are the courses of a school that applications of a learner have given, or
// ask for.
func askedCourses(read reading, account, institution string) (map[string]bool, error) {
	asked := map[string]bool{}
	return asked, read(func(rows *sql.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		awards, err := readAwards(text)
		for _, a := range awards {
			asked[a.Course] = a.Course != ""
		}
		return err
	}, `SELECT CASE WHEN i.state IN ('full', 'alternative', 'partial') THEN i.given_awards ELSE i.awards END FROM application a JOIN application_item i ON i.application = a.id
		WHERE a.learner = $1 AND a.institution = $2 AND (i.state IN ('full', 'alternative', 'partial', 'conditional') OR i.state = 'open' AND a.state = 'submitted'
			OR i.state = 'refused' AND a.state = 'appealed')`, account, institution)
}

package transfer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
	"creditbank/internal/transfer/oracle"
)

// world is everything one question is asked of.
type world struct {
	facts   transfer.Facts
	records []transfer.Record
	asOf    calendar.Day
}

// The schools of the random worlds: one target, another target, two senders, an
// examiner and the bank with its standard units.
const (
	home, other, sender, factory, examiner, bank = "H", "G", "S", "X", "Z", "U"
	today                                        = calendar.Day(20_700)
)

// dice makes random worlds. Everything follows from the seed.
type dice struct {
	*rand.Rand
	w       world
	sources []transfer.CourseKey
	units   bool // rules through standard units are common
	dense   bool // little stands in the way of a rule: much is left to choose
}

func (d *dice) one(percent int) bool { return d.IntN(100) < percent }

// odd is one, for what keeps rules from being satisfied.
func (d *dice) odd(percent int) bool { return d.one(percent) && (!d.dense || d.one(15)) }

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func pick[T any](d *dice, list ...T) T { return list[d.IntN(len(list))] }

func randomWorld(seed uint64) world {
	d := &dice{Rand: rand.New(rand.NewPCG(seed, 7))}
	d.w.asOf = today
	d.dense = d.one(50)
	d.institutions()
	d.courses()
	d.programmes()
	d.records()
	d.rules()
	d.policies()
	d.caps()
	d.breakCircles()
	return d.w
}

// breakCircles takes out the rules that would make a standard unit stand for
// itself: the engine refuses them, and nothing is asked of what it refuses.
func (d *dice) breakCircles() {
	refused := map[transfer.RuleRef]bool{}
	for _, f := range transfer.Compile(d.w.facts).Faults() {
		if f.Code == "unit_circle" {
			refused[f.Rule] = true
		}
	}
	d.w.facts.Rules = slices.DeleteFunc(d.w.facts.Rules, func(r transfer.Rule) bool { return refused[r.RuleRef] })
}

func (d *dice) institutions() {
	kinds := map[string][]string{
		home: {"higher_vocational"}, other: {"higher_vocational"}, sender: {"secondary_vocational"},
		factory: {"enterprise", "secondary_vocational"}, examiner: {"assessment_body"}, bank: {transfer.KindBank},
	}
	for _, code := range []string{home, other, sender, factory, examiner, bank} {
		d.w.facts.Institutions = append(d.w.facts.Institutions, transfer.Institution{
			Code: code, Kind: pick(d, kinds[code]...), Rate: pick[credit.Rate](d, 1600, 1800, 1667, 2500), Step: pick[credit.Amount](d, 50, 25, 100),
		})
	}
}

func (d *dice) courses() {
	for at, codes := range map[string][]string{
		home: {"T1", "T2", "T3", "T4", "T5"}, other: {"T1", "T2"}, sender: {"A", "B", "C", "D"},
		factory: {"P", "A"}, examiner: {"C1", "C2"}, bank: {"U1", "U2", "U3"},
	} {
		for _, code := range codes {
			key := transfer.CourseKey{Institution: at, Code: code}
			d.w.facts.Courses = append(d.w.facts.Courses, transfer.Course{CourseKey: key})
		}
	}
	list := d.w.facts.Courses
	d.w.facts.Courses = nil
	slices.SortFunc(list, func(a, b transfer.Course) int {
		return slices.Compare([]string{a.Institution, a.Code}, []string{b.Institution, b.Code})
	})
	for _, c := range list {
		if c.Institution != other {
			d.sources = append(d.sources, c.CourseKey)
		}
		d.versions(c.CourseKey)
	}
}

// versions makes up to three versions of a course, with gaps and overlaps, that
// begin on different days.
func (d *dice) versions(key transfer.CourseKey) {
	from := calendar.None
	if d.one(50) {
		from = today - 3000 + calendar.Day(d.IntN(3500))
	}
	for n := 1 + d.IntN(3); n > 0; n-- {
		c := transfer.Course{CourseKey: key, Credits: credit.Amount(25 * d.IntN(25)), From: from, To: calendar.None}
		if d.one(30) {
			c.Hours = credit.Hours(10_000 * d.IntN(120))
		}
		if d.one(40) {
			c.Level = 1 + d.IntN(8)
		}
		if d.one(50) {
			c.To = today - 2500 + calendar.Day(d.IntN(3500))
		}
		d.w.facts.Courses = append(d.w.facts.Courses, c)
		from = max(from, today-3000) + calendar.Day(1+d.IntN(1500))
	}
}

func (d *dice) programmes() {
	for _, key := range []transfer.ProgrammeKey{{Institution: home, Code: "P1"}, {Institution: home, Code: "P2"}, {Institution: other, Code: "P1"}} {
		p := transfer.Programme{ProgrammeKey: key, Required: credit.Amount(100 * d.IntN(40))}
		for g := range 1 + d.IntN(3) {
			p.Groups = append(p.Groups, transfer.Group{Code: fmt.Sprint("g", g), Min: credit.Amount(50 * d.IntN(25+25*bit(d.dense)))})
		}
		for _, code := range []string{"T1", "T2", "T3", "T4", "T5"} {
			if (key.Institution == home || code < "T3") && d.one(75) {
				p.Plan = append(p.Plan, transfer.PlanCourse{Course: code, Group: pick(d, p.Groups...).Code, NeverExempt: d.odd(10)})
			}
		}
		d.w.facts.Programmes = append(d.w.facts.Programmes, p)
	}
}

func (d *dice) rules() {
	d.units = d.one(45)
	for n := range 4 + d.IntN(10) {
		at := home
		switch {
		case d.units && d.one(55):
			at = bank
		case d.one(10):
			at = other
		}
		for v := range pick(d, 1, 1, 1, 2) {
			r := d.rule(at)
			r.RuleRef = transfer.RuleRef{Code: fmt.Sprintf("E%02d", n), Version: v + 1}
			d.w.facts.Rules = append(d.w.facts.Rules, r)
		}
	}
}

func (d *dice) rule(at string) transfer.Rule {
	r := transfer.Rule{Institution: at, Outcome: transfer.Credit, From: calendar.None, To: calendar.None,
		Priority: d.IntN(3), Since: today - calendar.Day(d.IntN(900))}
	d.window(&r)
	if d.odd(20) {
		r.Validity = 1 + d.IntN(8)
	}
	if at == home && d.one(20) {
		r.Programme = pick(d, "P1", "P2")
	}
	if d.odd(12) {
		r.Outcome = pick(d, transfer.Refused, transfer.Pending)
		r.Reasons, r.Note = []string{pick(d, "LEVEL", "HOURS")}, "见会议纪要"
	}
	r.Sources = d.ruleSources(at)
	r.Targets = d.targets(at)
	return r
}

func (d *dice) window(r *transfer.Rule) {
	if d.odd(25) {
		r.From = today - 3000 + calendar.Day(d.IntN(2500))
	}
	if d.odd(25) {
		r.To = max(r.From, today-2500) + calendar.Day(d.IntN(2600))
	}
}

func (d *dice) ruleSources(at string) []transfer.Source {
	var list []transfer.Source
	for n := pick(d, 1, 1, 1, 2, 2, 3); len(list) < n; {
		s := transfer.Source{CourseKey: d.sourceCourse(at), Min: transfer.NoScore, Max: transfer.NoScore}
		seldom := s.Institution == home || (s.Institution == bank && (at == bank || !d.units))
		if (seldom && d.one(90)) || slices.ContainsFunc(list, func(o transfer.Source) bool { return o.CourseKey == s.CourseKey }) {
			continue
		}
		if d.odd(30) {
			s.Min = credit.Score(6000 + 500*d.IntN(7))
		}
		if d.odd(15) {
			s.Max = max(s.Min, 6500) + credit.Score(500*d.IntN(6))
		}
		list = append(list, s)
	}
	return list
}

// sourceCourse is mostly a course in which the learner has a result, or a unit.
func (d *dice) sourceCourse(at string) transfer.CourseKey {
	switch {
	case d.units && at != bank && d.one(60):
		return transfer.CourseKey{Institution: bank, Code: pick(d, "U1", "U2", "U3")}
	case d.one(80 + 15*bit(d.dense)):
		if key := pick(d, d.w.records...).CourseKey; slices.Contains(d.sources, key) {
			return key
		}
	}
	return pick(d, d.sources...)
}

func (d *dice) targets(at string) []transfer.Target {
	codes := map[string][]string{home: {"T1", "T2", "T3", "T4", "T5"}, other: {"T1", "T2"}, bank: {"U1", "U2", "U3"}}[at]
	var list []transfer.Target
	hours := d.one(25)
	for range pick(d, 1, 1, 1, 2, 2, 3) {
		t := transfer.Target{Course: pick(d, codes...), Mode: pick(d, transfer.Catalogue, transfer.Fixed), Credits: credit.Amount(25 * d.IntN(22))}
		switch {
		case d.one(20):
			t.Course, t.Group, t.Mode = "", pick(d, "g0", "g1", "g2", "g9"), transfer.Fixed
		case d.one(12):
			t.Exemption = true
		}
		if slices.ContainsFunc(list, func(o transfer.Target) bool { return t.Course != "" && o.Course == t.Course }) {
			continue
		}
		if hours && !t.Exemption {
			t.Mode, hours = transfer.FromHours, false
		}
		list = append(list, t)
	}
	return list
}

// place is one of the scopes; the narrow ones mostly speak of the programme asked about.
func (d *dice) place() transfer.Place {
	return pick(d,
		transfer.Place{Scope: transfer.ScopeBank},
		transfer.Place{Scope: transfer.ScopeInstitution, Institution: home},
		transfer.Place{Scope: transfer.ScopeProgramme, Institution: home, Programme: "P1"},
		transfer.Place{Scope: transfer.ScopeInstitution, Institution: other},
		transfer.Place{Scope: transfer.ScopeProgramme, Institution: home, Programme: "P2"},
	)
}

func (d *dice) policies() {
	for n := range d.IntN(5) {
		p := transfer.Policy{Place: d.place(), From: today - 900 + calendar.Day(300*n+d.IntN(200)), MinGrade: transfer.NoScore, Validity: -1, MaxRise: -1}
		if d.odd(30) {
			p.MinGrade = credit.Score(6000 + 500*d.IntN(4))
		}
		if d.odd(30) {
			p.Validity = 3 + d.IntN(7)
		}
		if d.odd(50) {
			p.MaxRise = d.IntN(4)
		}
		d.w.facts.Policies = append(d.w.facts.Policies, p)
	}
}

func (d *dice) caps() {
	keys := map[transfer.CapKind][]string{
		transfer.CapTotal: {""}, transfer.CapGroup: {"g0", "g1", "g2"}, transfer.CapSourceKind: {"course", "certificate", "work"},
		transfer.CapSourceInstitution: {sender, factory, examiner}, transfer.CapSourceInstitutionKind: {"secondary_vocational", "assessment_body"},
	}
	for n := range d.IntN(7) {
		kind := pick(d, transfer.CapTotal, transfer.CapGroup, transfer.CapSourceKind, transfer.CapSourceInstitution, transfer.CapSourceInstitutionKind)
		c := transfer.Cap{Place: d.place(), From: today - 900 + calendar.Day(150*n+d.IntN(140)), Kind: kind, Key: pick(d, keys[kind]...), Credits: -1, Share: -1}
		if d.one(60) {
			c.Credits = credit.Amount(50 * d.IntN(28+20*bit(d.dense)))
		}
		if d.one(40) {
			c.Share = credit.Share(500 * d.IntN(21))
		}
		d.w.facts.Caps = append(d.w.facts.Caps, c)
	}
}

func (d *dice) records() {
	for range 1 + d.IntN(9) {
		d.w.records = append(d.w.records, d.record())
	}
	if d.one(5) {
		d.w.records = append(d.w.records, d.w.records[0])
	}
}

func (d *dice) record() transfer.Record {
	r := transfer.Record{CourseKey: pick(d, d.sources...), Kind: transfer.KindCourse, Score: credit.Score(5500 + 500*d.IntN(10))}
	for (r.Institution == bank || r.Institution == home) && d.one(75) {
		r.CourseKey = pick(d, d.sources...)
	}
	if d.one(4) {
		r.Code = "unknown"
	}
	if d.dense {
		r.Score = max(r.Score, 6000)
	}
	r.Passed = r.Score >= 6000
	if d.one(12) {
		r.Score, r.Passed = transfer.NoScore, true
	}
	if r.Institution == examiner {
		r.Kind = pick(d, "certificate", "work")
	}
	if d.one(30) {
		r.Credits = credit.Amount(50 * d.IntN(12))
	}
	if d.one(20) {
		r.Hours = credit.Hours(10_000 * d.IntN(100))
	}
	if d.one(30) {
		r.Level = 1 + d.IntN(6)
	}
	if d.odd(10) {
		r.Used = "application 7"
	}
	// Two results of one course never share their day: only then is it the score
	// and the day alone that decide which of them counts.
	for taken := true; taken; {
		r.Completed = today - calendar.Day(d.IntN(2400))
		taken = slices.ContainsFunc(d.w.records, func(o transfer.Record) bool {
			return o.CourseKey == r.CourseKey && o.Completed == r.Completed
		})
	}
	return r
}

// oracleWorld says the same in the oracle's words.
func (w *world) oracleWorld() oracle.World {
	var o oracle.World
	for _, in := range w.facts.Institutions {
		o.Institutions = append(o.Institutions, oracle.Institution{Code: in.Code, Kind: in.Kind, Rate: int64(in.Rate), Step: int64(in.Step)})
	}
	for _, c := range w.facts.Courses {
		o.Courses = append(o.Courses, oracle.Course{Institution: c.Institution, Code: c.Code, From: open(c.From), To: open(c.To),
			Credits: int64(c.Credits), Hours: int64(c.Hours), Level: c.Level})
	}
	for _, p := range w.facts.Programmes {
		o.Programmes = append(o.Programmes, oracleProgramme(p))
	}
	for _, r := range w.facts.Rules {
		o.Rules = append(o.Rules, oracleRule(r))
	}
	for _, p := range w.facts.Policies {
		o.Policies = append(o.Policies, oracle.Policy{Scope: string(p.Scope), Institution: p.Institution, Programme: p.Programme,
			From: int(p.From), MinGrade: int64(p.MinGrade), Validity: p.Validity, MaxRise: p.MaxRise})
	}
	for _, c := range w.facts.Caps {
		o.Caps = append(o.Caps, oracle.Cap{Scope: string(c.Scope), Institution: c.Institution, Programme: c.Programme,
			From: int(c.From), Cap: string(c.Kind), Key: c.Key, Credits: int64(c.Credits), Share: int64(c.Share)})
	}
	return o
}

func open(d calendar.Day) int {
	if d == calendar.None {
		return math.MinInt32
	}
	return int(d)
}

func oracleProgramme(p transfer.Programme) oracle.Programme {
	o := oracle.Programme{Institution: p.Institution, Code: p.Code, Required: int64(p.Required)}
	for _, g := range p.Groups {
		o.Groups = append(o.Groups, oracle.Group{Code: g.Code, Min: int64(g.Min)})
	}
	for _, c := range p.Plan {
		o.Plan = append(o.Plan, oracle.PlanCourse{Group: c.Group, Course: c.Course, NeverExempt: c.NeverExempt})
	}
	return o
}

func oracleRule(r transfer.Rule) oracle.Rule {
	o := oracle.Rule{Code: r.Code, Version: r.Version, Institution: r.Institution, From: open(r.From), To: open(r.To),
		Validity: r.Validity, Programme: r.Programme, Priority: r.Priority, Outcome: string(r.Outcome)}
	for _, s := range r.Sources {
		o.Sources = append(o.Sources, oracle.Source{Institution: s.Institution, Course: s.Code, Min: int64(s.Min), Max: int64(s.Max)})
	}
	for _, t := range r.Targets {
		o.Targets = append(o.Targets, oracle.Target{Course: t.Course, Group: t.Group, Mode: string(t.Mode), Credits: int64(t.Credits), Exemption: t.Exemption})
	}
	return o
}

func (w *world) oracleRecords() []oracle.Record {
	var list []oracle.Record
	for _, r := range w.records {
		list = append(list, oracle.Record{Institution: r.Institution, Course: r.Code, Kind: r.Kind, Graded: r.Score != transfer.NoScore,
			Score: int64(max(r.Score, 0)), Passed: r.Passed, Credits: int64(r.Credits), Hours: int64(r.Hours), Level: r.Level,
			Day: int(r.Completed), Used: r.Used != ""})
	}
	return list
}

// chosen says an item of an answer in the oracle's words.
func chosen(it transfer.Item) oracle.Chosen {
	c := oracle.Chosen{Rule: it.Rule.Code, Version: it.Rule.Version, Records: it.Records, Credits: int64(it.Credits)}
	for _, v := range it.Via {
		c.Via = append(c.Via, fmt.Sprintf("%s/%d", v.Code, v.Version))
	}
	return c
}

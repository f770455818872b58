package bank

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// RegionalFile is what is asked for of a file of a regional credit bank.
type RegionalFile struct {
	Kind        string // of [RegionalKinds]
	Institution string // whose: the school that taught or, of what was converted, that took it; empty: of all
	Purpose     string // why names and numbers are given out; not asked of the operator
}

// ExportRegional gives the header, in Chinese, and the rows of a file of a regional
// credit bank: of results that stand, one row of each result and, of what was
// converted, of each course it was converted to; of several passed attempts at a
// course the best. Failed grades and exemptions (免修) stand in none.
//
// Rows say names and document numbers whole. An administrator, for the whole bank, and
// a registrar, for the own school and its own learners, say what for: the look and its
// purpose, of 5 to 200 characters, are noted with each learner before anything is given
// out, and each learner sees them. That the operator gives such a file out is noted as
// with any other. It promises Denied; Invalid for an unknown kind or institution, and
// naming purpose, also for one that repeats what is personal of a learner; and
// Unavailable (error.personal_no_key).
func (b *Bank) ExportRegional(ctx context.Context, actor Actor, f RegionalFile, emit func(cells ...string) error) (RegionalReport, error) {
	g, err := b.notedRegional(ctx, actor, f, "numbers", nil)
	if err != nil {
		return RegionalReport{}, err
	}
	var header []string
	for _, c := range regionalColumns(f.Kind) {
		header = append(header, c.Zh)
	}
	if err := emit(header...); err != nil {
		return RegionalReport{}, err
	}
	g.emit = emit
	return b.giveRegional(ctx, g)
}

// notedRegional is what an actor is given of a file, or of what it leaves out, once it is
// noted that they look at something of the learners.
func (b *Bank) notedRegional(ctx context.Context, actor Actor, f RegionalFile, what string, leave leaveRegional) (regionalGiving, error) {
	g, err := b.mayGiveRegional(ctx, actor, f)
	if g.leave = leave; err != nil {
		return g, err
	}
	if actor.Is(IsOperator) {
		return g, b.write(ctx, actor, func(t *tx) error { return t.audit("export", f.Kind, f.Institution) })
	}
	if err := checkReason("purpose", f.Purpose); err != nil {
		return g, err
	}
	g.noted, err = b.noteRegional(ctx, actor, g, strings.TrimSpace(f.Purpose), what)
	return g, err
}

// mayGiveRegional is what an actor may be given of a file that is asked for.
func (b *Bank) mayGiveRegional(ctx context.Context, actor Actor, f RegionalFile) (g regionalGiving, err error) {
	if !isRegional(f.Kind) {
		return g, invalidField("kind", f.Kind, "choice", map[string]any{"Choices": strings.Join(RegionalKinds(), ", ")})
	}
	g = regionalGiving{kind: f.Kind, institution: f.Institution}
	switch {
	case actor.Is(IsOperator | IsAdministrator):
	case actor.Is(IsRegistrar) && actor.Institution != "" && (f.Institution == "" || f.Institution == actor.Institution):
		g.institution, g.ownOnly = actor.Institution, true
	default:
		return g, &Error{Code: Denied, Key: "error.role"}
	}
	if g.institution != "" {
		known, err := knownInstitution(b.reading(ctx), g.institution)
		if err != nil {
			return g, err
		}
		if _, there := known.institutions[g.institution]; !there {
			return g, invalidField("institution", g.institution, "unknown_institution", nil)
		}
	}
	return g, nil
}

// noteRegional notes a look at each learner whom the file tells of, and gives them.
func (b *Bank) noteRegional(ctx context.Context, actor Actor, g regionalGiving, purpose, what string) (map[string]bool, error) {
	named := map[string]bool{}
	meet := func(account string, p Person) error {
		if p.in(purpose) {
			return invalidField("purpose", "", "personal", nil)
		}
		named[account] = true
		return nil
	}
	if g.emit = nothing; g.leave == nil {
		g.meet = meet
	} else {
		g.leave = func(o *regionalOut, _ *regionalResult, _ string) error { return meet(o.learner.account, o.person) }
	}
	if _, err := b.giveRegional(ctx, g); err != nil {
		return nil, err
	}
	accounts := make([]string, 0, len(named))
	for account := range named {
		accounts = append(accounts, account)
	}
	slices.Sort(accounts)
	err := b.write(ctx, actor, func(t *tx) error {
		return t.note(note{Action: "export", Object: g.kind, Detail: g.institution, Purpose: purpose})
	})
	for err == nil && len(accounts) > 0 {
		n := min(len(accounts), sweepBatch)
		err = b.write(ctx, actor, func(t *tx) error { return t.noteLooks(accounts[:n], what, purpose) })
		accounts = accounts[n:]
	}
	return named, err
}

// noteLooks notes a look at something of some learners, with each once a day.
func (t *tx) noteLooks(accounts []string, what, purpose string) error {
	for _, account := range accounts {
		n := note{Action: lookAction, Object: what, Subject: account, Purpose: purpose}
		last, err := t.lastNote(n)
		if err == nil && last != calendar.Of(t.now) {
			err = t.note(n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// regionalGiving is a file on its way out.
type regionalGiving struct {
	kind        string
	institution string          // whose results, or whose conversions; empty: all
	ownOnly     bool            // learners of that school alone
	noted       map[string]bool // when set, the learners who may be named
	meet        func(account string, p Person) error
	leave       leaveRegional // nil: what stands in no row is counted
	emit        func(cells ...string) error
}

// leaveRegional takes what stands in no row.
type leaveRegional func(o *regionalOut, r *regionalResult, why string) error

// nothing takes rows that nobody wants.
func nothing(...string) error { return nil }

// giveRegional gives the rows. Results come by learner, so that each is opened once.
func (b *Bank) giveRegional(ctx context.Context, g regionalGiving) (RegionalReport, error) {
	read := b.reading(ctx)
	w, err := readRegionalWorld(read, g.kind)
	if err != nil {
		return RegionalReport{}, err
	}
	run := &regionalOut{regionalGiving: g, world: w, unseal: b.unseal, report: RegionalReport{LeftOut: map[string]int{}}, best: map[string]regionalResult{}}
	if run.soft, err = storedSoft(read, b.unseal); err != nil {
		return run.report, err
	}
	if g.kind != RegionalCourses {
		if run.uses, err = storedUses(read); err != nil {
			return run.report, err
		}
	}
	query := selectRegionalRecords + ` WHERE r.standing <> '' AND l.erased_at IS NULL`
	if g.kind == RegionalCourses {
		query += ` AND r.institution = l.institution`
	}
	if err := read(run.record, query+` ORDER BY r.learner, r.institution, r.course, r.reference`); err != nil {
		return run.report, err
	}
	return run.report, run.endLearner()
}

const selectRegionalRecords = `SELECT r.learner, r.institution, r.reference, r.kind, r.course, r.title, r.grade, r.scale, coalesce(r.score, -1), r.passed,
	coalesce(r.credits, -1), coalesce(r.hours, -1), coalesce(r.level, 0), r.completed_on, coalesce(r.valid_to, -2147483648), r.term, r.deposited, r.standing, coalesce(r.standing_institution, ''),
	coalesce(r.standing_programme, ''), coalesce(l.institution, ''), coalesce(l.programme, ''), coalesce(l.entered_on, -2147483648), l.sealed
	FROM record r JOIN learner l ON l.account = r.learner`

// regionalOut writes the rows of a file.
type regionalOut struct {
	regionalGiving
	world   *regionalWorld
	unseal  unsealing
	soft    map[regionalKey]map[string]string
	uses    map[recordKey][]regionalUse
	report  RegionalReport
	learner regionalLearner
	person  Person
	opened  string                    // the account of person
	best    map[string]regionalResult // of the learner, by course
}

// scanRegional reads a row of selectRegionalRecords.
func (w *regionalWorld) scanRegional(rows *sql.Rows) (l regionalLearner, r regionalResult, sealed []byte, err error) {
	var k recordKey
	var v Record
	var deposited credit.Amount
	var stand recordStand
	err = rows.Scan(append(recordFields(&k, &v), &deposited, &stand.place, &stand.at.Institution, &stand.at.Code, &l.Institution, &l.Code, &l.entered, &sealed)...)
	l.account = v.Learner
	return l, w.result(k, v, deposited, stand), sealed, err
}

func (o *regionalOut) record(rows *sql.Rows) error {
	l, r, sealed, err := o.world.scanRegional(rows)
	if err != nil || !o.concerns(l, &r) {
		return err
	}
	if l.account != o.learner.account {
		if err := o.endLearner(); err != nil {
			return err
		}
		o.learner = l
	}
	if why := noRow(&r.value); why != "" {
		return o.leaveOut(&r, sealed, why)
	}
	if o.kind == RegionalCourses {
		return o.keepBest(r, sealed)
	}
	if err := o.open(sealed); err != nil {
		return err
	}
	return o.giveUses(&r)
}

// concerns says whether a result may stand in the file at all.
func (o *regionalOut) concerns(l regionalLearner, r *regionalResult) bool {
	if o.noted != nil && !o.noted[l.account] || o.ownOnly && l.Institution != o.institution {
		return false
	}
	if o.kind == RegionalCourses {
		return (o.institution == "" || r.key.Institution == o.institution) && !isCertificate(r.value.Kind)
	}
	if isCertificate(r.value.Kind) != (o.kind == RegionalCertificates) {
		return false
	}
	used := r.stand.place == "applied" || r.stand.place == "redeemed"
	return used && (o.institution == "" || r.stand.at.Institution == o.institution)
}

// noRow says why a result stands in no row.
func noRow(v *Record) string {
	for _, word := range exemptGrades() {
		if strings.Contains(v.Grade, word) {
			return "exempt"
		}
	}
	if !v.Passed {
		return "failed"
	}
	return ""
}

// exemptGrades are the words for that a course was not taken, where a grade stands.
func exemptGrades() []string { return []string{"免修", "免考", "免听", "缓考", "缺考"} }

// keepBest keeps the best passed attempt at a course; of equal ones the first.
func (o *regionalOut) keepBest(r regionalResult, sealed []byte) error {
	if err := o.open(sealed); err != nil {
		return err
	}
	before, there := o.best[r.value.Course]
	if there && !better(&r.value, &before.value) {
		return o.leaveOut(&r, sealed, "attempt")
	}
	o.best[r.value.Course] = r
	if !there {
		return nil
	}
	return o.leaveOut(&before, sealed, "attempt")
}

func better(a, b *Record) bool {
	return cmp.Or(cmp.Compare(a.Score, b.Score), cmp.Compare(b.Completed, a.Completed)) > 0
}

// open opens the learner whose results come.
func (o *regionalOut) open(sealed []byte) (err error) {
	if o.opened == o.learner.account {
		return nil
	}
	o.person, err = openPerson(o.learner.account, sealed, o.unseal)
	o.opened = o.learner.account
	return err
}

// endLearner gives the best attempts of a learner.
func (o *regionalOut) endLearner() error {
	list := make([]regionalResult, 0, len(o.best))
	for _, r := range o.best {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b regionalResult) int { return strings.Compare(a.value.Course, b.value.Course) })
	for i := range list {
		if err := o.row(&list[i], nil); err != nil {
			return err
		}
	}
	clear(o.best)
	return nil
}

// giveUses gives a row of each course that a result was converted to.
func (o *regionalOut) giveUses(r *regionalResult) error {
	given := false
	for _, u := range o.uses[r.key] {
		if u.course == "" || u.to != r.stand.at {
			continue
		}
		given = true
		if err := o.row(r, &u); err != nil {
			return err
		}
	}
	if !given {
		return o.leaveOut(r, nil, "no_course")
	}
	return nil
}

// row gives one row.
func (o *regionalOut) row(r *regionalResult, u *regionalUse) error {
	if o.kind == RegionalCertificates && o.person.IDNumber == "" {
		return o.leaveOut(r, nil, "no_number") // the file has nothing else to know the learner by
	}
	if o.meet != nil {
		if err := o.meet(o.learner.account, o.person); err != nil {
			return err
		}
	}
	o.report.Rows++
	values := o.world.values(o.learner, r, u, o.soft[useKey(r.key, u)])
	values["name"], values["id_number"], values["student_number"] = o.person.Name, o.person.IDNumber, o.learner.account
	return o.emit(regionalCells(o.kind, values)...)
}

// useKey is what is kept of a result, or of its conversion, under.
func useKey(ref recordKey, u *regionalUse) regionalKey {
	if u == nil {
		return regionalKey{Result: ref}
	}
	return u.key(ref)
}

// values are the cells of a row without what is personal.
func (w *regionalWorld) values(l regionalLearner, r *regionalResult, u *regionalUse, said map[string]string) map[string]string {
	values := w.soft(l, r, u)
	for column, text := range said {
		values[column] = text
	}
	for column, word := range values {
		if list := regionalList(column); list != "" {
			values[column] = w.codes.code(w.kind, list, word)
		}
	}
	values["credits"], values["hours"] = r.credits.String(), shown(r.hours, -1, credit.Hours.String)
	if w.kind == RegionalCertificates && values["hours"] == "" {
		values["hours"] = "0"
	}
	values["grade"], values["earned"] = r.value.Grade, monthOf(r.value.Completed)
	if u == nil {
		values["course_name"] = r.name
		return values
	}
	values["source_course"], values["source_institution"] = r.name, w.institutions[r.key.Institution].Name
	source := transfer.KindCourse
	if isCertificate(r.value.Kind) {
		source = "certificate"
	}
	values["source_kind"], values["school_code"] = w.codes.code(w.kind, listSource, source), w.codes.school(u.to.Institution)
	values["target_course"], values["target_credits"], values["converted"] = u.course, u.credits.String(), monthOf(u.on)
	return values
}

// regionalCells puts values in the order of a kind.
func regionalCells(kind string, values map[string]string) []string {
	columns := regionalColumns(kind)
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = values[c.Name]
	}
	return cells
}

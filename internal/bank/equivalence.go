package bank

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// Equivalence is the content of one version of a transfer rule (转换规则):
// its sources, all together, give its targets.
type Equivalence struct {
	Institution string // the awarding institution of all targets
	Programme   string // empty: all its programmes
	From, To    calendar.Day
	Validity    int // years, 0: the policy's
	Priority    int
	Outcome     transfer.Outcome
	Reasons     []string // codes of a refusal
	Note        string
	Sources     []transfer.Source
	Targets     []transfer.Target
}

// ReasonCodes lists the coded reasons of a refusal; paperwork stands after substance.
func ReasonCodes() []string {
	return []string{"SUBJECT", "LEVEL", "PRACTICE", "SEQUENCE", "CONTENT", "HOURS", "GRADE", "EXPIRED", "CAP_REACHED", "NEVER_EXEMPT",
		"DUPLICATE", "EVIDENCE_MISSING", "NOT_ACCREDITED", "IDENTITY_MISMATCH", "OTHER"}
}

// settle puts the parts in an order of their own, so that the order of rows does not matter.
func (e *Equivalence) settle() {
	slices.SortFunc(e.Sources, func(a, b transfer.Source) int {
		return cmp.Or(cmp.Compare(a.Institution, b.Institution), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Min, b.Min), cmp.Compare(a.Max, b.Max))
	})
	e.Sources = slices.Compact(e.Sources)
	slices.SortFunc(e.Targets, func(a, b transfer.Target) int {
		return cmp.Or(cmp.Compare(a.Course, b.Course), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Mode, b.Mode),
			cmp.Compare(a.Credits, b.Credits), compareFlags(a.Exemption, b.Exemption))
	})
	e.Targets = slices.Compact(e.Targets)
	slices.Sort(e.Reasons)
	e.Reasons = slices.Compact(e.Reasons)
}

func compareFlags(a, b bool) int {
	if a == b {
		return 0
	}
	if b {
		return -1
	}
	return 1
}

// fingerprint is the whole content as one text: two versions with the same one
// say the same.
func (e *Equivalence) fingerprint() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%q %q %d %d %d %d %q %q %q", e.Institution, e.Programme, e.From, e.To, e.Validity, e.Priority, e.Outcome, e.Reasons, e.Note)
	for _, source := range e.Sources {
		fmt.Fprintf(&s, " <%q %q %d %d", source.Institution, source.Code, source.Min, source.Max)
	}
	for _, t := range e.Targets {
		fmt.Fprintf(&s, " >%q %q %q %d %t", t.Course, t.Group, t.Mode, t.Credits, t.Exemption)
	}
	return s.String()
}

var equivalenceFile = kind{
	name: "equivalences",
	columns: []Column{
		{"equivalence", "规则编号", false}, {"source_institution", "来源机构代码", true}, {"source_course", "来源课程代码", true},
		{"min_grade", "最低成绩", false}, {"max_grade", "最高成绩", false}, {"target_institution", "目标机构代码", true},
		{"target_course", "目标课程代码", false}, {"target_group", "目标课程组", false}, {"target_credits", "目标学分", false},
		{"credit_mode", "学分方式", false}, {"exemption", "免修", false}, {"valid_from", "生效日期", false}, {"valid_to", "失效日期", false},
		{"validity_years", "有效年限", false}, {"programme", "限定方案", false}, {"priority", "优先级", false}, {"outcome", "结论", false},
		{"reasons", "原因代码", false}, {"note", "备注", false},
	},
	take:   takeEquivalences,
	give:   giveEquivalences,
	mapped: true,
}

// draftRule is a rule being put together from the rows of a file.
type draftRule struct {
	code  string
	rows  []*cells
	seen  map[string]bool   // rows as texts, to say which are there twice
	terms map[string]string // the columns from valid_from on, as far as any row gives them
	Equivalence
}

// termColumns belong to the whole rule: its rows must agree on them or leave them blank.
var termColumns = [...]string{"valid_from", "valid_to", "validity_years", "programme", "priority", "outcome", "reasons", "note"}

// takeEquivalences imports rules. Rows with one code are one rule.
func takeEquivalences(r *importRun) error {
	if _, err := r.refs(); err != nil {
		return err
	}
	drafts, err := r.gatherRules()
	if err != nil {
		return err
	}
	stored, err := r.storedEquivalences()
	if err != nil {
		return err
	}
	w := ruleWriter{importRun: r, stored: stored}
	for _, d := range drafts {
		if !d.faulty() { // else a row could not be read: the others alone are another rule
			d.read()
		}
		if !d.faulty() && !d.within(r.scope, stored[d.code]) {
			d.rows[0].fault("equivalence", d.code, "not_yours", nil)
		}
		if d.faulty() {
			d.refuse(r)
			continue
		}
		if err := w.put(d); err != nil {
			return err
		}
	}
	return w.flush()
}

// within says whether a rule, and what it was before, involves an institution; every
// rule is within the scope of all.
func (d *draftRule) within(scope string, versions []*storedVersion) bool {
	involves := func(e *Equivalence) bool {
		return e.Institution == scope || slices.ContainsFunc(e.Sources, func(s transfer.Source) bool { return s.Institution == scope })
	}
	return scope == "" || involves(&d.Equivalence) && (len(versions) == 0 || involves(&versions[len(versions)-1].Equivalence))
}

// refuse refuses all rows of a rule; those without a fault name the first that has one.
func (d *draftRule) refuse(r *importRun) {
	wrong := slices.IndexFunc(d.rows, func(c *cells) bool { return len(c.faults) > 0 })
	for _, c := range d.rows {
		if len(c.faults) == 0 {
			c.fault("", "", "partner", map[string]any{"Row": d.rows[wrong].row.Number})
		}
		r.refuse(c)
	}
}

// gatherRules puts the rows of one code together, in the order of codes. A row
// without a code is a rule of its own, named by its content.
func (r *importRun) gatherRules() ([]*draftRule, error) {
	byCode := map[string]*draftRule{}
	gather := func(c *cells) error {
		code := c.text("equivalence", courseLength)
		key := code
		if code == "" {
			key = "\x00" + strings.Join(c.ruleCells(), "\x1f")
		}
		d := byCode[key]
		if d == nil {
			d = &draftRule{code: code, terms: map[string]string{}, seen: map[string]bool{}}
			byCode[key] = d
		}
		if cells := strings.Join(c.ruleCells(), "\x1f"); d.seen[cells] {
			r.report.note("row_twice", "", c.row.Number)
		} else {
			d.seen[cells] = true
		}
		d.rows = append(d.rows, c)
		return nil
	}
	r.unreadable = gather
	err := r.rows(gather)
	keys := make([]string, 0, len(byCode))
	for key := range byCode {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	drafts := make([]*draftRule, len(keys))
	for i, key := range keys {
		drafts[i] = byCode[key]
	}
	return drafts, err
}

func (c *cells) ruleCells() []string {
	var texts []string
	for _, column := range equivalenceColumns() {
		texts = append(texts, c.raw(column))
	}
	return texts
}

func equivalenceColumns() []string {
	return []string{"source_institution", "source_course", "min_grade", "max_grade", "target_institution", "target_course", "target_group",
		"target_credits", "credit_mode", "exemption", "valid_from", "valid_to", "validity_years", "programme", "priority", "outcome", "reasons", "note"}
}

func (d *draftRule) faulty() bool {
	return slices.ContainsFunc(d.rows, func(c *cells) bool { return len(c.faults) > 0 })
}

// read turns the rows into the content of the rule, noting what is wrong at the row it is wrong in.
func (d *draftRule) read() {
	d.readTerms()
	for _, c := range d.rows {
		d.readTarget(c)
		d.readSource(c)
	}
	first := d.rows[0]
	if len(d.Sources) == 0 && !d.faulty() {
		first.fault("source_course", "", "required", nil)
	}
	if d.Outcome == transfer.Credit && len(d.Targets) == 0 && !d.faulty() {
		first.fault("target_course", "", "rule_target", nil)
	}
	d.settle()
	d.checkTwice()
	d.checkSelf()
	if d.code == "" {
		d.code = contentCode(d.fingerprint())
	}
}

// readTerms reads the columns of the whole rule from whichever rows give them.
func (d *draftRule) readTerms() {
	owner := d.rows[0]
	for _, column := range termColumns {
		for _, c := range d.rows {
			text := c.raw(column)
			if text == "" {
				continue
			}
			if before := d.terms[column]; before != "" && before != text {
				c.fault(column, text, "disagrees", map[string]any{"Other": before})
				continue
			}
			d.terms[column] = text
			owner = c
		}
	}
	d.readInstitution()
	merged := owner.with(d.terms)
	d.From, d.To = merged.window()
	d.Validity, d.Priority = merged.number("validity_years", 0, 1, 100), merged.number("priority", 0, -1000000, 1000000)
	d.Outcome = transfer.Outcome(merged.choice("outcome", string(transfer.Credit), string(transfer.Refused), string(transfer.Pending)))
	if merged.raw("outcome") == "" {
		d.Outcome = transfer.Credit
	}
	d.Note, d.Programme = merged.text("note", noteLength), merged.programme("programme", d.Institution, false)
	d.readReasons(merged)
	owner.faults = append(owner.faults, merged.faults...)
}

// with is the row with some of its cells replaced.
func (c *cells) with(values map[string]string) *cells {
	merged := &cells{run: c.run, row: c.row, read: maps.Clone(c.read)}
	if merged.read == nil {
		merged.read = map[string]string{}
	}
	maps.Copy(merged.read, values)
	return merged
}

// readInstitution finds the one institution of all targets.
func (d *draftRule) readInstitution() {
	for _, c := range d.rows {
		code := c.institution("target_institution", false)
		if code == "" {
			continue
		}
		if d.Institution != "" && d.Institution != code {
			c.fault("target_institution", code, "disagrees", map[string]any{"Other": d.Institution})
			continue
		}
		d.Institution = code
	}
	if d.Institution == "" {
		d.rows[0].fault("target_institution", "", "required", nil)
	}
}

func (d *draftRule) readReasons(c *cells) {
	text := c.raw("reasons")
	d.Reasons = strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("|;,； ，", r) })
	for _, reason := range d.Reasons {
		if !slices.Contains(ReasonCodes(), reason) {
			c.fault("reasons", reason, "choice", map[string]any{"Choices": strings.Join(ReasonCodes(), ", ")})
		}
	}
	if (d.Outcome == transfer.Refused) != (len(d.Reasons) > 0) {
		c.fault("reasons", text, "reasons", nil)
	}
}

func (d *draftRule) readSource(c *cells) {
	if c.raw("source_institution") == "" && c.raw("source_course") == "" {
		if c.raw("min_grade") != "" || c.raw("max_grade") != "" {
			c.fault("source_course", "", "required", nil)
		}
		return
	}
	s := transfer.Source{Min: c.score("min_grade"), Max: c.score("max_grade")}
	s.Institution = c.institution("source_institution", true)
	s.Code = c.course("source_course", s.Institution, true)
	if s.Min != transfer.NoScore && s.Max != transfer.NoScore && s.Max < s.Min {
		c.fault("max_grade", c.raw("max_grade"), "band", nil)
	}
	d.Sources = append(d.Sources, s)
}

func (d *draftRule) readTarget(c *cells) {
	course, group := c.raw("target_course"), c.raw("target_group")
	if course == "" && group == "" {
		for _, column := range []string{"target_credits", "credit_mode", "exemption"} {
			if text := c.raw(column); text != "" && !(column == "exemption" && !c.flag("exemption")) && d.Outcome == transfer.Credit {
				c.fault(column, text, "rule_target", nil)
			}
		}
		return
	}
	if course != "" && group != "" {
		c.fault("target_group", group, "course_or_group", nil)
		return
	}
	t := transfer.Target{Exemption: c.flag("exemption"), Group: c.text("target_group", codeLength)}
	institution := cmp.Or(c.raw("target_institution"), d.Institution)
	t.Course = c.course("target_course", institution, false)
	if group != "" && !c.run.known.groupNames[groupName{institution, group}] {
		c.fault("target_group", group, "unknown_group", map[string]any{"Programme": institution})
	}
	d.readMode(c, &t)
	d.Targets = append(d.Targets, t)
}

// readMode reads where the target's credits come from.
func (d *draftRule) readMode(c *cells, t *transfer.Target) {
	given := c.raw("target_credits") != ""
	t.Credits = c.amount("target_credits", 0, false)
	t.Mode = transfer.Mode(c.choice("credit_mode", "", string(transfer.Catalogue), string(transfer.Fixed), string(transfer.FromHours)))
	if t.Exemption {
		if given && t.Credits != 0 {
			c.fault("target_credits", c.raw("target_credits"), "exemption_credits", nil)
		}
		if t.Course == "" {
			c.fault("exemption", c.raw("exemption"), "exemption_course", nil)
		}
		t.Mode, t.Credits = transfer.Catalogue, 0
		return
	}
	if t.Mode == "" && given {
		t.Mode = transfer.Fixed
	}
	if t.Mode == "" && t.Course != "" {
		t.Mode = transfer.Catalogue
	}
	switch {
	case t.Mode == transfer.Fixed && !given, t.Mode == "":
		c.fault("target_credits", "", "required", nil)
	case t.Mode != transfer.Fixed && given:
		c.fault("target_credits", c.raw("target_credits"), "mode_credits", map[string]any{"Mode": string(t.Mode)})
	case t.Mode == transfer.Catalogue && t.Course == "":
		c.fault("credit_mode", string(t.Mode), "mode_group", nil)
	}
}

// checkSelf refuses a course that would be given for itself.
func (d *draftRule) checkSelf() {
	for _, c := range d.rows {
		course := c.raw("source_course")
		if course != "" && c.raw("source_institution") == d.Institution &&
			slices.ContainsFunc(d.Targets, func(t transfer.Target) bool { return t.Course == course }) {
			c.fault("source_course", course, "self", nil)
		}
	}
}

// checkTwice refuses a course asked for or awarded in two different ways, and
// hours that would be converted twice.
func (d *draftRule) checkTwice() {
	first := d.rows[0]
	for i := 1; i < len(d.Sources); i++ {
		if d.Sources[i].CourseKey == d.Sources[i-1].CourseKey {
			first.fault("source_course", d.Sources[i].Code, "twice", nil)
		}
	}
	converted := 0
	for i, t := range d.Targets {
		if i > 0 && t.Course != "" && t.Course == d.Targets[i-1].Course {
			first.fault("target_course", t.Course, "twice", nil)
		}
		if t.Mode == transfer.FromHours {
			converted++
		}
	}
	if converted > 1 {
		first.fault("credit_mode", string(transfer.FromHours), "source_twice", nil)
	}
}

package bank

import (
	"cmp"
	"fmt"
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
	if r.in.upload != "" {
		r.undo = &w.undo
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

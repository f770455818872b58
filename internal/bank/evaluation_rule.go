package bank

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// proposed is a draft that was read, and where it belongs.
type proposed struct {
	ref    transfer.RuleRef
	rule   Equivalence
	before *evaluationRow // the draft that is edited
}

// proposedRule reads a draft and finds where it belongs.
func (read reading) proposedRule(actor Actor, d EvaluationDraft) (p proposed, err error) {
	code := ""
	if d.ID != "" {
		ref, err := evaluationRef(d.ID)
		if err != nil {
			return p, err
		}
		if p.before, err = read.evaluation(actor, ref); err != nil {
			return p, err
		}
		code = ref.Code
	}
	draft, err := read.draftOf(d.Rows, code)
	if err != nil {
		return p, err
	}
	p.ref, p.rule = transfer.RuleRef{Code: draft.code}, draft.Equivalence
	if p.before != nil {
		p.ref = p.before.RuleRef
	}
	return p, read.place(actor, &p)
}

// draftOf reads the rows of one rule as an import would. It promises Invalid.
func (read reading) draftOf(rows []map[string]string, code string) (*draftRule, error) {
	if len(rows) == 0 || len(rows) > maxDraftRows {
		return nil, invalidField("rows", "", "number", map[string]any{"Low": 1, "High": maxDraftRows})
	}
	run := &importRun{at: map[string]int{}}
	for i, c := range equivalenceFile.columns {
		run.at[c.Name] = i
	}
	d := &draftRule{code: code, terms: map[string]string{}}
	var faults []FieldError
	for i, row := range rows {
		c := &cells{run: run, row: Row{Number: i, Cells: make([]string, len(equivalenceFile.columns))}}
		for _, name := range sortedKeys(row) {
			value := strings.TrimSpace(row[name])
			at, known := run.at[name]
			switch {
			case !known:
				faults = append(faults, FieldError{Field: rowField(i, name), Code: "unknown_field"})
			case !utf8.ValidString(value):
				faults = append(faults, FieldError{Field: rowField(i, name), Code: "utf8"})
			default:
				c.row.Cells[at] = value
			}
		}
		faults = append(faults, d.takeCode(i, c)...)
		d.rows = append(d.rows, c)
	}
	if len(faults) > 0 {
		return nil, invalidFields(faults)
	}
	known, err := read.referencesOf(d.rows)
	if err != nil {
		return nil, err
	}
	run.known = known
	d.read()
	for _, c := range d.rows {
		for _, f := range c.faults {
			faults = append(faults, FieldError{Field: rowField(c.row.Number, f.Column), Value: f.Value, Code: f.Code, Args: f.Args})
		}
	}
	if len(faults) > 0 {
		return nil, invalidFields(faults)
	}
	return d, nil
}

// rowField names a cell of a draft.
func rowField(row int, column string) string {
	if column == "" {
		return fmt.Sprintf("rows[%d]", row)
	}
	return fmt.Sprintf("rows[%d].%s", row, column)
}

// takeCode reads the code of the rule, on which all rows agree.
func (d *draftRule) takeCode(row int, c *cells) []FieldError {
	code := c.text("equivalence", courseLength)
	var faults []FieldError
	for _, f := range c.faults {
		faults = append(faults, FieldError{Field: rowField(row, f.Column), Value: f.Value, Code: f.Code, Args: f.Args})
	}
	if code != "" && d.code != "" && code != d.code {
		faults = append(faults, FieldError{Field: rowField(row, "equivalence"), Value: code, Code: "disagrees", Args: map[string]any{"Other": d.code}})
	}
	if d.code == "" {
		d.code = code
	}
	return faults
}

// referencesOf reads those of the keys that rows name.
func (read reading) referencesOf(rows []*cells) (*references, error) {
	known := &references{institutions: map[string]string{}, courses: map[transfer.CourseKey]bool{},
		programmes: map[transfer.ProgrammeKey]bool{}, groups: map[groupKey]bool{}, groupNames: map[groupName]bool{}}
	var institutions, targets, courses []string
	add := func(list *[]string, code string) {
		if code != "" && !slices.Contains(*list, code) {
			*list = append(*list, code)
		}
	}
	for _, c := range rows {
		add(&institutions, c.raw("source_institution"))
		add(&institutions, c.raw("target_institution"))
		add(&targets, c.raw("target_institution"))
		add(&courses, c.raw("source_course"))
		add(&courses, c.raw("target_course"))
	}
	for _, question := range []struct {
		scan  func(*sql.Rows) error
		query string
		among [][]string
	}{
		{known.scanInstitution, `SELECT code, kind FROM institution WHERE code IN (%s)`, [][]string{institutions}},
		{known.scanCourse, `SELECT institution, code FROM course WHERE institution IN (%s) AND code IN (%s)`, [][]string{institutions, courses}},
		{known.scanProgramme, `SELECT institution, code FROM programme WHERE institution IN (%s)`, [][]string{targets}},
		{known.scanGroup, `SELECT institution, programme, code FROM programme_group WHERE institution IN (%s)`, [][]string{targets}},
	} {
		query, args := among(question.query, question.among...)
		if err := read(question.scan, query, args...); err != nil {
			return nil, err
		}
	}
	return known, nil
}

// among fills the lists of a condition with parameters.
func among(query string, lists ...[]string) (text string, args []any) {
	var marks []any
	for _, list := range lists {
		if len(list) == 0 {
			list = []string{""}
		}
		var part []string
		for _, value := range list {
			args = append(args, value)
			part = append(part, fmt.Sprintf("$%d", len(args)))
		}
		marks = append(marks, strings.Join(part, ", "))
	}
	return fmt.Sprintf(query, marks...), args
}

// place finds the version that a draft becomes, and refuses what is not the actor's
// to propose: a school proposes what it sends or receives, and a later version of
// what was already between the same schools.
func (read reading) place(actor Actor, p *proposed) error {
	versions, err := read.versionsOf(p.ref.Code)
	if err != nil {
		return err
	}
	if !actor.Is(IsAdministrator) && !p.rule.names(actor.Institution) {
		return &Error{Code: Denied, Key: "error.evaluation_party"}
	}
	var published *evaluationRow
	print := p.rule.fingerprint()
	for _, v := range versions {
		if v.State == EvaluationPublished || v.State == EvaluationSuspended || v.State == EvaluationEnded || v.State == EvaluationSuperseded {
			published = v
		}
		if underWay(v.State) && p.before == nil {
			return &Error{Code: Conflict, Key: "error.evaluation_open", Args: map[string]any{"ID": v.ID}}
		}
		if !underWay(v.State) && !closedUnpublished(v.State) && v.fingerprint() == print {
			return &Error{Code: Conflict, Key: "error.evaluation_same", Args: map[string]any{"ID": v.ID}}
		}
	}
	if p.before == nil {
		p.ref.Version = len(versions) + 1
	}
	return p.follows(actor, published)
}

// follows holds a later version against the one that is published. The day from which
// it holds is needed: without one it would also serve what was completed before.
func (p *proposed) follows(actor Actor, published *evaluationRow) error {
	switch {
	case published == nil:
		return nil
	case !actor.Is(IsAdministrator) && !published.names(actor.Institution):
		return &Error{Code: Denied, Key: "error.evaluation_party"}
	case p.rule.Institution != published.Institution:
		return invalidField(rowField(0, "target_institution"), p.rule.Institution, "disagrees", map[string]any{"Other": published.Institution})
	case p.rule.From == calendar.None:
		return invalidField(rowField(0, "valid_from"), "", "required", nil)
	case published.From != calendar.None && p.rule.From <= published.From:
		return invalidField(rowField(0, "valid_from"), p.rule.From.String(), "version_from", map[string]any{"Other": published.From.String()})
	}
	return nil
}

// names says whether a school stands on one of the sides of a rule.
func (e *Equivalence) names(institution string) bool {
	return institution != "" && (e.Institution == institution || slices.ContainsFunc(e.Sources, func(s transfer.Source) bool { return s.Institution == institution }))
}

// versionsOf reads the evaluations of all versions of a code, oldest first.
func (read reading) versionsOf(code string) ([]*evaluationRow, error) {
	var refs []transfer.RuleRef
	err := read(func(rows *sql.Rows) error {
		ref := transfer.RuleRef{Code: code}
		err := rows.Scan(&ref.Version)
		refs = append(refs, ref)
		return err
	}, `SELECT version FROM equivalence WHERE code = $1 ORDER BY version`, code)
	if err != nil {
		return nil, err
	}
	return read.evaluations(refs)
}

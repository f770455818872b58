package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// File is one of the contract's files of a country: its kind, its columns and its
// rows, made as they are read.
type File struct {
	Kind   string
	Header []string
	Rows   iter.Seq[[]string]
}

// Files are the whole country without learners, in the order in which an empty
// bank takes them in. Equivalences come in as many files as they have versions.
func (c *Country) Files() []File {
	files := []File{
		{"institutions", []string{"code", "name", "kind", "hours_per_credit", "credit_step"}, c.institutionRows},
		{"courses", []string{"institution", "code", "name", "credits", "hours", "level", "valid_from", "valid_to"}, c.courseRows},
		{"programmes", []string{"institution", "code", "name", "required_credits"}, c.programmeRows},
		{"groups", []string{"institution", "programme", "code", "name", "min_credits"}, c.groupRows},
		{"plans", []string{"institution", "programme", "group", "course", "required", "never_exempt"}, c.planRows},
		{"policies", []string{"scope", "institution", "programme", "valid_from", "min_grade", "validity_years", "max_level_rise"}, c.policyRows},
		{"caps", []string{"scope", "institution", "programme", "valid_from", "cap", "key", "credits", "share"}, c.capRows},
	}
	const versions = 3
	for v := 1; v <= versions; v++ {
		files = append(files, File{"equivalences", ruleHeader(), c.ruleRows(v)})
	}
	return files
}

// fillBank takes the files into an empty bank.
func (c *Country) fillBank(ctx context.Context, dsn string) error {
	b, err := bank.Open(ctx, dsn)
	if err != nil {
		return err
	}
	for _, f := range c.Files() {
		report, imported := b.Import(ctx, bank.Operator("bench"), bank.Import{Kind: f.Kind, Header: f.Header, Rows: f.bankRows(), Publish: true})
		if imported != nil || report.Refused > 0 {
			return errors.Join(fmt.Errorf("%s: %d of %d rows refused %v", f.Kind, report.Refused, report.Rows, report.Errors[:min(3, len(report.Errors))]),
				imported, b.Close())
		}
	}
	return b.Close()
}

func (f File) bankRows() iter.Seq2[bank.Row, error] {
	return func(yield func(bank.Row, error) bool) {
		n := 1
		for cells := range f.Rows {
			n++
			if !yield(bank.Row{Number: n, Line: n, Cells: cells}, nil) {
				return
			}
		}
	}
}

func (c *Country) institutionRows(yield func([]string) bool) {
	for _, in := range c.institutions() {
		if !yield([]string{in.Code, "示例机构" + in.Code, in.Kind, in.Rate.String(), in.Step.String()}) {
			return
		}
	}
}

func (c *Country) courseRows(yield func([]string) bool) {
	going := true
	c.eachCourse(func(v transfer.Course) {
		hours, level := "", ""
		if v.Hours > 0 {
			hours = v.Hours.String()
		}
		if v.Level > 0 {
			level = strconv.Itoa(v.Level)
		}
		going = going && yield([]string{v.Institution, v.Code, "示例课程" + v.Code, v.Credits.String(), hours, level, v.From.String(), v.To.String()})
	})
}

func (c *Country) programmeRows(yield func([]string) bool) {
	for n := range c.Programmes {
		if p := c.programme(n); !yield([]string{p.Institution, p.Code, "示例专业" + p.Code, p.Required.String()}) {
			return
		}
	}
}

func (c *Country) groupRows(yield func([]string) bool) {
	for n := range c.Programmes {
		p := c.programme(n)
		for _, g := range p.Groups {
			if !yield([]string{p.Institution, p.Code, g.Code, g.Code, g.Min.String()}) {
				return
			}
		}
	}
}

func (c *Country) planRows(yield func([]string) bool) {
	for n := range c.Programmes {
		p := c.programme(n)
		for _, course := range p.Plan {
			if !yield([]string{p.Institution, p.Code, course.Group, course.Course, "1", strconv.Itoa(flag(course.NeverExempt))}) {
				return
			}
		}
	}
}

func (c *Country) policyRows(yield func([]string) bool) {
	for _, p := range c.policies() {
		if !yield([]string{string(p.Scope), p.Institution, p.Programme, p.From.String(), scoreCell(p.MinGrade), countCell(p.Validity), countCell(p.MaxRise)}) {
			return
		}
	}
}

func (c *Country) capRows(yield func([]string) bool) {
	for _, l := range c.caps() {
		credits, share := "", ""
		if l.Credits >= 0 {
			credits = l.Credits.String()
		}
		if l.Share >= 0 {
			share = l.Share.String()
		}
		if !yield([]string{string(l.Scope), l.Institution, l.Programme, l.From.String(), string(l.Kind), l.Key, credits, share}) {
			return
		}
	}
}

func scoreCell(s credit.Score) string {
	if s == transfer.NoScore {
		return ""
	}
	return s.String()
}

func countCell(n int) string {
	if n < 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func ruleHeader() []string {
	return []string{"equivalence", "source_institution", "source_course", "min_grade", "max_grade", "target_institution", "target_course", "target_group",
		"target_credits", "credit_mode", "exemption", "valid_from", "valid_to", "validity_years", "programme", "priority", "outcome", "reasons"}
}

// ruleRows are the rules that are some version of their equivalence.
func (c *Country) ruleRows(version int) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for n := range c.Rules {
			_, v, of := c.version(n)
			if v != version {
				continue
			}
			r := c.rule(n)
			if v < of {
				r.To = calendar.None // the next version ends it
			}
			for row := range max(len(r.Sources), len(r.Targets)) {
				if !yield(ruleRow(&r, row)) {
					return
				}
			}
		}
	}
}

// ruleRow is one row of a rule: its n-th source and its n-th target, as far as
// there are such; the terms stand in the first.
func ruleRow(r *transfer.Rule, n int) []string {
	cells := make([]string, len(ruleHeader()))
	cells[0], cells[5] = r.Code, r.Institution
	if n < len(r.Sources) {
		s := r.Sources[n]
		copy(cells[1:], []string{s.Institution, s.Code, scoreCell(s.Min), scoreCell(s.Max)})
	}
	if n < len(r.Targets) {
		targetCells(cells[6:11], &r.Targets[n])
	}
	if n == 0 {
		validity, priority := "", ""
		if r.Validity > 0 {
			validity = strconv.Itoa(r.Validity)
		}
		if r.Priority != 0 {
			priority = strconv.Itoa(r.Priority)
		}
		copy(cells[11:], []string{r.From.String(), r.To.String(), validity, r.Programme, priority, string(r.Outcome), strings.Join(r.Reasons, "|")})
	}
	return cells
}

func targetCells(cells []string, t *transfer.Target) {
	cells[0], cells[1] = t.Course, t.Group
	if t.Exemption {
		cells[4] = "1"
		return
	}
	cells[3] = cmp.Or(string(t.Mode), string(transfer.Catalogue))
	if t.Mode == transfer.Fixed {
		cells[2] = t.Credits.String()
	}
}

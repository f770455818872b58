package bank

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"creditbank/internal/transfer"
)

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

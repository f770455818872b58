package web

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// Kinds of targets in the editor of a rule.
const (
	targetCourse    = "course"
	targetGroup     = "group"
	targetExemption = "exemption"
)

// maxRuleRows is how many sources and how many targets the editor takes.
const maxRuleRows = 40

// ruleForm is a rule as a person fills it in: rows of sources, rows of targets, and
// what belongs to the whole rule.
type ruleForm struct {
	form                      // the fields of the whole rule, and all faults in the order of the page
	Sources   []ruleSourceRow // at least one
	Targets   []ruleTargetRow // at least one
	Receiver  string          // code of the school that awards the targets, once it is found
	moreAfter string          // the list that a row is to be added to
}

// ruleRow is what rows of both sides have: a course as it was typed, and what was found.
type ruleRow struct {
	N       string // its number, part of the ids of its fields
	Course  string
	Key     string // the course that was picked, as long as Course is its name
	Code    string // of that course
	Faults  map[string]string
	Choices []bank.CourseInfo // to pick from
}

// ruleSourceRow is a course that the rule asks for, with the grade that a trial uses.
type ruleSourceRow struct {
	ruleRow
	School, Min, Max, Grade string
}

// TrialGrade is the grade that the example has in the course.
func (r ruleSourceRow) TrialGrade() string { return cmp.Or(r.Grade, trialGrade) }

// ruleTargetRow is what the rule gives.
type ruleTargetRow struct {
	ruleRow
	Kind, Group, Mode, Credits string
}

// wholeFields are the fields of the whole rule, in the order of the page.
func wholeFields() []string {
	return []string{"target_school", "valid_from", "valid_to", "validity_years", "programme", "priority", "outcome", "reasons", "note", "why", "equivalence", "origin", "stamp",
		"trial_programme", "trial_date"}
}

// readRuleForm reads what was posted.
func readRuleForm(values url.Values) ruleForm {
	f := ruleForm{form: form{Values: url.Values{}}, moreAfter: values.Get("more")}
	for _, name := range wholeFields() {
		f.Values.Set(name, clean(values.Get(name)))
	}
	f.Values.Set("why", cleanText(values.Get("why")))
	for _, code := range values["reason"] {
		if slices.Contains(bank.ReasonCodes(), code) {
			f.Values.Set("reason_"+code, "1")
		}
	}
	at := func(name string, i int) string {
		if list := values[name]; i < len(list) {
			return clean(list[i])
		}
		return ""
	}
	for i := range min(len(values["source_course"]), maxRuleRows) {
		row := ruleSourceRow{ruleRow: ruleRow{Course: at("source_course", i), Key: at("source_key", i)}, School: at("source_school", i), Min: at("source_min", i),
			Max: at("source_max", i), Grade: at("trial_grade", len(f.Sources))}
		if row.Course+row.School+row.Min+row.Max != "" {
			f.Sources = append(f.Sources, row)
		}
	}
	for i := range min(len(values["target_course"]), maxRuleRows) {
		row := ruleTargetRow{ruleRow: ruleRow{Course: at("target_course", i), Key: at("target_key", i)}, Kind: at("target_kind", i), Group: at("target_group", i),
			Mode: at("target_mode", i), Credits: at("target_credits", i)}
		if row.Course+row.Group+row.Credits != "" {
			f.Targets = append(f.Targets, row)
		}
	}
	f.number()
	return f
}

// number gives every row its number, and a side without rows an empty one.
func (f *ruleForm) number() {
	if len(f.Sources) == 0 || f.moreAfter == "sources" {
		f.Sources = append(f.Sources, ruleSourceRow{})
	}
	if len(f.Targets) == 0 || f.moreAfter == "targets" {
		f.Targets = append(f.Targets, ruleTargetRow{})
	}
	for i := range f.Sources {
		f.Sources[i].N = strconv.Itoa(i)
	}
	for i := range f.Targets {
		f.Targets[i].N = strconv.Itoa(i)
		f.Targets[i].Kind = oneOf(f.Targets[i].Kind, targetCourse, targetGroup, targetExemption)
		f.Targets[i].Mode = oneOf(f.Targets[i].Mode, string(transfer.Catalogue), string(transfer.Fixed), string(transfer.FromHours))
	}
	if f.Get("outcome") == "" {
		f.Values.Set("outcome", string(transfer.Credit))
	}
}

// oneOf is a text when it is one of a few, else the first of them.
func oneOf(text string, of ...string) string {
	if slices.Contains(of, text) {
		return text
	}
	return of[0]
}

// BlankSource and BlankTarget are the rows that a script makes new ones of.
func (f ruleForm) BlankSource() ruleSourceRow { return ruleSourceRow{ruleRow: ruleRow{N: "N"}} }

// BlankTarget is an empty row of the targets.
func (f ruleForm) BlankTarget() ruleTargetRow {
	return ruleTargetRow{ruleRow: ruleRow{N: "N"}, Kind: targetCourse, Mode: string(transfer.Catalogue)}
}

// Filled says whether anything stands in the row.
func (r ruleSourceRow) Filled() bool { return r.Course+r.School+r.Min+r.Max != "" }

// Filled says whether anything stands in the row.
func (r ruleTargetRow) Filled() bool { return r.Course+r.Group+r.Credits != "" }

// pick takes the course that a person chose among several: "source-0~COURSE".
func (f *ruleForm) pick(choice string) {
	row, key, _ := strings.Cut(choice, "~")
	side, number, _ := strings.Cut(row, "-")
	i, err := strconv.Atoi(number)
	token := readToken(key)
	switch {
	case err != nil || i < 0:
	case side == "source" && i < len(f.Sources):
		f.Sources[i].Course, f.Sources[i].Key, f.Sources[i].School = token.Course, "", token.Institution
	case side == "target" && i < len(f.Targets):
		f.Targets[i].Course, f.Targets[i].Key = token.Course, ""
		f.Values.Set("target_school", token.Institution)
	}
}

// drop takes a row away: "source-0".
func (f *ruleForm) drop(row string) {
	side, number, _ := strings.Cut(row, "-")
	i, err := strconv.Atoi(number)
	switch {
	case err != nil || i < 0:
		return
	case side == "source" && i < len(f.Sources):
		f.Sources = slices.Delete(f.Sources, i, i+1)
	case side == "target" && i < len(f.Targets):
		f.Targets = slices.Delete(f.Targets, i, i+1)
	}
	f.number()
}

// formOfRule is the form of a rule that there is.
func formOfRule(e bank.Equivalence, n *names, say Speaker) ruleForm {
	f := ruleForm{form: form{Values: url.Values{}}, Receiver: e.Institution}
	set := func(name, value string) { f.Values.Set(name, value) }
	set("target_school", schoolName(n, say, e.Institution))
	set("valid_from", e.From.String())
	set("valid_to", e.To.String())
	set("validity_years", versionText(e.Validity))
	set("programme", e.Programme)
	set("priority", versionText(e.Priority))
	set("outcome", string(e.Outcome))
	set("note", e.Note)
	for _, code := range e.Reasons {
		set("reason_"+code, "1")
	}
	for _, source := range e.Sources {
		row := ruleSourceRow{School: schoolName(n, say, source.Institution), Min: scoreText(source.Min), Max: scoreText(source.Max)}
		row.take(source.CourseKey, n, say)
		f.Sources = append(f.Sources, row)
	}
	for _, target := range coursesFirst(e.Targets) {
		row := ruleTargetRow{Kind: targetCourse, Group: target.Group, Mode: string(target.Mode)}
		switch {
		case target.Course == "":
			row.Kind = targetGroup
		case target.Exemption:
			row.Kind = targetExemption
		}
		if target.Course != "" {
			row.take(transfer.CourseKey{Institution: e.Institution, Code: target.Course}, n, say)
		}
		if target.Mode == transfer.Fixed && !target.Exemption {
			row.Credits = target.Credits.String()
		}
		f.Targets = append(f.Targets, row)
	}
	f.number()
	return f
}

func (r *ruleRow) take(k transfer.CourseKey, n *names, say Speaker) {
	c := n.course(k)
	r.Course, r.Key, r.Code = say.Name(c.Current.Name, c.Current.NameEn), courseToken(k), k.Code
}

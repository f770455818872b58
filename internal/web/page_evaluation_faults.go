package web

import (
	"fmt"
	"strings"
)

// takeFaults puts a refusal of the bank beside the fields that it speaks of; false for
// an error that is no answer to what was typed.
func (f *ruleForm) takeFaults(say Speaker, err error) bool {
	own := form{Values: f.Values}
	if own.refusal(say, renamed(err, f.fieldsOf()), f.fields()...) == 0 {
		return false
	}
	for _, fault := range own.Faults {
		f.note(fault)
	}
	return true
}

// note puts a fault beside its field, in a row or of the whole rule.
func (f *ruleForm) note(fault formFault) {
	side, rest, _ := strings.Cut(fault.Field, "-")
	field, number, inRow := strings.Cut(rest, "-")
	if !inRow {
		f.fault(fault.Field, fault.Message)
		return
	}
	for i := range f.Sources {
		if side == "source" && f.Sources[i].N == number {
			f.rowFault(side, &f.Sources[i].ruleRow, field, fault.Message)
		}
	}
	for i := range f.Targets {
		if side == "target" && f.Targets[i].N == number {
			f.rowFault(side, &f.Targets[i].ruleRow, field, fault.Message)
		}
	}
}

// fields are the ids of all fields, in the order of the page; the first stands for the
// rule as a whole.
func (f *ruleForm) fields() []string {
	list := []string{"rule"}
	for _, row := range f.Sources {
		for _, field := range []string{"school", "course", "min", "max"} {
			list = append(list, "source-"+field+"-"+row.N)
		}
	}
	list = append(list, "target_school")
	for _, row := range f.Targets {
		for _, field := range []string{"kind", "course", "group", "mode", "credits"} {
			list = append(list, "target-"+field+"-"+row.N)
		}
	}
	return append(list, wholeFields()[1:]...)
}

// cellFields says in which field of a row a person mends a column of the file.
func cellFields() map[string]string {
	return map[string]string{"source_institution": "source-school", "source_course": "source-course", "min_grade": "source-min", "max_grade": "source-max",
		"target_course": "target-course", "target_group": "target-group", "target_credits": "target-credits", "credit_mode": "target-mode", "exemption": "target-kind"}
}

// fieldsOf maps the cells that a refusal names to the fields of the form.
func (f *ruleForm) fieldsOf() map[string]string {
	to := map[string]string{}
	for i := range max(len(f.Sources), len(f.Targets), 1) {
		for column, field := range cellFields() {
			to[fmt.Sprintf("rows[%d].%s", i, column)] = fmt.Sprint(field, "-", f.rowShown(field, i))
		}
		to[fmt.Sprintf("rows[%d].target_institution", i)] = "target_school"
		for _, name := range wholeFields() {
			to[fmt.Sprintf("rows[%d].%s", i, name)] = name
		}
	}
	return to
}

// rowShown is the row in which the fault of the i-th row of the file is shown: a side
// may have fewer rows.
func (f *ruleForm) rowShown(field string, i int) int {
	if strings.HasPrefix(field, "source") {
		return min(i, len(f.Sources)-1)
	}
	return min(i, len(f.Targets)-1)
}

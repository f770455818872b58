package web

import (
	"slices"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// rows are the rule in the columns of the file of equivalences: the i-th holds the
// i-th source and the i-th target. Names are turned into codes; one that is not found
// stays as it was typed and is a fault of its field.
func (f *ruleForm) rows(find *finder, say Speaker) []map[string]string {
	f.findReceiver(find, say)
	rows := make([]map[string]string, max(len(f.Sources), len(f.Targets), 1))
	for i := range rows {
		rows[i] = map[string]string{"equivalence": f.Get("equivalence")}
		if i < len(f.Sources) && f.Sources[i].Filled() {
			f.sourceCells(i, rows[i], find, say)
		}
		if i < len(f.Targets) && f.Targets[i].Filled() {
			f.targetCells(i, rows[i], find, say)
		}
	}
	first := rows[0]
	first["target_institution"] = f.Receiver
	for _, name := range []string{"valid_from", "valid_to", "validity_years", "programme", "priority", "outcome", "note"} {
		first[name] = f.Get(name)
	}
	first["programme"] = f.programme(find.snapshot)
	first["reasons"] = strings.Join(f.reasons(), "|")
	return rows
}

// reasons are the codes that are ticked; only a refusal has any.
func (f *ruleForm) reasons() []string {
	if f.Get("outcome") != string(transfer.Refused) {
		return nil
	}
	return keep(bank.ReasonCodes(), func(code string) bool { return f.Get("reason_"+code) != "" })
}

// findReceiver finds the school that awards.
func (f *ruleForm) findReceiver(find *finder, say Speaker) {
	text := f.Get("target_school")
	if f.Receiver = find.school(text); text != "" && f.Receiver == "" {
		f.fault("target_school", say.Say("check.fault.school", map[string]any{"Value": text}))
	}
}

// programme is the code of the programme that the rule is for, named by its code or name.
func (f *ruleForm) programme(s *bank.Snapshot) string {
	text := f.Get("programme")
	for _, p := range programmesOf(s, f.Receiver) {
		if p.Code == text || alike(p.Name, text) || alike(p.NameEn, text) {
			return p.Code
		}
	}
	return text
}

func (f *ruleForm) sourceCells(i int, cells map[string]string, find *finder, say Speaker) {
	row := &f.Sources[i]
	school := find.school(row.School)
	if row.School != "" && school == "" {
		f.rowFault("source", &row.ruleRow, "school", say.Say("check.fault.school", map[string]any{"Value": row.School}))
	}
	k := f.course("source", &row.ruleRow, school, find, say)
	if row.School == "" && k.Institution != "" {
		row.School = schoolName(newNames(find.snapshot, find.today), say, k.Institution)
	}
	cells["source_institution"], cells["source_course"] = k.Institution, k.Code
	if k.Institution == "" {
		cells["source_institution"] = school
	}
	cells["min_grade"], cells["max_grade"] = row.Min, row.Max
}

func (f *ruleForm) targetCells(i int, cells map[string]string, find *finder, say Speaker) {
	row := &f.Targets[i]
	if row.Kind == targetGroup {
		cells["target_group"] = f.group(row.Group, find.snapshot)
		cells["credit_mode"], cells["target_credits"] = string(transfer.Fixed), row.Credits
		if row.Mode == string(transfer.FromHours) {
			cells["credit_mode"], cells["target_credits"] = row.Mode, ""
		}
		return
	}
	cells["target_course"] = f.course("target", &row.ruleRow, f.Receiver, find, say).Code
	switch {
	case row.Kind == targetExemption:
		cells["exemption"] = "1"
	case row.Mode == string(transfer.Fixed):
		cells["credit_mode"], cells["target_credits"] = row.Mode, row.Credits
	default:
		cells["credit_mode"] = row.Mode
	}
}

// group is the code of a requirement group, named by its code or name.
func (f *ruleForm) group(text string, s *bank.Snapshot) string {
	for _, g := range groupsOf(s, f.Receiver) {
		if g.Code == text || alike(g.Name, text) {
			return g.Code
		}
	}
	return text
}

// course finds the course of a row in a school, empty: in any. What is not found, or is
// more than one, is a fault with what to pick from.
func (f *ruleForm) course(side string, row *ruleRow, school string, find *finder, say Speaker) transfer.CourseKey {
	if row.Course == "" {
		return transfer.CourseKey{}
	}
	typed := formRow{Course: row.Course, Key: row.Key}
	k := typed.picked(school, find)
	if k == (transfer.CourseKey{}) {
		k, row.Choices = find.course(school, row.Course)
		typed.Choices = row.Choices
	}
	row.Key, row.Code = "", ""
	if k == (transfer.CourseKey{}) {
		f.rowFault(side, row, "course", say.Say(courseFault(&typed, school), map[string]any{"Value": row.Course}))
		return transfer.CourseKey{Code: row.Course}
	}
	row.Key, row.Code = courseToken(k), k.Code
	if c, known := find.snapshot.CourseHead(k, find.today); known {
		row.Course = say.Name(c.Current.Name, c.Current.NameEn)
	}
	return k
}

// rowFault notes what is wrong with a field of a row.
func (f *ruleForm) rowFault(side string, row *ruleRow, field, message string) {
	if row.Faults == nil {
		row.Faults = map[string]string{}
	}
	if row.Faults[field] == "" {
		row.Faults[field] = message
		f.Faults = append(f.Faults, formFault{Field: side + "-" + field + "-" + row.N, Message: message, Named: true})
	}
}

// programmesOf are the programmes of an institution.
func programmesOf(s *bank.Snapshot, institution string) []bank.ProgrammeInfo {
	if institution == "" {
		return nil
	}
	page, err := s.Programmes(bank.Filter{Institution: institution}, bank.Window{Limit: bank.MaxLimit})
	if err != nil {
		return nil
	}
	return page.Items
}

// groupsOf are the requirement groups of an institution's programmes, each once.
func groupsOf(s *bank.Snapshot, institution string) []bank.GroupInfo {
	var list []bank.GroupInfo
	for _, p := range programmesOf(s, institution) {
		info, err := s.Programme(p.ProgrammeKey, calendar.None)
		if err != nil {
			continue
		}
		for _, g := range info.Groups {
			if !slices.ContainsFunc(list, func(known bank.GroupInfo) bool { return known.Code == g.Code }) {
				list = append(list, g)
			}
		}
	}
	return list
}

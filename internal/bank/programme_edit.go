package bank

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// ProgrammeForm is a programme as somebody typed it: the columns of the files of
// programmes, groups and plans. Rows that are blank are left out.
type ProgrammeForm struct {
	Values map[string]string   // code, name, name_en, catalogue_code, years, required_credits
	Groups []map[string]string // code, name, min_credits
	Plan   []map[string]string // group, course, required, never_exempt
}

// ProgrammeEdit is a programme with its groups and its plan.
type ProgrammeEdit struct {
	transfer.ProgrammeKey
	Programme
	Groups []ProgrammeGroup
	Plan   []ProgrammeCourse
}

// ProgrammeGroup is a group of a programme.
type ProgrammeGroup struct {
	Code string
	Group
}

// ProgrammeCourse is a course in the plan of a programme.
type ProgrammeCourse struct {
	Course string
	PlanCourse
}

// Limits of a programme that is typed.
const (
	maxGroups = 60
	maxPlan   = 400
)

// ProgrammeColumns, GroupColumns and PlanColumns name what is typed of a programme.
func ProgrammeColumns() []string {
	return []string{"code", "name", "name_en", "catalogue_code", "years", "required_credits"}
}

// GroupColumns names what is typed of a group.
func GroupColumns() []string { return []string{"code", "name", "min_credits"} }

// PlanColumns names what is typed of a course in a plan.
func PlanColumns() []string { return []string{"group", "course", "required", "never_exempt"} }

// ReadProgramme reads what was typed by the rules of the files. It promises Invalid,
// naming each column that is wrong, groups[N].COLUMN and plan[N].COLUMN.
func (b *Bank) ReadProgramme(ctx context.Context, f ProgrammeForm) (ProgrammeEdit, error) {
	return b.reading(ctx).readProgramme(f)
}

func (read reading) readProgramme(f ProgrammeForm) (e ProgrammeEdit, err error) {
	known, err := read.programmeReferences(f.Values["institution"])
	if err != nil {
		return e, err
	}
	c := typedCells(programmeFile.columns, f.Values, known)
	e.ProgrammeKey, e.Programme = readProgramme(c)
	faults := c.fields("")
	known.programmes[e.ProgrammeKey] = true
	seen := map[string]bool{}
	each := func(name string, rows []map[string]string, columns []Column, most int, take func(*cells) string) {
		count := 0
		for i, row := range rows {
			if blankRow(row) {
				continue
			}
			count++
			row = withProgramme(row, e.ProgrammeKey)
			c := typedCells(columns, row, known)
			key := name + take(c)
			if seen[key] && len(c.faults) == 0 {
				c.fault(map[string]string{"groups": "code", "plan": "course"}[name], "", "twice_typed", nil)
			}
			seen[key] = true
			faults = append(faults, c.fields(fmt.Sprintf("%s[%d].", name, i))...)
		}
		if count > most {
			faults = append(faults, FieldError{Field: name, Code: "rows_many", Args: map[string]any{"Limit": most}})
		}
	}
	each("groups", f.Groups, groupFile.columns, maxGroups, func(c *cells) string {
		k, g := readGroup(c)
		known.groups[k] = true
		e.Groups = append(e.Groups, ProgrammeGroup{k.Group, g})
		return k.Group
	})
	each("plan", f.Plan, planFile.columns, maxPlan, func(c *cells) string {
		k, p := readPlanCourse(c)
		e.Plan = append(e.Plan, ProgrammeCourse{k.Course, p})
		return k.Course
	})
	if len(faults) > 0 {
		return e, invalidFields(faults)
	}
	e.settle()
	return e, nil
}

func blankRow(row map[string]string) bool {
	for _, name := range []string{"code", "name", "min_credits", "group", "course"} {
		if strings.TrimSpace(row[name]) != "" {
			return false
		}
	}
	return true
}

// withProgramme is a row of a group or a plan as its file has it.
func withProgramme(row map[string]string, k transfer.ProgrammeKey) map[string]string {
	full := map[string]string{"institution": k.Institution, "programme": k.Code}
	for name, value := range row {
		full[name] = value
	}
	return full
}

// programmeReferences are what a programme of an institution may name.
func (read reading) programmeReferences(institution string) (*references, error) {
	known, err := knownInstitution(read, institution)
	if err != nil {
		return nil, err
	}
	known.courses, known.programmes, known.groups = map[transfer.CourseKey]bool{}, map[transfer.ProgrammeKey]bool{}, map[groupKey]bool{}
	return known, read(known.scanCourse, `SELECT institution, code FROM course WHERE institution = $1`, institution)
}

// settle puts the parts in an order of their own.
func (e *ProgrammeEdit) settle() {
	slices.SortFunc(e.Groups, func(a, b ProgrammeGroup) int { return strings.Compare(a.Code, b.Code) })
	slices.SortFunc(e.Plan, func(a, b ProgrammeCourse) int {
		return cmp.Or(strings.Compare(a.Group, b.Group), strings.Compare(a.Course, b.Course))
	})
}

// stamp is the state of a programme in three parts: what it is, its groups, its plan.
func (e *ProgrammeEdit) stamp() string {
	parts := make([]string, 3)
	for i, v := range []any{e.Programme, e.Groups, e.Plan} {
		sum := sha256.Sum256(fmt.Appendf(nil, "%v", v))
		parts[i] = hex.EncodeToString(sum[:6])
	}
	return strings.Join(parts, "-")
}

// Form is the programme as somebody would type it.
func (e *ProgrammeEdit) Form() ProgrammeForm {
	f := ProgrammeForm{Values: map[string]string{"institution": e.Institution, "code": e.Code, "name": e.Name, "name_en": e.NameEn, "catalogue_code": e.CatalogueCode,
		"years": shown(e.Years, 0, credit.Amount.String), "required_credits": e.Required.String()}}
	for _, g := range e.Groups {
		f.Groups = append(f.Groups, map[string]string{"code": g.Code, "name": g.Name, "min_credits": g.Min.String()})
	}
	for _, p := range e.Plan {
		f.Plan = append(f.Plan, map[string]string{"group": p.Group, "course": p.Course, "required": shownFlag(p.Required), "never_exempt": shownFlag(p.NeverExempt)})
	}
	return f
}

// ProgrammeDetail reads a programme for editing, with its stamp. It promises NotFound.
func (b *Bank) ProgrammeDetail(ctx context.Context, k transfer.ProgrammeKey) (ProgrammeEdit, string, error) {
	e, known, err := b.reading(ctx).programme(k)
	if err == nil && !known {
		err = notFound("programme", k.Institution+":"+k.Code)
	}
	return e, e.stamp(), err
}

// programme reads a programme whole.
func (read reading) programme(k transfer.ProgrammeKey) (e ProgrammeEdit, known bool, err error) {
	err = read(func(rows *sql.Rows) (err error) {
		known = true
		e.ProgrammeKey, e.Programme, err = scanProgramme(rows)
		return err
	}, selectProgrammes+` WHERE institution = $1 AND code = $2`, k.Institution, k.Code)
	if err != nil || !known {
		return e, known, err
	}
	err = read(func(rows *sql.Rows) error {
		g, v, err := scanGroup(rows)
		e.Groups = append(e.Groups, ProgrammeGroup{g.Group, v})
		return err
	}, selectGroups+` WHERE institution = $1 AND programme = $2`, k.Institution, k.Code)
	if err != nil {
		return e, true, err
	}
	err = read(func(rows *sql.Rows) error {
		p, v, err := scanPlanCourse(rows)
		e.Plan = append(e.Plan, ProgrammeCourse{p.Course, v})
		return err
	}, selectPlans+` WHERE institution = $1 AND programme = $2`, k.Institution, k.Code)
	e.settle()
	return e, true, err
}

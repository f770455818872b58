package bank

import (
	"cmp"
	"database/sql"
	"slices"

	"creditbank/internal/code"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// Programme is what an institution offers under a national code (专业, 培养方案).
type Programme struct {
	Name          string
	NameEn        string
	CatalogueCode string        // empty: none
	Years         credit.Amount // hundredths of a year; 0: not given
	Required      credit.Amount
}

// Group is a requirement group of a programme.
type Group struct {
	Name string
	Min  credit.Amount
}

// PlanCourse places a course in a group of a programme.
type PlanCourse struct {
	Group       string
	Required    bool
	NeverExempt bool
}

// planKey names a course in a programme.
type planKey struct {
	transfer.ProgrammeKey
	Course string
}

func sortKeyed[K comparable, V comparable](list []keyed[K, V], compare func(a, b K) int) {
	slices.SortFunc(list, func(a, b keyed[K, V]) int { return compare(a.key, b.key) })
}

var programmeFile = kind{
	name: "programmes",
	columns: []Column{
		{"institution", "机构代码", true}, {"code", "方案代码", true}, {"name", "专业名称", true}, {"name_en", "英文名称", false},
		{"catalogue_code", "国家专业代码", false}, {"years", "学制", false}, {"required_credits", "毕业学分", true},
	},
	take: func(r *importRun) error {
		if _, err := r.refs(); err != nil {
			return err
		}
		return takeEach(r, entity[transfer.ProgrammeKey, Programme]{
			read: readProgramme, stored: storedProgrammes,
			insert: insertProgrammes(),
			update: updateProgramme,
		})
	},
	give: giveRows(selectProgrammes+` ORDER BY institution, code`, func(rows *sql.Rows) ([]string, error) {
		k, v, err := scanProgramme(rows)
		return v.cells(k), err
	}),
	mapped: true,
}

// cells is a programme as a row of its file.
func (v *Programme) cells(k transfer.ProgrammeKey) []string {
	return []string{k.Institution, k.Code, v.Name, v.NameEn, v.CatalogueCode, shown(v.Years, 0, credit.Amount.String), v.Required.String()}
}

// Cells is the programme as a row of the file of programmes.
func (p *ProgrammeInfo) Cells() []string { return p.Programme.cells(p.ProgrammeKey) }

func insertProgrammes() func(*tx, []keyed[transfer.ProgrammeKey, Programme]) error {
	return into("programme", []string{"institution", "code", "name", "name_en", "catalogue_code", "years", "required_credits"}, func(k keyed[transfer.ProgrammeKey, Programme]) []any {
		v := k.value
		return []any{k.key.Institution, k.key.Code, v.Name, v.NameEn, textOrNil(v.CatalogueCode), orNil(v.Years, 0), v.Required}
	})
}

const selectProgrammes = `SELECT institution, code, name, name_en, coalesce(catalogue_code, ''), coalesce(years, 0), required_credits FROM programme`

func scanProgramme(rows *sql.Rows) (transfer.ProgrammeKey, Programme, error) {
	var k transfer.ProgrammeKey
	var v Programme
	err := rows.Scan(&k.Institution, &k.Code, &v.Name, &v.NameEn, &v.CatalogueCode, &v.Years, &v.Required)
	return k, v, err
}

func storedProgrammes(t *tx) (map[transfer.ProgrammeKey]Programme, error) {
	return readMap(t, selectProgrammes, scanProgramme)
}

func readProgramme(c *cells) (transfer.ProgrammeKey, Programme) {
	k := transfer.ProgrammeKey{Institution: c.institution("institution", true), Code: c.needed("code", codeLength)}
	v := Programme{
		Name: c.needed("name", nameLength), NameEn: c.text("name_en", nameLength), CatalogueCode: c.text("catalogue_code", 8),
		Years: c.amount("years", 0, false), Required: c.amount("required_credits", 0, true),
	}
	if v.CatalogueCode != "" {
		if _, err := code.ParseProgramme(v.CatalogueCode); err != nil {
			c.fault("catalogue_code", v.CatalogueCode, "catalogue_code", nil)
		}
	}
	if v.Years > 2000 {
		c.fault("years", c.raw("years"), "years", nil)
	}
	return k, v
}

var groupFile = kind{
	name: "groups",
	columns: []Column{
		{"institution", "机构代码", true}, {"programme", "方案代码", true}, {"code", "课程组代码", true}, {"name", "课程组名称", true},
		{"min_credits", "最低学分", true},
	},
	take: func(r *importRun) error {
		if _, err := r.refs(); err != nil {
			return err
		}
		return takeEach(r, entity[groupKey, Group]{
			read: readGroup, stored: storedGroups,
			insert: into("programme_group", groupTable(), func(k keyed[groupKey, Group]) []any {
				return []any{k.key.Institution, k.key.Code, k.key.Group, k.value.Name, k.value.Min}
			}),
			update: updateGroup,
		})
	},
	give: giveRows(selectGroups+` ORDER BY institution, programme, code`, func(rows *sql.Rows) ([]string, error) {
		k, v, err := scanGroup(rows)
		return []string{k.Institution, k.Code, k.Group, v.Name, v.Min.String()}, err
	}),
	mapped: true,
}

func groupTable() []string {
	return []string{"institution", "programme", "code", "name", "min_credits"}
}

const selectGroups = `SELECT institution, programme, code, name, min_credits FROM programme_group`

func scanGroup(rows *sql.Rows) (groupKey, Group, error) {
	var k groupKey
	var v Group
	err := rows.Scan(&k.Institution, &k.Code, &k.Group, &v.Name, &v.Min)
	return k, v, err
}

func storedGroups(t *tx) (map[groupKey]Group, error) {
	return readMap(t, selectGroups, scanGroup)
}

func readGroup(c *cells) (groupKey, Group) {
	var k groupKey
	k.Institution = c.institution("institution", true)
	k.Code, k.Group = c.programme("programme", k.Institution, true), c.needed("code", codeLength)
	return k, Group{Name: c.needed("name", nameLength), Min: c.amount("min_credits", 0, true)}
}

var planFile = kind{
	name: "plans",
	columns: []Column{
		{"institution", "机构代码", true}, {"programme", "方案代码", true}, {"group", "课程组代码", true}, {"course", "课程代码", true},
		{"required", "必修", false}, {"never_exempt", "不可免修", false},
	},
	take: func(r *importRun) error {
		if _, err := r.refs(); err != nil {
			return err
		}
		return takeEach(r, entity[planKey, PlanCourse]{
			read: readPlanCourse, stored: storedPlans,
			insert: into("plan_course", planTable(), func(k keyed[planKey, PlanCourse]) []any {
				return []any{k.key.Institution, k.key.Code, k.key.Course, k.value.Group, k.value.Required, k.value.NeverExempt}
			}),
			update: updatePlanCourse,
		})
	},
	give: giveRows(selectPlans+` ORDER BY institution, programme, course`, func(rows *sql.Rows) ([]string, error) {
		k, v, err := scanPlanCourse(rows)
		return v.cells(k), err
	}),
	mapped: true,
}

// cells is a course of a plan as a row of its file.
func (v *PlanCourse) cells(k planKey) []string {
	return []string{k.Institution, k.Code, v.Group, k.Course, shownFlag(v.Required), shownFlag(v.NeverExempt)}
}

// PlanRows are the courses of the programme as rows of the file of plans, group by group.
func (p *ProgrammeInfo) PlanRows() (rows [][]string) {
	for _, g := range p.Groups {
		for _, c := range g.Courses {
			v := PlanCourse{g.Code, c.Required, c.NeverExempt}
			rows = append(rows, v.cells(planKey{p.ProgrammeKey, c.Course.Code}))
		}
	}
	return rows
}

func planTable() []string {
	return []string{"institution", "programme", "course", "grp", "required", "never_exempt"}
}

const selectPlans = `SELECT institution, programme, course, grp, required, never_exempt FROM plan_course`

func scanPlanCourse(rows *sql.Rows) (planKey, PlanCourse, error) {
	var k planKey
	var v PlanCourse
	err := rows.Scan(&k.Institution, &k.Code, &k.Course, &v.Group, &v.Required, &v.NeverExempt)
	return k, v, err
}

func storedPlans(t *tx) (map[planKey]PlanCourse, error) {
	return readMap(t, selectPlans, scanPlanCourse)
}

func readPlanCourse(c *cells) (planKey, PlanCourse) {
	var k planKey
	k.Institution = c.institution("institution", true)
	k.Code = c.programme("programme", k.Institution, true)
	k.Course = c.course("course", k.Institution, true)
	v := PlanCourse{Group: c.needed("group", codeLength), Required: c.flag("required"), NeverExempt: c.flag("never_exempt")}
	if len(c.faults) == 0 && !c.run.known.groups[groupKey{k.ProgrammeKey, v.Group}] {
		c.fault("group", v.Group, "unknown_group", map[string]any{"Programme": cmp.Or(k.Code, "?")})
	}
	return k, v
}

func updateProgramme(t *tx, k keyed[transfer.ProgrammeKey, Programme]) error {
	v := k.value
	return t.exec(`UPDATE programme SET name = $1, name_en = $2, catalogue_code = $3, years = $4, required_credits = $5
		WHERE institution = $6 AND code = $7`, v.Name, v.NameEn, textOrNil(v.CatalogueCode), orNil(v.Years, 0), v.Required,
		k.key.Institution, k.key.Code)
}

func updateGroup(t *tx, k keyed[groupKey, Group]) error {
	return t.exec(`UPDATE programme_group SET name = $1, min_credits = $2 WHERE institution = $3 AND programme = $4 AND code = $5`,
		k.value.Name, k.value.Min, k.key.Institution, k.key.Code, k.key.Group)
}

func updatePlanCourse(t *tx, k keyed[planKey, PlanCourse]) error {
	return t.exec(`UPDATE plan_course SET grp = $1, required = $2, never_exempt = $3 WHERE institution = $4 AND programme = $5 AND course = $6`,
		k.value.Group, k.value.Required, k.value.NeverExempt, k.key.Institution, k.key.Code, k.key.Course)
}

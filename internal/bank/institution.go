package bank

import (
	"database/sql"
	"errors"

	"creditbank/internal/code"
	"creditbank/internal/credit"
)

// Institution is a school, company, assessment body or overseas partner (办学机构).
type Institution struct {
	Code   string // 学校标识码, 统一社会信用代码, or an overseas institution's own
	Name   string
	NameEn string
	Kind   string
	Region string // GB/T 2260; empty: not given
	Rate   credit.Rate
	Step   credit.Amount
}

// InstitutionKinds lists the kinds of institutions.
func InstitutionKinds() []string {
	return []string{"secondary_vocational", "general_secondary", "comprehensive_secondary", "higher_vocational",
		"vocational_undergraduate", "general_undergraduate", "enterprise", "assessment_body", "overseas", "compulsory", "bank"}
}

// Defaults of an institution's credits: 16 hours a credit, in steps of half a credit.
const (
	defaultRate credit.Rate   = 1600
	defaultStep credit.Amount = 50
)

var institutionFile = kind{
	name: "institutions",
	columns: []Column{
		{"code", "机构代码", true}, {"name", "名称", true}, {"name_en", "英文名称", false}, {"kind", "类型", true},
		{"region", "行政区划", false}, {"hours_per_credit", "每学分学时", false}, {"credit_step", "学分最小单位", false},
	},
	take: func(r *importRun) error {
		bank, err := r.storedBank()
		if err != nil {
			return err
		}
		return takeEach(r, entity[string, Institution]{
			read: bank.read, stored: storedInstitutions,
			insert: into("institution", []string{"code", "name", "name_en", "kind", "region", "hours_per_credit", "credit_step"}, func(k keyed[string, Institution]) []any {
				v := k.value
				return []any{k.key, v.Name, v.NameEn, v.Kind, textOrNil(v.Region), v.Rate, v.Step}
			}),
			update: updateInstitution,
		})
	},
	give: giveRows(selectInstitutions+` ORDER BY code`, func(rows *sql.Rows) ([]string, error) {
		in, err := scanInstitution(rows)
		return []string{in.Code, in.Name, in.NameEn, in.Kind, in.Region, in.Rate.String(), in.Step.String()}, err
	}),
	mapped: true,
}

const selectInstitutions = `SELECT code, name, name_en, kind, coalesce(region, ''), hours_per_credit, credit_step FROM institution`

func scanInstitution(rows *sql.Rows) (Institution, error) {
	var in Institution
	err := rows.Scan(&in.Code, &in.Name, &in.NameEn, &in.Kind, &in.Region, &in.Rate, &in.Step)
	return in, err
}

func storedInstitutions(t *tx) (map[string]Institution, error) {
	return readMap(t, selectInstitutions, func(rows *sql.Rows) (string, Institution, error) {
		v, err := scanInstitution(rows)
		return v.Code, v, err
	})
}

// theBank is the code of the one institution of kind bank; empty: there is none yet.
type theBank struct {
	code string
	list *schoolList
}

func (r *importRun) storedBank() (*theBank, error) {
	known := &theBank{}
	err := r.each(func(rows *sql.Rows) error { return rows.Scan(&known.code) }, `SELECT code FROM institution WHERE kind = 'bank'`)
	if err == nil {
		known.list, err = r.schoolList()
	}
	return known, err
}

// read refuses a second bank, also where the first gives its place up in the
// same file: what becomes of it must not depend on the order of rows.
func (b *theBank) read(c *cells) (string, Institution) {
	b.list.fill(c)
	code, in := readInstitution(c)
	switch {
	case in.Kind != "bank" || b.code == code:
	case b.code != "":
		c.fault("kind", in.Kind, "second_bank", map[string]any{"Bank": b.code})
	case len(c.faults) == 0:
		b.code = code
	}
	return code, in
}

func readInstitution(c *cells) (string, Institution) {
	in := Institution{
		Code: c.needed("code", codeLength), Name: c.needed("name", nameLength), NameEn: c.text("name_en", nameLength),
		Kind: c.choice("kind", append([]string{""}, InstitutionKinds()...)...), Region: c.text("region", 6),
		Rate: parse(c, "hours_per_credit", defaultRate, false, "rate", credit.ParseRate),
		Step: c.amount("credit_step", defaultStep, false),
	}
	if in.Kind == "" {
		c.fault("kind", "", "required", nil)
	}
	if in.Region != "" && !isRegionCode(in.Region) {
		c.fault("region", in.Region, "region", nil)
	}
	if in.Step <= 0 || in.Step > 10000 {
		c.fault("credit_step", c.raw("credit_step"), "credit_step", nil)
	}
	if in.Code != "" && in.Kind != "overseas" {
		if fault := institutionCodeFault(in.Code); fault != "" {
			c.fault("code", in.Code, fault, nil)
		}
	}
	return in.Code, in
}

// institutionCodeFault checks a 10-digit 学校标识码 or an 18-character 统一社会信用代码.
func institutionCodeFault(s string) string {
	if len(s) == 18 {
		_, err := code.ParseUSCC(s)
		if errors.Is(err, code.ErrCheckDigit) {
			return "uscc_check_digit"
		}
		if err != nil {
			return "uscc"
		}
		return ""
	}
	if _, err := code.ParseSchool(s); err != nil {
		return "school_code"
	}
	return ""
}

func updateInstitution(t *tx, k keyed[string, Institution]) error {
	v := k.value
	return t.exec(`UPDATE institution SET name = $1, name_en = $2, kind = $3, region = $4, hours_per_credit = $5, credit_step = $6
		WHERE code = $7`, v.Name, v.NameEn, v.Kind, textOrNil(v.Region), v.Rate, v.Step, k.key)
}

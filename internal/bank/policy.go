package bank

import (
	"cmp"
	"database/sql"
	"strconv"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// policyKey names a version of the policy of a place.
type policyKey struct {
	transfer.Place
	From calendar.Day
}

// Policy is a dated version of the rules for a place; fields not given are
// inherited from the wider scope.
type Policy struct {
	MinGrade credit.Score // -1: not given
	Validity int          // years, -1: not given
	MaxRise  int          // -1: not given
}

// told is the version as the engine is told of it.
func (v Policy) told(k policyKey) transfer.Policy {
	return transfer.Policy{Place: k.Place, From: k.From, MinGrade: v.MinGrade, Validity: v.Validity, MaxRise: v.MaxRise}
}

// placeText is the place as one text, so that it can stand in a key.
func placeText(p transfer.Place) string {
	switch p.Scope {
	case transfer.ScopeInstitution:
		return p.Institution
	case transfer.ScopeProgramme:
		return p.Institution + ":" + p.Programme
	}
	return ""
}

// place reads scope, institution and programme, which must fit each other.
func (c *cells) place() transfer.Place {
	p := transfer.Place{Scope: transfer.Scope(c.choice("scope", "", string(transfer.ScopeBank), string(transfer.ScopeInstitution), string(transfer.ScopeProgramme)))}
	switch p.Scope {
	case "":
		c.fault("scope", "", "required", nil)
	case transfer.ScopeBank:
		c.blank("institution")
		c.blank("programme")
	case transfer.ScopeInstitution:
		p.Institution = c.institution("institution", true)
		c.blank("programme")
	case transfer.ScopeProgramme:
		p.Institution = c.institution("institution", true)
		p.Programme = c.programme("programme", p.Institution, true)
	}
	return p
}

func (c *cells) blank(column string) {
	if text := c.raw(column); text != "" {
		c.fault(column, text, "scope", nil)
	}
}

var policyFile = kind{
	name: "policies",
	columns: []Column{
		{"scope", "范围", true}, {"institution", "机构代码", false}, {"programme", "方案代码", false}, {"valid_from", "生效日期", true},
		{"min_grade", "最低成绩", false}, {"validity_years", "有效年限", false}, {"max_level_rise", "最多提升等级", false},
	},
	take: func(r *importRun) error {
		if _, err := r.refs(); err != nil {
			return err
		}
		return takeEach(r, policyEntity())
	},
	give: giveRows(selectPolicies+` ORDER BY scope, place, valid_from`, func(rows *sql.Rows) ([]string, error) {
		k, v, err := scanPolicy(rows)
		return []string{string(k.Scope), k.Institution, k.Programme, k.From.String(), shown(v.MinGrade, -1, credit.Score.String),
			shownNumber(v.Validity, -1), shownNumber(v.MaxRise, -1)}, err
	}),
	mapped: true,
}

func policyEntity() entity[policyKey, Policy] {
	return entity[policyKey, Policy]{
		read: readPolicy, stored: storedPolicies,
		insert: into("policy", []string{"scope", "place", "institution", "programme", "valid_from", "min_grade", "validity_years", "max_level_rise"}, func(k keyed[policyKey, Policy]) []any {
			return []any{k.key.Scope, placeText(k.key.Place), textOrNil(k.key.Institution), textOrNil(k.key.Programme), k.key.From,
				orNil(k.value.MinGrade, -1), orNil(k.value.Validity, -1), orNil(k.value.MaxRise, -1)}
		}),
		update: func(t *tx, k keyed[policyKey, Policy]) error {
			return t.exec(`UPDATE policy SET min_grade = $1, validity_years = $2, max_level_rise = $3 WHERE scope = $4 AND place = $5 AND valid_from = $6`,
				orNil(k.value.MinGrade, -1), orNil(k.value.Validity, -1), orNil(k.value.MaxRise, -1), k.key.Scope, placeText(k.key.Place), k.key.From)
		},
	}
}

const selectPolicies = `SELECT scope, coalesce(institution, ''), coalesce(programme, ''), valid_from,
	coalesce(min_grade, -1), coalesce(validity_years, -1), coalesce(max_level_rise, -1) FROM policy`

func scanPolicy(rows *sql.Rows) (policyKey, Policy, error) {
	var k policyKey
	var v Policy
	err := rows.Scan(&k.Scope, &k.Institution, &k.Programme, &k.From, &v.MinGrade, &v.Validity, &v.MaxRise)
	return k, v, err
}

func storedPolicies(t *tx) (map[policyKey]Policy, error) {
	return readMap(t, selectPolicies, scanPolicy)
}

func readPolicy(c *cells) (policyKey, Policy) {
	k := policyKey{Place: c.place(), From: c.day("valid_from", true)}
	return k, Policy{MinGrade: c.score("min_grade"), Validity: c.number("validity_years", -1, 0, 100), MaxRise: c.number("max_level_rise", -1, 0, 10)}
}

// capKey names a version of a cap of a place.
type capKey struct {
	transfer.Place
	Kind transfer.CapKind
	Key  string
	From calendar.Day
}

// Cap is a hard limit on awarded credits; with neither credits nor share it is lifted.
type Cap struct {
	Credits credit.Amount // -1: not given
	Share   credit.Share  // of the required credits; -1: not given
}

// told is the version as the engine is told of it.
func (v Cap) told(k capKey) transfer.Cap {
	return transfer.Cap{Place: k.Place, From: k.From, Kind: k.Kind, Key: k.Key, Credits: v.Credits, Share: v.Share}
}

var capFile = kind{
	name: "caps",
	columns: []Column{
		{"scope", "范围", true}, {"institution", "机构代码", false}, {"programme", "方案代码", false}, {"valid_from", "生效日期", true},
		{"cap", "上限类型", true}, {"key", "上限对象", false}, {"credits", "学分上限", false}, {"share", "比例上限", false},
	},
	take: func(r *importRun) error {
		if _, err := r.refs(); err != nil {
			return err
		}
		return takeEach(r, capEntity())
	},
	give: giveRows(selectCaps+` ORDER BY scope, place, cap, cap_key, valid_from`, func(rows *sql.Rows) ([]string, error) {
		k, v, err := scanCap(rows)
		return []string{string(k.Scope), k.Institution, k.Programme, k.From.String(), string(k.Kind), k.Key,
			shown(v.Credits, -1, credit.Amount.String), shown(v.Share, -1, credit.Share.String)}, err
	}),
	mapped: true,
}

func capEntity() entity[capKey, Cap] {
	return entity[capKey, Cap]{
		read: readCap, stored: storedCaps,
		insert: into("cap", []string{"scope", "place", "institution", "programme", "valid_from", "cap", "cap_key", "credits", "share"}, func(k keyed[capKey, Cap]) []any {
			return []any{k.key.Scope, placeText(k.key.Place), textOrNil(k.key.Institution), textOrNil(k.key.Programme), k.key.From,
				k.key.Kind, k.key.Key, orNil(k.value.Credits, -1), orNil(k.value.Share, -1)}
		}),
		update: func(t *tx, k keyed[capKey, Cap]) error {
			return t.exec(`UPDATE cap SET credits = $1, share = $2 WHERE scope = $3 AND place = $4 AND cap = $5 AND cap_key = $6 AND valid_from = $7`,
				orNil(k.value.Credits, -1), orNil(k.value.Share, -1), k.key.Scope, placeText(k.key.Place), k.key.Kind, k.key.Key, k.key.From)
		},
	}
}

const selectCaps = `SELECT scope, coalesce(institution, ''), coalesce(programme, ''), valid_from, cap, cap_key,
	coalesce(credits, -1), coalesce(share, -1) FROM cap`

func scanCap(rows *sql.Rows) (capKey, Cap, error) {
	var k capKey
	var v Cap
	err := rows.Scan(&k.Scope, &k.Institution, &k.Programme, &k.From, &k.Kind, &k.Key, &v.Credits, &v.Share)
	return k, v, err
}

func storedCaps(t *tx) (map[capKey]Cap, error) {
	return readMap(t, selectCaps, scanCap)
}

func readCap(c *cells) (capKey, Cap) {
	k := capKey{Place: c.place(), From: c.day("valid_from", true), Key: c.text("key", codeLength)}
	k.Kind = transfer.CapKind(c.choice("cap", "", string(transfer.CapTotal), string(transfer.CapGroup), string(transfer.CapSourceKind),
		string(transfer.CapSourceInstitution), string(transfer.CapSourceInstitutionKind)))
	v := Cap{Credits: c.amount("credits", -1, false), Share: parse(c, "share", -1, false, "share", credit.ParseShare)}
	c.capKeyFault(&k)
	return k, v
}

// capKeyFault holds the key of a cap against what its kind asks for.
func (c *cells) capKeyFault(k *capKey) {
	choices := map[transfer.CapKind][]string{transfer.CapSourceKind: RecordKinds(), transfer.CapSourceInstitutionKind: InstitutionKinds()}
	switch {
	case k.Kind == "":
		c.fault("cap", "", "required", nil)
	case k.Kind == transfer.CapTotal && k.Key != "":
		c.fault("key", k.Key, "cap_total_key", nil)
	case k.Kind == transfer.CapTotal:
	case k.Key == "":
		c.fault("key", "", "required", nil)
	case k.Kind == transfer.CapSourceInstitution:
		c.institution("key", true)
	case choices[k.Kind] != nil:
		k.Key = c.choice("key", append([]string{""}, choices[k.Kind]...)...)
	}
}

// scaleKey names a mark of a version of a grade scale.
type scaleKey struct {
	Scale string
	From  calendar.Day
	Grade string
}

// scaleMark is what a grade is worth.
type scaleMark struct {
	Score  credit.Score
	Passed bool
}

// scaleFile lists the marks of further grade scales, one row a grade.
var scaleFile = kind{
	name: "scales",
	columns: []Column{
		{"scale", "成绩制", true}, {"valid_from", "生效日期", true}, {"grade", "成绩", true}, {"score", "折算分", true}, {"passed", "合格", true},
	},
	take: func(r *importRun) error {
		return takeEach(r, entity[scaleKey, scaleMark]{
			read: func(c *cells) (scaleKey, scaleMark) {
				k := scaleKey{c.needed("scale", codeLength), c.day("valid_from", true), credit.GradeKey(c.needed("grade", codeLength))}
				score := parse(c, "score", 0, true, "score", credit.ParseScore)
				return k, scaleMark{score, c.flag("passed")}
			},
			stored: storedMarks, insert: insertMarks,
			// What a grade was worth stays: a change is a new version of the scale.
			lasting: true,
		})
	},
	give: giveRows(selectMarks+` ORDER BY scale, valid_from, grade`, func(rows *sql.Rows) ([]string, error) {
		k, v, err := scanMark(rows)
		return []string{k.Scale, k.From.String(), k.Grade, v.Score.String(), strconv.FormatBool(v.Passed)}, err
	}),
	mapped: true,
}

const selectMarks = `SELECT scale, valid_from, grade, score, passed FROM grade_mark`

func scanMark(rows *sql.Rows) (scaleKey, scaleMark, error) {
	var k scaleKey
	var v scaleMark
	err := rows.Scan(&k.Scale, &k.From, &k.Grade, &v.Score, &v.Passed)
	return k, v, err
}

func storedMarks(t *tx) (map[scaleKey]scaleMark, error) {
	return readMap(t, selectMarks, scanMark)
}

func insertMarks(t *tx, added []keyed[scaleKey, scaleMark]) error {
	sortKeyed(added, func(a, b scaleKey) int {
		return cmp.Or(cmp.Compare(a.Scale, b.Scale), cmp.Compare(a.From, b.From), cmp.Compare(a.Grade, b.Grade))
	})
	rows := make([][]any, len(added))
	for i, k := range added {
		rows[i] = []any{k.key.Scale, k.key.From, k.key.Grade, k.value.Score, k.value.Passed}
		if i > 0 && added[i-1].key.Scale == k.key.Scale && added[i-1].key.From == k.key.From {
			continue
		}
		err := t.exec(`INSERT INTO grade_scale (scale, valid_from) VALUES ($1, $2) ON CONFLICT (scale, valid_from) DO NOTHING`, k.key.Scale, k.key.From)
		if err != nil {
			return err
		}
	}
	return t.insert("grade_mark", []string{"scale", "valid_from", "grade", "score", "passed"}, rows)
}

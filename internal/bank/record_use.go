package bank

import (
	"database/sql"

	"creditbank/internal/calendar"
)

// recordUse says where a result was used before the bank opened.
type recordUse struct {
	Learner     string
	Institution string
	Programme   string
	On          calendar.Day
	Note        string
}

// useFile registers results that schools had already used before the bank
// opened, so that they do not count a second time.
var useFile = kind{
	name: "uses", own: true,
	columns: []Column{
		{"learner", "学分账号", true}, {"institution", "机构代码", true}, {"reference", "成果编号", true}, {"used_institution", "使用机构代码", true},
		{"used_programme", "使用方案代码", true}, {"used_on", "使用日期", true}, {"note", "备注", false},
	},
	take: func(r *importRun) error {
		if _, err := r.refs(); err != nil {
			return err
		}
		book, err := r.useBook()
		if err != nil {
			return err
		}
		return takeEach(r, entity[recordKey, recordUse]{
			read: book.read, stored: func(*tx) (map[recordKey]recordUse, error) { return book.uses, nil }, insert: insertUses, lasting: true,
		})
	},
	give: giveRows(selectUses+` ORDER BY institution, reference`, func(rows *sql.Rows) ([]string, error) {
		k, v, err := scanUse(rows)
		return []string{v.Learner, k.Institution, k.Reference, v.Institution, v.Programme, v.On.String(), v.Note}, err
	}),
}

const selectUses = `SELECT learner, institution, reference, used_institution, used_programme, used_on, note FROM record_use`

func scanUse(rows *sql.Rows) (recordKey, recordUse, error) {
	var k recordKey
	var v recordUse
	err := rows.Scan(&v.Learner, &k.Institution, &k.Reference, &v.Institution, &v.Programme, &v.On, &v.Note)
	return k, v, err
}

// useBook is what rows of uses are held against.
type useBook struct {
	uses    map[recordKey]recordUse
	aliases aliases
	records map[recordKey]standingOf
}

// standingOf is whose a record is and where it stands.
type standingOf struct{ learner, standing string }

func (r *importRun) useBook() (*useBook, error) {
	uses, err := readMap(r.tx, selectUses, scanUse)
	if err != nil {
		return nil, err
	}
	known, err := r.aliases()
	if err != nil {
		return nil, err
	}
	records, err := readMap(r.tx, `SELECT institution, reference, learner, standing FROM record`, func(rows *sql.Rows) (k recordKey, at standingOf, err error) {
		err = rows.Scan(&k.Institution, &k.Reference, &at.learner, &at.standing)
		return k, at, err
	})
	return &useBook{uses, known, records}, err
}

func (ub *useBook) read(c *cells) (recordKey, recordUse) {
	k := recordKey{Institution: c.institution("institution", true), Reference: c.needed("reference", courseLength)}
	v := recordUse{Learner: c.needed("learner", codeLength), Institution: c.institution("used_institution", true), On: c.day("used_on", true),
		Note: c.text("note", noteLength)}
	v.Programme = c.programme("used_programme", v.Institution, true)
	if len(c.faults) > 0 {
		return k, v
	}
	at, known := ub.records[k]
	_, before := ub.uses[k]
	switch {
	case !known || ub.aliases.of(at.learner) != ub.aliases.of(v.Learner):
		c.fault("reference", k.Reference, "unknown_record", nil)
	case !before && at.standing == "":
		c.fault("reference", k.Reference, "stands_nowhere", nil)
	case !before && at.standing != "available":
		c.fault("reference", k.Reference, "stands_"+at.standing, nil)
	default:
		v.Learner = at.learner
	}
	return k, v
}

// insertUses books the results as used, each in one batch: hold, convert, redeem,
// with all that they are worth.
func insertUses(t *tx, added []keyed[recordKey, recordUse]) error {
	sortKeyed(added, compareRecords)
	err := into("record_use", []string{"learner", "institution", "reference", "used_institution", "used_programme", "used_on", "note"}, func(k keyed[recordKey, recordUse]) []any {
		v := k.value
		return []any{v.Learner, k.key.Institution, k.key.Reference, v.Institution, v.Programme, v.On, v.Note}
	})(t, added)
	if err != nil {
		return err
	}
	return t.importUses(added)
}

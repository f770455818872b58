package bank

import (
	"database/sql"
	"encoding/json"
	"maps"

	"creditbank/internal/transfer"
)

// takeRegional imports a file of a regional credit bank. A row is a result that the
// bank has or, else, a new one; where the row says what it was converted to, the result
// is booked as used there, like one of a file of uses.
func takeRegional(r *importRun, kind string) error {
	reader, err := r.regionalReader(kind)
	if err != nil {
		return err
	}
	run := &regionalRun{importRun: r, regionalReader: reader, results: map[string][]*regionalResult{}, withdrawn: map[recordKey]bool{},
		rows: map[regionalKey]*regionalRow{}, booked: map[recordKey]transfer.ProgrammeKey{}}
	if err := run.readStored(); err != nil {
		return err
	}
	if err := r.rows(run.takeRow); err != nil {
		return err
	}
	return run.write()
}

// regionalRun is one import under way.
type regionalRun struct {
	*importRun
	*regionalReader
	results   map[string][]*regionalResult // by account; new ones are added
	withdrawn map[recordKey]bool           // their deposit is reversed
	uses      map[recordKey][]regionalUse
	soft      map[regionalKey]map[string]string

	rows   map[regionalKey]*regionalRow // of this file
	added  []keyed[recordKey, Record]
	booked map[recordKey]transfer.ProgrammeKey // used by this file, for the first time
	used   []keyed[recordKey, recordUse]
	kept   []keptSoft
}

// keptSoft is a row of regional_result that is written.
type keptSoft struct {
	key     regionalKey
	learner string
	use     *regionalUse // a conversion that the file brings
	to      transfer.ProgrammeKey
	said    map[string]string
}

func (r *regionalRun) readStored() (err error) {
	if r.soft, err = storedSoft(r.each, r.unseal); err != nil {
		return err
	}
	if r.world.kind != RegionalCourses {
		if r.uses, err = storedUses(r.each); err != nil {
			return err
		}
	}
	return r.each(func(rows *sql.Rows) error {
		l, result, _, err := r.world.scanRegional(rows)
		account := r.people.aliases.of(l.account)
		if result.stand.place == "" {
			r.withdrawn[result.key] = true
			return err
		}
		r.results[account] = append(r.results[account], &result)
		return err
	}, selectRegionalRecords)
}

func (r *regionalRun) takeRow(c *cells) error {
	row, err := r.read(c)
	if err != nil {
		return err
	}
	var result *regionalResult
	if len(c.faults) == 0 {
		result = r.find(row)
	}
	if len(c.faults) == 0 && result == nil {
		if result, err = r.newResult(row); err != nil {
			return err
		}
	}
	isNewUse := false
	if len(c.faults) == 0 && row.use != nil {
		isNewUse = r.checkUse(row, result)
	}
	if len(c.faults) > 0 {
		r.refuse(c)
		return nil
	}
	r.keep(row, result, isNewUse)
	return nil
}

// find is the result that a row means: of the same course, by name or code, in the same
// month. One that is there with another grade, credits or hours is refused: which of
// them is right a file does not say.
func (r *regionalRun) find(row *regionalRow) *regionalResult {
	var other *regionalResult
	var same []*regionalResult
	for _, result := range r.results[row.learner.account] {
		v := result.value
		switch {
		case result.key.Institution != row.key.Institution || isCertificate(v.Kind) != isCertificate(row.value.Kind) || monthOf(v.Completed) != row.month:
		case v.Course != row.course && normalName(result.name) != normalName(row.course):
		case row.differs(result) == "":
			same = append(same, result)
		default:
			other = result
		}
	}
	if len(same) > 0 {
		return r.pick(row, same)
	}
	if other != nil {
		column := row.differs(other)
		row.cells.fault(column, row.cells.raw(column), "result_differs", map[string]any{"Reference": other.key.Reference})
	}
	return nil
}

// pick is the one of several equal results that a row means: the one that was converted
// to the same course; else one that can be.
func (r *regionalRun) pick(row *regionalRow, same []*regionalResult) *regionalResult {
	if row.use == nil {
		return same[0]
	}
	for _, result := range same {
		for _, u := range r.uses[result.key] {
			if u.to.Institution == row.use.to.Institution && u.course == row.use.course {
				return result
			}
		}
		if r.rows[row.use.key(result.key)] != nil {
			return result
		}
	}
	for _, result := range same {
		if to, inFile := r.booked[result.key]; inFile && to == row.use.to || !inFile && result.stand.place == "available" {
			return result
		}
	}
	return same[0]
}

// newResult is a result that the bank does not have yet, under a reference made of what
// it says.
func (r *regionalRun) newResult(row *regionalRow) (result *regionalResult, err error) {
	v := &row.value
	if v.Course, err = r.courseOf(row); v.Course == "" {
		return nil, err
	}
	row.key.Reference = ownReference(*v)
	deposited := valueOf(*v, r.world.institutions[row.key.Institution], r.world.courses[transfer.CourseKey{Institution: row.key.Institution, Code: v.Course}])
	made := r.world.result(row.key, *v, deposited, recordStand{place: "new"})
	return &made, nil
}

// checkUse refuses a conversion that contradicts what is booked, and says whether it is
// a new one.
func (r *regionalRun) checkUse(row *regionalRow, result *regionalResult) bool {
	c, u := row.cells, row.use
	if before := r.rows[u.key(result.key)]; before != nil {
		if before.use.credits != u.credits || monthOf(before.use.on) != monthOf(u.on) {
			c.fault("", "", "contradicts", map[string]any{"Row": before.cells.row.Number})
		}
		return false
	}
	for _, known := range r.uses[result.key] {
		if known.to.Institution != u.to.Institution || known.course != u.course {
			continue
		}
		switch {
		case result.stand.place == "available":
			c.fault(row.courseColumn(), row.course, "use_reversed", nil)
		case known.credits != u.credits:
			c.fault("target_credits", u.credits.String(), "use_differs", nil)
		case monthOf(known.on) != monthOf(u.on):
			c.fault("converted", c.raw("converted"), "use_differs", nil)
		}
		row.use = &known
		return false
	}
	to, inFile := r.booked[result.key]
	switch place := result.stand.place; {
	case inFile && to == u.to, place == "redeemed" && result.stand.at == u.to, !inFile && (place == "new" || place == "available"):
	case inFile:
		c.fault(row.courseColumn(), row.course, "used_twice", nil)
	default:
		c.fault(row.courseColumn(), row.course, "stands_"+place, nil)
	}
	return true
}

// keep counts a good row and notes what is to be written of it.
func (r *regionalRun) keep(row *regionalRow, result *regionalResult, isNewUse bool) {
	key := useKey(result.key, row.use)
	if r.rows[key] != nil {
		r.report.note("row_twice", "", row.cells.row.Number)
		r.count(isUnchanged, 1)
		return
	}
	r.rows[key] = row
	fresh := result.stand.place == "new" && !r.isAdded(row, result)
	if fresh {
		r.results[row.learner.account] = append(r.results[row.learner.account], result)
		r.added = append(r.added, keyed[recordKey, Record]{result.key, result.value})
	}
	if isNewUse {
		r.book(row, result)
	}
	changed := r.keepSoft(row, result, isNewUse)
	switch {
	case fresh || isNewUse:
		r.count(isNew, 1)
	case changed:
		r.count(isUpdated, 1)
	default:
		r.count(isUnchanged, 1)
	}
}

// isAdded says whether a row before brought the result.
func (r *regionalRun) isAdded(row *regionalRow, result *regionalResult) bool {
	for _, known := range r.results[row.learner.account] {
		if known.key == result.key {
			return true
		}
	}
	return false
}

// book notes a use, once for each result.
func (r *regionalRun) book(row *regionalRow, result *regionalResult) {
	if _, before := r.booked[result.key]; before || result.stand.place == "redeemed" {
		return
	}
	u := row.use
	r.booked[result.key] = u.to
	r.used = append(r.used, keyed[recordKey, recordUse]{result.key, recordUse{Learner: result.value.Learner, Institution: u.to.Institution,
		Programme: u.to.Code, On: u.on, Note: r.world.kind}})
}

// keepSoft notes what the row says otherwise than the bank would, and says whether that
// is something new.
func (r *regionalRun) keepSoft(row *regionalRow, result *regionalResult, isNewUse bool) (changed bool) {
	key := useKey(result.key, row.use)
	before := r.soft[key]
	said := maps.Clone(before)
	if said == nil {
		said = map[string]string{}
	}
	derived := r.world.soft(row.learner, result, row.use)
	for column, text := range row.soft {
		switch text {
		case "": // not said
		case derived[column]:
			delete(said, column)
		default:
			said[column] = text
		}
	}
	changed = !maps.Equal(before, said)
	if !changed && !isNewUse {
		return false
	}
	kept := keptSoft{key: key, learner: result.value.Learner, said: said}
	if row.use != nil {
		kept.to = row.use.to
	}
	if row.use != nil && row.use.booked {
		kept.use = row.use
	}
	r.kept = append(r.kept, kept)
	return changed
}

// write writes what the file brought: results, uses, and what else it says.
func (r *regionalRun) write() error {
	if r.in.upload != "" {
		r.importRun.undo = r.undoLog()
	}
	var again []RecordRef
	for _, k := range r.added {
		if r.withdrawn[k.key] {
			again = append(again, k.key.ref())
		}
	}
	sortKeyed(r.added, compareRecords)
	if err := r.importDeposits(r.added, again); err != nil {
		return err
	}
	if err := insertUses(r.tx, r.used); err != nil {
		return err
	}
	for _, k := range r.kept {
		if err := r.putSoft(k); err != nil {
			return err
		}
	}
	return nil
}

// sealedSoft is the kind of what is sealed of a result.
const sealedSoft = "regional_result.sealed"

func (k regionalKey) rowKey() string {
	return rowKey(k.Result.Institution, k.Result.Reference, k.Used.Institution, k.Used.Code)
}

func openSoft(k regionalKey, sealed []byte, unseal unsealing) (said map[string]string, err error) {
	plain, err := unseal(sealedSoft, k.rowKey(), sealed)
	if err != nil {
		return nil, err
	}
	return said, json.Unmarshal(plain, &said)
}

func (t *tx) sealSoft(k regionalKey, said map[string]string) ([]byte, error) {
	plain, err := json.Marshal(said)
	if err != nil {
		return nil, err
	}
	return t.seal(sealedSoft, k.rowKey(), plain)
}

func (t *tx) putSoft(k keptSoft) error {
	sealed, err := t.sealSoft(k.key, k.said)
	if err != nil {
		return err
	}
	var credits, on any
	if k.use != nil {
		credits, on = k.use.credits, k.use.on
	}
	return t.exec(`INSERT INTO regional_result (learner, institution, reference, used_institution, used_course, used_programme, credits, used_on, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (institution, reference, used_institution, used_course) DO UPDATE SET sealed = $9`,
		k.learner, k.key.Result.Institution, k.key.Result.Reference, k.key.Used.Institution, k.key.Used.Code, k.to.Code, credits, on, sealed)
}

// regionalUndo is what an undoing of such a file needs.
type regionalUndo struct {
	Deposited []recordKey
	Used      map[recordKey]transfer.ProgrammeKey
	Said      []regionalSaid
}

// regionalSaid is what was kept of a result before the file, and with it; nil: nothing.
type regionalSaid struct {
	Key      regionalKey
	Old, New map[string]string
	Brought  bool // with a conversion, or as the first thing said
}

func (r *regionalRun) undoLog() regionalUndo {
	u := regionalUndo{Used: r.booked}
	for _, k := range r.added {
		u.Deposited = append(u.Deposited, k.key)
	}
	for _, k := range r.kept {
		_, before := r.soft[k.key]
		u.Said = append(u.Said, regionalSaid{Key: k.key, Old: r.soft[k.key], New: k.said, Brought: !before})
	}
	return u
}

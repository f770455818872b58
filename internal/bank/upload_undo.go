package bank

import (
	"bytes"
	"context"
	"encoding/gob"
	"maps"
	"slices"

	"creditbank/internal/transfer"
)

// undoLog is what an undoing of an import needs: what came new, and what was
// changed, before and after.
type undoLog[K comparable, V comparable] struct {
	Added  []undoneRow[K, V]
	Edited []undoneRow[K, V]
}

type undoneRow[K comparable, V comparable] struct {
	Key      K
	Old, New V
}

func (r *eachRun[K, V]) undoLog() undoLog[K, V] {
	var u undoLog[K, V]
	for _, key := range r.added {
		u.Added = append(u.Added, undoneRow[K, V]{Key: key, New: r.inFile[key].value})
	}
	for _, key := range r.edited {
		u.Edited = append(u.Edited, undoneRow[K, V]{Key: key, Old: r.stored[key], New: r.inFile[key].value})
	}
	return u
}

// undoText is what an undoing needs as it is kept: what is not given, such as credits of
// -1, as it is.
func undoText(log any) ([]byte, error) {
	var out bytes.Buffer
	err := gob.NewEncoder(&out).Encode(log)
	return out.Bytes(), err
}

// readUndo reads what [undoText] kept.
func readUndo(text []byte, log any) error { return gob.NewDecoder(bytes.NewReader(text)).Decode(log) }

// undoer takes back what an import of a kind wrote.
type undoer func(t *tx, upload string, log []byte) error

// undoers lists the kinds whose imports can be undone: all but policies and caps, which
// two people decide.
func undoers() map[string]undoer {
	all := undoersOfLists()
	maps.Copy(all, map[string]undoer{
		"institutions": undoEach(storedInstitutions, updateInstitution, func(t *tx, code string) error {
			return t.exec(`DELETE FROM institution WHERE code = $1`, code)
		}),
		"courses": undoEach(storedCourses, updateCourse, (*tx).removeCourse),
		"programmes": undoEach(storedProgrammes, updateProgramme, func(t *tx, k transfer.ProgrammeKey) error {
			return t.exec(`DELETE FROM programme WHERE institution = $1 AND code = $2`, k.Institution, k.Code)
		}),
		"groups": undoEach(storedGroups, updateGroup, func(t *tx, k groupKey) error {
			return t.exec(`DELETE FROM programme_group WHERE institution = $1 AND programme = $2 AND code = $3`, k.Institution, k.Code, k.Group)
		}),
		"plans": undoEach(storedPlans, updatePlanCourse, func(t *tx, k planKey) error {
			return t.exec(`DELETE FROM plan_course WHERE institution = $1 AND programme = $2 AND course = $3`, k.Institution, k.Code, k.Course)
		}),
		"learners": undoEach(func(t *tx) (map[string]Learner, error) {
			stored, _, err := t.storedLearners()
			return stored, err
		}, updateLearner, func(t *tx, account string) error {
			if err := t.exec(`DELETE FROM learner_index WHERE learner = $1`, account); err != nil {
				return err
			}
			return t.exec(`DELETE FROM learner WHERE account = $1`, account)
		}),
		"records":            undoRecords,
		OneRoster:            undoRoster,
		RegionalCourses:      undoRegional,
		RegionalExternal:     undoRegional,
		RegionalCertificates: undoRegional,
		useFile.name:         undoUses,
		equivalenceFile.name: undoRules,
	})
	return all
}

// removeCourse removes a version, and the course with the last of them.
func (t *tx) removeCourse(k versionKey) error {
	err := t.exec(`DELETE FROM course_version WHERE institution = $1 AND course = $2 AND coalesce(valid_from, -2147483648) = $3`, k.Institution, k.Code, k.From)
	if err != nil {
		return err
	}
	return t.exec(`DELETE FROM course WHERE institution = $1 AND code = $2 AND NOT EXISTS (SELECT 1 FROM course_version v WHERE v.institution = course.institution AND v.course = course.code)`,
		k.Institution, k.Code)
}

// undoEach puts back what was, row by row, as long as everything is as the import
// left it.
func undoEach[K comparable, V comparable](stored func(*tx) (map[K]V, error), update func(*tx, keyed[K, V]) error, remove func(*tx, K) error) undoer {
	return func(t *tx, _ string, text []byte) error {
		var log undoLog[K, V]
		if err := readUndo(text, &log); err != nil {
			return err
		}
		now, err := stored(t)
		if err != nil {
			return err
		}
		for _, row := range slices.Concat(log.Added, log.Edited) {
			if value, there := now[row.Key]; !there || value != row.New {
				return &Error{Code: Conflict, Key: "error.undo_changed"}
			}
		}
		for _, row := range log.Edited {
			if err := update(t, keyed[K, V]{row.Key, row.Old}); err != nil {
				return err
			}
		}
		for _, row := range log.Added {
			if err := remove(t, row.Key); err != nil {
				return err
			}
		}
		return nil
	}
}

// undoRecords reverses the deposits of results: the ledger forgets nothing.
func undoRecords(t *tx, upload string, text []byte) error {
	var log undoLog[recordKey, Record]
	if err := readUndo(text, &log); err != nil {
		return err
	}
	why := Why{Cause: Cause{Kind: "import", ID: upload}, Reason: "undone"}
	for _, row := range slices.Concat(log.Added, log.Edited) {
		err := t.bookOne(why, &Receipt{}, func(j *journal, _ *Receipt) error { return j.revoke(row.Key.ref()) })
		if CodeOf(err) == Conflict {
			return &Error{Code: Conflict, Key: "error.undo_depends", cause: err}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// UndoUpload takes back what an upload brought, all of it: within a week, and while
// nothing was changed since and nothing depends on it. Results are reversed in the
// ledger. It promises NotFound, Denied, and Conflict: error.undo_over,
// error.undo_changed, error.undo_depends.
func (b *Bank) UndoUpload(ctx context.Context, actor Actor, id string) error {
	mapped := false
	err := b.writeAlone(ctx, actor, func(t *tx) error {
		u, err := uploadNamed(t.each, id)
		if err == nil {
			err = u.changeable(actor)
		}
		if err != nil {
			return err
		}
		k, err := kindNamed(u.Kind)
		if err != nil {
			return err
		}
		log, err := t.db.part(t.each, id, partUndo)
		undo := undoers()[u.Kind]
		if err != nil {
			return err
		}
		if log == nil || undo == nil || u.State != UploadCommitted {
			return &Error{Code: Conflict, Key: "error.undo_over"}
		}
		mapped = k.mapped
		return t.undoUpload(&u, mapped, func() error { return undo(t, id, log) })
	})
	if err != nil && refusedCommit(err) {
		return &Error{Code: Conflict, Key: "error.undo_depends", cause: err}
	}
	if err == nil && mapped {
		b.forget()
	}
	return err
}

func (t *tx) undoUpload(u *Upload, mapped bool, undo func() error) error {
	if err := undo(); err != nil {
		return err
	}
	if mapped {
		if err := t.raiseMap(); err != nil {
			return err
		}
	}
	if err := t.putPart(u.ID, partUndo, nil); err != nil {
		return err
	}
	if err := t.exec(`UPDATE upload SET state = 'undone', updated_at = $1, stamp = stamp + 1 WHERE id = $2`, micros(t.now), u.ID); err != nil {
		return err
	}
	return t.audit("upload.undo", u.ID, u.Kind)
}

package bank

import (
	"database/sql"
	"slices"

	"creditbank/internal/calendar"
)

// undoersOfLists take back national lists, grade scales, parts of exams and days of the
// calendar: what came new goes while nothing names it, and what was changed becomes what
// it was.
func undoersOfLists() map[string]undoer {
	all := map[string]undoer{
		regionFile.name: undoEach((*tx).regions, updateRegion, func(t *tx, code string) error {
			if err := t.unnamed(`SELECT 1 FROM institution WHERE region = $1`, code); err != nil {
				return err
			}
			return t.exec(`DELETE FROM region WHERE code = $1`, code)
		}),
		catalogueFile.name: undoEach(storedCatalogue, updateCatalogueEntry, func(t *tx, code string) error {
			if err := t.unnamed(`SELECT 1 FROM programme WHERE catalogue_code = $1`, code); err != nil {
				return err
			}
			return t.exec(`DELETE FROM catalogue WHERE code = $1`, code)
		}),
		scaleFile.name:   undoEach(storedMarks, nil, (*tx).removeMark),
		examFile.name:    undoEach(storedExamParts, nil, (*tx).removeExamPart),
		holidayFile.name: undoHolidays,
	}
	for _, l := range lists() {
		all[l.kind] = undoEach(l.stored, l.update, l.remove)
	}
	return all
}

// undoHolidays makes the days of the calendar what they were. Periods that got longer by
// them stay so, as with any change of the calendar.
func undoHolidays(t *tx, upload string, text []byte) error {
	days := undoEach((*tx).holidays, func(t *tx, k keyed[calendar.Day, Holiday]) error { return t.setHoliday(k.key, k.value) },
		func(t *tx, d calendar.Day) error { return t.exec(`DELETE FROM holiday WHERE day = $1`, d) })
	if err := days(t, upload, text); err != nil {
		return err
	}
	return t.moveClocks()
}

// unnamed promises Conflict (error.undo_depends) when a query finds a row.
func (t *tx) unnamed(query string, args ...any) error {
	used := false
	err := t.each(func(*sql.Rows) error { used = true; return nil }, query+` LIMIT 1`, args...)
	if err == nil && used {
		err = &Error{Code: Conflict, Key: "error.undo_depends"}
	}
	return err
}

// removeMark removes a grade of a scale, and the version of the scale with its last. A
// result that was valued by the version, or may have been, keeps it.
func (t *tx) removeMark(k scaleKey) error {
	return firstFault(
		func() error {
			return t.unnamed(`SELECT 1 FROM record WHERE scale = $1 AND completed_on >= $2`, k.Scale, k.From)
		},
		func() error {
			return t.exec(`DELETE FROM grade_mark WHERE scale = $1 AND valid_from = $2 AND grade = $3`, k.Scale, k.From, k.Grade)
		},
		func() error {
			return t.exec(`DELETE FROM grade_scale WHERE scale = $1 AND valid_from = $2
				AND NOT EXISTS (SELECT 1 FROM grade_mark m WHERE m.scale = grade_scale.scale AND m.valid_from = grade_scale.valid_from)`, k.Scale, k.From)
		})
}

// removeExamPart removes a part of an exam. A result that was held against it, or an exam
// that was handed in, keeps it.
func (t *tx) removeExamPart(k examKey) error {
	return firstFault(
		func() error {
			return t.unnamed(`SELECT 1 FROM record WHERE institution = $1 AND course = $2 AND kind = 'exam' AND completed_on >= $3`, k.Institution, k.Code, k.From)
		},
		func() error {
			return t.unnamed(`SELECT 1 FROM attestation WHERE institution = $1 AND course = $2 AND kind = 'exam' AND coalesce(completed_on, $3) >= $3`, k.Institution, k.Exam, k.From)
		},
		func() error {
			return t.exec(`DELETE FROM exam_part WHERE institution = $1 AND course = $2 AND valid_from = $3 AND exam = $4`, k.Institution, k.Code, k.From, k.Exam)
		})
}

// undoUses makes results available again that a file of uses booked as used. What a file
// of a regional credit bank said of the conversion since keeps it.
func undoUses(t *tx, upload string, text []byte) error {
	var log undoLog[recordKey, recordUse]
	if err := readUndo(text, &log); err != nil {
		return err
	}
	to, keys := map[recordKey]recordUse{}, make([]recordKey, len(log.Added))
	for i, row := range log.Added {
		to[row.Key], keys[i] = row.New, row.Key
		err := t.unnamed(`SELECT 1 FROM regional_result WHERE institution = $1 AND reference = $2 AND used_institution <> ''`, row.Key.Institution, row.Key.Reference)
		if err != nil {
			return err
		}
	}
	slices.SortFunc(keys, compareRecords)
	why := Why{Cause: Cause{Kind: "import", ID: upload}, Reason: "undone"}
	return t.eachBooking(why, keys, func(j *journal, k recordKey) error {
		return j.unuse(k.ref(), to[k].Institution, to[k].Programme)
	})
}

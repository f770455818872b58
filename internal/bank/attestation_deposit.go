package bank

import (
	"context"
	"database/sql"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/ledger"
	"creditbank/internal/transfer"
)

// depositAttested books what was verified, as one batch, and keeps until when it holds.
func (t *tx) depositAttested(a *Attestation) error {
	list, err := t.recordsAttested(a)
	if err != nil {
		return err
	}
	values, err := t.values()
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].amount, err = values.of(list[i].key, list[i].value); err != nil {
			return err
		}
	}
	var receipt Receipt
	why := Why{Reason: "attestation", Cause: Cause{Kind: "attestation", ID: a.ID}}
	if err := t.bookOne(why, &receipt, func(j *journal, _ *Receipt) error { return j.depositAll(list, &receipt) }); err != nil {
		return err
	}
	for _, d := range list {
		if err := t.keepAttested(a, d.key.ref()); err != nil {
			return err
		}
	}
	return nil
}

// keepAttested notes which result an attestation became or renewed, and until when it holds.
func (t *tx) keepAttested(a *Attestation, ref RecordRef) error {
	err := t.exec(`INSERT INTO attestation_record (attestation, institution, reference) VALUES ($1, $2, $3)`, a.ID, ref.Institution, ref.Reference)
	if err != nil {
		return err
	}
	return t.exec(`UPDATE record SET valid_to = $1 WHERE institution = $2 AND reference = $3`, dayOrNil(a.Valid), ref.Institution, ref.Reference)
}

// recordsAttested are the results: of an exam one for each part.
func (t *tx) recordsAttested(a *Attestation) ([]deposited, error) {
	kind, _ := attestationKind(a.Kind)
	if kind.Exam {
		return t.partsAttested(a)
	}
	v := Record{Learner: a.Account, Kind: kind.Record, Course: a.Course, Title: a.Title, Grade: a.Grade, Scale: a.Scale, Score: -1, Passed: true,
		Credits: a.Credits, Hours: a.Hours, Level: a.Level, Completed: a.Completed}
	if v.Grade != "" {
		if err := t.valueGrade(&v); err != nil {
			return nil, err
		}
	}
	return []deposited{{keyed: keyed[recordKey, Record]{recordKey{a.Institution, a.Reference}, v}}}, nil
}

func (t *tx) valueGrade(v *Record) error {
	marks, err := storedMarks(t)
	if err != nil {
		return err
	}
	mark, scale, fault := newScales(marks).mark(v.Scale, v.Grade, v.Completed)
	if fault != "" {
		return invalidField("grade", v.Grade, fault, map[string]any{"Scale": v.Scale})
	}
	v.Score, v.Passed, v.Scale = mark.Score, mark.Passed, scale
	return nil
}

// partsAttested are the parts of an exam, each with the level and hours of its course.
// It promises Conflict (error.attestation_level) for a course without them: a result
// beyond courses has both.
func (t *tx) partsAttested(a *Attestation) ([]deposited, error) {
	var list []deposited
	for _, p := range a.Parts {
		versions, err := courseVersions(t.each, transfer.CourseKey{Institution: a.Institution, Code: p.Course})
		if err != nil {
			return nil, err
		}
		var plain []CourseVersion
		for _, v := range versions {
			plain = append(plain, v.CourseVersion)
		}
		course, known := versionOn(plain, a.Completed)
		if !known || course.Level == 0 || course.Hours < 0 {
			return nil, &Error{Code: Conflict, Key: "error.attestation_level", Args: map[string]any{"Course": p.Course}}
		}
		v := Record{Learner: a.Account, Kind: "exam", Course: p.Course, Title: a.Title, Grade: p.Score.String(), Scale: "raw", Score: p.Score, Passed: true,
			Credits: -1, Hours: course.Hours, Level: course.Level, Completed: a.Completed}
		list = append(list, deposited{keyed: keyed[recordKey, Record]{recordKey{a.Institution, a.Reference + "-" + p.Course}, v}})
	}
	return list, nil
}

// renew lets a result hold longer: one that has expired is booked back, as
// [Bank.Refresh] does. It promises Conflict for one that is revoked.
func (t *tx) renew(a *Attestation) error {
	ref := RecordRef{Institution: a.Institution, Reference: a.Reference}
	stored, err := t.recordsNamed([]RecordRef{ref})
	if err != nil {
		return err
	}
	switch r, known := stored[recordKey(ref)]; {
	case !known || r.standing == "" || r.Learner != a.Account:
		return &Error{Code: Conflict, Key: "error.attestation_gone"}
	case r.standing == ledger.Expired.String():
		why := Why{Reason: "renewed", Cause: Cause{Kind: "attestation", ID: a.ID}}
		err := t.bookOne(why, &Receipt{}, func(j *journal, _ *Receipt) error { return j.refresh(a.Account, []RecordRef{ref}) })
		if err != nil {
			return err
		}
	}
	return t.keepAttested(a, ref)
}

// remindEnd is how many days before its end a learner hears of a result that will not
// hold any more: time enough for a test.
const remindEnd = 60

// expireOver books what does not hold any more since midnight, Beijing time, of the day
// after its last: available → expired. What an application holds meanwhile waits until
// it is free.
func expireOver(ctx context.Context, b *Bank) error {
	return b.inBatches(ctx, func(t *tx) (int, error) {
		over := map[string][]RecordRef{}
		n := 0
		err := t.each(func(rows *sql.Rows) error {
			var learner string
			var ref RecordRef
			err := rows.Scan(&learner, &ref.Institution, &ref.Reference)
			over[learner] = append(over[learner], ref)
			n++
			return err
		}, `SELECT learner, institution, reference FROM record WHERE standing = 'available' AND valid_to < $1 ORDER BY learner, institution, reference LIMIT $2`, t.today(), clockBatch)
		for _, account := range sortedKeys(over) {
			if err == nil {
				err = t.expireOver(account, over[account])
			}
		}
		return n, err
	})
}

func (t *tx) expireOver(account string, refs []RecordRef) error {
	why := Why{Reason: "validity"}
	err := t.bookOne(why, &Receipt{}, func(j *journal, _ *Receipt) error {
		return j.eachRecord(account, refs, func(i int, h *history) error {
			return j.move(h, ledger.Expire, refs[i], ledger.AvailableOf(account), ledger.ExpiredOf(account))
		})
	})
	if err != nil {
		return err
	}
	return t.send(message{To: recipient{Learner: account}, Kind: "result_expired", Object: "/my/results", Args: map[string]string{"Institution": refs[0].Institution}})
}

// remindOver tells learners, once, that a result will not hold much longer.
func remindOver(ctx context.Context, b *Bank) error {
	return b.inBatches(ctx, func(t *tx) (int, error) {
		type ending struct {
			id, learner string
			valid       calendar.Day
			args        map[string]string
		}
		var list []ending
		err := t.each(func(rows *sql.Rows) error {
			var e ending
			var kind, institution, course string
			err := rows.Scan(&e.id, &e.learner, &kind, &institution, &course, &e.valid)
			e.args = map[string]string{"Kind": kind, "Institution": institution, "Course": course, "Day": e.valid.String()}
			list = append(list, e)
			return err
		}, `SELECT id, learner, kind, institution, course, valid_to FROM attestation a WHERE state = 'verified' AND NOT told_end AND valid_to >= $1 AND valid_to <= $2
			AND EXISTS (SELECT 1 FROM attestation_record s JOIN record r ON r.institution = s.institution AND r.reference = s.reference
				WHERE s.attestation = a.id AND r.valid_to = a.valid_to AND r.standing <> '') ORDER BY id LIMIT $3`, t.today(), t.today()+remindEnd, clockBatch)
		for _, e := range list {
			if err != nil {
				break
			}
			if err = t.exec(`UPDATE attestation SET told_end = TRUE WHERE id = $1`, e.id); err == nil {
				err = t.send(message{To: recipient{Learner: e.learner}, Kind: "result_ending", Object: pageOf(myAttestationPage, e.id), Args: e.args})
			}
		}
		return len(list), err
	})
}

// keepValidity lets results that are deposited anew, corrected by their issuer, hold as
// long as they did where they do not say otherwise.
func (t *tx) keepValidity(added []deposited, again []RecordRef) error {
	if len(again) == 0 {
		return nil
	}
	stored, err := t.recordsNamed(again)
	for i := range added {
		if old, known := stored[added[i].key]; known {
			added[i].value = added[i].value.holdingAs(old.Record)
		}
	}
	return err
}

// creditsOf proposes the credits of a placement by its hours, rounded down to the step
// of who gives it.
func (t *tx) creditsOf(a *Attestation, hours credit.Hours) (credit.Amount, error) {
	institutions, err := storedInstitutions(t)
	if err != nil {
		return 0, err
	}
	kind, _ := attestationKind(a.Kind)
	in := institutions[a.Institution]
	rate := kind.PerCredit
	if rate == 0 {
		rate = in.Rate
	}
	return min(rate.Credits(hours, in.Step), credit.MaxAmount), nil
}

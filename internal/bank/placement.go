package bank

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// logDay keeps what a learner did on a day, in place of what was said of it before; no
// hours take it out. What a mentor has confirmed stays. The hours of a day, and of a
// week from Monday, are limited over all placements of the learner together.
//
// It promises Invalid, naming day, hours or text.
func (t *tx) logDay(a *Attestation, in AttestationAct) error {
	r := placementReader{a: a, today: t.today()}
	day, hours, text := r.day(in)
	if len(r.faults) == 0 && hours > 0 {
		if err := t.fitHours(&r, day, hours); err != nil {
			return err
		}
	}
	if len(r.faults) > 0 {
		return invalidFields(r.faults)
	}
	if err := t.exec(`DELETE FROM placement_day WHERE attestation = $1 AND day = $2`, a.ID, day); err != nil {
		return err
	}
	if hours > 0 {
		sealed, err := t.sealText("placement_day.text", rowKey(a.ID, dayNumber(day)), text)
		if err != nil {
			return err
		}
		if err := t.exec(`INSERT INTO placement_day (attestation, day, hours, text) VALUES ($1, $2, $3, $4)`, a.ID, day, hours, bytesOrNil(sealed)); err != nil {
			return err
		}
	}
	if err := t.moveAttestation(a, AttestationLogging); err != nil {
		return err
	}
	return t.noteAttestation("placement.log", a, day.String()+" "+hours.String())
}

// dayNumber is a day as it stands in a key.
func dayNumber(d calendar.Day) string { return strconv.Itoa(int(d)) }

// placementReader reads a day of a log.
type placementReader struct {
	fieldReader
	a     *Attestation
	today calendar.Day
}

func (r *placementReader) day(in AttestationAct) (day calendar.Day, hours credit.Hours, text string) {
	if strings.TrimSpace(in.Day) == "" {
		r.fault("day", "", "required", nil)
		return calendar.None, 0, ""
	}
	day = readField(&r.fieldReader, "day", in.Day, "date", calendar.Parse)
	at := slices.IndexFunc(r.a.Days, func(d PlacementDay) bool { return d.Day == day })
	switch {
	case len(r.faults) > 0:
		return day, 0, ""
	case day > r.today:
		r.fault("day", in.Day, "future", nil)
	case at >= 0 && (r.a.Days[at].SchoolBy != "" || r.a.Days[at].CompanyBy != ""):
		r.fault("day", in.Day, "day_confirmed", nil)
	}
	if strings.TrimSpace(in.Hours) == "" {
		r.fault("hours", "", "required", nil)
		return day, 0, ""
	}
	if hours = readField(&r.fieldReader, "hours", in.Hours, "hours", credit.ParseHours); hours > 0 {
		text = r.attestationText("text", in.Text)
	}
	return day, hours, text
}

// fitHours holds hours against the limits, with those of the learner's other placements.
func (t *tx) fitHours(r *placementReader, day calendar.Day, hours credit.Hours) error {
	kind, _ := attestationKind(r.a.Kind)
	monday := day - calendar.Day((day.Weekday()+6)%7)
	var ofDay, ofWeek credit.Hours
	err := t.each(func(rows *sql.Rows) error { return rows.Scan(&ofDay, &ofWeek) },
		`SELECT CAST(coalesce(sum(CASE WHEN d.day = $1 THEN d.hours ELSE 0 END), 0) AS BIGINT), CAST(coalesce(sum(d.hours), 0) AS BIGINT)
		FROM placement_day d JOIN attestation a ON a.id = d.attestation
		WHERE a.learner = $2 AND a.state NOT IN ('refused', 'withdrawn') AND d.day BETWEEN $3 AND $4 AND NOT (d.attestation = $5 AND d.day = $1)`,
		day, r.a.Account, monday, monday+6, r.a.ID)
	switch {
	case err != nil:
		return err
	case kind.DayHours > 0 && ofDay+hours > kind.DayHours:
		r.fault("hours", hours.String(), "hours_of_day", map[string]any{"Limit": kind.DayHours.String()})
	case kind.WeekHours > 0 && ofWeek+hours > kind.WeekHours:
		r.fault("hours", hours.String(), "hours_of_week", map[string]any{"Limit": kind.WeekHours.String(), "Left": (kind.WeekHours - ofWeek).String()})
	}
	return nil
}

// confirmDays is a mentor's word for days: those named, or all that their side has not
// confirmed yet. It promises Invalid, naming days.
func (t *tx) confirmDays(a *Attestation, in AttestationAct) error {
	side, wanted := a.side(t.actor), map[calendar.Day]bool{}
	for i, text := range in.Days {
		day, err := calendar.Parse(strings.TrimSpace(text))
		if err != nil || !slices.ContainsFunc(a.Days, func(d PlacementDay) bool { return d.Day == day }) {
			return invalidField(fmt.Sprintf("days[%d]", i), text, "unknown_day", nil)
		}
		wanted[day] = true
	}
	n := 0
	for _, d := range a.Days {
		mine, other := d.SchoolBy, d.CompanyBy
		if side == sideCompany {
			mine, other = other, mine
		}
		if mine != "" || other == t.actor.Name || len(wanted) > 0 && !wanted[d.Day] {
			continue
		}
		// The side is one of two words of ours.
		err := t.exec(`UPDATE placement_day SET `+side+`_by = $1, `+side+`_at = $2 WHERE attestation = $3 AND day = $4`, t.actor.Name, micros(t.now), a.ID, d.Day)
		if err != nil {
			return err
		}
		n++
	}
	if n == 0 {
		return invalidField("days", "", "required", nil)
	}
	if err := t.moveAttestation(a, AttestationLogging); err != nil {
		return err
	}
	return t.noteAttestation("placement.confirm", a, fmt.Sprintf("%s days=%d", side, n))
}

// markPlacement is what a mentor makes of a placement, in place of what their side said
// before; two people mark, one of each side. It promises Denied (error.attestation_own),
// and Invalid, naming grade or text.
func (t *tx) markPlacement(a *Attestation, in AttestationAct) error {
	side := a.side(t.actor)
	for _, m := range a.Marks {
		if m.Side != side && m.By == t.actor.Name {
			return &Error{Code: Denied, Key: "error.attestation_own"}
		}
	}
	var r fieldReader
	if !slices.Contains(PlacementGrades(), in.Grade) {
		r.fault("grade", in.Grade, "choice", map[string]any{"Choices": strings.Join(PlacementGrades(), ", ")})
	}
	text := r.attestationText("text", in.Text)
	if len(r.faults) > 0 {
		return invalidFields(r.faults)
	}
	sealed, err := t.sealText("placement_mark.text", rowKey(a.ID, side), text)
	if err != nil {
		return err
	}
	err = t.exec(`INSERT INTO placement_mark (attestation, side, grade, text, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (attestation, side) DO UPDATE SET grade = $3, text = $4, made_by = $5, made_at = $6`, a.ID, side, in.Grade, sealed, t.actor.Name, micros(t.now))
	if err != nil {
		return err
	}
	if err := t.moveAttestation(a, AttestationLogging); err != nil {
		return err
	}
	return t.noteAttestation("placement.mark", a, side+" "+in.Grade)
}

// placementScale gives the grades of placements as the scale five has them.
func placementScale() map[string]string {
	return map[string]string{"excellent": "优秀", "good": "良好", "pass": "及格"}
}

// submitPlacement ends a log: the days that both mentors confirmed count, their hours
// make the credits that are proposed, and the lower of the two grades is the result's.
// The learner's school decides.
//
// It promises Conflict: error.placement_unmarked while a side has not marked it,
// error.placement_failed when one found it insufficient, error.placement_empty when
// nothing is confirmed, error.placement_over when it would have ended after its last day.
func (t *tx) submitPlacement(a *Attestation, _ AttestationAct) error {
	if err := a.closeLog(); err != nil {
		return err
	}
	credits, err := t.creditsOf(a, a.Hours)
	if err != nil {
		return err
	}
	a.Credits = credits
	content, err := t.sealJSON("attestation.content", a.ID, a.AttestationContent)
	if err != nil {
		return err
	}
	err = t.exec(`UPDATE attestation SET hours = $1, credits = $2, completed_on = $3, content = $4 WHERE id = $5`, a.Hours, a.Credits, a.Completed, content, a.ID)
	if err != nil {
		return err
	}
	if err := t.moveAttestation(a, AttestationOpen); err != nil {
		return err
	}
	if err := t.askHandler(a); err != nil {
		return err
	}
	return t.noteAttestation("placement.submit", a, a.Hours.String()+" h "+a.Credits.String())
}

// closeLog makes the result of a log.
func (a *Attestation) closeLog() error {
	grades := PlacementGrades()
	worst := -1
	for _, side := range []string{sideSchool, sideCompany} {
		m, marked := a.mark(side)
		if !marked {
			return &Error{Code: Conflict, Key: "error.placement_unmarked"}
		}
		worst = max(worst, slices.Index(grades, m.Grade))
	}
	if grades[worst] == "fail" {
		return &Error{Code: Conflict, Key: "error.placement_failed"}
	}
	a.Grade, a.Scale = placementScale()[grades[worst]], "five"
	if a.Hours = a.ConfirmedHours(); a.Hours == 0 {
		return &Error{Code: Conflict, Key: "error.placement_empty"}
	}
	for _, d := range a.Days {
		if d.Confirmed() {
			a.Completed = d.Day
		}
	}
	if a.Valid != calendar.None && a.Valid < a.Completed {
		return &Error{Code: Conflict, Key: "error.placement_over"}
	}
	return nil
}

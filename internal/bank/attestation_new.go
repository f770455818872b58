package bank

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// NewAttestation is a result as it is handed in, as typed or sent.
type NewAttestation struct {
	Account string // of a learner for whom their school does; empty: the actor's own
	Kind    string // one of [AttestationKinds]
	Way     string // one of the kind's; empty: its first

	Institution string // that issues it
	Course      string // of its catalogue; of an exam the exam's code
	Reference   string // the issuer's number for it; empty: it has none
	Title       string // what it is called there, where that is more than the course
	Grade       string
	Scale       string
	Points      map[string]string // of an exam: points by course
	Level       string            // 1..10; not of an exam
	Hours       string            // not of an exam or a placement
	CompletedOn string            // a date; not of a placement, which ends with its last day
	ValidTo     string            // a date: the last day on which it holds
	Endless     bool              // it holds for good
	Note        string            // to whoever verifies it
	Renews      bool              // Reference is a result of the learner that it renews

	Files    []NewAttachment
	Declared bool   // the word of who hands it in that all of it is true
	Key      string // Idempotency-Key
}

// Limits of attestations: how many of a learner wait at a time, and how long a text
// is, in characters.
const (
	maxAttestations = 20
	attestationText = 1000
)

// HandIn hands a result in to be verified, or begins the log of a placement, and gives
// its number. Learners do so for themselves, a registrar or a system of their school
// for its own. A repeated request with the same Key gives the same number.
//
// It promises Denied; NotFound for the account; Invalid, naming the fields (files[0],
// points.COURSE …); Conflict: error.attestation_again (Args "ID") while the same waits,
// error.attestation_known when it is a result already, error.attestation_many,
// error.attestation_school for a placement of somebody without a school.
func (b *Bank) HandIn(ctx context.Context, actor Actor, in NewAttestation) (id string, err error) {
	if in.Account == "" || in.Account == actor.Learner {
		if in.Account, err = b.own(ctx, actor); err != nil {
			return "", err
		}
	} else if !actor.Is(IsRegistrar|IsSystem|IsOperator) || actor.allow(MayDeposit) != nil {
		return "", &Error{Code: Denied, Key: "error.role"}
	}
	r := attestationReader{in: in, today: b.Today()}
	files := r.shape()
	body := []byte(fmt.Sprintf("%q", withFiles([]any{in.Account, in.Kind, in.Way, in.Institution, in.Course, in.Reference, in.CompletedOn}, in.Files)))
	answer, _, err := b.once(ctx, actor, Request{Key: in.Key, Operation: "hand_in", Body: body}, nil, func(t *tx) ([]byte, error) {
		a, err := t.readAttestation(r)
		if err != nil {
			return nil, err
		}
		return []byte(a.ID), t.handIn(a, files)
	})
	return string(answer), err
}

// attestationReader reads what is handed in, and collects all that is wrong with it.
type attestationReader struct {
	fieldReader
	in    NewAttestation
	kind  AttestationKind
	today calendar.Day
	a     Attestation
}

// shape reads what can be read without the bank.
func (r *attestationReader) shape() (files []checkedAttachment) {
	in, a := &r.in, &r.a
	kind, known := attestationKind(in.Kind)
	if !known {
		r.fault("kind", in.Kind, "choice", map[string]any{"Choices": strings.Join(attestationKindNames(), ", ")})
	}
	r.kind = kind
	*a = Attestation{ID: newNumber(), Account: in.Account, Kind: in.Kind, Way: in.Way, Institution: strings.TrimSpace(in.Institution), Course: strings.TrimSpace(in.Course),
		Reference: strings.TrimSpace(in.Reference), Renews: in.Renews, Endless: in.Endless, Credits: -1, Completed: calendar.None, Valid: calendar.None}
	if ways := kind.Ways(); a.Way == "" {
		a.Way = ways[0]
	} else if !slices.Contains(ways, a.Way) {
		r.fault("way", a.Way, "choice", map[string]any{"Choices": strings.Join(ways, ", ")})
	}
	a.Title, a.Note = r.text("title", in.Title, nameLength), r.text("note", in.Note, attestationText)
	a.Grade, a.Scale = r.text("grade", in.Grade, codeLength), r.text("scale", in.Scale, codeLength)
	r.reference()
	r.measures()
	r.validity()
	for i, file := range in.Files {
		checked, fault := checkAttachment(fmt.Sprintf("files[%d]", i), file)
		if fault != nil {
			r.faults = append(r.faults, *fault)
		}
		files = append(files, checked)
	}
	if a.Way == WayEvidence && len(files) == 0 {
		r.fault("files", "", "required", nil)
	}
	if in.Renews && !kind.Renews {
		r.fault("renews", in.Kind, "not_renewed", nil)
	}
	if !in.Declared {
		r.fault("declared", "", "required", nil)
	}
	return files
}

func (r *attestationReader) text(field, text string, limit int) string {
	text = strings.TrimSpace(text)
	if code := textFault(text, limit); text != "" && code != "" {
		r.fault(field, "", code, map[string]any{"Limit": limit})
	}
	return text
}

// reference keeps numbers of people out of what the ledger says: some papers carry
// their holder's number.
func (r *attestationReader) reference() {
	a := &r.a
	switch {
	case a.Reference == "" && r.in.Renews:
		r.fault("reference", "", "required", nil)
	case a.Reference == "":
		a.Reference = "att-" + a.ID
	case len([]rune(a.Reference)) > courseLength-codeLength:
		r.fault("reference", "", "too_long", map[string]any{"Limit": courseLength - codeLength})
	case strings.ContainsAny(a.Reference, "\r\n\t"):
		r.fault("reference", "", "control_character", nil)
	case residentLike.MatchString(a.Reference):
		r.fault("reference", "", "personal_number", nil)
	}
}

// measures reads level, hours and the day.
func (r *attestationReader) measures() {
	in, a := &r.in, &r.a
	if !r.kind.Exam {
		if a.Level = readField(&r.fieldReader, "level", in.Level, "level", parseLevel); strings.TrimSpace(in.Level) == "" {
			r.fault("level", "", "required", nil)
		}
	}
	if !r.kind.Exam && !r.kind.Logged {
		a.Hours = readField(&r.fieldReader, "hours", in.Hours, "hours", credit.ParseHours)
		switch {
		case strings.TrimSpace(in.Hours) == "", a.Hours == 0 && !r.wrong("hours"):
			r.fault("hours", in.Hours, "required", nil)
		case r.kind.DayHours > 0 && a.Hours > r.kind.DayHours:
			r.fault("hours", in.Hours, "hours_of_day", map[string]any{"Limit": r.kind.DayHours.String()})
		}
	}
	if r.kind.Logged {
		return
	}
	a.Completed = calendar.None
	if strings.TrimSpace(in.CompletedOn) == "" {
		r.fault("completed_on", "", "required", nil)
	} else if day := readField(&r.fieldReader, "completed_on", in.CompletedOn, "date", calendar.Parse); !r.wrong("completed_on") {
		a.Completed = day
		if day > r.today {
			r.fault("completed_on", in.CompletedOn, "future", nil)
		}
	}
}

// parseLevel reads a level of the framework.
func parseLevel(text string) (int, error) {
	var level int
	if _, err := fmt.Sscanf(text+" ", "%d ", &level); err != nil || level < 1 || level > 10 || fmt.Sprint(level) != text {
		return 0, fmt.Errorf("%q is no level", text)
	}
	return level, nil
}

func (r *attestationReader) wrong(field string) bool {
	return slices.ContainsFunc(r.faults, func(f FieldError) bool { return f.Field == field })
}

// validity reads until when it holds, which must be said: a day, or for good.
func (r *attestationReader) validity() {
	in, a := &r.in, &r.a
	text := strings.TrimSpace(in.ValidTo)
	switch {
	case text == "" && !in.Endless:
		r.fault("valid_to", "", "validity", nil)
	case text != "" && in.Endless:
		r.fault("valid_to", text, "validity_both", nil)
	case text != "":
		a.Valid = readField(&r.fieldReader, "valid_to", text, "date", calendar.Parse)
		if r.wrong("valid_to") {
			return
		}
		if a.Valid < a.Completed {
			r.fault("valid_to", text, "before_completion", nil)
		} else if a.Valid < r.today {
			r.fault("valid_to", text, "over", nil)
		}
	}
}

// readAttestation holds what is handed in against what there is.
func (t *tx) readAttestation(r attestationReader) (*Attestation, error) {
	a := &r.a
	r.faults = slices.Clone(r.faults) // a write may run twice
	l, err := t.learner(a.Account)
	if err != nil {
		return nil, err
	}
	if t.actor.Learner != a.Account && !t.actor.Is(IsOperator) && l.Institution != t.actor.Institution {
		return nil, notFound("learner", a.Account)
	}
	if err := t.unmerged(a.Account); err != nil {
		return nil, err
	}
	a.By, a.Made, a.Changed, a.Stamp = t.actor.Name, t.now, t.now, newStamp()
	a.State = AttestationOpen
	switch a.Way {
	case WayIssuer:
		a.Handler = a.Institution
	case WayEvidence, WayLog:
		a.Handler = l.Institution
	}
	if r.kind.Logged {
		a.State = AttestationLogging
		if l.Institution == "" {
			return nil, &Error{Code: Conflict, Key: "error.attestation_school"}
		}
		if l.Institution == a.Institution {
			r.fault("institution", a.Institution, "own_workplace", nil)
		}
		if under(l.Born, r.today, r.kind.LeastAge) {
			r.fault("kind", a.Kind, "too_young", map[string]any{"Age": r.kind.LeastAge})
		}
	}
	if err := t.fitAttestation(&r); err != nil {
		return nil, err
	}
	if len(r.faults) > 0 {
		return nil, invalidFields(r.faults)
	}
	return a, t.fitAmong(a)
}

// fitAttestation holds it against the issuer and what it has in its catalogue.
func (t *tx) fitAttestation(r *attestationReader) error {
	a, kind, read := &r.a, "", reading(t.each)
	if err := read(func(rows *sql.Rows) error { return rows.Scan(&kind) }, `SELECT kind FROM institution WHERE code = $1`, a.Institution); err != nil {
		return err
	}
	if !slices.Contains(r.kind.Issuers, kind) {
		r.fault("institution", a.Institution, "no_issuer", nil)
		return nil
	}
	if kind == "bank" && a.Way == WayIssuer {
		a.Handler = "" // whose people are administrators
	}
	if r.kind.Exam {
		return t.readPoints(r)
	}
	versions, err := courseVersions(read, transfer.CourseKey{Institution: a.Institution, Code: a.Course})
	if err == nil && len(versions) == 0 {
		r.fault("course", a.Course, "unknown_course", map[string]any{"Institution": a.Institution})
	}
	if err != nil || a.Grade == "" {
		a.Scale = ""
		return err
	}
	marks, err := storedMarks(t)
	if err != nil {
		return err
	}
	mark, scale, fault := newScales(marks).mark(a.Scale, a.Grade, max(a.Completed, 0))
	switch {
	case fault == "scale":
		r.fault("scale", a.Scale, fault, nil)
	case fault != "":
		r.fault("grade", a.Grade, fault, map[string]any{"Scale": a.Scale})
	case !mark.Passed:
		r.fault("grade", a.Grade, "not_passed", nil)
	}
	a.Scale = scale
	return nil
}

// readPoints reads the points of every part of an exam, as it was on the day.
func (t *tx) readPoints(r *attestationReader) error {
	a := &r.a
	e, err := reading(t.each).exam(a.Course, a.Completed)
	if CodeOf(err) == NotFound || err == nil && e.Institution != a.Institution {
		r.fault("course", a.Course, "unknown_exam", nil)
		return nil
	}
	if err != nil {
		return err
	}
	a.Title, a.Parts = e.Name, nil
	for _, p := range e.Parts {
		field, text := "points."+p.Course, r.in.Points[p.Course]
		score := readField(&r.fieldReader, field, text, "score", credit.ParseScore)
		switch {
		case strings.TrimSpace(text) == "":
			r.fault(field, "", "required", nil)
		case score > p.Maximum:
			r.fault(field, text, "over_maximum", map[string]any{"Maximum": p.Maximum.String()})
		}
		a.Parts = append(a.Parts, ExamScore{p.Course, score})
	}
	for _, course := range sortedKeys(r.in.Points) {
		if !slices.ContainsFunc(e.Parts, func(p ExamPart) bool { return p.Course == course }) {
			r.fault("points."+course, r.in.Points[course], "unknown_part", nil)
		}
	}
	return nil
}

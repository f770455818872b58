package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"creditbank/internal/calendar"
)

const selectAttestations = `SELECT a.learner, a.id, a.kind, a.way, a.state, a.stamp, a.institution, a.course, coalesce(a.handler, ''), a.reference, a.renews, a.content,
	coalesce(a.level, 0), coalesce(a.hours, 0), coalesce(a.credits, -1), a.completed_on, a.valid_to, a.endless, a.made_by, a.made_at, a.changed_at,
	coalesce(a.expert, ''), a.opinion, a.opinion_text, coalesce(a.opined_by, ''), coalesce(a.opined_at, 0), coalesce(a.decided_by, ''), coalesce(a.decided_at, 0), a.reason, a.answer,
	(SELECT min(c.due) FROM clock c WHERE c.object = a.id AND c.stopped_at IS NULL) FROM attestation a`

func scanAttestation(rows *sql.Rows, unseal unsealing) (a Attestation, err error) {
	var content, opinion, answer []byte
	var completed, valid, due sql.NullInt32
	var made, changed, opined, decided int64
	err = rows.Scan(&a.Account, &a.ID, &a.Kind, &a.Way, &a.State, &a.Stamp, &a.Institution, &a.Course, &a.Handler, &a.Reference, &a.Renews, &content,
		&a.Level, &a.Hours, &a.Credits, &completed, &valid, &a.Endless, &a.By, &made, &changed,
		&a.Expert, &a.Opinion, &opinion, &a.OpinedBy, &opined, &a.DecidedBy, &decided, &a.Reason, &answer, &due)
	if err != nil {
		return a, err
	}
	a.Completed, a.Valid, a.Due = dayOr(completed), dayOr(valid), dayOr(due)
	a.Made, a.Changed, a.Opined, a.Decided = fromMicros(made), fromMicros(changed), fromMicros(opined), fromMicros(decided)
	if err := openJSON(unseal, "attestation.content", a.ID, content, &a.AttestationContent); err != nil {
		return a, err
	}
	var told attestationAnswer
	if err := openJSON(unseal, "attestation.answer", a.ID, answer, &told); err != nil {
		return a, err
	}
	a.Answer, a.Remedy = told.Text, told.Remedy
	if len(opinion) > 0 {
		text, err := unseal("attestation.opinion", a.ID, opinion)
		a.OpinionText = string(text)
		return a, err
	}
	return a, nil
}

// openJSON opens what sealJSON gave; nothing leaves the value as it is.
func openJSON(unseal unsealing, kind, row string, sealed []byte, to any) error {
	if len(sealed) == 0 {
		return nil
	}
	text, err := unseal(kind, row, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, to)
}

func readAttestations(read reading, unseal unsealing, where string, args ...any) (list []Attestation, err error) {
	list = []Attestation{}
	err = read(func(rows *sql.Rows) error {
		a, err := scanAttestation(rows, unseal)
		list = append(list, a)
		return err
	}, selectAttestations+where, args...)
	return list, err
}

// readAttestation reads one with its log. It promises NotFound.
func readAttestation(read reading, unseal unsealing, id string) (*Attestation, error) {
	list, err := readAttestations(read, unseal, ` WHERE a.id = $1`, id)
	if err == nil && len(list) == 0 {
		err = notFound("attestation", id)
	}
	if err != nil {
		return nil, err
	}
	a := &list[0]
	return a, a.readLog(read, unseal)
}

// readLog reads the days and marks of a placement, and what a verified one became.
func (a *Attestation) readLog(read reading, unseal unsealing) error {
	err := read(func(rows *sql.Rows) error {
		var d PlacementDay
		var text []byte
		if err := rows.Scan(&d.Day, &d.Hours, &text, &d.SchoolBy, &d.CompanyBy); err != nil {
			return err
		}
		plain, err := openText(unseal, "placement_day.text", rowKey(a.ID, dayNumber(d.Day)), text)
		d.Text = plain
		a.Days = append(a.Days, d)
		return err
	}, `SELECT day, hours, text, coalesce(school_by, ''), coalesce(company_by, '') FROM placement_day WHERE attestation = $1 ORDER BY day`, a.ID)
	if err != nil {
		return err
	}
	err = read(func(rows *sql.Rows) error {
		var m PlacementMark
		var text []byte
		var made int64
		if err := rows.Scan(&m.Side, &m.Grade, &text, &m.By, &made); err != nil {
			return err
		}
		m.Made = fromMicros(made)
		plain, err := openText(unseal, "placement_mark.text", rowKey(a.ID, m.Side), text)
		m.Text = plain
		a.Marks = append(a.Marks, m)
		return err
	}, `SELECT side, grade, text, made_by, made_at FROM placement_mark WHERE attestation = $1 ORDER BY side`, a.ID)
	if err != nil {
		return err
	}
	return read(func(rows *sql.Rows) error {
		var ref RecordRef
		err := rows.Scan(&ref.Institution, &ref.Reference)
		a.Records = append(a.Records, ref)
		return err
	}, `SELECT institution, reference FROM attestation_record WHERE attestation = $1 ORDER BY institution, reference`, a.ID)
}

func openText(unseal unsealing, kind, row string, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	text, err := unseal(kind, row, sealed)
	return string(text), err
}

// attestation reads one in a write. It promises NotFound.
func (t *tx) attestation(id string) (*Attestation, error) {
	if _, err := t.sealing(); err != nil { // while rows are read, nothing else is
		return nil, err
	}
	return readAttestation(t.each, t.unseal, id)
}

// Attestation is one with its files, its log and whose it is, once the look is noted.
// Learners see their own, schools those that they issue, decide or handed in, experts
// those on which they are asked, mentors their placements, and those who answer for the
// bank all. It promises NotFound.
func (b *Bank) Attestation(ctx context.Context, actor Actor, id string) (Attestation, error) {
	a, err := readAttestation(b.reading(ctx), b.unseal, id)
	if err == nil && !a.visible(a.standing(actor)) {
		err = notFound("attestation", id)
	}
	if err != nil {
		return Attestation{}, err
	}
	if err := b.look(ctx, actor, a.Account, "attestation", ""); err != nil {
		return Attestation{}, err
	}
	if a.Files, err = b.Attachments(ctx, "attestation", id); err != nil {
		return Attestation{}, err
	}
	person, err := b.person(ctx, a.Account)
	if err != nil && CodeOf(err) != NotFound { // of who was erased nothing is left
		return Attestation{}, err
	}
	a.Name, a.May = person.Name, a.may(actor)
	return *a, nil
}

// seesAttestationFile lets those see a paper who may know of the attestation.
func (b *Bank) seesAttestationFile(ctx context.Context, actor Actor, object, _ string) error {
	a, err := readAttestation(b.reading(ctx), b.unseal, object)
	if CodeOf(err) == NotFound || err == nil && !a.visible(a.standing(actor)) {
		return notFound("attachment", object)
	}
	return err
}

// MyAttestations lists those of the learner who asks, the newest first. It promises Denied.
func (b *Bank) MyAttestations(ctx context.Context, actor Actor) ([]Attestation, error) {
	account, err := b.own(ctx, actor)
	if err != nil {
		return nil, err
	}
	return readAttestations(b.reading(ctx), b.unseal, ` WHERE a.learner = $1 ORDER BY a.made_at DESC, a.id`, account)
}

// Exams lists the exams as they are on a day.
func (b *Bank) Exams(ctx context.Context, on calendar.Day) ([]Exam, error) {
	return b.reading(ctx).exams(on)
}

// AttestationExperts lists the experts whom the actor may ask about one: those of the
// school that decides, the bank those of all. It promises NotFound and Denied.
func (b *Bank) AttestationExperts(ctx context.Context, actor Actor, id string) ([]Expert, error) {
	a, err := readAttestation(b.reading(ctx), b.unseal, id)
	if err == nil && !slices.Contains(a.may(actor), attestAssign) {
		err = a.allow(actor, attestAssign, AnyStamp)
	}
	if err != nil {
		return nil, err
	}
	list, err := b.reading(ctx).attestationExperts(a)
	for i := range list {
		if err == nil {
			list[i].Name, err = b.Called(ctx, personName(list[i].Login))
		}
	}
	return list, err
}

func (read reading) attestationExperts(a *Attestation) (list []Expert, err error) {
	err = read(func(rows *sql.Rows) error {
		var x Expert
		err := rows.Scan(&x.Login, &x.Institution)
		if personName(x.Login) != a.By {
			list = append(list, x)
		}
		return err
	}, `SELECT r.login, coalesce(r.institution, '') FROM login_role r JOIN login l ON l.id = r.login
		WHERE r.role = 'expert' AND NOT l.disabled AND coalesce(l.learner, '') <> $1 AND ($2 = '' OR r.institution = $2) ORDER BY r.institution, r.login`, a.Account, a.Handler)
	return list, err
}

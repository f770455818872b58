package bank

import (
	"context"
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// moveAttestations gives what is handed in from one account to another of the same
// person. What waits there already is withdrawn here.
func (t *tx) moveAttestations(from, into string) error {
	err := t.exec(`UPDATE attestation SET state = 'withdrawn', changed_at = $3 WHERE learner = $1 AND state IN `+attestationWaits+`
		AND EXISTS (SELECT 1 FROM attestation o WHERE o.learner = $2 AND o.institution = attestation.institution AND o.course = attestation.course
			AND o.reference = attestation.reference AND o.state IN `+attestationWaits+`)`, from, into, micros(t.now))
	if err != nil {
		return err
	}
	return t.exec(`UPDATE attestation SET learner = $1 WHERE learner = $2`, into, from)
}

// endAttestations takes back what a learner who is erased has waiting.
func (t *tx) endAttestations(account string) error {
	if _, err := t.sealing(); err != nil { // while rows are read, nothing else is
		return err
	}
	list, err := readAttestations(t.each, t.unseal, ` WHERE a.learner = $1 AND a.state IN `+attestationWaits+` ORDER BY a.id`, account)
	for i := range list {
		if err == nil {
			err = t.withdrawAttestation(&list[i], AttestationAct{})
		}
	}
	return err
}

// AboutAttestation is what was handed in, as a learner takes it along.
type AboutAttestation struct {
	ID          string `json:"id"`
	Kind        string `json:"kind"`
	Way         string `json:"way"`
	State       string `json:"state"`
	Institution string `json:"institution"`
	Course      string `json:"course"`
	Reference   string `json:"reference"`
	Renews      bool   `json:"renews,omitempty"`
	AttestationContent
	Level     int          `json:"level,omitempty"`
	Hours     string       `json:"hours,omitempty"`
	Credits   string       `json:"credits,omitempty"`
	Completed calendar.Day `json:"completed_on,omitempty"`
	Valid     calendar.Day `json:"valid_to,omitempty"`
	Made      time.Time    `json:"made"`
	Opinion   string       `json:"opinion,omitempty"`
	OpinionOn string       `json:"opinion_text,omitempty"`
	Decided   time.Time    `json:"decided,omitzero"`
	DecidedBy string       `json:"decided_by,omitempty"`
	Reason    string       `json:"reason,omitempty"`
	Answer    string       `json:"answer,omitempty"`
	Remedy    string       `json:"remedy,omitempty"`
	Records   []RecordRef  `json:"results,omitempty"`
	Days      []AboutDay   `json:"days,omitempty"`
	Marks     []AboutMark  `json:"marks,omitempty"`
}

// AboutDay is a day of a placement.
type AboutDay struct {
	Day       calendar.Day `json:"day"`
	Hours     string       `json:"hours"`
	Text      string       `json:"text,omitempty"`
	SchoolBy  string       `json:"school_by,omitempty"`
	CompanyBy string       `json:"company_by,omitempty"`
}

// AboutMark is what a mentor made of a placement.
type AboutMark struct {
	Side  string    `json:"side"`
	Grade string    `json:"grade"`
	Text  string    `json:"text,omitempty"`
	By    string    `json:"by"`
	Made  time.Time `json:"made"`
}

func (a *About) readAttestations(ctx context.Context, b *Bank, account string) error {
	a.Attestations = []AboutAttestation{}
	list, err := readAttestations(b.reading(ctx), b.unseal, ` WHERE a.learner = $1 ORDER BY a.made_at, a.id`, account)
	if err != nil {
		return err
	}
	for i := range list {
		if err := list[i].readLog(b.reading(ctx), b.unseal); err != nil {
			return err
		}
		a.Attestations = append(a.Attestations, list[i].about())
	}
	return nil
}

func (a *Attestation) about() AboutAttestation {
	about := AboutAttestation{ID: a.ID, Kind: a.Kind, Way: a.Way, State: a.State, Institution: a.Institution, Course: a.Course, Reference: a.Reference, Renews: a.Renews,
		AttestationContent: a.AttestationContent, Level: a.Level, Hours: shown(a.Hours, 0, credit.Hours.String), Credits: shown(a.Credits, -1, credit.Amount.String),
		Completed: a.Completed, Valid: a.Valid, Made: a.Made, Opinion: a.Opinion, OpinionOn: a.OpinionText, Decided: a.Decided, DecidedBy: a.DecidedBy,
		Reason: a.Reason, Answer: a.Answer, Remedy: a.Remedy, Records: a.Records}
	for _, d := range a.Days {
		about.Days = append(about.Days, AboutDay{d.Day, d.Hours.String(), d.Text, d.SchoolBy, d.CompanyBy})
	}
	for _, m := range a.Marks {
		about.Marks = append(about.Marks, AboutMark(m))
	}
	return about
}

package bank

import (
	"database/sql"
	"regexp"
)

// residentLike is what the identity number of a resident looks like, as it stands on
// older papers in place of a number of their own.
var residentLike = regexp.MustCompile(`(^|[^0-9])[0-9]{17}[0-9Xx]([^0-9]|$)`)

// fitAmong holds it against what the learner has, and has handed in.
func (t *tx) fitAmong(a *Attestation) error {
	waiting, again := 0, ""
	var own, known bool
	err := t.each(func(rows *sql.Rows) error { return rows.Scan(&waiting, &again, &own, &known) },
		`SELECT (SELECT count(*) FROM attestation WHERE learner = $1 AND state IN `+attestationWaits+`),
			coalesce((SELECT id FROM attestation WHERE learner = $1 AND institution = $2 AND course = $3 AND (reference = $4 OR way = 'log' AND state = 'logging')
				AND state IN `+attestationWaits+` ORDER BY made_at, id LIMIT 1), ''),
			EXISTS (SELECT 1 FROM record WHERE institution = $2 AND course = $3 AND reference = $4 AND learner = $1 AND standing <> ''),
			EXISTS (SELECT 1 FROM record WHERE institution = $2 AND (reference = $4 OR reference = $4 || '-' || course) AND standing <> '')`,
		a.Account, a.Institution, a.Course, a.Reference)
	switch {
	case err != nil:
		return err
	case a.Renews && !own:
		return invalidField("reference", a.Reference, "unknown_record", nil)
	case !a.Renews && known:
		return &Error{Code: Conflict, Key: "error.attestation_known"}
	case again != "":
		return &Error{Code: Conflict, Key: "error.attestation_again", Args: map[string]any{"ID": again}}
	case waiting >= maxAttestations:
		return &Error{Code: Conflict, Key: "error.attestation_many", Args: map[string]any{"Limit": maxAttestations}}
	}
	return nil
}

// handIn keeps what was read, and tells who has to do something about it.
func (t *tx) handIn(a *Attestation, files []checkedAttachment) error {
	content, err := t.sealJSON("attestation.content", a.ID, a.AttestationContent)
	if err != nil {
		return err
	}
	err = t.exec(`INSERT INTO attestation (learner, id, kind, way, state, stamp, institution, course, handler, reference, renews, content, level, hours, completed_on, valid_to,
			endless, made_by, made_at, changed_at, opinion, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $19, '', '')`,
		a.Account, a.ID, a.Kind, a.Way, a.State, a.Stamp, a.Institution, a.Course, textOrNil(a.Handler), a.Reference, a.Renews, content, orNil(a.Level, 0),
		orNil(a.Hours, 0), dayOrNil(a.Completed), dayOrNil(a.Valid), a.Endless, a.By, micros(t.now))
	if err != nil {
		return err
	}
	for _, file := range files {
		if _, err := t.attach("attestation", a.ID, a.Account, file); err != nil {
			return err
		}
	}
	if a.State == AttestationLogging {
		err = t.tellMentors(a)
	} else {
		err = t.askHandler(a)
	}
	if err != nil {
		return err
	}
	return t.noteAttestation("attestation.hand_in", a, a.Kind+" "+a.Way)
}

func (t *tx) noteAttestation(action string, a *Attestation, detail string) error {
	return t.note(note{Action: action, Object: a.ID, Subject: a.Account, Detail: detail})
}

// Pages of attestations: of who works on them, and of the learner.
const (
	attestationPage   = "/attestations/"
	myAttestationPage = "/my/results/"
)

// args fill the messages about one.
func (a *Attestation) args() map[string]string {
	return map[string]string{"Kind": a.Kind, "Institution": a.Institution, "Course": a.Course}
}

// askHandler starts the period of whoever decides, and tells them.
func (t *tx) askHandler(a *Attestation) error {
	if err := t.endAttestationClocks(a); err != nil {
		return err
	}
	kind, roles := "attestation.school", IsRegistrar|IsDecider
	switch {
	case a.Handler == "":
		kind, roles = "attestation.bank", IsAdministrator
	case a.Way == WayIssuer:
		kind = "attestation.issuer"
	}
	if _, err := t.startClock(kind, a.ID, a.Handler, a.Account); err != nil {
		return err
	}
	return t.send(message{To: recipient{Institution: a.Handler, Roles: roles}, Kind: "attestation_in", Object: pageOf(attestationPage, a.ID), Args: a.args()})
}

func (t *tx) endAttestationClocks(a *Attestation) error {
	for _, kind := range []string{"attestation.issuer", "attestation.school", "attestation.bank"} {
		if err := t.stopClock(kind, a.ID); err != nil {
			return err
		}
	}
	return nil
}

// tellMentors tells both sides of a placement that there is a log to confirm.
func (t *tx) tellMentors(a *Attestation) error {
	for _, institution := range []string{a.Handler, a.Institution} {
		err := t.send(message{To: recipient{Institution: institution, Roles: IsRegistrar | IsExpert}, Kind: "placement_started", Object: pageOf(attestationPage, a.ID), Args: a.args()})
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) tellAttester(a *Attestation, kind string) error {
	return t.send(message{To: recipient{Learner: a.Account}, Kind: kind, Object: pageOf(myAttestationPage, a.ID), Args: a.args()})
}

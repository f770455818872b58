package bank

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// AttestationAct is something that is done about an attestation, as typed or sent.
type AttestationAct struct {
	Action  string // one of [AttestationActions]
	Stamp   string // of the attestation as it was shown, or [AnyStamp]
	Text    string // of an opinion or a decision, to the learner; of a day what was done
	Reason  string // of a refusal, one of [ReasonCodes]
	Remedy  string // of a refusal: what would repair it
	Opinion string // support or oppose
	Expert  string // login of who is asked
	Credits string // of a verified placement: fewer than are proposed; empty: those

	Day   string   // of a placement: a date
	Hours string   // of the day; 0: the day goes
	Days  []string // that are confirmed; none: all that are not yet
	Grade string   // one of [PlacementGrades]

	Key string // Idempotency-Key
}

// ActOnAttestation does something about an attestation, and gives it as it is then.
// Who may do what is attestationLaw's. What is verified is deposited in the same
// transaction; what is refused has a coded reason, a text and a remedy.
//
// It promises NotFound; Denied (error.role; error.attestation_own: nobody decides what
// they handed in, confirmed or judged); Invalid, naming the fields; Conflict:
// error.attestation_stale, error.attestation_state, error.placement_unmarked,
// error.placement_failed, error.placement_empty, error.attestation_level, and what the
// ledger refuses.
func (b *Bank) ActOnAttestation(ctx context.Context, actor Actor, id string, in AttestationAct) (Attestation, error) {
	if !slices.Contains(AttestationActions(), in.Action) {
		return Attestation{}, invalidField("action", in.Action, "choice", map[string]any{"Choices": strings.Join(AttestationActions(), ", ")})
	}
	body := []byte(fmt.Sprintf("%q", []any{id, in.Action, in.Text, in.Reason, in.Remedy, in.Opinion, in.Expert, in.Credits, in.Day, in.Hours, in.Days, in.Grade}))
	_, _, err := b.once(ctx, actor, Request{Key: in.Key, Operation: "attestation", Body: body}, nil, func(t *tx) ([]byte, error) {
		a, err := t.attestation(id)
		if err != nil {
			return nil, err
		}
		if err := a.allow(actor, in.Action, in.Stamp); err != nil {
			return nil, err
		}
		return []byte(id), attestationDeeds()[in.Action](t, a, in)
	})
	if err != nil {
		return Attestation{}, err
	}
	return b.Attestation(ctx, actor, id)
}

// attestationDeeds are what each action does, once it is known that the actor may.
func attestationDeeds() map[string]func(*tx, *Attestation, AttestationAct) error {
	return map[string]func(*tx, *Attestation, AttestationAct) error{
		attestWithdraw: (*tx).withdrawAttestation, attestByEvidence: (*tx).turnToEvidence, attestAssign: (*tx).assignAttestation, attestOpine: (*tx).opineAttestation,
		attestVerify: (*tx).verifyAttestation, attestRefuse: (*tx).refuseAttestation,
		attestLog: (*tx).logDay, attestConfirm: (*tx).confirmDays, attestMark: (*tx).markPlacement, attestSubmit: (*tx).submitPlacement,
	}
}

// moveAttestation changes the state, with a new stamp.
func (t *tx) moveAttestation(a *Attestation, state string) error {
	a.State, a.Stamp = state, newStamp()
	return t.exec(`UPDATE attestation SET state = $1, stamp = $2, changed_at = $3 WHERE id = $4`, a.State, a.Stamp, micros(t.now), a.ID)
}

func (t *tx) withdrawAttestation(a *Attestation, _ AttestationAct) error {
	if err := t.endAttestationClocks(a); err != nil {
		return err
	}
	if err := t.moveAttestation(a, AttestationWithdrawn); err != nil {
		return err
	}
	return t.noteAttestation("attestation.withdraw", a, "")
}

// turnToEvidence takes a result from an issuer who does not answer to the learner's
// school, or the bank. It promises Invalid, naming files, where there are none.
func (t *tx) turnToEvidence(a *Attestation, _ AttestationAct) error {
	files := 0
	if err := t.GetContext(t.ctx, &files, t.db.bind(`SELECT count(*) FROM attachment WHERE kind = 'attestation' AND object = $1`), a.ID); err != nil {
		return err
	}
	if files == 0 {
		return invalidField("files", "", "required", nil)
	}
	l, err := t.learner(a.Account)
	if err != nil {
		return err
	}
	a.Way, a.Handler = WayEvidence, l.Institution
	if err := t.exec(`UPDATE attestation SET way = $1, handler = $2 WHERE id = $3`, a.Way, textOrNil(a.Handler), a.ID); err != nil {
		return err
	}
	if err := t.moveAttestation(a, AttestationOpen); err != nil {
		return err
	}
	if err := t.askHandler(a); err != nil {
		return err
	}
	return t.noteAttestation("attestation.by_evidence", a, "")
}

// assignAttestation asks an expert, or another one.
func (t *tx) assignAttestation(a *Attestation, in AttestationAct) error {
	known, err := reading(t.each).attestationExperts(a)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(known, func(x Expert) bool { return x.Login == in.Expert }) {
		return invalidField("expert", in.Expert, "unknown_expert", nil)
	}
	a.Expert = in.Expert
	if err := t.exec(`UPDATE attestation SET expert = $1 WHERE id = $2`, a.Expert, a.ID); err != nil {
		return err
	}
	if err := t.moveAttestation(a, AttestationExpert); err != nil {
		return err
	}
	if err := t.send(message{To: recipient{Login: a.Expert}, Kind: "attestation_expert", Object: pageOf(attestationPage, a.ID), Args: a.args()}); err != nil {
		return err
	}
	return t.noteAttestation("attestation.assign", a, personName(a.Expert))
}

// opineAttestation keeps what the expert says of the papers; somebody else decides.
func (t *tx) opineAttestation(a *Attestation, in AttestationAct) error {
	var r fieldReader
	if !slices.Contains([]string{"support", "oppose"}, in.Opinion) {
		r.fault("opinion", in.Opinion, "choice", map[string]any{"Choices": "support, oppose"})
	}
	text := r.attestationText("text", in.Text)
	if len(r.faults) > 0 {
		return invalidFields(r.faults)
	}
	sealed, err := t.sealText("attestation.opinion", a.ID, text)
	if err != nil {
		return err
	}
	err = t.exec(`UPDATE attestation SET opinion = $1, opinion_text = $2, opined_by = $3, opined_at = $4 WHERE id = $5`, in.Opinion, sealed, t.actor.Name, micros(t.now), a.ID)
	if err != nil {
		return err
	}
	if err := t.moveAttestation(a, AttestationReady); err != nil {
		return err
	}
	roles := IsDecider
	if a.Handler == "" {
		roles = IsAdministrator
	}
	if err := t.send(message{To: recipient{Institution: a.Handler, Roles: roles}, Kind: "attestation_ready", Object: pageOf(attestationPage, a.ID), Args: a.args()}); err != nil {
		return err
	}
	return t.noteAttestation("attestation.opine", a, in.Opinion)
}

// attestationText reads a text that must be there.
func (r *fieldReader) attestationText(field, text string) string {
	text = strings.TrimSpace(text)
	if code := textFault(text, attestationText); code != "" {
		r.fault(field, "", code, map[string]any{"Limit": attestationText})
	}
	return text
}

// verifyAttestation deposits the result, or renews one. What goes against the expert's
// opinion is explained.
func (t *tx) verifyAttestation(a *Attestation, in AttestationAct) error {
	var r fieldReader
	text := strings.TrimSpace(in.Text)
	if text != "" || a.Opinion == "oppose" {
		text = r.attestationText("text", in.Text)
	}
	if given := strings.TrimSpace(in.Credits); given != "" && a.Way == WayLog {
		fewer := readField(&r, "credits", given, "amount", credit.ParseAmount)
		switch {
		case fewer > a.Credits:
			r.fault("credits", given, "not_more", map[string]any{"Planned": a.Credits.String()})
		case fewer < a.Credits && text == "":
			r.fault("text", "", "required", nil)
		}
		a.Credits = fewer
	}
	if len(r.faults) > 0 {
		return invalidFields(r.faults)
	}
	if err := t.closeAttestation(a, AttestationVerified, "", attestationAnswer{Text: text}); err != nil {
		return err
	}
	if a.Renews {
		return t.renew(a)
	}
	return t.depositAttested(a)
}

// refuseAttestation promises Invalid, naming reason, text and remedy.
func (t *tx) refuseAttestation(a *Attestation, in AttestationAct) error {
	var r fieldReader
	if !slices.Contains(ReasonCodes(), in.Reason) {
		r.fault("reason", in.Reason, "choice", map[string]any{"Choices": strings.Join(ReasonCodes(), ", ")})
	}
	answer := attestationAnswer{r.attestationText("text", in.Text), r.attestationText("remedy", in.Remedy)}
	if len(r.faults) > 0 {
		return invalidFields(r.faults)
	}
	return t.closeAttestation(a, AttestationRefused, in.Reason, answer)
}

// closeAttestation decides.
func (t *tx) closeAttestation(a *Attestation, state, reason string, answer attestationAnswer) error {
	var sealed []byte
	if answer != (attestationAnswer{}) {
		var err error
		if sealed, err = t.sealJSON("attestation.answer", a.ID, answer); err != nil {
			return err
		}
	}
	if err := t.endAttestationClocks(a); err != nil {
		return err
	}
	a.State, a.Stamp = state, newStamp()
	err := t.exec(`UPDATE attestation SET state = $1, stamp = $2, changed_at = $3, decided_by = $4, decided_at = $3, reason = $5, answer = $6, credits = $7 WHERE id = $8`,
		a.State, a.Stamp, micros(t.now), t.actor.Name, reason, bytesOrNil(sealed), orNil(a.Credits, -1), a.ID)
	if err != nil {
		return err
	}
	if err := t.tellAttester(a, "attestation_"+state); err != nil {
		return err
	}
	if state == AttestationRefused {
		return t.noteAttestation("attestation.refuse", a, a.Way+" "+reason)
	}
	return t.noteAttestation("attestation.verify", a, a.Way)
}

// today is the day of the write.
func (t *tx) today() calendar.Day { return calendar.Of(t.now) }

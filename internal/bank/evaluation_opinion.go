package bank

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"creditbank/internal/calendar"
)

// opine keeps the opinion of a school or an expert; once more takes the place of the
// one before, which the history keeps.
func (t *tx) opine(e *evaluationRow, a EvaluationAct, step EvaluationStep) error {
	at := e.voice(t.actor)
	o := &e.Opinions[at]
	party := schoolParty + o.Institution
	if o.Login != "" {
		party = expertParty + o.Login
	}
	err := t.exec(`INSERT INTO evaluation_opinion (equivalence, version, party, round, asked_by, asked_at, opinion, text, reasons, condition, given_by, given_at)
		VALUES ($1, $2, $3, $4, '', $5, $6, $7, $8, $9, $10, $5)
		ON CONFLICT (equivalence, version, party) DO UPDATE SET round = excluded.round, opinion = excluded.opinion, text = excluded.text,
			reasons = excluded.reasons, condition = excluded.condition, given_by = excluded.given_by, given_at = excluded.given_at`,
		e.Code, e.Version, party, e.Round, micros(t.now), a.Opinion, a.Text, strings.Join(a.Reasons, "|"), a.Condition, t.actor.Name)
	if err != nil {
		return err
	}
	o.Opinion, o.Over = a.Opinion, false
	if e.State == EvaluationSubmitted {
		step.To = e.judgedState()
	}
	step.Subject = party
	return t.step(e, step)
}

// voice is the place of the opinion that an actor gives: as decider that of the
// school, else that of the expert who was asked.
func (e *evaluationRow) voice(actor Actor) int {
	if i := e.party(actor.Institution); i >= 0 && actor.decides() {
		return i
	}
	return e.asked(actor.Login)
}

// assignExperts asks an expert, another one instead, or no longer.
func (t *tx) assignExperts(e *evaluationRow, a EvaluationAct, step EvaluationStep) error {
	if a.Action != actAssign {
		if err := t.releaseExpert(e, a.From); err != nil {
			return err
		}
		step.Subject = a.From
	}
	if a.Action != actRelease {
		if err := t.askExpert(e, a.To); err != nil {
			return err
		}
		step.Subject = strings.TrimSpace(step.Subject + " " + a.To)
	}
	if e.State == EvaluationSubmitted || a.Action != actRelease {
		step.To = e.judgedState()
	}
	return t.step(e, step)
}

// releaseExpert promises Invalid for a login that is not asked or has answered.
func (t *tx) releaseExpert(e *evaluationRow, login string) error {
	i := e.asked(login)
	switch {
	case i < 0:
		return invalidField("from", login, "unknown_expert", nil)
	case e.Opinions[i].Opinion != "" && !e.Opinions[i].Over:
		return invalidField("from", login, "opinion_given", nil)
	}
	e.Opinions = slices.Delete(e.Opinions, i, i+1)
	return t.exec(`DELETE FROM evaluation_opinion WHERE equivalence = $1 AND version = $2 AND party = $3`, e.Code, e.Version, expertParty+login)
}

// askExpert promises Invalid for who is no expert that the actor may ask.
func (t *tx) askExpert(e *evaluationRow, login string) error {
	known, err := reading(t.each).expertsFor(e, t.actor)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(known, func(x Expert) bool { return x.Login == login })
	if at < 0 {
		return invalidField("to", login, "unknown_expert", nil)
	}
	err = t.exec(`INSERT INTO evaluation_opinion (equivalence, version, party, round, asked_by, asked_at, text, reasons, condition) VALUES ($1, $2, $3, $4, $5, $6, '', '', '')`,
		e.Code, e.Version, expertParty+login, e.Round, t.actor.Name, micros(t.now))
	e.Opinions = append(e.Opinions, Opinion{Side: "expert", Login: login, Institution: known[at].Institution, Due: calendar.None})
	return err
}

// Expert is somebody who can be asked for an opinion.
type Expert struct{ Login, Name, Institution string }

// EvaluationExperts lists the experts whom the actor may ask: the bank those of all
// schools, the receiving school its own; none who is asked already or had a hand in
// the proposal. It promises NotFound, and Denied.
func (b *Bank) EvaluationExperts(ctx context.Context, actor Actor, id string) ([]Expert, error) {
	e, err := b.reading(ctx).evaluationNamed(actor, id)
	if err != nil {
		return nil, err
	}
	if err := e.mayEver(actor, actAssign); err != nil {
		return nil, err
	}
	list, err := b.reading(ctx).expertsFor(e, actor)
	for i := range list {
		if err == nil {
			list[i].Name, err = b.Called(ctx, personName(list[i].Login))
		}
	}
	return list, err
}

func (read reading) expertsFor(e *evaluationRow, actor Actor) (list []Expert, err error) {
	school := actor.Institution
	if actor.Is(IsAdministrator) {
		school = ""
	}
	err = read(func(rows *sql.Rows) error {
		var x Expert
		err := rows.Scan(&x.Login, &x.Institution)
		if e.asked(x.Login) < 0 && !slices.Contains(e.hands, personName(x.Login)) {
			list = append(list, x)
		}
		return err
	}, `SELECT r.login, coalesce(r.institution, '') FROM login_role r JOIN login l ON l.id = r.login
		WHERE r.role = 'expert' AND NOT l.disabled AND ($1 = '' OR r.institution = $1) ORDER BY r.institution, r.login`, school)
	return list, err
}

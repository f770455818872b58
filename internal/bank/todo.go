package bank

import (
	"context"
	"database/sql"
)

// ToDo is how much waits at a desk, by the list in which it stands. What waits for one
// person alone is counted for that one, the rest for whoever works there.
type ToDo struct {
	Evaluations  int // of rules, that wait for the actor
	Requests     int // of learners to have a course judged, that nobody has answered
	Applications int // submitted and not decided, of the school
	Appeals      int // about applications: the school's, or those to the bank
	Consequences int // of revoked results, that nobody has decided
	Priors       int // portfolios: to judge, to decide, or appealed to the bank
	Results      int // beyond courses: to verify, to decide, or to give an opinion on
	Corrections  int // that the actor answers; auditors have no list of them
	Proposals    int // that somebody else than the actor made
	Flagged      int // rules that stand on a course that was changed
	CodesEnding  int // codes with which learners claim their accounts, that end within a week
	Overdue      int // periods that ran out anywhere, for those who answer for the whole bank
}

// todoSoon is how far ahead it looks.
const todoSoon = 7 * day

// ToDo counts what waits for an actor: for registrars, deciders and experts what their
// school or they have, for administrators and auditors what the bank has. It promises
// Denied.
func (b *Bank) ToDo(ctx context.Context, actor Actor) (d ToDo, err error) {
	if err := actor.need(IsRegistrar | IsDecider | IsExpert | IsAdministrator | IsAuditor); err != nil {
		return d, err
	}
	count := func(into *int, statement string, args ...any) {
		if err == nil {
			err = b.reading(ctx)(func(rows *sql.Rows) error { return rows.Scan(into) }, statement, args...)
		}
	}
	d.Evaluations, err = b.EvaluationsWaiting(ctx, actor)
	switch {
	case actor.Is(IsExpert) && !actor.Is(IsRegistrar|IsDecider):
		count(&d.Priors, `SELECT count(*) FROM prior_learning p WHERE p.state = 'assigned' AND EXISTS (SELECT 1 FROM prior_judgement j
			WHERE j.prior_learning = p.id AND j.round = p.round AND j.assessor = $1)`, actor.Login)
		count(&d.Results, `SELECT count(*) FROM attestation WHERE expert = $1 AND state = 'expert'`, actor.Login)
		return d, err
	case actor.Is(IsRegistrar | IsDecider):
		b.countSchool(&d, count, actor)
	default:
		b.countBank(&d, count, actor)
	}
	if err == nil {
		d.Flagged, err = b.FlaggedRules(ctx, actor)
	}
	return d, err
}

// counting reads one number; after a first fault it reads no more.
type counting func(into *int, statement string, args ...any)

func (b *Bank) countSchool(d *ToDo, count counting, actor Actor) {
	now := b.Now()
	count(&d.Requests, `SELECT count(*) FROM evaluation_request WHERE to_institution = $1 AND state = 'open'`, actor.Institution)
	count(&d.Applications, `SELECT count(*) FROM application WHERE institution = $1 AND state = 'submitted'`, actor.Institution)
	count(&d.Appeals, `SELECT count(*) FROM appeal p JOIN application a ON a.id = p.application WHERE a.institution = $1 AND a.state = 'appealed' AND p.state = 'open' AND p.level = 1`, actor.Institution)
	count(&d.Consequences, `SELECT count(*) FROM consequence c JOIN application a ON a.id = c.application WHERE a.institution = $1 AND c.state = 'open'`, actor.Institution)
	count(&d.Priors, `SELECT count(*) FROM prior_learning WHERE institution = $1 AND state IN `+priorWaits+` AND round < $2`, actor.Institution, PriorAppealBank)
	count(&d.Results, `SELECT count(*) FROM attestation WHERE (handler = $1 AND way <> 'issuer' OR institution = $1 AND way = 'issuer') AND state IN `+attestationAtDesk, actor.Institution)
	count(&d.Corrections, `SELECT count(*) FROM correction c JOIN learner l ON l.account = c.learner WHERE c.state = 'open' AND coalesce(c.institution, l.institution) = $1`, actor.Institution)
	count(&d.Proposals, `SELECT count(*) FROM proposal WHERE institution = $1 AND state = 'open' AND ends_at > $2 AND proposed_by <> $3`, actor.Institution, micros(now), actor.Name)
	count(&d.CodesEnding, `SELECT count(*) FROM claim_code c JOIN learner l ON l.account = c.learner WHERE l.institution = $1 AND c.expires_at > $2 AND c.expires_at <= $3`,
		actor.Institution, micros(now), micros(now.Add(todoSoon)))
}

func (b *Bank) countBank(d *ToDo, count counting, actor Actor) {
	count(&d.Appeals, `SELECT count(*) FROM appeal WHERE state = 'open' AND level = 2`)
	count(&d.Priors, `SELECT count(*) FROM prior_learning WHERE state IN `+priorWaits+` AND round = $1`, PriorAppealBank)
	count(&d.Results, `SELECT count(*) FROM attestation WHERE handler IS NULL AND state IN `+attestationAtDesk)
	if actor.Is(IsAdministrator) {
		count(&d.Corrections, `SELECT count(*) FROM correction c JOIN learner l ON l.account = c.learner WHERE c.state = 'open' AND coalesce(c.institution, l.institution) IS NULL`)
	}
	count(&d.Proposals, `SELECT count(*) FROM proposal WHERE state = 'open' AND ends_at > $1 AND proposed_by <> $2`, micros(b.Now()), actor.Name)
	count(&d.Overdue, `SELECT count(*) FROM clock WHERE stopped_at IS NULL AND due < $1`, b.Today())
}

package bank

import (
	"context"
	"database/sql"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/ledger"
)

// allow says what the actor may do with the recognition today, as the methods will judge
// it in their writes. standing is where the result stands that it was booked as.
func (p *PriorLearning) allow(actor Actor, standing string, today calendar.Day) {
	mine, person := p.stake(actor) == applies, !actor.Is(IsSystem)
	waits := p.State == PriorSubmitted || p.State == PriorAssigned || p.State == PriorAssessed
	p.May = []string{}
	for _, m := range []struct {
		action string
		may    bool
	}{
		{"edit", mine && p.State == PriorDraft},
		{"submit", mine && p.State == PriorDraft},
		{"discard", mine && p.State == PriorDraft},
		{"withdraw", mine && waits},
		{"appeal", mine && p.appealable(today)},
		{"assign", p.mayAssign(actor)},
		{"judge", person && !mine && p.State == PriorAssigned && actor.Login != "" && p.Assessor == actor.Login},
		{"decide", p.State == PriorAssessed && p.mayDecide(actor) == nil},
		{"redeem", !mine && person && p.State == PriorGranted && actor.Is(IsDecider) && actor.Institution == p.To.Institution && standing == ledger.Applied.String()},
	} {
		if m.may {
			p.May = append(p.May, m.action)
		}
	}
}

// RedeemPriorLearning books that a diploma was issued on the course: it is redeemed, for
// good. It is for deciders of the school. It promises NotFound; Denied; Conflict:
// error.prior_stale, error.prior_state, and what the ledger refuses.
func (b *Bank) RedeemPriorLearning(ctx context.Context, actor Actor, id, stamp string) error {
	p, err := b.PriorLearning(ctx, actor, id)
	if err != nil {
		return err
	}
	if !actor.Is(IsDecider) || actor.Institution != p.To.Institution || actor.Learner == p.Learner {
		return &Error{Code: Denied, Key: "error.role"}
	}
	return b.write(ctx, actor, func(t *tx) error {
		p, err := t.priorIn(id, stamp, PriorGranted)
		if err != nil {
			return err
		}
		why := Why{Reason: "diploma", Cause: Cause{Kind: causePrior, ID: p.Decisions[len(p.Decisions)-1].ID}}
		err = t.bookOne(why, &Receipt{}, func(j *journal, _ *Receipt) error {
			ref := p.reference()
			histories, err := j.histories([]RecordRef{ref})
			if err != nil {
				return err
			}
			var wrong elements
			owner := histories[ref].Stand().Account.Owner
			err = j.move(histories[ref], ledger.Redeem, ref, ledger.AppliedAt(owner, p.To.Institution, p.To.Code), ledger.RedeemedAt(owner, p.To.Institution, p.To.Code))
			if err := wrong.judge(err, "records", ref.Reference, histories[ref]); err != nil {
				return err
			}
			if err := wrong.refusal(); err != nil {
				return err
			}
			return j.keepStandings(histories)
		})
		if err != nil {
			return err
		}
		if err := t.movePrior(&p, PriorGranted); err != nil {
			return err
		}
		return t.notePrior("prior.redeem", &p, "")
	})
}

// priorOf is the recognition that a result was booked for, empty when it is no such.
func priorOf(read reading, ref RecordRef) (id string, err error) {
	err = read(func(rows *sql.Rows) error { return rows.Scan(&id) }, `SELECT p.id FROM prior_learning p
		WHERE p.institution = $1 AND p.state = 'granted' AND $2 = '`+priorReference+`' || p.id`, ref.Institution, ref.Reference)
	return id, err
}

// takePriorBack takes a granted course back from where it counts, also from a diploma;
// the deposit is for the caller to reverse.
func (t *tx) takePriorBack(id string, why Why) error {
	if _, err := t.sealing(); err != nil { // while rows are read, nothing else is
		return err
	}
	p, err := readPrior(t.each, t.unseal, id)
	if err != nil {
		return err
	}
	ref := p.reference()
	back := []settling{{refs: []RecordRef{ref}, place: ledger.Available, undo: true}}
	if err := t.bookOne(why, &Receipt{}, func(j *journal, _ *Receipt) error { return j.settle(p.To, back) }); err != nil {
		return err
	}
	if err := t.movePrior(&p, PriorRevoked); err != nil {
		return err
	}
	return t.notePrior("prior.revoke", &p, "")
}

// movePriors makes the recognitions of one account another's, whose owner is the same
// person. What is under way for a course that the other asks for already is dropped, or
// taken back.
func (t *tx) movePriors(from, into string) error {
	list, err := t.priorsUnderWay(from)
	if err != nil {
		return err
	}
	for i := range list {
		p := &list[i]
		running, err := priorsRunning(t.each, into, p.To.Institution)
		if err != nil {
			return err
		}
		switch {
		case running[p.Course] == "":
		case p.State == PriorDraft:
			err = t.discardPrior(p)
		default:
			err = t.withdrawPrior(p)
		}
		if err != nil {
			return err
		}
	}
	return t.exec(`UPDATE prior_learning SET learner = $1 WHERE learner = $2`, into, from)
}

func (t *tx) priorsUnderWay(account string) (list []PriorLearning, err error) {
	if _, err := t.sealing(); err != nil { // while rows are read, nothing else is
		return nil, err
	}
	rows, err := readPriors(t.each, `p.learner = $1 AND p.state IN ('draft', 'submitted', 'assigned', 'assessed') ORDER BY p.id`, account)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		p := row.PriorLearning
		if err := p.readOutcomes(t.each, t.unseal); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// endPriors ends what a learner who is erased has under way.
func (t *tx) endPriors(account string) error {
	list, err := t.priorsUnderWay(account)
	for i := range list {
		if err != nil {
			return err
		}
		if list[i].State == PriorDraft {
			err = t.discardPrior(&list[i])
		} else {
			err = t.withdrawPrior(&list[i])
		}
	}
	return err
}

// PriorFigures are what a school, or the whole bank, was asked to recognise.
type PriorFigures struct {
	Waiting, Granted, Refused int
	Credits                   credit.Amount // granted
}

// PriorFigures counts the recognitions of the actor's school, or for those who answer
// for the whole bank, of all. It promises Denied.
func (b *Bank) PriorFigures(ctx context.Context, actor Actor) (f PriorFigures, err error) {
	q, err := PriorFilter{}.query(actor, b.Today())
	if err != nil {
		return f, err
	}
	return f, b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&f.Waiting, &f.Granted, &f.Refused, &f.Credits) },
		`SELECT count(CASE WHEN p.state IN ('submitted', 'assigned', 'assessed') THEN 1 END), count(CASE WHEN p.state = 'granted' THEN 1 END),
		count(CASE WHEN p.state = 'refused' THEN 1 END), coalesce(sum(CASE WHEN p.state = 'granted' THEN p.credits END), 0) FROM prior_learning p WHERE `+q.where(), q.args...)
}

package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/calendar"
)

// dueOfPrior is by when a recognition p must be answered by whoever has it.
const dueOfPrior = `(SELECT min(c.due) FROM clock c WHERE c.object = p.id AND c.stopped_at IS NULL AND c.kind <> 'prior.whole')`

const selectPriors = `SELECT p.id, p.stamp, p.learner, p.institution, p.programme, p.course, p.seq, p.credits, p.state, p.round, p.texts,
	p.made_at, p.changed_at, coalesce(p.submitted_at, 0), coalesce(p.decided_at, 0), ` + dueOfPrior + `,
	(SELECT max(c.due) FROM clock c WHERE c.object = p.id AND c.kind = 'prior.whole'),
	coalesce((SELECT j.assessor FROM prior_judgement j WHERE j.prior_learning = p.id AND j.round = p.round), '') FROM prior_learning p`

// priorRow is a recognition with the texts still sealed.
type priorRow struct {
	PriorLearning
	texts []byte
}

func scanPrior(rows *sql.Rows) (p priorRow, err error) {
	var made, changed, submitted, decided int64
	var due, final sql.NullInt32
	err = rows.Scan(&p.ID, &p.Stamp, &p.Learner, &p.To.Institution, &p.To.Code, &p.Course, &p.seq, &p.Credits, &p.State, &p.Round, &p.texts,
		&made, &changed, &submitted, &decided, &due, &final, &p.Assessor)
	p.Made, p.Changed, p.Submitted, p.Decided = fromMicros(made), fromMicros(changed), fromMicros(submitted), fromMicros(decided)
	p.Due, p.Final = dayOr(due), dayOr(final)
	return p, err
}

// readPriors reads recognitions without what belongs to them.
func readPriors(read reading, where string, args ...any) (list []priorRow, err error) {
	err = read(func(rows *sql.Rows) error {
		p, err := scanPrior(rows)
		list = append(list, p)
		return err
	}, selectPriors+` WHERE `+where, args...)
	return list, err
}

// readPrior reads a recognition with all that belongs to it but its files. It promises NotFound.
func readPrior(read reading, unseal unsealing, id string) (PriorLearning, error) {
	list, err := readPriors(read, `p.id = $1`, id)
	if err == nil && len(list) == 0 {
		err = notFound("prior_learning", id)
	}
	if err != nil {
		return PriorLearning{}, err
	}
	p := list[0].PriorLearning
	for _, part := range []func(reading, unsealing) error{p.readOutcomes, p.readJudgements, p.readPriorAppeals, p.readPriorDecisions} {
		if err := part(read, unseal); err != nil {
			return p, err
		}
	}
	if list[0].texts == nil {
		return p, nil
	}
	plain, err := unseal("prior_learning.texts", p.ID, list[0].texts)
	if err != nil {
		return p, err
	}
	return p, p.readPriorTexts(plain)
}

func (p *PriorLearning) readOutcomes(read reading, _ unsealing) error {
	return read(func(rows *sql.Rows) error {
		var o PriorOutcome
		err := rows.Scan(&o.Number, &o.Competence, &o.Level, &o.Text)
		p.Outcomes = append(p.Outcomes, o)
		return err
	}, `SELECT n, competence, coalesce(level, 0), outcome FROM prior_outcome WHERE prior_learning = $1 ORDER BY n`, p.ID)
}

func (p *PriorLearning) readJudgements(read reading, unseal unsealing) error {
	return read(func(rows *sql.Rows) error {
		var j PriorJudgement
		var percents string
		var notes []byte
		var assigned, made int64
		var seen sql.NullInt32
		if err := rows.Scan(&j.Round, &j.Assessor, &j.AssignedBy, &assigned, &made, &percents, &notes, &j.SeenBy, &seen); err != nil {
			return err
		}
		j.Assigned, j.Made, j.SeenOn = fromMicros(assigned), fromMicros(made), dayOr(seen)
		if percents != "" {
			if err := json.Unmarshal([]byte(percents), &j.Percents); err != nil {
				return err
			}
		}
		j.Notes = make([]string, len(j.Percents))
		err := unsealInto(unseal, "prior_judgement.notes", priorRound(p.ID, j.Round), notes, &j.Notes)
		p.Judgements = append(p.Judgements, j)
		return err
	}, `SELECT round, assessor, assigned_by, assigned_at, coalesce(made_at, 0), percents, notes, seen_by, seen_on FROM prior_judgement WHERE prior_learning = $1 ORDER BY round`, p.ID)
}

func (p *PriorLearning) readPriorAppeals(read reading, unseal unsealing) error {
	return read(func(rows *sql.Rows) error {
		var a PriorAppeal
		var made int64
		var text []byte
		if err := rows.Scan(&a.Round, &text, &made); err != nil {
			return err
		}
		a.Made = fromMicros(made)
		err := unsealInto(unseal, "prior_appeal.text", priorRound(p.ID, a.Round), text, &a.Text)
		p.Appeals = append(p.Appeals, a)
		return err
	}, `SELECT round, text, made_at FROM prior_appeal WHERE prior_learning = $1 ORDER BY round`, p.ID)
}

func (p *PriorLearning) readPriorDecisions(read reading, unseal unsealing) error {
	return read(func(rows *sql.Rows) error {
		var id, content string
		var texts []byte
		if err := rows.Scan(&id, &content, &texts); err != nil {
			return err
		}
		var c priorContent
		if err := json.Unmarshal([]byte(content), &c); err != nil {
			return err
		}
		var told priorDecisionTexts
		err := unsealInto(unseal, "prior_decision.texts", id, texts, &told)
		p.Decisions = append(p.Decisions, PriorDecision{ID: id, Round: c.Round, Outcome: c.Outcome, Lacking: c.Lacking, Reasons: c.Reasons, Text: told.Text, Remedy: told.Remedy,
			By: c.By, Institution: c.Institution, Made: fromMicros(c.Made)})
		return err
	}, `SELECT id, content, texts FROM prior_decision WHERE prior_learning = $1 ORDER BY round`, p.ID)
}

// priorRound is what the sealed text of a round is bound to.
func priorRound(id string, round int) string { return rowKey(id, strconv.Itoa(round)) }

// unsealInto reads a sealed text that may be gone.
func unsealInto(unseal unsealing, kind, row string, sealed []byte, into any) error {
	if len(sealed) == 0 {
		return nil
	}
	plain, err := unseal(kind, row, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, into)
}

// priorIn reads a recognition in a write that changes it. It promises NotFound, and
// Conflict: error.prior_state (Args "State") when it is in none of the states,
// error.prior_stale when the actor has not seen it as it is.
func (t *tx) priorIn(id, stamp string, states ...string) (PriorLearning, error) {
	if _, err := t.sealing(); err != nil { // while rows are read, nothing else is
		return PriorLearning{}, err
	}
	p, err := readPrior(t.each, t.unseal, id)
	switch {
	case err != nil:
		return p, err
	case !slices.Contains(states, p.State):
		return p, &Error{Code: Conflict, Key: "error.prior_state", Args: map[string]any{"State": p.State}}
	case p.Stamp != stamp:
		return p, &Error{Code: Conflict, Key: "error.prior_stale", Args: map[string]any{"State": p.State},
			Fields: []FieldError{{Field: "state", Value: p.State, Code: "changed"}}}
	}
	return p, nil
}

// ownPrior reads a recognition for the learner who made it. It promises Denied, and
// NotFound, also for another's.
func (b *Bank) ownPrior(ctx context.Context, actor Actor, id string) (PriorLearning, error) {
	account, err := b.own(ctx, actor)
	if err != nil {
		return PriorLearning{}, err
	}
	p, err := readPrior(b.reading(ctx), b.unseal, id)
	if err == nil && p.Learner != account {
		return PriorLearning{}, notFound("prior_learning", id)
	}
	return p, err
}

// stake says what an actor has to do with a recognition: judgesIt who may decide and
// handles who may ask for a judgement or was asked for one.
func (p *PriorLearning) stake(actor Actor) stake {
	ofSchool := actor.Institution != "" && actor.Institution == p.To.Institution
	asked := actor.Login != "" && slices.ContainsFunc(p.Judgements, func(j PriorJudgement) bool { return j.Assessor == actor.Login })
	bank := p.Round == PriorAppealBank && actor.Is(IsAdministrator)
	switch {
	case actor.Is(IsLearner) && actor.Learner != "" && actor.Learner == p.Learner:
		return applies
	case p.Submitted.IsZero():
		return noStake
	case bank, ofSchool && actor.Is(IsDecider):
		return judgesIt
	case ofSchool && actor.Is(IsRegistrar), ofSchool && actor.Is(IsSystem) && actor.Scopes&MayApply != 0, asked && actor.Is(IsExpert|IsRegistrar|IsDecider):
		return handles
	case actor.seesAll():
		return watches
	}
	return noStake
}

// PriorLearning is one recognition with all that the actor may see of it: for the
// learner, the school, whoever was asked to judge it, and those who answer for the whole
// bank. Staff's look is noted. It promises NotFound, also for what is not for the actor
// to know of, and Denied.
func (b *Bank) PriorLearning(ctx context.Context, actor Actor, id string) (PriorLearning, error) {
	p, err := readPrior(b.reading(ctx), b.unseal, id)
	if err != nil {
		return p, err
	}
	switch p.stake(actor) {
	case noStake:
		return PriorLearning{}, notFound("prior_learning", id)
	case applies:
		if _, err := b.own(ctx, actor); err != nil {
			return PriorLearning{}, err
		}
	}
	if err := b.look(ctx, actor, p.Learner, KindPriorLearning, ""); err != nil {
		return PriorLearning{}, err
	}
	if p.Name, err = b.nameOf(ctx, p.Learner); err != nil {
		return p, err
	}
	for i := range p.Outcomes {
		if p.Outcomes[i].Files, err = b.Attachments(ctx, KindPriorLearning, priorObject(id, i+1)); err != nil {
			return p, err
		}
	}
	standing, err := b.standingOf(ctx, p.reference())
	p.allow(actor, standing, b.Today())
	return p, err
}

// nameOf is the name of a learner, empty for one who was erased.
func (b *Bank) nameOf(ctx context.Context, account string) (string, error) {
	person, err := b.person(ctx, account)
	if CodeOf(err) == NotFound {
		return "", nil
	}
	return person.Name, err
}

// standingOf is where a result stands, empty for one that is not there.
func (b *Bank) standingOf(ctx context.Context, ref RecordRef) (standing string, err error) {
	err = b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&standing) },
		`SELECT standing FROM record WHERE institution = $1 AND reference = $2`, ref.Institution, ref.Reference)
	return standing, err
}

// seesPriorFile lets those see a paper who see the recognition. It promises NotFound.
func (b *Bank) seesPriorFile(ctx context.Context, actor Actor, object, _ string) error {
	id, _, _ := strings.Cut(object, ".")
	_, err := b.PriorLearning(ctx, actor, id)
	if CodeOf(err) == NotFound {
		return notFound("attachment", object)
	}
	return err
}

// MyPriorLearning lists the learner's own, drafts too, what changed last first. It
// promises Denied.
func (b *Bank) MyPriorLearning(ctx context.Context, actor Actor) ([]PriorLearning, error) {
	account, err := b.own(ctx, actor)
	if err != nil {
		return nil, err
	}
	list, err := readPriors(b.reading(ctx), `p.learner = $1 ORDER BY p.changed_at DESC, p.id`, account)
	return plainPriors(list), err
}

func plainPriors(list []priorRow) []PriorLearning {
	plain := make([]PriorLearning, len(list))
	for i := range list {
		plain[i] = list[i].PriorLearning
	}
	return plain
}

// PriorFilter says which recognitions of an inbox are shown; the zero value is all.
type PriorFilter struct {
	State    string // one of [PriorStates] but draft; "waiting": not decided
	Course   string
	Overdue  bool // what was due before today
	Assessor bool // what the actor judges, or has
}

// PriorLearnings is the inbox: of the school for its registrars and deciders and its
// systems with the scope apply; everything for those who answer for the whole bank; for
// others who were asked to judge, what they were asked. What waits comes first, by the
// day on which it is due. It promises Denied, and Invalid for a foreign cursor.
func (b *Bank) PriorLearnings(ctx context.Context, actor Actor, f PriorFilter, w Window) (Page[PriorLearning], error) {
	page := Page[PriorLearning]{}
	start, limit, err := w.part()
	if err != nil {
		return page, err
	}
	q, err := f.query(actor, b.Today())
	if err != nil {
		return page, err
	}
	if err := b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&page.Total) }, `SELECT count(*) FROM prior_learning p WHERE `+q.where(), q.args...); err != nil {
		return page, err
	}
	n := len(q.args)
	order := fmt.Sprintf(` ORDER BY CASE WHEN p.state IN ('submitted', 'assigned', 'assessed') THEN 0 ELSE 1 END, coalesce(`+dueOfPrior+`, 2147483647), p.submitted_at, p.id LIMIT $%d OFFSET $%d`, n+1, n+2)
	list, err := readPriors(b.reading(ctx), q.where()+order, append(q.args, limit, start)...)
	if err != nil {
		return page, err
	}
	if start+limit < page.Total {
		page.Next = strconv.Itoa(start + limit)
	}
	page.Items = plainPriors(list)
	for i := range page.Items {
		p := &page.Items[i]
		if err := b.look(ctx, actor, p.Learner, KindPriorLearning, ""); err != nil {
			return page, err
		}
		if p.Name, err = b.nameOf(ctx, p.Learner); err != nil {
			return page, err
		}
	}
	return page, nil
}

// query promises Denied.
func (f PriorFilter) query(actor Actor, today calendar.Day) (*applicationQuery, error) {
	q := &applicationQuery{}
	q.add(`p.submitted_at IS NOT NULL`)
	school := actor.Institution != "" && (actor.Is(IsRegistrar|IsDecider) || actor.Is(IsSystem) && actor.Scopes&MayApply != 0)
	mine := `EXISTS (SELECT 1 FROM prior_judgement j WHERE j.prior_learning = p.id AND j.assessor = $?)`
	switch {
	case actor.Is(IsSystem) && !school:
		return nil, actor.allow(MayApply)
	case school:
		q.add(`p.institution = $?`, actor.Institution)
	case actor.seesAll():
	case actor.Is(IsExpert) && actor.Login != "":
		q.add(mine, actor.Login)
	default:
		return nil, &Error{Code: Denied, Key: "error.role"}
	}
	switch f.State {
	case "":
	case "waiting":
		q.add(`p.state IN ` + priorWaits)
	default:
		q.add(`p.state = $?`, f.State)
	}
	if f.Course != "" {
		q.add(`p.course = $?`, f.Course)
	}
	if f.Overdue {
		q.add(dueOfPrior+` < $?`, today)
	}
	if f.Assessor {
		q.add(mine, actor.Login)
	}
	return q, nil
}

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

// The periods of a recognition: see clockTable. The whole one runs until somebody has
// decided, and goes on while there is an appeal.
const (
	clockPriorSchool = "prior.school"
	clockPriorWhole  = "prior.whole"
	clockPriorAppeal = "prior.appeal"
	clockPriorBank   = "prior.bank"
)

// endPriorClocks stops all that runs for a recognition.
func (t *tx) endPriorClocks(id string) error {
	for _, kind := range []string{clockPriorSchool, clockPriorWhole, clockPriorAppeal, clockPriorBank} {
		if err := t.stopClock(kind, id); err != nil {
			return err
		}
	}
	return nil
}

// tellPrior sends a message about a recognition.
func (t *tx) tellPrior(p *PriorLearning, to recipient, kind string) error {
	page := "/school/prior/"
	if to.Learner != "" {
		page = "/my/prior/"
	}
	return t.send(message{To: to, Kind: kind, Object: pageOf(page, p.ID),
		Args: map[string]string{"Application": p.ID, "Institution": p.To.Institution, "Programme": p.To.Code, "Course": p.Course}})
}

// PriorAssessors lists who can be asked to judge: experts and registrars of the school,
// in the appeal to the bank the experts of all schools; nobody who had a hand in it, and
// not the learner. It is for those who may ask. It promises NotFound and Denied.
func (b *Bank) PriorAssessors(ctx context.Context, actor Actor, id string) ([]Expert, error) {
	p, err := b.PriorLearning(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	if !p.mayAssign(actor) {
		return nil, &Error{Code: Denied, Key: "error.role"}
	}
	list, err := p.assessors(b.reading(ctx))
	for i := range list {
		if err == nil {
			list[i].Name, err = b.Called(ctx, personName(list[i].Login))
		}
	}
	return list, err
}

// assessors lists who can be asked in the round at hand. Who was asked in it may be asked
// again: nothing changes.
func (p *PriorLearning) assessors(read reading) (list []Expert, err error) {
	earlier := *p
	earlier.Judgements = slices.DeleteFunc(slices.Clone(p.Judgements), func(j PriorJudgement) bool { return j.Round == p.Round })
	where := `r.role IN ('expert', 'registrar') AND r.institution = $2`
	if p.Round == PriorAppealBank {
		where = `r.role = 'expert' AND $2 <> ''`
	}
	err = read(func(rows *sql.Rows) error {
		var x Expert
		err := rows.Scan(&x.Login, &x.Institution)
		if !earlier.hadHand(personName(x.Login)) && !slices.ContainsFunc(list, func(o Expert) bool { return o.Login == x.Login }) {
			list = append(list, x)
		}
		return err
	}, `SELECT r.login, coalesce(r.institution, '') FROM login_role r JOIN login l ON l.id = r.login
		WHERE NOT l.disabled AND coalesce(l.learner, '') <> $1 AND `+where+` ORDER BY r.institution, r.login`, p.Learner, p.To.Institution)
	return list, err
}

// mayAssign says whether an actor may ask somebody to judge: registrars and deciders of
// the school, in the appeal to the bank its administrators; never the learner.
func (p *PriorLearning) mayAssign(actor Actor) bool {
	if actor.Learner == p.Learner || actor.Is(IsSystem) || p.State != PriorSubmitted && p.State != PriorAssigned {
		return false
	}
	if p.Round == PriorAppealBank {
		return actor.Is(IsAdministrator)
	}
	return actor.Institution == p.To.Institution && actor.Is(IsRegistrar|IsDecider)
}

// AssignPriorLearning asks somebody to judge, another one instead. It promises NotFound;
// Denied; Invalid, naming login; Conflict (error.prior_stale, error.prior_state).
func (b *Bank) AssignPriorLearning(ctx context.Context, actor Actor, id, stamp, login string) error {
	if _, err := b.PriorLearning(ctx, actor, id); err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		p, err := t.priorIn(id, stamp, PriorSubmitted, PriorAssigned)
		if err != nil {
			return err
		}
		if !p.mayAssign(actor) {
			return &Error{Code: Denied, Key: "error.role"}
		}
		known, err := p.assessors(t.each)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(known, func(x Expert) bool { return x.Login == login }) {
			return invalidField("login", login, "unknown_expert", nil)
		}
		return t.assignPrior(&p, login)
	})
}

func (t *tx) assignPrior(p *PriorLearning, login string) error {
	err := t.exec(`INSERT INTO prior_judgement (prior_learning, round, assessor, assigned_by, assigned_at, percents, seen_by) VALUES ($1, $2, $3, $4, $5, '', '')
		ON CONFLICT (prior_learning, round) DO UPDATE SET assessor = excluded.assessor, assigned_by = excluded.assigned_by, assigned_at = excluded.assigned_at`,
		p.ID, p.Round, login, t.actor.Name, micros(t.now))
	if err != nil {
		return err
	}
	if err := t.movePrior(p, PriorAssigned); err != nil {
		return err
	}
	if login != t.actor.Login {
		if err := t.tellPrior(p, recipient{Login: login}, "prior_assigned"); err != nil {
			return err
		}
	}
	return t.notePrior("prior.assign", p, fmt.Sprintf("round=%d %s", p.Round, login))
}

// NewPriorJudgement is what an assessor found, as typed or sent.
type NewPriorJudgement struct {
	Stamp    string
	Percents []string // how far each outcome is met, 0 to 100, in their order
	Notes    []string // to each; one that is met less than half must have one
	SeenBy   string   // one of [PriorSeenBy]; may be empty
	SeenOn   string   // the day of it
}

// JudgePriorLearning keeps what the assessor of the round found of each outcome: it is
// for whoever was asked. It promises NotFound; Denied; Invalid, naming percents[0],
// notes[0], seen_by or seen_on; Conflict (error.prior_stale, error.prior_state).
func (b *Bank) JudgePriorLearning(ctx context.Context, actor Actor, id string, in NewPriorJudgement) error {
	p, err := b.PriorLearning(ctx, actor, id)
	if err != nil {
		return err
	}
	if actor.Login == "" || p.Assessor != actor.Login || actor.Learner == p.Learner {
		return &Error{Code: Denied, Key: "error.role"}
	}
	j, err := in.read(&p, b.Today())
	if err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		p, err := t.priorIn(id, in.Stamp, PriorAssigned)
		if err != nil {
			return err
		}
		return t.judgePrior(&p, j)
	})
}

// read promises Invalid.
func (in *NewPriorJudgement) read(p *PriorLearning, today calendar.Day) (PriorJudgement, error) {
	var r fieldReader
	j := PriorJudgement{SeenBy: in.SeenBy, SeenOn: calendar.None}
	for i := range p.Outcomes {
		field := fmt.Sprintf("[%d]", i)
		percent := r.percent("percents"+field, textAt(in.Percents, i))
		note := strings.TrimSpace(textAt(in.Notes, i))
		if code := textFault(note, applicationText); code != "" && (code != "required" || percent < PriorHalf) {
			r.fault("notes"+field, "", code, map[string]any{"Limit": applicationText})
		}
		j.Percents, j.Notes = append(j.Percents, percent), append(j.Notes, note)
	}
	if in.SeenBy != "" && !slices.Contains(PriorSeenBy(), in.SeenBy) {
		r.fault("seen_by", in.SeenBy, "choice", map[string]any{"Choices": strings.Join(PriorSeenBy(), ", ")})
	}
	if in.SeenBy != "" {
		j.SeenOn = r.seenOn(in.SeenOn, today)
	}
	if len(r.faults) > 0 {
		return j, invalidFields(r.faults)
	}
	return j, nil
}

// textAt is the i-th of texts of which some may be missing.
func textAt(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

func (r *fieldReader) percent(field, text string) int {
	text = strings.TrimSpace(text)
	if text == "" {
		r.fault(field, "", "required", nil)
		return PriorHalf
	}
	percent, err := strconv.Atoi(text)
	if err != nil || percent < 0 || percent > 100 {
		r.fault(field, text, "percent_range", nil)
		return PriorHalf
	}
	return percent
}

// seenOn reads the day of an interview: today or before.
func (r *fieldReader) seenOn(text string, today calendar.Day) calendar.Day {
	if strings.TrimSpace(text) == "" {
		r.fault("seen_on", "", "required", nil)
		return calendar.None
	}
	day := readField(r, "seen_on", text, "date", calendar.Parse)
	if day > today {
		r.fault("seen_on", text, "future", nil)
	}
	return day
}

func (t *tx) judgePrior(p *PriorLearning, j PriorJudgement) error {
	percents, err := json.Marshal(j.Percents)
	if err != nil {
		return err
	}
	notes, err := t.sealJSON("prior_judgement.notes", priorRound(p.ID, p.Round), j.Notes)
	if err != nil {
		return err
	}
	err = t.exec(`UPDATE prior_judgement SET made_at = $1, percents = $2, notes = $3, seen_by = $4, seen_on = $5 WHERE prior_learning = $6 AND round = $7`,
		micros(t.now), string(percents), notes, j.SeenBy, orNil(j.SeenOn, calendar.None), p.ID, p.Round)
	if err != nil {
		return err
	}
	if err := t.movePrior(p, PriorAssessed); err != nil {
		return err
	}
	to := recipient{Institution: p.To.Institution, Roles: IsDecider}
	if p.Round == PriorAppealBank {
		to = recipient{Roles: IsAdministrator}
	}
	if err := t.tellPrior(p, to, "prior_judged"); err != nil {
		return err
	}
	return t.notePrior("prior.judge", p, fmt.Sprintf("round=%d lacking=%d", p.Round, len(j.Lacking())))
}

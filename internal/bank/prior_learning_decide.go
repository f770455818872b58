package bank

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/ledger"
	"creditbank/internal/transfer"
)

// NewPriorDecision is what somebody decides, as typed or sent.
type NewPriorDecision struct {
	Stamp   string
	Outcome string   // PriorGranted or PriorRefused
	Reasons []string // codes of [ReasonCodes]: of a refusal
	Text    string   // why: of a refusal
	Remedy  string   // of a refusal: what would repair it
}

// priorContent is what a decision is a digest of. Its form, JSON, lasts:
// docs/prior-learning.md.
type priorContent struct {
	Format      int           `json:"format"`
	Prior       string        `json:"prior_learning"`
	Round       int           `json:"round"`
	Outcome     string        `json:"outcome"`
	Programme   string        `json:"programme"` // INSTITUTION:CODE
	Course      string        `json:"course"`
	Credits     credit.Amount `json:"credits"`
	Percents    []int         `json:"percents"`
	Lacking     []int         `json:"lacking,omitempty"`
	Reasons     []string      `json:"reasons,omitempty"`
	Assessor    string        `json:"assessor"` // actor
	By          string        `json:"by"`
	Institution string        `json:"institution,omitempty"`
	Made        int64         `json:"made"`   // microseconds
	Frozen      string        `json:"frozen"` // SHA-256 of what the engine was asked, and answered
}

type priorDecisionTexts struct {
	Text   string `json:"text,omitempty"`
	Remedy string `json:"remedy,omitempty"`
}

// DecidePriorLearning decides about what was judged. Where less than half of any one
// outcome is met it can only be refused; granted, the whole course is booked, once: it
// is deposited as a result of the school, of the kind prior_learning, and applied at the
// programme. It is for a decider of the school, in the appeal to the bank for an
// administrator: never for whoever judged, decided about an earlier round, or asks.
//
// It promises NotFound; Denied (error.prior_own, error.prior_same_person); Invalid,
// naming outcome, reasons, text or remedy; Conflict: error.prior_stale,
// error.prior_state, and error.prior.REASON of [PriorReasons] when the course cannot be
// recognised any more.
func (b *Bank) DecidePriorLearning(ctx context.Context, actor Actor, id string, in NewPriorDecision) (PriorDecision, error) {
	p, err := b.PriorLearning(ctx, actor, id)
	if err != nil {
		return PriorDecision{}, err
	}
	if p.State != PriorAssessed { // nobody may yet, or any more
		return PriorDecision{}, &Error{Code: Conflict, Key: "error.prior_state", Args: map[string]any{"State": p.State}}
	}
	if err := p.mayDecide(actor); err != nil {
		return PriorDecision{}, err
	}
	d, err := in.read(&p)
	if err != nil {
		return d, err
	}
	for range mostMoves {
		var o priorOffer
		if o, err = b.priorOffer(ctx, p.Learner, p.To); err != nil {
			return d, err
		}
		err = b.write(ctx, actor, func(t *tx) (err error) {
			p, err := t.priorIn(id, in.Stamp, PriorAssessed)
			if err != nil {
				return err
			}
			d, err = t.decidePrior(&p, &o, d)
			return err
		})
		if !errors.Is(err, errMoved) {
			break
		}
		b.forget()
	}
	return d, moved(err)
}

// mayDecide promises Denied.
func (p *PriorLearning) mayDecide(actor Actor) error {
	ofSchool := actor.Institution == p.To.Institution && actor.Is(IsDecider)
	switch {
	case actor.Learner != "" && actor.Learner == p.Learner:
		return &Error{Code: Denied, Key: "error.prior_own"}
	case p.Round == PriorAppealBank && !actor.Is(IsAdministrator), p.Round != PriorAppealBank && !ofSchool, actor.Is(IsSystem):
		return &Error{Code: Denied, Key: "error.role"}
	case p.hadHand(actor.Name):
		return &Error{Code: Denied, Key: "error.prior_same_person"}
	}
	return nil
}

// read promises Invalid; what is not judged yet is for the write to refuse.
func (in *NewPriorDecision) read(p *PriorLearning) (PriorDecision, error) {
	r := decisionReader{}
	d := PriorDecision{Round: p.Round, Outcome: in.Outcome}
	if j := p.judgement(); j != nil {
		d.Lacking = j.Lacking()
	}
	switch {
	case in.Outcome == PriorGranted && len(d.Lacking) > 0:
		r.fault("outcome", in.Outcome, "below_half", map[string]any{"Outcomes": numbersText(d.Lacking)})
	case in.Outcome == PriorGranted:
		d.Text = r.optional("text", in.Text)
	case in.Outcome == PriorRefused:
		d.Text, d.Remedy = r.needed("text", in.Text), r.needed("remedy", in.Remedy)
		d.Reasons = r.codes(in.Reasons)
	default:
		r.fault("outcome", in.Outcome, "choice", map[string]any{"Choices": PriorGranted + ", " + PriorRefused})
	}
	if len(r.faults) > 0 {
		return d, invalidFields(r.faults)
	}
	return d, nil
}

// codes reads the reasons of a refusal.
func (r *decisionReader) codes(in []string) (codes []string) {
	if len(in) == 0 {
		r.fault("reasons", "", "required", nil)
	}
	for i, code := range in {
		if !slices.Contains(ReasonCodes(), code) {
			r.fault(fmt.Sprintf("reasons[%d]", i), code, "choice", map[string]any{"Choices": strings.Join(ReasonCodes(), ", ")})
		}
	}
	codes = slices.Clone(in)
	slices.Sort(codes)
	return slices.Compact(codes)
}

// numbersText is a list of numbers: 1, 3.
func numbersText(list []int) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ", ")
}

// decidePrior posts a decision, and books what it grants. It promises Conflict, and
// errMoved when the map or the results changed since the offer was made.
func (t *tx) decidePrior(p *PriorLearning, o *priorOffer, d PriorDecision) (PriorDecision, error) {
	c := o.priorCase(p.Course, p.Credits)
	if d.Outcome == PriorGranted {
		if err := t.stillGrantable(p, o, c); err != nil {
			return d, err
		}
	}
	frozen, err := json.Marshal(c)
	if err != nil {
		return d, err
	}
	if d, err = t.postPrior(p, string(frozen), d); err != nil {
		return d, err
	}
	if d.Outcome == PriorGranted {
		if err := t.bookPrior(p, &d); err != nil {
			return d, err
		}
	}
	err = t.exec(`UPDATE prior_learning SET decided_at = $1 WHERE id = $2`, micros(t.now), p.ID)
	if err != nil {
		return d, err
	}
	if err := t.movePrior(p, d.Outcome); err != nil {
		return d, err
	}
	if err := t.endPriorClocks(p.ID); err != nil {
		return d, err
	}
	if err := t.tellPrior(p, recipient{Learner: p.Learner}, "prior_decided"); err != nil {
		return d, err
	}
	return d, t.notePrior("prior.decide", p, fmt.Sprintf("round=%d %s decision=%s", p.Round, d.Outcome, d.ID))
}

// stillGrantable holds what was asked outside of the write against the moment of it. It
// promises Conflict and errMoved.
func (t *tx) stillGrantable(p *PriorLearning, o *priorOffer, c transfer.Case) error {
	if err := t.unmoved(&draft{account: p.Learner, offer: o.ApplicationOffer}); err != nil {
		return err
	}
	given, err := givenBefore(t.each, p.Learner)
	if err != nil {
		return err
	}
	asked, err := askedCourses(t.each, p.Learner, p.To.Institution)
	if err != nil {
		return err
	}
	passed, failed := o.results(p.Course)
	switch {
	case o.neverExempt(p.Course):
		return priorRefusal("never_exempt")
	case passed:
		return priorRefusal("has")
	case failed:
		return priorRefusal("failed")
	case asked[p.Course]:
		return priorRefusal("asked")
	case len(given[p.To]) != o.given:
		return errMoved
	case len(c.Answer.Items) == 0:
		return priorRefusal("cap")
	}
	return nil
}

// postPrior keeps a decision with the digest of its inputs.
func (t *tx) postPrior(p *PriorLearning, frozen string, d PriorDecision) (PriorDecision, error) {
	j := p.judgement()
	d.By, d.Made = t.actor.Name, fromMicros(micros(t.now))
	if p.Round != PriorAppealBank {
		d.Institution = p.To.Institution
	}
	content, err := json.Marshal(priorContent{Format: decisionFormat, Prior: p.ID, Round: p.Round, Outcome: d.Outcome, Programme: p.To.Institution + ":" + p.To.Code,
		Course: p.Course, Credits: p.Credits, Percents: j.Percents, Lacking: d.Lacking, Reasons: d.Reasons, Assessor: personName(j.Assessor),
		By: d.By, Institution: d.Institution, Made: micros(d.Made), Frozen: textDigest(frozen)})
	if err != nil {
		return d, err
	}
	d.ID = decisionNumber(string(content))
	texts, err := t.sealJSON("prior_decision.texts", d.ID, priorDecisionTexts{d.Text, d.Remedy})
	if err != nil {
		return d, err
	}
	return d, t.exec(`INSERT INTO prior_decision (id, prior_learning, round, outcome, content, frozen, texts, made_by, institution, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		d.ID, p.ID, p.Round, d.Outcome, string(content), frozen, texts, d.By, d.Institution, micros(d.Made))
}

// causePrior is the cause of what a recognition books, with the number of the decision.
const causePrior = "prior_learning"

// bookPrior books the whole way of the course in one batch: it is deposited by the
// school, held, and converted to the programme with all its credits. There it is earned
// and can be used for nothing else.
func (t *tx) bookPrior(p *PriorLearning, d *PriorDecision) error {
	ref := p.reference()
	result := keyed[recordKey, Record]{recordKey(ref), Record{Learner: p.Learner, Kind: KindPriorLearning, Course: p.Course, Score: -1, Passed: true,
		Credits: p.Credits, Hours: -1, Completed: calendar.Of(t.now)}}
	why := Why{Reason: "prior_learning", Cause: Cause{Kind: causePrior, ID: d.ID}}
	return t.bookOne(why, &Receipt{}, func(j *journal, _ *Receipt) error {
		h, rows := &history{}, newRecords(1)
		if err := j.depositRow(rows, h, &deposited{result, p.Credits}); err != nil {
			return err
		}
		if err := j.insertRows(rows); err != nil {
			return err
		}
		if err := j.move(h, ledger.Hold, ref, ledger.AvailableOf(p.Learner), ledger.HeldOf(p.Learner)); err != nil {
			return err
		}
		if err := j.convert(h, ref, ledger.AppliedAt(p.Learner, p.To.Institution, p.To.Code), p.Credits); err != nil {
			return err
		}
		return j.keepStandings(map[RecordRef]*history{ref: h})
	})
}

// AppealPriorLearning asks for another look at what was refused: first by other people of
// the school, about what they answered by the bank. Somebody else judges each outcome
// again, and somebody else decides. It is for the learner, up to the last day that
// [PriorLearning.Final] says.
//
// It promises NotFound; Denied; Invalid, naming text; Conflict: error.prior_stale,
// error.prior_state, error.prior_final when both levels have answered or the time is
// over, error.prior.running when the course is asked for anew.
func (b *Bank) AppealPriorLearning(ctx context.Context, actor Actor, id, stamp, text string) (PriorLearning, error) {
	p, err := b.ownPrior(ctx, actor, id)
	if err != nil {
		return p, err
	}
	text = strings.TrimSpace(text)
	if code := textFault(text, applicationText); code != "" {
		return p, invalidField("text", "", code, map[string]any{"Limit": applicationText})
	}
	err = b.write(ctx, actor, func(t *tx) error {
		p, err := t.priorIn(id, stamp, PriorRefused)
		if err != nil {
			return err
		}
		if !p.appealable(calendar.Of(t.now)) {
			return &Error{Code: Conflict, Key: "error.prior_final"}
		}
		running, err := priorsRunning(t.each, p.Learner, p.To.Institution)
		if err != nil {
			return err
		}
		if running[p.Course] != "" {
			return priorRefusal("running")
		}
		p.Round++
		return t.appealPrior(&p, text)
	})
	if err != nil {
		return p, err
	}
	return b.PriorLearning(ctx, actor, id)
}

// appealable says whether what was refused can be looked at again on a day.
func (p *PriorLearning) appealable(today calendar.Day) bool {
	return p.State == PriorRefused && p.Round < PriorAppealBank && (p.Final == calendar.None || today <= p.Final)
}

func (t *tx) appealPrior(p *PriorLearning, text string) error {
	sealed, err := t.sealJSON("prior_appeal.text", priorRound(p.ID, p.Round), text)
	if err != nil {
		return err
	}
	err = t.exec(`INSERT INTO prior_appeal (prior_learning, round, text, made_by, made_at) VALUES ($1, $2, $3, $4, $5)`, p.ID, p.Round, sealed, t.actor.Name, micros(t.now))
	if err != nil {
		return err
	}
	if err := t.movePrior(p, PriorSubmitted); err != nil {
		return err
	}
	if err := t.resumeClock(clockPriorWhole, p.ID); err != nil {
		return err
	}
	clock, at, to := clockPriorAppeal, p.To.Institution, recipient{Institution: p.To.Institution, Roles: IsRegistrar | IsDecider}
	if p.Round == PriorAppealBank {
		clock, at, to = clockPriorBank, "", recipient{Roles: IsAdministrator}
	}
	if _, err := t.startClock(clock, p.ID, at, p.Learner); err != nil {
		return err
	}
	if err := t.tellPrior(p, to, "prior_appeal"); err != nil {
		return err
	}
	return t.notePrior("prior.appeal", p, fmt.Sprintf("round=%d", p.Round))
}

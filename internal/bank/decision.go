package bank

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/ledger"
	"creditbank/internal/transfer"
)

// Kinds of decisions about an application.
const (
	DecisionFirst      = "first"
	DecisionCondition  = "condition"  // a condition was met, or was not in time
	DecisionAppeal     = "appeal"     // of somebody else
	DecisionCorrection = "correction" // a result that was used is revoked
)

// PostedDecision (认定结论) is a decision as it was posted. It never changes; a later one
// goes on from it.
type PostedDecision struct {
	ID          string // a digest of what was decided and of the inputs; entries of the ledger name it
	Application string
	Number      int    // of the application, from 1
	Kind        string // one of the kinds above
	Level       int    // of an appeal: 1 the school, 2 the bank
	Automatic   bool   // nobody looked: published rules cover it, or a day passed
	By          string // actor
	Institution string // for which they decided; empty: the bank
	Made        time.Time
	Text        string // to the learner; may be empty
	Items       []DecidedItem

	appeal string // that it answers
}

// DecidedItem is what a decision says of one item.
type DecidedItem struct {
	Item      int
	Outcome   string // one of [Outcomes]
	Credits   credit.Amount
	Awards    []transfer.Award
	Reasons   []string
	Until     calendar.Day // of a conditional one; else None
	Text      string
	Remedy    string
	Condition string

	records []decidedRecord
}

// decidedRecord is a result and what the decision makes of it.
type decidedRecord struct {
	Institution string        `json:"institution"`
	Reference   string        `json:"reference"`
	Worth       credit.Amount `json:"worth"`
}

// decisionContent is what a decision is a digest of. Its form, JSON, lasts: docs/engine.md.
type decisionContent struct {
	Format      int              `json:"format"`
	Application string           `json:"application"`
	Number      int              `json:"number"`
	Kind        string           `json:"kind"`
	Level       int              `json:"level,omitempty"`
	Automatic   bool             `json:"automatic,omitempty"`
	By          string           `json:"by"`
	Institution string           `json:"institution,omitempty"`
	Made        int64            `json:"made"`   // microseconds
	Frozen      string           `json:"frozen"` // SHA-256 of the plan as it was submitted
	Chosen      string           `json:"chosen,omitempty"`
	Items       []decidedContent `json:"items"`
}

type decidedContent struct {
	Item    int             `json:"item"`
	Outcome string          `json:"outcome"`
	Credits credit.Amount   `json:"credits"`
	Awards  awardForms      `json:"awards"`
	Reasons []string        `json:"reasons,omitempty"`
	Until   string          `json:"until,omitempty"`
	Records []decidedRecord `json:"records"`
}

// awardForms are awards as they are kept, in JSON.
type awardForms []awardForm

type awardForm struct {
	Course    string        `json:"course,omitempty"`
	Group     string        `json:"group,omitempty"`
	Credits   credit.Amount `json:"credits"`
	Exemption bool          `json:"exemption,omitempty"`
}

func formsOf(awards []transfer.Award) awardForms {
	forms := make(awardForms, len(awards))
	for i, a := range awards {
		forms[i] = awardForm(a)
	}
	return forms
}

// written are awards in their form.
func written(awards []transfer.Award) (string, error) {
	text, err := json.Marshal(formsOf(awards))
	return string(text), err
}

// readAwards reads what written gives.
func readAwards(text string) ([]transfer.Award, error) {
	var forms awardForms
	if err := json.Unmarshal([]byte(text), &forms); err != nil {
		return nil, err
	}
	return forms.awards(), nil
}

func (forms awardForms) awards() []transfer.Award {
	var awards []transfer.Award
	for _, f := range forms {
		awards = append(awards, transfer.Award(f))
	}
	return awards
}

// decisionFormat is the version of the form of a decision's content.
const decisionFormat = 1

// decisionTexts is what people wrote with a decision: sealed, and gone with an erasure.
type decisionTexts struct {
	Text  string              `json:"text,omitempty"`
	Items map[string]itemText `json:"items,omitempty"`
}

type itemText struct {
	Text      string `json:"text,omitempty"`
	Remedy    string `json:"remedy,omitempty"`
	Condition string `json:"condition,omitempty"`
}

// textDigest is the SHA-256 of a text, in hexadecimal digits; empty for none.
func textDigest(text string) string {
	if text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// decisionNumber is the number of a decision: the first 160 bits of the digest of its content.
func decisionNumber(content string) string { return textDigest(content)[:40] }

// favours says whether an outcome gives credits, or an exemption, now.
func favours(outcome string) bool {
	return outcome == ItemFull || outcome == ItemAlternative || outcome == ItemPartial
}

// postDecision posts a decision about items of an application: it is kept with the digest of its
// inputs, booked in one batch, and the items are what it says. It gives the number.
// It promises Conflict, naming the results, as [journal.settle] does.
func (t *tx) postDecision(a *Application, p PostedDecision) (PostedDecision, error) {
	if err := t.shareOut(a, &p); err != nil {
		return p, err
	}
	content, err := t.contentOf(a, &p)
	if err != nil {
		return p, err
	}
	p.ID = decisionNumber(content)
	texts, err := t.sealTexts(&p)
	if err != nil {
		return p, err
	}
	why := Why{Reason: "decision_" + p.Kind, Cause: Cause{Kind: "decision", ID: p.ID}}
	if err := t.bookOne(why, &Receipt{}, func(j *journal, _ *Receipt) error { return j.settle(a.To, p.settlings(a)) }); err != nil {
		return p, err
	}
	err = t.exec(`INSERT INTO decision (id, application, number, kind, content, texts, made_by, institution, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		p.ID, a.ID, p.Number, p.Kind, content, texts, p.By, p.Institution, micros(p.Made))
	if err != nil {
		return p, err
	}
	if p.appeal != "" {
		if err := t.exec(`UPDATE appeal SET state = 'decided', decision = $1, ended_at = $2 WHERE id = $3`, p.ID, micros(t.now), p.appeal); err != nil {
			return p, err
		}
	}
	if err := t.decideItems(a, &p); err != nil {
		return p, err
	}
	if a.State != ApplicationAppealed || p.appeal != "" {
		if err := t.endClocks(a.ID); err != nil {
			return p, err
		}
	}
	return p, t.tellLearner(a, p.told())
}

// shareOut fills in who decides and when, and what each result is worth.
func (t *tx) shareOut(a *Application, p *PostedDecision) error {
	p.Application, p.By, p.Institution, p.Made = a.ID, t.actor.Name, t.actor.Institution, fromMicros(micros(t.now))
	err := t.each(func(rows *sql.Rows) error { return rows.Scan(&p.Number) }, `SELECT count(*) + 1 FROM decision WHERE application = $1`, a.ID)
	if err != nil {
		return err
	}
	for n := range p.Items {
		i := &p.Items[n]
		refs := a.Items[i.Item].Records
		worths := make([]credit.Amount, len(refs))
		if favours(i.Outcome) {
			if worths, err = t.worths(refs, i.Credits); err != nil {
				return err
			}
		}
		for k, ref := range refs {
			i.records = append(i.records, decidedRecord{ref.Institution, ref.Reference, worths[k]})
		}
	}
	return nil
}

// contentOf is the text of which the decision's number is a digest.
func (t *tx) contentOf(a *Application, p *PostedDecision) (string, error) {
	var frozen, chosen string
	err := t.each(func(rows *sql.Rows) error { return rows.Scan(&frozen, &chosen) }, `SELECT frozen, coalesce(chosen, '') FROM application WHERE id = $1`, a.ID)
	if err != nil {
		return "", err
	}
	c := decisionContent{Format: decisionFormat, Application: a.ID, Number: p.Number, Kind: p.Kind, Level: p.Level, Automatic: p.Automatic, By: p.By,
		Institution: p.Institution, Made: micros(p.Made), Frozen: textDigest(frozen), Chosen: textDigest(chosen)}
	for _, i := range p.Items {
		c.Items = append(c.Items, decidedContent{Item: i.Item, Outcome: i.Outcome, Credits: i.Credits, Awards: formsOf(i.Awards), Reasons: i.Reasons,
			Until: i.Until.String(), Records: i.records})
	}
	text, err := json.Marshal(c)
	return string(text), err
}

func (t *tx) sealTexts(p *PostedDecision) ([]byte, error) {
	texts := decisionTexts{Text: p.Text, Items: map[string]itemText{}}
	for _, i := range p.Items {
		if i.Text+i.Remedy+i.Condition != "" {
			texts.Items[strconv.Itoa(i.Item)] = itemText{i.Text, i.Remedy, i.Condition}
		}
	}
	if texts.Text == "" && len(texts.Items) == 0 {
		return nil, nil
	}
	plain, err := json.Marshal(texts)
	if err != nil {
		return nil, err
	}
	return t.seal("decision.texts", p.ID, plain)
}

// settlings are where the decision wants the results.
func (p *PostedDecision) settlings(a *Application) []settling {
	var list []settling
	for _, i := range p.Items {
		s := settling{refs: a.Items[i.Item].Records, place: ledger.Available, undo: p.Kind == DecisionCorrection}
		switch {
		case i.Outcome == ItemConditional:
			s.place = ledger.Held
		case favours(i.Outcome):
			s.place = ledger.Applied
			for _, r := range i.records {
				s.worths = append(s.worths, r.Worth)
			}
		}
		list = append(list, s)
	}
	return list
}

// decideItems makes the items what the decision says.
func (t *tx) decideItems(a *Application, p *PostedDecision) error {
	for _, i := range p.Items {
		awards, until, given := i.Awards, any(nil), credit.Amount(0)
		switch {
		case i.Outcome == ItemConditional:
			until, awards = i.Until, nil
		case favours(i.Outcome):
			given = i.Credits
		}
		text, err := written(awards)
		if err != nil {
			return err
		}
		err = t.exec(`UPDATE application_item SET state = $1, given = $2, given_awards = $3, decision = $4, until_on = $5 WHERE application = $6 AND item = $7`,
			i.Outcome, given, text, p.ID, until, a.ID, i.Item)
		if err != nil {
			return err
		}
		for _, r := range i.records {
			err := t.exec(`UPDATE application_record SET worth = $1 WHERE application = $2 AND institution = $3 AND reference = $4`,
				r.Worth, a.ID, r.Institution, r.Reference)
			if err != nil {
				return err
			}
		}
	}
	err := t.exec(`UPDATE application SET decided_at = coalesce(decided_at, $1), changed_at = $1, stamp = $2,
		state = CASE WHEN EXISTS (SELECT 1 FROM appeal p WHERE p.application = application.id AND p.state = 'open') THEN 'appealed' ELSE 'decided' END WHERE id = $3`,
		micros(t.now), newStamp(), a.ID)
	if err != nil {
		return err
	}
	return t.note(note{Action: "application.decide", Object: a.ID, Subject: a.Learner, Detail: p.detail()})
}

// told is what the learner is told of it.
func (p *PostedDecision) told() string {
	switch {
	case p.Kind == DecisionAppeal:
		return "appeal_decided"
	case p.Kind == DecisionCorrection:
		return "consequence_decided"
	case p.Kind == DecisionCondition && p.Items[0].Outcome == ItemRefused:
		return "condition_over"
	case p.Kind == DecisionCondition:
		return "condition_met"
	}
	return "application_decided"
}

// detail says in codes what was decided.
func (p *PostedDecision) detail() string {
	detail := fmt.Sprintf("%s decision=%s", p.Kind, p.ID)
	if p.Automatic {
		detail += " automatic"
	}
	for _, outcome := range Outcomes() {
		n := 0
		for _, i := range p.Items {
			if i.Outcome == outcome {
				n++
			}
		}
		if n > 0 {
			detail += fmt.Sprintf(" %s=%d", outcome, n)
		}
	}
	return detail
}

package bank

import (
	"context"
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// AboutPrior is a recognition as a learner takes it along.
type AboutPrior struct {
	ID          string               `json:"id"`
	Institution string               `json:"institution"`
	Programme   string               `json:"programme"`
	Course      string               `json:"course"`
	Credits     credit.Amount        `json:"credits"`
	State       string               `json:"state"`
	Made        time.Time            `json:"made"`
	Submitted   time.Time            `json:"submitted,omitzero"`
	Decided     time.Time            `json:"decided,omitzero"`
	Outcomes    []AboutPriorOutcome  `json:"outcomes"`
	Judgements  []AboutPriorJudged   `json:"judgements"`
	Appeals     []string             `json:"appeals"`
	Decisions   []AboutPriorDecision `json:"decisions"`
}

// AboutPriorOutcome is an outcome and what the learner wrote to it.
type AboutPriorOutcome struct {
	Competence string `json:"competence"`
	Text       string `json:"text,omitempty"`
	Can        string `json:"can,omitempty"`
	How        string `json:"how,omitempty"`
}

// AboutPriorJudged is what an assessor found.
type AboutPriorJudged struct {
	Round    int          `json:"round"`
	By       string       `json:"by"`
	Made     time.Time    `json:"made,omitzero"`
	Percents []int        `json:"percents,omitempty"`
	Notes    []string     `json:"notes,omitempty"`
	SeenBy   string       `json:"seen_by,omitempty"`
	SeenOn   calendar.Day `json:"seen_on,omitempty"`
}

// AboutPriorDecision is a decision with all that was written.
type AboutPriorDecision struct {
	ID      string    `json:"id"`
	Round   int       `json:"round"`
	Outcome string    `json:"outcome"`
	Reasons []string  `json:"reasons,omitempty"`
	Text    string    `json:"text,omitempty"`
	Remedy  string    `json:"remedy,omitempty"`
	By      string    `json:"by"`
	Made    time.Time `json:"made"`
}

// readPriors reads all recognitions of an account, the oldest first.
func (a *About) readPriors(ctx context.Context, b *Bank, account string) error {
	a.Priors = []AboutPrior{}
	list, err := readPriors(b.reading(ctx), `p.learner = $1 ORDER BY p.made_at, p.id`, account)
	for _, row := range list {
		p, err := readPrior(b.reading(ctx), b.unseal, row.ID)
		if err != nil {
			return err
		}
		a.Priors = append(a.Priors, p.about())
	}
	return err
}

func (p *PriorLearning) about() AboutPrior {
	about := AboutPrior{ID: p.ID, Institution: p.To.Institution, Programme: p.To.Code, Course: p.Course, Credits: p.Credits, State: p.State,
		Made: p.Made, Submitted: p.Submitted, Decided: p.Decided, Outcomes: []AboutPriorOutcome{}, Judgements: []AboutPriorJudged{}, Appeals: []string{}, Decisions: []AboutPriorDecision{}}
	for _, o := range p.Outcomes {
		about.Outcomes = append(about.Outcomes, AboutPriorOutcome{o.Competence, o.Text, o.Can, o.How})
	}
	for _, j := range p.Judgements {
		about.Judgements = append(about.Judgements, AboutPriorJudged{j.Round, personName(j.Assessor), j.Made, j.Percents, j.Notes, j.SeenBy, j.SeenOn})
	}
	for _, x := range p.Appeals {
		about.Appeals = append(about.Appeals, x.Text)
	}
	for _, d := range p.Decisions {
		about.Decisions = append(about.Decisions, AboutPriorDecision{d.ID, d.Round, d.Outcome, d.Reasons, d.Text, d.Remedy, d.By, d.Made})
	}
	return about
}

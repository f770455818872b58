package bank

import (
	"context"
	"database/sql"
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// moveApplications makes the applications of one account another's, whose owner is the
// same person. A draft for a programme that the other asks for already is dropped.
func (t *tx) moveApplications(from, into string) error {
	err := t.exec(`DELETE FROM application WHERE learner = $1 AND state = 'draft' AND EXISTS (SELECT 1 FROM application o WHERE o.learner = $2
		AND o.institution = application.institution AND o.programme = application.programme AND o.state IN ('draft', 'submitted'))`, from, into)
	if err != nil {
		return err
	}
	return t.exec(`UPDATE application SET learner = $1 WHERE learner = $2`, into, from)
}

// endApplications ends what a learner who is erased has under way: nothing stays held
// for what nobody can follow any more.
func (t *tx) endApplications(account string) error {
	if _, err := t.sealing(); err != nil { // while rows are read, nothing else is
		return err
	}
	list, err := readApplications(t.each, t.unseal, `a.learner = $1 AND a.state IN ('submitted', 'appealed') ORDER BY a.id`, account)
	if err != nil {
		return err
	}
	for i := range list {
		a := &list[i]
		if err := a.readItems(t.each); err != nil {
			return err
		}
		if a.State == ApplicationSubmitted {
			if err := t.withdraw(a); err != nil {
				return err
			}
			continue
		}
		appeal, err := t.openAppeal(a.ID)
		if err != nil {
			return err
		}
		if err := t.withdrawAppeal(a, appeal); err != nil {
			return err
		}
	}
	return nil
}

// AboutApplication is an application as a learner takes it along.
type AboutApplication struct {
	ID          string          `json:"id"`
	Institution string          `json:"institution"`
	Programme   string          `json:"programme"`
	State       string          `json:"state"`
	Note        string          `json:"note,omitempty"`
	Made        time.Time       `json:"made"`
	Submitted   time.Time       `json:"submitted,omitzero"`
	Decided     time.Time       `json:"decided,omitzero"`
	Items       []AboutItem     `json:"items"`
	Decisions   []AboutDecision `json:"decisions"`
	Appeals     []AboutAppeal   `json:"appeals"`
}

// AboutItem is an item of an application.
type AboutItem struct {
	Key     string        `json:"key"`
	Results []RecordRef   `json:"results"`
	Credits credit.Amount `json:"credits"`
	State   string        `json:"state"`
	Given   credit.Amount `json:"given"`
}

// AboutDecision is a decision with all that was written.
type AboutDecision struct {
	ID    string             `json:"id"`
	Kind  string             `json:"kind"`
	By    string             `json:"by"`
	Made  time.Time          `json:"made"`
	Text  string             `json:"text,omitempty"`
	Items []AboutDecidedItem `json:"items"`
}

// AboutDecidedItem is what a decision says of an item.
type AboutDecidedItem struct {
	Item      int           `json:"item"`
	Outcome   string        `json:"outcome"`
	Credits   credit.Amount `json:"credits"`
	Reasons   []string      `json:"reasons,omitempty"`
	Text      string        `json:"text,omitempty"`
	Remedy    string        `json:"remedy,omitempty"`
	Condition string        `json:"condition,omitempty"`
	Until     calendar.Day  `json:"until,omitempty"`
}

// AboutAppeal is an appeal.
type AboutAppeal struct {
	Level int       `json:"level"`
	Items []int     `json:"items"`
	Text  string    `json:"text"`
	State string    `json:"state"`
	Made  time.Time `json:"made"`
}

// readApplications reads all applications of an account, the oldest first.
func (a *About) readApplications(ctx context.Context, b *Bank, account string) error {
	a.Applications = []AboutApplication{}
	list, err := readApplications(b.reading(ctx), b.unseal, `a.learner = $1 ORDER BY a.made_at, a.id`, account)
	if err != nil {
		return err
	}
	for _, one := range list {
		if err := one.readItems(b.reading(ctx)); err != nil {
			return err
		}
		for _, read := range []func(context.Context, *Application) error{b.readDecisions, b.readAppeals} {
			if err := read(ctx, &one); err != nil {
				return err
			}
		}
		a.Applications = append(a.Applications, one.about())
	}
	return nil
}

func (a *Application) about() AboutApplication {
	about := AboutApplication{ID: a.ID, Institution: a.To.Institution, Programme: a.To.Code, State: a.State, Note: a.Note, Made: a.Made, Submitted: a.Submitted,
		Decided: a.Decided, Items: []AboutItem{}, Decisions: []AboutDecision{}, Appeals: []AboutAppeal{}}
	for _, i := range a.Items {
		about.Items = append(about.Items, AboutItem{i.Key, i.Records, i.Credits, i.State, i.Given})
	}
	for _, p := range a.Decisions {
		d := AboutDecision{ID: p.ID, Kind: p.Kind, By: p.By, Made: p.Made, Text: p.Text, Items: []AboutDecidedItem{}}
		for _, i := range p.Items {
			d.Items = append(d.Items, AboutDecidedItem{i.Item, i.Outcome, i.Credits, i.Reasons, i.Text, i.Remedy, i.Condition, i.Until})
		}
		about.Decisions = append(about.Decisions, d)
	}
	for _, p := range a.Appeals {
		about.Appeals = append(about.Appeals, AboutAppeal{p.Level, p.Items, p.Text, p.State, p.Made})
	}
	return about
}

// holders are the applications that hold or have used a result, as their items say.
func holders(read reading, ref RecordRef) (list []applicationItem, err error) {
	err = read(func(rows *sql.Rows) error {
		var i applicationItem
		err := rows.Scan(&i.application, &i.item)
		list = append(list, i)
		return err
	}, `SELECT i.application, i.item FROM application_record r JOIN application_item i ON i.application = r.application AND i.item = r.item
		JOIN application a ON a.id = r.application
		WHERE r.institution = $1 AND r.reference = $2 AND (i.state IN ('full', 'alternative', 'partial', 'conditional') OR i.state = 'open' AND a.state = 'submitted'
			OR i.state = 'refused' AND a.state = 'appealed') ORDER BY a.submitted_at DESC, i.application LIMIT 1`, ref.Institution, ref.Reference)
	return list, err
}

// applicationItem names an item of an application.
type applicationItem struct {
	application string
	item        int
}

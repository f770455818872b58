package bank

import (
	"database/sql"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// policyProposal adds a version to a policy or a cap: a row of the file that is
// named, for a day that is not over. What is in force is never edited.
var policyProposal = proposalKind{
	name: "policy", proposes: IsAdministrator,
	args: []string{"file", "scope", "institution", "programme", "valid_from", "min_grade", "validity_years", "max_level_rise", "cap", "key", "credits", "share"},
	check: func(t *tx, p *Proposal) error {
		if _, err := t.readVersion(p); err != nil {
			return err
		}
		return t.keepPolicyPreview(p)
	},
	facts: func(read reading, p *Proposal) ([]Fact, error) {
		if p.Args["file"] == capFile.name {
			return capFacts(read, p)
		}
		return policyFacts(read, p)
	},
	carry: func(t *tx, p *Proposal) error {
		v, err := t.readVersion(p)
		if err != nil {
			return err
		}
		if err := v.add(); err != nil {
			return err
		}
		return t.raiseMap()
	},
}

// proposedVersion is a version of a policy or a cap that is not there yet.
type proposedVersion struct {
	add    func() error    // writes it
	change transfer.Change // to the map
	from   calendar.Day
}

// readVersion reads the row that a proposal would add.
func (t *tx) readVersion(p *Proposal) (proposedVersion, error) {
	switch p.Args["file"] {
	case policyFile.name:
		return newVersion(t, p, policyFile, policyEntity(), func(k policyKey, v Policy) (calendar.Day, transfer.Change) {
			return k.From, transfer.Change{Policies: []transfer.Policy{v.told(k)}}
		})
	case capFile.name:
		return newVersion(t, p, capFile, capEntity(), func(k capKey, v Cap) (calendar.Day, transfer.Change) {
			return k.From, transfer.Change{Caps: []transfer.Cap{v.told(k)}}
		})
	}
	return proposedVersion{}, invalidField("file", p.Args["file"], "choice", map[string]any{"Choices": policyFile.name + ", " + capFile.name})
}

// newVersion promises Invalid, naming the columns, for a row that an import would
// refuse, for a day that is over, and for a version that is there.
func newVersion[K, V comparable](t *tx, p *Proposal, file kind, e entity[K, V], told func(K, V) (calendar.Day, transfer.Change)) (v proposedVersion, err error) {
	var foreign []FieldError
	run := &importRun{tx: t, at: map[string]int{}}
	row := Row{Number: 1}
	for i, c := range file.columns {
		run.at[c.Name] = i
		row.Cells = append(row.Cells, p.Args[c.Name])
	}
	for _, name := range sortedKeys(p.Args) {
		if _, known := run.at[name]; !known && name != "file" {
			foreign = append(foreign, FieldError{Field: name, Value: p.Args[name], Code: "scope"})
		}
	}
	if _, err := run.refs(); err != nil {
		return v, err
	}
	c := &cells{run: run, row: row}
	key, value := e.read(c)
	if v.from, v.change = told(key, value); len(c.faults) == 0 && v.from < calendar.Of(t.now) {
		c.fault("valid_from", p.Args["valid_from"], "past", nil)
	}
	stored, err := e.stored(t)
	if err != nil {
		return v, err
	}
	if _, exists := stored[key]; exists && len(c.faults) == 0 {
		c.fault("valid_from", p.Args["valid_from"], "version_exists", nil)
	}
	for _, f := range c.faults {
		foreign = append(foreign, FieldError{Field: f.Column, Value: f.Value, Code: f.Code, Args: f.Args})
	}
	if len(foreign) > 0 {
		return v, invalidFields(foreign)
	}
	v.add = func() error { return e.insert(t, []keyed[K, V]{{key, value}}) }
	return v, nil
}

// place is where the version of a proposal would be in force.
func (p *Proposal) place() transfer.Place {
	return transfer.Place{Scope: transfer.Scope(p.Args["scope"]), Institution: p.Args["institution"], Programme: p.Args["programme"]}
}

// policyFacts are the version that is in force on the day from which the proposed one would be.
func policyFacts(read reading, p *Proposal) (facts []Fact, err error) {
	from, err := calendar.Parse(p.Args["valid_from"])
	if err != nil {
		return nil, err
	}
	err = read(func(rows *sql.Rows) error {
		k, v, err := scanPolicy(rows)
		facts = []Fact{{"valid_from", k.From.String()}, {"min_grade", shown(v.MinGrade, -1, credit.Score.String)},
			{"validity_years", shownNumber(v.Validity, -1)}, {"max_level_rise", shownNumber(v.MaxRise, -1)}}
		return err
	}, selectPolicies+` WHERE scope = $1 AND place = $2 AND valid_from <= $3 ORDER BY valid_from`, p.Args["scope"], placeText(p.place()), from)
	return withoutBlank(facts), err
}

// capFacts are policyFacts of a cap.
func capFacts(read reading, p *Proposal) (facts []Fact, err error) {
	from, err := calendar.Parse(p.Args["valid_from"])
	if err != nil {
		return nil, err
	}
	err = read(func(rows *sql.Rows) error {
		k, v, err := scanCap(rows)
		facts = []Fact{{"valid_from", k.From.String()}, {"credits", shown(v.Credits, -1, credit.Amount.String)}, {"share", shown(v.Share, -1, credit.Share.String)}}
		return err
	}, selectCaps+` WHERE scope = $1 AND place = $2 AND cap = $3 AND cap_key = $4 AND valid_from <= $5 ORDER BY valid_from`,
		p.Args["scope"], placeText(p.place()), p.Args["cap"], p.Args["key"], from)
	return withoutBlank(facts), err
}

func withoutBlank(facts []Fact) []Fact {
	return slices.DeleteFunc(facts, func(f Fact) bool { return f.Value == "" })
}

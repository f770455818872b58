package bank

import (
	"context"
	"slices"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// AgreementDraft is what a school writes into an agreement.
type AgreementDraft struct {
	ID       string // CODE@VERSION; empty: a new agreement
	Stamp    string // of the version that was edited
	Name     string
	Text     string
	From, To string   // dates: the promise is to those who enter between them
	Parties  []string // codes of the schools that sign, the writer's own among them
	Rules    []string // CODE@VERSION
}

// Limits of agreements.
const (
	mostParties   = 30
	agreementText = 5000 // characters
)

// readDraft is a draft whose parts were read.
type readDraft struct {
	name, text string
	from, to   calendar.Day
	parties    []string
	rules      []transfer.RuleRef
}

// readAgreement reads what a school writes. It promises Invalid, naming name, text,
// from, to, parties or rules.
func (b *Bank) readAgreement(ctx context.Context, actor Actor, in AgreementDraft) (d readDraft, err error) {
	s, err := b.Snapshot(ctx)
	if err != nil {
		return d, err
	}
	r := fieldReader{}
	d.name, d.text = strings.TrimSpace(in.Name), strings.TrimSpace(in.Text)
	if code := textFault(d.name, nameLength); code != "" {
		r.fault("name", "", code, map[string]any{"Limit": nameLength})
	}
	if code := textFault(d.text, agreementText); code != "" && d.text != "" {
		r.fault("text", "", code, map[string]any{"Limit": agreementText})
	}
	d.from, d.to = r.neededDay("from", in.From), r.neededDay("to", in.To)
	if d.from != calendar.None && d.to != calendar.None && d.to < d.from {
		r.fault("to", in.To, "window", nil)
	}
	d.readParties(&r, s, actor, in.Parties)
	if err := d.readRules(&r, b.reading(ctx), in.Rules); err != nil {
		return d, err
	}
	if len(r.faults) > 0 {
		return d, invalidFields(r.faults)
	}
	return d, nil
}

// neededDay reads a date that has to be there.
func (r *fieldReader) neededDay(field, text string) calendar.Day {
	if strings.TrimSpace(text) == "" {
		r.fault(field, "", "required", nil)
		return calendar.None
	}
	before := len(r.faults)
	d := readField(r, field, text, "date", calendar.Parse)
	if len(r.faults) > before {
		return calendar.None
	}
	return d
}

func (d *readDraft) readParties(r *fieldReader, s *Snapshot, actor Actor, parties []string) {
	d.parties = append(d.parties, actor.Institution)
	before := len(r.faults)
	for _, code := range parties {
		head, known := s.InstitutionHead(code)
		switch {
		case !known || head.Kind == transfer.KindBank:
			r.fault("parties", code, "unknown_institution", nil)
		case !slices.Contains(d.parties, code):
			d.parties = append(d.parties, code)
		}
	}
	slices.Sort(d.parties)
	if len(d.parties) < 2 && len(r.faults) == before {
		r.fault("parties", "", "agreement_parties", nil)
	}
	if len(d.parties) > mostParties {
		r.fault("parties", "", "too_many", map[string]any{"Limit": mostParties, "Got": len(d.parties)})
	}
}

func (d *readDraft) readRules(r *fieldReader, read reading, rules []string) error {
	for _, id := range rules {
		ref, err := evaluationRef(id)
		if err != nil {
			r.fault("rules", id, "agreement_rule", nil)
			continue
		}
		d.rules = append(d.rules, ref)
	}
	if len(d.rules) > mostOffered {
		r.fault("rules", "", "too_many", map[string]any{"Limit": mostOffered, "Got": len(d.rules)})
	}
	if len(d.rules) == 0 || len(r.faults) > 0 {
		return nil
	}
	known, err := readEquivalences(read, d.rules)
	good := map[transfer.RuleRef]bool{}
	for _, v := range known {
		good[v.RuleRef] = v.signable(d.parties)
	}
	for _, ref := range d.rules {
		if err == nil && !good[ref] {
			r.fault("rules", EvaluationID(ref), "agreement_rule", nil)
		}
	}
	return err
}

// SaveAgreement writes a new agreement, or an edit of one that not all have signed,
// and gives its CODE@VERSION. What was offered is a draft again, and signed by nobody.
// It promises Denied; NotFound; Invalid, naming the fields; Conflict
// (error.agreement_stale) when somebody edited it meanwhile, (error.agreement_closed)
// when it is not to be edited any more.
func (b *Bank) SaveAgreement(ctx context.Context, actor Actor, in AgreementDraft) (id string, err error) {
	if err := actor.need(IsRegistrar | IsDecider); err != nil {
		return "", err
	}
	d, err := b.readAgreement(ctx, actor, in)
	if err != nil {
		return "", err
	}
	key := agreementKey{newNumber(), 1}
	return in.orNew(key), b.write(ctx, actor, func(t *tx) error {
		if in.ID == "" {
			if err := t.insertAgreement(key, d); err != nil {
				return err
			}
			return t.audit("agreement.draft", key.id(), "")
		}
		a, err := t.agreementToDo(in.ID, in.Stamp, "edit")
		if err != nil {
			return err
		}
		return t.editAgreement(agreementKey{a.Code, a.Version}, d)
	})
}

// orNew is the address of what is written.
func (in AgreementDraft) orNew(key agreementKey) string {
	if in.ID != "" {
		return in.ID
	}
	return key.id()
}

// agreementToDo reads a version with which the actor may do something now. It promises
// NotFound, and Conflict (error.agreement_stale, error.agreement_closed).
func (t *tx) agreementToDo(id, stamp, act string) (*Agreement, error) {
	a, err := reading(t.each).agreement(t.actor, id)
	switch {
	case err != nil:
		return nil, err
	case stamp != a.Stamp:
		return nil, &Error{Code: Conflict, Key: "error.agreement_stale"}
	case !slices.Contains(a.may(t.actor), act):
		return nil, &Error{Code: Conflict, Key: "error.agreement_closed"}
	}
	return a, nil
}

func (t *tx) insertAgreement(key agreementKey, d readDraft) error {
	err := t.exec(`INSERT INTO agreement (id, version, name, text, entered_from, entered_to, state, institution, drafted_by, made_at, changed_at, edits)
		VALUES ($1, $2, $3, $4, $5, $6, 'draft', $7, $8, $9, $9, 1)`,
		key.code, key.version, d.name, d.text, d.from, d.to, t.actor.Institution, t.actor.Name, micros(t.now))
	if err != nil {
		return err
	}
	return t.fillAgreement(key, d)
}

// fillAgreement writes who signs and what.
func (t *tx) fillAgreement(key agreementKey, d readDraft) error {
	var parties, rules [][]any
	for _, p := range d.parties {
		parties = append(parties, []any{key.code, key.version, p})
	}
	seen := map[transfer.RuleRef]bool{}
	for _, ref := range d.rules {
		if !seen[ref] {
			rules = append(rules, []any{key.code, key.version, ref.Code, ref.Version})
		}
		seen[ref] = true
	}
	if err := t.insert("agreement_party", []string{"agreement", "version", "institution"}, parties); err != nil {
		return err
	}
	return t.insert("agreement_rule", []string{"agreement", "version", "equivalence", "rule_version"}, rules)
}

// editAgreement writes a version anew, as a draft.
func (t *tx) editAgreement(key agreementKey, d readDraft) error {
	err := t.exec(`UPDATE agreement SET name = $1, text = $2, entered_from = $3, entered_to = $4, state = 'draft', content = NULL, hash = NULL, drafted_by = $5, changed_at = $6, edits = edits + 1
		WHERE id = $7 AND version = $8`, d.name, d.text, d.from, d.to, t.actor.Name, micros(t.now), key.code, key.version)
	if err != nil {
		return err
	}
	for _, table := range []string{"agreement_party", "agreement_rule"} {
		if err := t.exec(`DELETE FROM `+table+` WHERE agreement = $1 AND version = $2`, key.code, key.version); err != nil {
			return err
		}
	}
	if err := t.fillAgreement(key, d); err != nil {
		return err
	}
	return t.audit("agreement.draft", key.id(), "")
}

// AmendAgreement begins a further version of one that all have signed, as a draft of
// the actor's school with the same content, and gives its CODE@VERSION: an amendment
// is a proposal, which all sign again. It promises NotFound, and Conflict
// (error.agreement_closed) while another version is open.
func (b *Bank) AmendAgreement(ctx context.Context, actor Actor, id, stamp string) (amended string, err error) {
	err = b.write(ctx, actor, func(t *tx) error {
		a, err := t.agreementToDo(id, stamp, "amend")
		if err != nil {
			return err
		}
		read := reading(t.each)
		all, err := read.agreements(` WHERE id = $1 ORDER BY version DESC`, a.Code)
		if err != nil {
			return err
		}
		for _, other := range all {
			if other.State == AgreementDrafted || other.State == AgreementOpen {
				return &Error{Code: Conflict, Key: "error.agreement_closed"}
			}
		}
		rules, err := read.rulesOfAgreement(agreementKey{a.Code, a.Version})
		if err != nil {
			return err
		}
		d := readDraft{name: a.Content.Name, text: a.Content.Text, from: a.Content.From, to: a.Content.To, rules: rules}
		for _, p := range a.Parties {
			d.parties = append(d.parties, p.Institution)
		}
		key := agreementKey{a.Code, all[0].Version + 1}
		amended = key.id()
		if err := t.insertAgreement(key, d); err != nil {
			return err
		}
		return t.audit("agreement.draft", amended, "amends "+a.ID)
	})
	return amended, err
}

package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
)

// replacement is what a result should have said, from the proposal to revoke it until
// that is carried out.
type replacement struct {
	learner string
	of      RecordRef
	says    DepositRecord
}

// ReplacementFields are what of a result can be put right when its deposit is
// reversed, as files of results name it. Its issuer, reference and learner stay.
func ReplacementFields() []string {
	return []string{"course", "grade", "scale", "credits", "hours", "level", "completed_on", "term"}
}

// checkInstead holds what a result is to say instead against the map, and against what
// it says. It promises Invalid, naming the fields of the result, and NotFound.
func (b *Bank) checkInstead(ctx context.Context, actor Actor, p *Proposal) error {
	ref := RecordRef{Institution: p.Args["institution"], Reference: p.Args["reference"]}
	if !actor.Is(IsAdministrator) {
		ref.Institution = actor.Institution
	}
	if p.Kind != reverseProposal.name {
		return invalidField("kind", p.Kind, "choice", map[string]any{"Choices": reverseProposal.name})
	}
	p.Instead.Institution, p.Instead.Reference = ref.Institution, ref.Reference
	r, err := b.replacementRecord(ctx, ref)
	if err != nil || r.Learner == "" {
		return err // an unknown result is named by the check of the proposal
	}
	p.Instead.Kind, p.Instead.Title, p.Instead.ValidTo = r.Kind, r.Title, r.ValidTo.String()
	list, err := b.readInstead(ctx, r.Learner, *p.Instead)
	if err == nil && list[0].value == r {
		err = invalidField("grade", p.Instead.Grade, "same_result", nil)
	}
	return err
}

// replacementRecord is the result as it is; the zero one when it is not there.
func (b *Bank) replacementRecord(ctx context.Context, ref RecordRef) (v Record, err error) {
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		_, v, err = scanRecord(rows)
		return err
	}, selectRecords+` WHERE institution = $1 AND reference = $2`, ref.Institution, ref.Reference)
	return v, err
}

// readInstead reads what a result is to say as a deposit would.
func (b *Bank) readInstead(ctx context.Context, account string, says DepositRecord) ([]deposited, error) {
	s, err := b.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	list, err := b.readDeposits(ctx, s, account, []DepositRecord{says})
	if refusal := (*Error)(nil); errors.As(err, &refusal) {
		for i := range refusal.Fields {
			refusal.Fields[i].Field = strings.TrimPrefix(refusal.Fields[i].Field, "records[0].")
		}
	}
	return list, err
}

// keepInstead keeps what a result is to say until its revocation is carried out.
func (t *tx) keepInstead(p *Proposal) error {
	if p.Instead == nil {
		return nil
	}
	content, err := json.Marshal(p.Instead)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO replacement (proposal, learner, institution, reference, content) VALUES ($1, $2, $3, $4, $5)`,
		p.ID, p.About, p.Args["institution"], p.Args["reference"], string(content))
}

func readReplacements(read reading, where string, args ...any) (list []replacement, err error) {
	err = read(func(rows *sql.Rows) error {
		var r replacement
		var content string
		if err := rows.Scan(&r.learner, &r.of.Institution, &r.of.Reference, &content); err != nil {
			return err
		}
		list = append(list, r)
		return json.Unmarshal([]byte(content), &list[len(list)-1].says)
	}, `SELECT v.learner, v.institution, v.reference, v.content FROM replacement v WHERE `+where, args...)
	return list, err
}

// insteadOf reads, before a write, what is to be deposited once a revocation is carried
// out: nothing when the result is only revoked. It promises Conflict for what the map no
// longer takes.
func (b *Bank) insteadOf(ctx context.Context, where string, args ...any) ([]deposited, error) {
	found, err := readReplacements(b.reading(ctx), where, args...)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	r, err := b.replacementRecord(ctx, found[0].of)
	if err != nil || r.Learner == "" {
		return nil, err
	}
	list, err := b.readInstead(ctx, r.Learner, found[0].says)
	if err != nil {
		return nil, undoable(err)
	}
	return list, nil
}

// revokeResult reverses the deposit of a result, deposits what it should have said in
// its place, if anything, and tells the learner.
func (t *tx) revokeResult(why Why, ref RecordRef, learner string, instead []deposited) error {
	if err := t.bookOne(why, &Receipt{}, func(j *journal, _ *Receipt) error { return j.revoke(ref) }); err != nil {
		return err
	}
	kind := "result_revoked"
	if len(instead) > 0 {
		kind = "result_corrected"
		err := t.bookOne(why, &Receipt{}, func(j *journal, receipt *Receipt) error { return j.depositAll(instead, receipt) })
		if err != nil {
			return err
		}
	}
	return t.send(message{To: recipient{Learner: learner}, Kind: kind, Object: "/my", Args: map[string]string{"Institution": ref.Institution, "Reference": ref.Reference}})
}

// insteadFacts say what a result is to say instead.
func insteadFacts(read reading, proposal string) (facts []Fact, err error) {
	found, err := readReplacements(read, `v.proposal = $1`, proposal)
	for _, r := range found {
		for _, f := range []Fact{{"instead_course", r.says.Course}, {"instead_grade", r.says.Grade}, {"instead_credits", r.says.Credits},
			{"instead_hours", r.says.Hours}, {"instead_level", r.says.Level}, {"instead_completed", r.says.CompletedOn}} {
			if f.Value != "" {
				facts = append(facts, f)
			}
		}
	}
	return facts, err
}

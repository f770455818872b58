package bank

import (
	"context"
	"errors"
	"strings"
)

// Decision is what somebody decides about a proposal.
type Decision struct {
	Approve bool
	Reason  string // for the one who proposed; a refusal needs one
	Version string // of the proposal as the decider saw it
}

// DecideProposal approves or refuses a proposal; what is approved is done at once,
// in the decider's name. It promises NotFound for one that the actor cannot see;
// Denied for whom it is not to decide, for the one who proposed
// (error.own_proposal) and for whom it is about (error.about_you); Invalid, naming
// reason; and Conflict: error.proposal_closed (Args "State") when it was decided
// meanwhile, error.proposal_stale, naming the facts that are others now, and the
// reason itself when it can no longer be done, after which the proposal stays open.
// An erasure that is done may promise Unavailable as [Bank.EraseLearner] does.
func (b *Bank) DecideProposal(ctx context.Context, actor Actor, id string, d Decision) error {
	d.Reason = strings.TrimSpace(d.Reason)
	if d.Reason != "" || !d.Approve {
		if fault := reasonFault("reason", d.Reason); fault != nil {
			return invalidFields([]FieldError{*fault})
		}
	}
	again, err := b.insteadOf(ctx, `v.proposal = $1`, id)
	if err != nil && d.Approve {
		return err
	}
	carried := ""
	err = b.write(ctx, actor, func(t *tx) error {
		p, err := t.openProposal(id)
		if err != nil {
			return err
		}
		carried, p.again = p.Kind, again
		return t.decide(p, d)
	})
	switch {
	case err != nil || !d.Approve:
		return err
	case carried == policyProposal.name:
		b.forget()
	case carried == eraseProposal.name:
		return b.sweepErased(ctx)
	}
	return nil
}

// openProposal finds a proposal that waits for a decision. It promises NotFound
// and Conflict.
func (t *tx) openProposal(id string) (Proposal, error) {
	if err := t.endProposals(); err != nil {
		return Proposal{}, err
	}
	list, err := readProposals(t.each, t.actor, t.now, `id = $4`, id)
	if err != nil {
		return Proposal{}, err
	}
	if len(list) == 0 {
		return Proposal{}, notFound("proposal", id)
	}
	if list[0].State != ProposalOpen {
		return Proposal{}, &Error{Code: Conflict, Key: "error.proposal_closed", Args: map[string]any{"State": list[0].State}}
	}
	return list[0], nil
}

func (t *tx) decide(p Proposal, d Decision) error {
	k, err := proposalKindNamed(p.Kind)
	if err != nil {
		return err
	}
	if err := p.decidable(k, t.actor); err != nil {
		return err
	}
	if err := p.lookUp(k, t.each); err != nil {
		return err
	}
	if !d.Approve {
		return t.closeProposal(p, ProposalRefused, d.Reason)
	}
	if err := p.stale(d.Version); err != nil {
		return err
	}
	if err := k.carry(t, &p); err != nil {
		return undoable(err)
	}
	return t.closeProposal(p, ProposalApproved, d.Reason)
}

// decidable says whether an actor may decide. It promises Denied.
func (p *Proposal) decidable(k proposalKind, actor Actor) error {
	ofSchool := actor.Is(k.schoolDecides) && actor.Institution != "" && actor.Institution == p.Institution
	switch {
	case !actor.Is(IsAdministrator) && !ofSchool:
		return &Error{Code: Denied, Key: "error.role"}
	case p.By == actor.Name:
		return &Error{Code: Denied, Key: "error.own_proposal"}
	case p.concerns(actor):
		return &Error{Code: Denied, Key: "error.about_you"}
	}
	return nil
}

// stale promises Conflict, naming what changed since the decider looked.
func (p *Proposal) stale(seen string) error {
	if seen == p.Version {
		return nil
	}
	return &Error{Code: Conflict, Key: "error.proposal_stale", Fields: changedSince(p.Facts, seen)}
}

// undoable makes a refusal that comes of what has changed since the proposal.
func undoable(err error) error {
	var refusal *Error
	if !errors.As(err, &refusal) || refusal.Code == Unavailable || refusal.Code == TooMany {
		return err
	}
	return &Error{Code: Conflict, Key: refusal.Key, Args: refusal.Args, Fields: refusal.Fields, cause: err}
}

func (t *tx) closeProposal(p Proposal, state, answer string) error {
	err := t.exec(`UPDATE proposal SET state = $1, decided_by = $2, decided_at = $3, answer = $4 WHERE id = $5`,
		state, t.actor.Name, micros(t.now), answer, p.ID)
	if err != nil {
		return err
	}
	p.Answer = answer
	action := map[string]string{ProposalApproved: "proposal.approve", ProposalRefused: "proposal.refuse", ProposalWithdrawn: "proposal.withdraw"}[state]
	return t.noteProposal(action, p)
}

// WithdrawProposal takes a proposal back. It promises NotFound for one that the
// actor cannot see, Denied for another's and Conflict for one that is decided.
func (b *Bank) WithdrawProposal(ctx context.Context, actor Actor, id string) error {
	return b.write(ctx, actor, func(t *tx) error {
		p, err := t.openProposal(id)
		if err != nil {
			return err
		}
		if p.By != actor.Name {
			return &Error{Code: Denied, Key: "error.others_proposal"}
		}
		return t.closeProposal(p, ProposalWithdrawn, "")
	})
}

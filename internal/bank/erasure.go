package bank

import (
	"context"
	"database/sql"
)

// OwnProof is what a person shows once more before something that cannot be undone:
// the password, or a code of the app.
type OwnProof struct{ Password, Code string }

// provePerson holds a proof against the actor's login. It promises Invalid, naming
// password, Unauthenticated and TooMany.
func (b *Bank) provePerson(ctx context.Context, actor Actor, p OwnProof) error {
	if p.Password == "" && p.Code != "" {
		return b.CheckTOTP(ctx, actor.Login, p.Code)
	}
	if p.Password == "" {
		return invalidField("password", "", "required", nil)
	}
	return b.CheckPassword(ctx, actor, p.Password)
}

// RequestErasure asks the bank to erase what is personal of the learner: a proposal
// on which somebody else decides. Of reason nothing personal is said; it may be empty.
// It promises Denied; Invalid, naming password or reason; Unauthenticated and TooMany
// for a code; Conflict (error.proposal_again) while it is asked already.
func (b *Bank) RequestErasure(ctx context.Context, actor Actor, proof OwnProof, reason string) (id string, err error) {
	account, err := actor.ownAccount()
	if err != nil {
		return "", err
	}
	if err := b.provePerson(ctx, actor, proof); err != nil {
		return "", err
	}
	return b.Propose(ctx, actor, Proposal{Kind: "erase", Args: map[string]string{"account": account}, Reason: reason})
}

// MyErasure is the learner's last request for erasure, as it stands; with an empty
// ID there is none. It promises Denied.
func (b *Bank) MyErasure(ctx context.Context, actor Actor) (Proposal, error) {
	account, err := actor.ownAccount()
	if err != nil {
		return Proposal{}, err
	}
	list, err := b.erasuresOf(ctx, account)
	if err != nil || len(list) == 0 {
		return Proposal{}, err
	}
	last := list[0]
	if last.State == ProposalOpen && !b.Now().Before(last.Ends) {
		last.State = ProposalEnded
	}
	last.MayWithdraw = last.State == ProposalOpen && last.By == actor.Name
	return last, nil
}

// erasuresOf lists the requests for erasure of an account, the last first.
func (b *Bank) erasuresOf(ctx context.Context, account string) ([]Proposal, error) {
	list := []Proposal{}
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		p, err := scanProposal(rows)
		list = append(list, p)
		return err
	}, selectProposals+` WHERE kind = 'erase' AND about = $1 ORDER BY made_at DESC, id`, account)
	return list, err
}

package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Proposal (提议) is something that takes two people: one proposes it, another
// decides, and what is approved is carried out in the same transaction.
type Proposal struct {
	ID     string
	Kind   string            // one of [ProposalKinds]
	Args   map[string]string // accounts, codes and numbers, by the names of [ProposalArgs]; nothing personal
	Reason string            // in a few words, without names and numbers of people

	Preview string // of a policy: number of the job whose [Impact] those who propose and decide have seen; may be empty

	Instead *DepositRecord // of a reversal: what the result should have said, by [ReplacementFields]; nil: it is only revoked

	By          string // who proposed, as Actor.Name
	Institution string // the school from which it comes; empty: the bank
	About       string // whom it is about: an account, or the name of an actor; empty: nobody
	State       string // open, approved, refused, withdrawn or ended
	Made, Ends  time.Time

	DecidedBy string // who approved, refused or withdrew
	Decided   time.Time
	Answer    string // what the decider wrote

	Names map[string]string // what people call the logins that are named here, by actor name

	Facts       []Fact // of an open one: what it would change, as it is now
	Version     string // of the facts, to be sent with the decision
	MayDecide   bool   // the actor who asked may
	MayWithdraw bool

	again []deposited // of a reversal that is carried out: what is deposited in its place
}

// Fact is one thing that a decision rests on: the balance of an account, the roles
// of a login. Names are those of the sentences "proposal.fact.".
type Fact struct{ Name, Value string }

// States of a proposal.
const (
	ProposalOpen      = "open"
	ProposalApproved  = "approved"
	ProposalRefused   = "refused"
	ProposalWithdrawn = "withdrawn"
	ProposalEnded     = "ended" // nobody decided in time
)

// proposalLife is how long a proposal waits for a decision.
const proposalLife = 30 * 24 * time.Hour

// Propose puts something before a second person and gives its id. All that can be
// known now is checked now: it promises Denied for whom the kind is not, and for
// what would concern the actor; Invalid, naming the arguments or reason; NotFound
// for what is another school's; Conflict (error.proposal_again, Args "ID") while the
// same is proposed already.
func (b *Bank) Propose(ctx context.Context, actor Actor, p Proposal) (id string, err error) {
	k, err := proposalKindNamed(p.Kind)
	if err != nil {
		return "", err
	}
	if err := actor.need(k.proposes); err != nil {
		return "", err
	}
	p, err = k.tidy(p)
	if err != nil {
		return "", err
	}
	if person, err := b.person(ctx, orWord(p.Args["account"], p.Args["from"])); err == nil && person.in(p.Reason) { // without a master key nobody can say
		return "", invalidField("reason", "", "personal", nil)
	}
	if p.Instead != nil {
		says := *p.Instead
		p.Instead = &says
		if err := b.checkInstead(ctx, actor, &p); err != nil {
			return "", err
		}
	}
	p.ID, p.By, p.State = newNumber(), actor.Name, ProposalOpen
	if !actor.Is(IsAdministrator) {
		p.Institution = actor.Institution
	}
	return p.ID, b.write(ctx, actor, func(t *tx) error { return t.propose(k, p) })
}

// tidy takes the arguments that the kind knows, and refuses others.
func (k proposalKind) tidy(p Proposal) (Proposal, error) {
	var faults []FieldError
	args := map[string]string{}
	for name, value := range p.Args {
		value = strings.TrimSpace(value)
		switch {
		case !slices.Contains(k.args, name):
			faults = append(faults, FieldError{Field: name, Code: "unknown_field"})
		case !utf8.ValidString(value) || hasControl(value) || utf8.RuneCountInString(value) > courseLength:
			faults = append(faults, FieldError{Field: name, Code: "too_long", Args: map[string]any{"Limit": courseLength}})
		case value != "":
			args[name] = value
		}
	}
	p.Args, p.Reason = args, strings.TrimSpace(p.Reason)
	if fault := reasonFault("reason", p.Reason); fault != nil {
		faults = append(faults, *fault)
	}
	if len(faults) > 0 {
		return p, invalidFields(faults)
	}
	return p, nil
}

// personalNumber is what an identity or phone number looks like.
var personalNumber = regexp.MustCompile(`[0-9]{11}`)

// reasonFault says what is wrong with a reason that people type. It stays when
// those it speaks of are erased, so numbers of people are kept out of it.
func reasonFault(field, text string) *FieldError {
	if code := nameFault(text); code != "" {
		return &FieldError{Field: field, Code: code, Args: map[string]any{"Limit": nameLength}}
	}
	if personalNumber.MatchString(text) {
		return &FieldError{Field: field, Code: "personal_number"}
	}
	return nil
}

func (t *tx) propose(k proposalKind, p Proposal) error {
	if err := t.endProposals(); err != nil {
		return err
	}
	if err := k.check(t, &p); err != nil {
		return err
	}
	if p.concerns(t.actor) && !k.ownAffair {
		return &Error{Code: Denied, Key: "error.about_you"}
	}
	args, err := json.Marshal(p.Args) // the names in their order, so that the same is the same text
	if err != nil {
		return err
	}
	var again string
	err = t.each(func(rows *sql.Rows) error { return rows.Scan(&again) },
		`SELECT id FROM proposal WHERE kind = $1 AND args = $2 AND state = 'open'`, p.Kind, string(args))
	if err != nil {
		return err
	}
	if again != "" {
		return &Error{Code: Conflict, Key: "error.proposal_again", Args: map[string]any{"ID": again}}
	}
	err = t.exec(`INSERT INTO proposal (id, kind, args, reason, proposed_by, institution, about, state, made_at, ends_at, answer)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9, '')`,
		p.ID, p.Kind, string(args), p.Reason, p.By, p.Institution, p.About, micros(t.now), micros(t.now.Add(proposalLife)))
	if err == nil && p.Preview != "" {
		err = t.exec(`INSERT INTO proposal_preview (proposal, job) VALUES ($1, $2)`, p.ID, p.Preview)
	}
	if err == nil {
		err = t.keepInstead(&p)
	}
	if err != nil {
		return err
	}
	return t.noteProposal("proposal.open", p)
}

// endProposals ends those that nobody decided in time. Every write about
// proposals begins with it; until then readers are told that they have ended.
func (t *tx) endProposals() error {
	var over []Proposal
	err := t.each(func(rows *sql.Rows) error {
		p, err := scanProposal(rows)
		over = append(over, p)
		return err
	}, selectProposals+` WHERE state = 'open' AND ends_at <= $1 ORDER BY ends_at, id`, micros(t.now))
	if err != nil {
		return err
	}
	for _, p := range over {
		if err := t.exec(`UPDATE proposal SET state = 'ended', decided_at = ends_at WHERE id = $1`, p.ID); err != nil {
			return err
		}
		if err := t.noteProposal("proposal.end", p); err != nil {
			return err
		}
	}
	return nil
}

// noteProposal notes what became of a proposal, with all that it is about.
func (t *tx) noteProposal(action string, p Proposal) error {
	detail := p.Kind
	for _, name := range sortedKeys(p.Args) {
		detail += " " + name + "=" + p.Args[name]
	}
	n := note{Action: action, Object: p.ID, Detail: detail, Purpose: orWord(p.Answer, p.Reason)}
	if !strings.HasPrefix(p.About, personName("")) {
		n.Subject = p.About
	}
	return t.note(n)
}

// concerns says whether a proposal is about the actor's own account or login.
func (p *Proposal) concerns(actor Actor) bool {
	own := func(name string) bool { return name != "" && (name == actor.Name || name == actor.Learner) }
	return own(p.About) || p.Kind == "merge" && own(p.Args["into"])
}

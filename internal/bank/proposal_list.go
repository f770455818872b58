package bank

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Proposals lists those that the actor may see, the open ones first and the
// newest before others: administrators and auditors all, registrars and deciders
// those of their school, everybody what they proposed themselves. It promises
// Denied, and Invalid for a foreign cursor.
func (b *Bank) Proposals(ctx context.Context, actor Actor, w Window) (Page[Proposal], error) {
	if err := actor.need(IsLearner | IsRegistrar | IsExpert | IsDecider | IsAdministrator | IsAuditor); err != nil {
		return Page[Proposal]{}, err
	}
	start, limit, err := w.part()
	if err != nil {
		return Page[Proposal]{}, err
	}
	var page Page[Proposal]
	read, now := b.reading(ctx), b.Now()
	scope, args := proposalScope(actor)
	err = read(func(rows *sql.Rows) error { return rows.Scan(&page.Total) }, `SELECT count(*) FROM proposal WHERE `+scope, args...)
	if err != nil {
		return Page[Proposal]{}, err
	}
	page.Items, err = readProposals(read, actor, now,
		`1 = 1 ORDER BY CASE WHEN state = 'open' AND ends_at > $4 THEN 0 ELSE 1 END, made_at DESC, id LIMIT $5 OFFSET $6`, micros(now), limit, start)
	if err != nil {
		return Page[Proposal]{}, err
	}
	if end := start + len(page.Items); end < page.Total && len(page.Items) > 0 {
		page.Next = strconv.Itoa(end)
	}
	return page, b.explainProposals(ctx, actor, page.Items)
}

// Proposal gives one proposal. It promises Denied and NotFound.
func (b *Bank) Proposal(ctx context.Context, actor Actor, id string) (Proposal, error) {
	list, err := readProposals(b.reading(ctx), actor, b.Now(), `id = $4`, id)
	if err != nil {
		return Proposal{}, err
	}
	if len(list) == 0 {
		return Proposal{}, notFound("proposal", id)
	}
	return list[0], b.explainProposals(ctx, actor, list)
}

// explainProposals says who the people are and, of those that are open, what they
// would change and what the actor may do with them.
func (b *Bank) explainProposals(ctx context.Context, actor Actor, list []Proposal) error {
	for i := range list {
		p := &list[i]
		if err := b.nameProposal(ctx, p); err != nil {
			return err
		}
		if p.State != ProposalOpen {
			continue
		}
		k, err := proposalKindNamed(p.Kind)
		if err != nil {
			return err
		}
		if err := p.lookUp(k, b.reading(ctx)); err != nil {
			return err
		}
		p.MayWithdraw, p.MayDecide = p.By == actor.Name, p.decidable(k, actor) == nil
	}
	return nil
}

// nameProposal finds out what people call the logins that a proposal names.
func (b *Bank) nameProposal(ctx context.Context, p *Proposal) (err error) {
	p.Names = map[string]string{}
	for _, name := range []string{p.By, p.DecidedBy, p.About} {
		if p.Names[name], err = b.Called(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// Called is what people call an actor by its name: of a login the name for people,
// a learner's account, or the number when it is gone; of others the name itself. It
// is for pages of those who may know the staff.
func (b *Bank) Called(ctx context.Context, name string) (string, error) {
	id, isPerson := strings.CutPrefix(name, personName(""))
	if !isPerson {
		return name, nil
	}
	l, err := b.login(ctx, id)
	if err != nil && CodeOf(err) != NotFound {
		return "", err
	}
	return cmp.Or(l.DisplayName, l.Name, l.Learner, id), nil
}

// lookUp finds out what a proposal would change. The version has a short digest of
// each fact, so that a decision can be told which of them changed.
func (p *Proposal) lookUp(k proposalKind, read reading) (err error) {
	if p.Facts, err = k.facts(read, p); err != nil {
		return err
	}
	p.Version = stampOf(p.Facts)
	return nil
}

// stampOf is what a decision names to say on which facts it rests: a short digest of
// each.
func stampOf(facts []Fact) string {
	parts := make([]string, len(facts))
	for i, f := range facts {
		parts[i] = digestText(f.Name + "\n" + f.Value)
	}
	return strings.Join(parts, ".")
}

// digestText is a short digest that tells one text from another.
func digestText(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// changedSince names the facts that are others than a stamp tells.
func changedSince(facts []Fact, seen string) []FieldError {
	var changed []FieldError
	before := strings.Split(seen, ".")
	for i, now := range strings.Split(stampOf(facts), ".") {
		if i < len(facts) && (i >= len(before) || before[i] != now) {
			changed = append(changed, FieldError{Field: facts[i].Name, Value: facts[i].Value, Code: "changed"})
		}
	}
	return changed
}

const selectProposals = `SELECT id, kind, args, reason, proposed_by, institution, about, state, made_at, ends_at,
	coalesce(decided_by, ''), coalesce(decided_at, 0), answer,
	coalesce((SELECT job FROM proposal_preview v WHERE v.proposal = proposal.id), '') FROM proposal`

// proposalScope is which proposals an actor may see, as a condition of SQL with
// its arguments $1 to $3.
func proposalScope(actor Actor) (where string, args []any) {
	all, school := 0, ""
	if actor.Is(IsAdministrator | IsAuditor | IsOperator) {
		all = 1
	}
	if actor.Is(IsRegistrar | IsDecider) {
		school = actor.Institution
	}
	return `($1 = 1 OR (institution <> '' AND institution = $2) OR proposed_by = $3)`, []any{all, school, actor.Name}
}

// readProposals reads those that an actor may see; the arguments of where
// begin with $4.
func readProposals(read reading, actor Actor, now time.Time, where string, more ...any) ([]Proposal, error) {
	scope, args := proposalScope(actor)
	var list []Proposal
	err := read(func(rows *sql.Rows) error {
		p, err := scanProposal(rows)
		if p.State == ProposalOpen && !p.Ends.After(now) {
			p.State, p.Decided = ProposalEnded, p.Ends
		}
		list = append(list, p)
		return err
	}, selectProposals+` WHERE `+scope+` AND `+where, append(args, more...)...)
	return list, err
}

func scanProposal(rows *sql.Rows) (p Proposal, err error) {
	var args string
	var made, ends, decided int64
	err = rows.Scan(&p.ID, &p.Kind, &args, &p.Reason, &p.By, &p.Institution, &p.About, &p.State, &made, &ends, &p.DecidedBy, &decided, &p.Answer, &p.Preview)
	if err != nil {
		return p, err
	}
	p.Made, p.Ends = time.UnixMicro(made).UTC(), time.UnixMicro(ends).UTC()
	if decided != 0 {
		p.Decided = time.UnixMicro(decided).UTC()
	}
	return p, json.Unmarshal([]byte(args), &p.Args)
}

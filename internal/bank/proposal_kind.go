package bank

import (
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/credit"
)

// proposalKind is what the bank knows of one kind of proposal.
type proposalKind struct {
	name          string
	args          []string
	proposes      Roles
	schoolDecides Roles // who decides within the school it comes from; administrators decide on all
	ownAffair     bool  // people may propose it about themselves
	check         func(*tx, *Proposal) error
	facts         func(reading, *Proposal) ([]Fact, error)
	carry         func(*tx, *Proposal) error
}

// proposalKindTable lists what takes two people.
func proposalKindTable() []proposalKind {
	return []proposalKind{roleProposal, mergeProposal, reverseProposal, policyProposal, eraseProposal}
}

// ProposalKinds names the kinds of proposals.
func ProposalKinds() []string {
	var names []string
	for _, k := range proposalKindTable() {
		names = append(names, k.name)
	}
	return names
}

// ProposalArgs names the arguments of a kind of proposal in the order in which people give them.
func ProposalArgs(kind string) []string {
	k, err := proposalKindNamed(kind)
	if err != nil {
		return nil
	}
	return slices.Clone(k.args)
}

func proposalKindNamed(name string) (proposalKind, error) {
	table := proposalKindTable()
	i := slices.IndexFunc(table, func(k proposalKind) bool { return k.name == name })
	if i < 0 {
		return proposalKind{}, invalidField("kind", name, "choice", map[string]any{"Choices": strings.Join(ProposalKinds(), ", ")})
	}
	return table[i], nil
}

// whyProposed is what entries say of a proposal that was carried out. What people
// wrote stays with the proposal: the ledger is for good.
func (p *Proposal) why() Why {
	return Why{Reason: p.Kind, Cause: Cause{Kind: "proposal", ID: p.ID}}
}

// given promises Invalid, naming those of the arguments that are missing.
func (p *Proposal) given(names ...string) error {
	var faults []FieldError
	for _, name := range names {
		if p.Args[name] == "" {
			faults = append(faults, FieldError{Field: name, Code: "required"})
		}
	}
	if len(faults) > 0 {
		return invalidFields(faults)
	}
	return nil
}

// mergeProposal joins two accounts of one person: see [Bank.Merge].
var mergeProposal = proposalKind{
	name: "merge", args: []string{"from", "into"}, proposes: IsAdministrator,
	check: func(t *tx, p *Proposal) error {
		if err := p.given("from", "into"); err != nil {
			return err
		}
		if p.Args["from"] == p.Args["into"] {
			return invalidField("into", p.Args["into"], "same_account", nil)
		}
		p.About = p.Args["from"]
		for _, name := range []string{"from", "into"} {
			if err := t.checkUnmerged(name, p.Args[name]); err != nil {
				return err
			}
		}
		return nil
	},
	facts: func(read reading, p *Proposal) ([]Fact, error) {
		from, err := accountFacts(read, "from", p.Args["from"])
		if err != nil {
			return nil, err
		}
		into, err := accountFacts(read, "into", p.Args["into"])
		return append(from, into...), err
	},
	carry: func(t *tx, p *Proposal) error {
		return t.bookOne(p.why(), &Receipt{}, func(j *journal, _ *Receipt) error { return j.mergeAccounts(p.Args["from"], p.Args["into"]) })
	},
}

// checkUnmerged promises Invalid for an account that is none or was merged into another.
func (t *tx) checkUnmerged(field, account string) error {
	err := t.unmerged(account)
	switch CodeOf(err) {
	case NotFound:
		return invalidField(field, account, "unknown_learner", nil)
	case Conflict:
		return invalidField(field, account, "merged_account", nil)
	}
	return err
}

// accountFacts are what an account holds: its school, results, and what is available, held and used.
func accountFacts(read reading, which, account string) ([]Fact, error) {
	var school string
	var results int
	var available, held, used credit.Amount
	err := read(func(rows *sql.Rows) error { return rows.Scan(&school, &results, &available, &held, &used) },
		`SELECT coalesce((SELECT institution FROM learner WHERE account = $1), ''), count(*),
			coalesce(sum(CASE WHEN standing = 'available' THEN deposited ELSE 0 END), 0),
			coalesce(sum(CASE WHEN standing = 'held' THEN deposited ELSE 0 END), 0),
			coalesce(sum(CASE WHEN standing IN ('applied', 'redeemed') THEN worth ELSE 0 END), 0)
		FROM record WHERE learner = $1`, account)
	return []Fact{{which + "_account", account}, {which + "_school", school}, {which + "_results", strconv.Itoa(results)},
		{which + "_available", available.String()}, {which + "_held", held.String()}, {which + "_used", used.String()}}, err
}

// eraseProposal erases the person of an account: what a learner asks for, or the bank.
var eraseProposal = proposalKind{
	name: "erase", args: []string{"account"}, proposes: IsLearner | IsAdministrator, ownAffair: true,
	check: func(t *tx, p *Proposal) error {
		if !t.actor.Is(IsAdministrator) {
			p.Args["account"] = t.actor.Learner
		}
		if err := p.given("account"); err != nil {
			return err
		}
		p.About = p.Args["account"]
		if err := t.checkUnmerged("account", p.About); err != nil {
			return err
		}
		erased, err := t.erased(p.About)
		if err == nil && erased {
			err = invalidField("account", p.About, "unknown_learner", nil)
		}
		return err
	},
	facts: func(read reading, p *Proposal) ([]Fact, error) { return accountFacts(read, "from", p.Args["account"]) },
	carry: func(t *tx, p *Proposal) error { return t.eraseLearner(p.Args["account"], "proposal "+p.ID) },
}

package bank

import (
	"database/sql"
	"slices"

	"creditbank/internal/credit"
	"creditbank/internal/ledger"
)

// reverseProposal revokes a result that its issuer deposited: the deposit is
// reversed, and with it what only kept it since, its expiry. What was built on one that
// is used is put to the school that used it: see [Consequence]. What the result should
// have said is deposited in the same step.
var reverseProposal = proposalKind{
	name: "reverse", args: []string{"institution", "reference"}, proposes: IsRegistrar | IsDecider | IsAdministrator, schoolDecides: IsDecider,
	check: func(t *tx, p *Proposal) error {
		if !t.actor.Is(IsAdministrator) {
			p.Args["institution"] = t.actor.Institution
		}
		if err := p.given("institution", "reference"); err != nil {
			return err
		}
		r, err := p.result(t.each)
		switch {
		case err != nil:
			return err
		case r.learner == "":
			return invalidField("reference", p.Args["reference"], "unknown_result", map[string]any{"Institution": p.Args["institution"]})
		case r.waits:
			return invalidField("reference", p.Args["reference"], "revocation_waits", nil)
		case r.usedBy == "" && r.prior == "" && r.standing != ledger.Available.String() && r.standing != ledger.Expired.String():
			return invalidField("reference", p.Args["reference"], "stands_"+orWord(r.standing, "nowhere"), nil)
		}
		p.About, p.Institution = r.learner, p.Args["institution"]
		return nil
	},
	facts: func(read reading, p *Proposal) ([]Fact, error) {
		r, err := p.result(read)
		if err != nil {
			return nil, err
		}
		facts := []Fact{{"learner", r.learner}, {"course", orWord(r.course, r.title)}, {"grade", r.grade}, {"credits", r.deposited.String()},
			{"stands", orWord(r.standing, "nowhere")}}
		if r.usedBy != "" {
			facts = append(facts, Fact{"used_by", r.usedBy})
		}
		instead, err := insteadFacts(read, p.ID)
		return append(facts, instead...), err
	},
	carry: func(t *tx, p *Proposal) error {
		used, err := holders(t.each, RecordRef{Institution: p.Args["institution"], Reference: p.Args["reference"]})
		if err != nil {
			return err
		}
		if len(used) > 0 {
			return t.openConsequence(p, used[0])
		}
		prior, err := priorOf(t.each, RecordRef{Institution: p.Args["institution"], Reference: p.Args["reference"]})
		if err != nil {
			return err
		}
		if prior != "" {
			if err := t.takePriorBack(prior, p.why()); err != nil {
				return err
			}
		}
		return t.revokeResult(p.why(), RecordRef{Institution: p.Args["institution"], Reference: p.Args["reference"]}, p.About, p.again)
	},
}

// orWord is a word, or another where there is none.
func orWord(word, other string) string {
	if word == "" {
		return other
	}
	return word
}

// proposedResult is what a revocation is about, as it is now.
type proposedResult struct {
	learner, course, title, grade, standing string
	deposited                               credit.Amount
	usedBy                                  string // the application that holds or has used it
	prior                                   string // the recognition of prior learning that it was booked for
	waits                                   bool   // what a revocation comes to is not decided yet
}

func (p *Proposal) result(read reading) (r proposedResult, err error) {
	err = read(func(rows *sql.Rows) error {
		return rows.Scan(&r.learner, &r.course, &r.title, &r.grade, &r.standing, &r.deposited, &r.waits)
	}, `SELECT learner, course, title, grade, standing, deposited, EXISTS (SELECT 1 FROM consequence c WHERE c.institution = $1 AND c.reference = $2 AND c.state = 'open')
		FROM record WHERE institution = $1 AND reference = $2`, p.Args["institution"], p.Args["reference"])
	if err != nil {
		return r, err
	}
	ref := RecordRef{Institution: p.Args["institution"], Reference: p.Args["reference"]}
	used, err := holders(read, ref)
	if len(used) > 0 {
		r.usedBy = used[0].application
	}
	if err == nil {
		r.prior, err = priorOf(read, ref)
	}
	return r, err
}

// revoke reverses the deposit of a result. It promises Conflict for one that is in
// use, and for one that came from an account that was merged: the merge is
// reversed first.
func (j *journal) revoke(ref RecordRef) error {
	histories, err := j.histories([]RecordRef{ref})
	if err != nil {
		return err
	}
	var live []Entry // not reversed, the last first
	undone := map[int64]bool{}
	for _, e := range slices.Backward(histories[ref].entries) {
		switch {
		case e.Kind == ledger.Reverse:
			undone[e.Reverses] = true
		case !undone[e.Number]:
			live = append(live, e)
		}
	}
	var back []Entry
	for _, e := range live {
		switch e.Kind {
		case ledger.Hold, ledger.Release: // they cancel each other, or the ledger refuses
		case ledger.Merge:
			return &Error{Code: Conflict, Key: "error.merged_result", Args: map[string]any{"Into": e.Credit.Owner}}
		default:
			back = append(back, e)
		}
		if e.Kind == ledger.Deposit {
			break
		}
	}
	return j.reverse(back, func(e *Entry) (string, string) { return "reference", e.Record.Reference })
}

package bank

import (
	"database/sql"
	"encoding/json"
	"slices"

	"creditbank/internal/ledger"
	"creditbank/internal/transfer"
)

// priorMigration is the one from which on prior learning is recognised.
const priorMigration = "0027_prior_learning"

// priors holds every decision about prior learning against its digest and the engine's
// answer of now, what was booked against the decisions, and where the results stand
// against what was decided last.
func (v *verification) priors() error {
	if known, err := v.since(priorMigration); err != nil || !known {
		return err
	}
	type posted struct{ id, prior, outcome, content, frozen string }
	var list []posted
	err := v.each(func(rows *sql.Rows) error {
		var p posted
		err := rows.Scan(&p.id, &p.prior, &p.outcome, &p.content, &p.frozen)
		list = append(list, p)
		return err
	}, `SELECT id, prior_learning, outcome, content, frozen FROM prior_decision ORDER BY made_at, id`)
	if err != nil {
		return err
	}
	for _, p := range list {
		if err := replayPrior(p.id, p.prior, p.outcome, p.content, p.frozen); err != nil {
			return err
		}
		v.report.Decisions++
	}
	if err := v.undecidedPriors(); err != nil {
		return err
	}
	return v.misplacedPriors()
}

// replayPrior asks the engine again what a decision rests on. The error is a *ledger.Fault.
func replayPrior(id, prior, outcome, content, frozen string) error {
	fault := &ledger.Fault{Number: NoEntry, Code: ledger.DecisionDiffers, Field: "decision " + id}
	var c priorContent
	var asked transfer.Case
	if decisionNumber(content) != id || json.Unmarshal([]byte(frozen), &asked) != nil || json.Unmarshal([]byte(content), &c) != nil ||
		c.Frozen != textDigest(frozen) || c.Prior != prior || c.Outcome != outcome {
		return fault
	}
	answer, differences := asked.Replay()
	if len(differences) > 0 {
		d := differences[0]
		fault.Code, fault.Field, fault.Got, fault.Want = ledger.NotReplayed, "decision "+id+": "+d.Path, d.Got, d.Kept
		return fault
	}
	below := slices.ContainsFunc(c.Percents, func(percent int) bool { return percent < PriorHalf })
	if c.Outcome == PriorGranted && (below || len(answer.Items) != 1 || answer.Items[0].Credits != c.Credits) {
		return fault
	}
	return nil
}

// undecidedPriors finds entries for prior learning that no decision in favour has made.
func (v *verification) undecidedPriors() error {
	return v.each(func(rows *sql.Rows) error {
		f := &ledger.Fault{Code: ledger.DecisionDiffers, Field: "cause"}
		if err := rows.Scan(&f.Number, &f.Got); err != nil {
			return err
		}
		return f
	}, `SELECT e.number, e.cause_id FROM entry e WHERE e.cause_kind = '`+causePrior+`'
		AND NOT EXISTS (SELECT 1 FROM prior_decision d WHERE d.id = e.cause_id AND d.outcome = 'granted') ORDER BY e.number LIMIT 1`)
}

// misplacedPriors finds recognitions whose last decision, or whose result, is not what
// they say.
func (v *verification) misplacedPriors() error {
	return v.each(func(rows *sql.Rows) error {
		var id, state, decided, standing string
		if err := rows.Scan(&id, &state, &decided, &standing); err != nil {
			return err
		}
		return &ledger.Fault{Number: NoEntry, Code: ledger.ItemDiffers, Field: "prior learning " + id, Got: decided + " " + standing, Want: state}
	}, `SELECT id, state, decided, standing FROM (SELECT p.id, p.state, p.credits, p.institution, p.programme,
			coalesce((SELECT d.outcome FROM prior_decision d WHERE d.prior_learning = p.id ORDER BY d.round DESC LIMIT 1), '') AS decided,
			coalesce(r.standing, '') AS standing, r.standing_institution, r.standing_programme, r.worth
			FROM prior_learning p LEFT JOIN record r ON r.institution = p.institution AND r.reference = '`+priorReference+`' || p.id) AS x
		WHERE state = 'granted' AND NOT (decided = 'granted' AND standing IN ('applied', 'redeemed') AND standing_institution = institution
				AND standing_programme = programme AND worth = credits)
			OR state <> 'granted' AND standing <> ''
			OR state = 'refused' AND decided <> 'refused'
		ORDER BY id LIMIT 1`)
}

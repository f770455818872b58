package bank

import (
	"database/sql"
	"encoding/json"
	"fmt"

	"creditbank/internal/credit"
	"creditbank/internal/ledger"
)

// applicationMigration is the one from which on there are applications.
const applicationMigration = "0018_application"

// decisions replays every posted decision, and holds what the decisions say against
// where the results stand.
func (v *verification) decisions() error {
	if known, err := v.since(applicationMigration); err != nil || !known {
		return err
	}
	var ids []string
	err := v.each(func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT id FROM decision ORDER BY made_at, id`)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := v.replay(id); err != nil {
			return err
		}
		if err := v.items(id); err != nil {
			return err
		}
		v.report.Decisions++
	}
	if err := v.undecided(); err != nil {
		return err
	}
	return v.misplaced()
}

func (v *verification) replay(id string) error {
	r, err := replayed(v.each, id)
	fault := &ledger.Fault{Number: NoEntry, Code: ledger.NotReplayed, Field: "decision " + id}
	switch {
	case CodeOf(err) == Invalid:
		fault.Code = ledger.DecisionDiffers
	case err != nil:
		return err
	case len(r.Differences) == 0:
		return nil
	default:
		d := r.Differences[0]
		fault.Field, fault.Got, fault.Want = "decision "+id+": "+d.Path, d.Got, d.Kept
		if d.Path == "decision" || d.Path == "frozen" || d.Path == "chosen" {
			fault.Code = ledger.DecisionDiffers
		}
	}
	return fault
}

// items holds what is kept of items against the last decision about them.
func (v *verification) items(id string) error {
	return v.each(func(rows *sql.Rows) error {
		var item int
		var state, content string
		var given credit.Amount
		if err := rows.Scan(&item, &state, &given, &content); err != nil {
			return err
		}
		var c decisionContent
		if err := json.Unmarshal([]byte(content), &c); err != nil {
			return err
		}
		for _, i := range c.Items {
			want := credit.Amount(0)
			if favours(i.Outcome) {
				want = i.Credits
			}
			if i.Item == item && (i.Outcome != state || want != given) {
				return &ledger.Fault{Number: NoEntry, Code: ledger.ItemDiffers, Field: fmt.Sprintf("application %s: item %d", c.Application, item),
					Got: fmt.Sprintf("%s %v", state, given), Want: fmt.Sprintf("%s %v", i.Outcome, want)}
			}
		}
		return nil
	}, `SELECT i.item, i.state, i.given, d.content FROM decision d JOIN application_item i ON i.application = d.application AND i.decision = d.id WHERE d.id = $1 ORDER BY i.item`, id)
}

// undecided finds conversions that no decision of those that are kept has made.
func (v *verification) undecided() error {
	return v.each(func(rows *sql.Rows) error {
		f := &ledger.Fault{Code: ledger.DecisionDiffers, Field: "cause"}
		if err := rows.Scan(&f.Number, &f.Got); err != nil {
			return err
		}
		return f
	}, `SELECT e.number, e.cause_id FROM entry e WHERE e.cause_kind = 'decision' AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.id = e.cause_id) ORDER BY e.number LIMIT 1`)
}

// misplaced finds results that are not where the last decision about their item, or
// the application itself, has put them.
func (v *verification) misplaced() error {
	return v.each(func(rows *sql.Rows) error {
		var application, institution, reference, state, place, at string
		var want, got credit.Amount
		if err := rows.Scan(&application, &institution, &reference, &state, &place, &at, &want, &got); err != nil {
			return err
		}
		return &ledger.Fault{Number: NoEntry, Code: ledger.ItemDiffers, Field: fmt.Sprintf("application %s: %s:%s", application, institution, reference),
			Got: fmt.Sprintf("%s %s %v", place, at, got), Want: fmt.Sprintf("%s %v", state, want)}
	}, `SELECT a.id, r.institution, r.reference, i.state, c.standing, coalesce(c.standing_institution || ':' || c.standing_programme, ''), coalesce(r.worth, 0), c.worth
		FROM application a JOIN application_item i ON i.application = a.id JOIN application_record r ON r.application = i.application AND r.item = i.item
		JOIN record c ON c.institution = r.institution AND c.reference = r.reference
		WHERE i.state IN ('full', 'alternative', 'partial') AND NOT (c.standing IN ('applied', 'redeemed') AND c.standing_institution = a.institution
				AND c.standing_programme = a.programme AND c.worth = r.worth)
			OR (i.state = 'conditional' OR i.state = 'open' AND a.state = 'submitted') AND c.standing <> 'held'
		ORDER BY a.id, r.institution, r.reference LIMIT 1`)
}

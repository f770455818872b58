package bank

import (
	"context"
	"database/sql"
	"strings"
	"unicode/utf8"
)

// hanging is what hangs on a learner and goes with the erasure: a statement about
// the account $1. Rows that hang on those go by their references.
type hanging struct{ table, statement string }

// erasedWith lists what goes, in this order. A table that holds something personal
// of learners has its line here.
func erasedWith() []hanging {
	return []hanging{
		{"login", `UPDATE login SET learner = NULL WHERE learner = $1 AND handle IS NOT NULL AND EXISTS (SELECT 1 FROM login_role r WHERE r.login = login.id)`}, // staff, too, stay staff
		{"session", `DELETE FROM session WHERE login IN (SELECT id FROM login WHERE learner = $1)`},
		{"passkey", `DELETE FROM passkey WHERE login IN (SELECT id FROM login WHERE learner = $1)`},
		{"login", `DELETE FROM login WHERE learner = $1`},
		{"claim_code", `DELETE FROM claim_code WHERE learner = $1`},
		{"consent", `DELETE FROM consent WHERE learner = $1`},
		{"message", `DELETE FROM message WHERE learner = $1`},
		{"correction", `DELETE FROM correction WHERE learner = $1`},
		{"replacement", `DELETE FROM replacement WHERE learner = $1`},
		{"evaluation_request", `DELETE FROM evaluation_request WHERE learner = $1`},
		{"attachment", `DELETE FROM attachment WHERE learner = $1`},
		{"application", `DELETE FROM application WHERE learner = $1 AND state = 'draft'`},
		{"application", `UPDATE application SET note = NULL WHERE learner = $1`},
		{"decision", `UPDATE decision SET texts = NULL WHERE application IN (SELECT id FROM application WHERE learner = $1)`},
		{"appeal", `UPDATE appeal SET text = NULL WHERE application IN (SELECT id FROM application WHERE learner = $1)`},
		{"consequence", `UPDATE consequence SET text = NULL WHERE application IN (SELECT id FROM application WHERE learner = $1)`},
		{"prior_learning", `UPDATE prior_learning SET texts = NULL WHERE learner = $1`},
		{"prior_judgement", `UPDATE prior_judgement SET notes = NULL WHERE prior_learning IN (SELECT id FROM prior_learning WHERE learner = $1)`},
		{"prior_appeal", `UPDATE prior_appeal SET text = NULL WHERE prior_learning IN (SELECT id FROM prior_learning WHERE learner = $1)`},
		{"prior_decision", `UPDATE prior_decision SET texts = NULL WHERE prior_learning IN (SELECT id FROM prior_learning WHERE learner = $1)`},
		{"attestation", `UPDATE attestation SET content = NULL, opinion_text = NULL, answer = NULL WHERE learner = $1`},
		{"placement_day", `UPDATE placement_day SET text = NULL WHERE attestation IN (SELECT id FROM attestation WHERE learner = $1)`},
		{"placement_mark", `UPDATE placement_mark SET text = NULL WHERE attestation IN (SELECT id FROM attestation WHERE learner = $1)`},
		{"share", `DELETE FROM share WHERE learner = $1`},
		{"goal", `DELETE FROM goal WHERE learner = $1`},
		{"regional_result", `DELETE FROM regional_result WHERE learner = $1`},
		{"impact_learner", `DELETE FROM impact_learner WHERE learner = $1`},
		// A file that waits may name anybody: none of those that hold people stays.
		{"upload_part", `DELETE FROM upload_part WHERE $1 <> '' AND upload IN (SELECT id FROM upload WHERE kind IN ('learners', 'records', 'uses', 'oneroster', 'creditbank-courses', 'creditbank-external', 'creditbank-certificates'))`},
		{"learner_index", `DELETE FROM learner_index WHERE learner = $1`},
		{"learner_plain", `DELETE FROM learner_plain WHERE account = $1`},
		{"learner", `UPDATE learner SET sealed = NULL, programme = NULL, entered_on = NULL WHERE account = $1`},
	}
}

// Bounds of what somebody says why, in characters.
const leastReason, mostReason = 5, maxPurpose

// checkReason promises Invalid for a reason that is too short, too long or no text.
func checkReason(field, reason string) error {
	reason = strings.TrimSpace(reason)
	code := purposeFault(reason)
	if code == "" && utf8.RuneCountInString(reason) < leastReason {
		code = "too_short"
	}
	if code == "" {
		return nil
	}
	return invalidField(field, "", code, map[string]any{"Limit": map[bool]int{true: leastReason, false: mostReason}[code == "too_short"]})
}

// EraseLearner removes all that is personal of a learner, also of accounts that were
// merged into theirs, and the login; the account stays as a pseudonym with its results
// and entries, and is never opened again. What was removed is overwritten in the file.
// An account that was erased already is swept again, and nothing else.
//
// It promises Denied to all but operators (people propose it: two decide), Invalid
// naming reason, NotFound, Conflict (error.ledger_merged) for an account that was
// merged into another, which is to be erased instead; and Unavailable (error.db_busy)
// when all is removed, but somebody who reads an older moment keeps the log from being
// emptied: the caller asks again.
func (b *Bank) EraseLearner(ctx context.Context, actor Actor, account, reason string) error {
	if err := actor.need(IsOperator); err != nil {
		return err
	}
	if err := checkReason("reason", reason); err != nil {
		return err
	}
	if p, err := b.person(ctx, account); err == nil && p.in(reason) { // without a master key nobody can say
		return invalidField("reason", "", "personal", nil)
	}
	if err := b.write(ctx, actor, func(t *tx) error { return t.eraseLearner(account, reason) }); err != nil {
		return err
	}
	return b.sweepErased(ctx)
}

// sweepErased follows the write in which learners were erased: what they left in
// pages and logs of the database goes.
func (b *Bank) sweepErased(ctx context.Context) error {
	var tables []string
	seen := map[string]bool{}
	for _, h := range erasedWith() {
		if !seen[h.table] {
			seen[h.table], tables = true, append(tables, h.table)
		}
	}
	return b.db.sweep(ctx, tables)
}

// eraseLearner erases a learner within a write, which [Bank.sweepErased] has to
// follow. It promises NotFound and Conflict as [Bank.EraseLearner] does.
func (t *tx) eraseLearner(account, reason string) error {
	if err := t.unmerged(account); err != nil {
		return err
	}
	accounts := []string{account}
	err := t.each(func(rows *sql.Rows) error {
		var merged string
		err := rows.Scan(&merged)
		accounts = append(accounts, merged)
		return err
	}, `SELECT account FROM learner_merge WHERE into_account = $1 ORDER BY account`, account)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if err := t.eraseAccount(a, reason); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) eraseAccount(account, reason string) error {
	erased, err := t.erased(account)
	if err != nil || erased {
		return err
	}
	for _, end := range []func(string) error{t.endApplications, t.endPriors, t.endAttestations} {
		if err := end(account); err != nil {
			return err
		}
	}
	for _, h := range erasedWith() {
		if err := t.exec(h.statement, account); err != nil {
			return err
		}
	}
	if err := t.exec(`UPDATE learner SET erased_at = $1 WHERE account = $2`, micros(t.now), account); err != nil {
		return err
	}
	return t.note(note{Action: "learner.erase", Object: account, Subject: account, Purpose: reason})
}

// erased says whether a learner was erased.
func (t *tx) erased(account string) (erased bool, err error) {
	err = t.each(func(*sql.Rows) error { erased = true; return nil }, `SELECT 1 FROM learner WHERE account = $1 AND erased_at IS NOT NULL`, account)
	return erased, err
}

package bank

import (
	"context"
	"database/sql"

	"creditbank/internal/ledger"
)

// Merge (合并) joins two accounts of one person: all that is available in the first
// is booked to the second, and what issuers send for the first from then on is the
// second's. What the first has used stays there. The reversal of such a booking
// undoes the merge.
//
// It promises Invalid for an account and itself and for a missing reason, NotFound
// for either account, Conflict (error.ledger_merged, Args "Account" and "Into") when
// one of them is merged already and (error.ledger_merge_held) while an application
// holds results of the first; and the codes of [Bank.write].
func (b *Bank) Merge(ctx context.Context, actor Actor, from, into string, why Why) (Receipt, error) {
	switch {
	case from == into:
		return Receipt{}, invalidField("into", into, "same_account", nil)
	case why.Reason == "":
		return Receipt{}, invalidField("reason", "", "required", nil)
	}
	return b.book(ctx, actor, "merge", why, []string{from, into}, func(j *journal, _ *Receipt) error {
		return j.mergeAccounts(from, into)
	})
}

// mergeAccounts promises NotFound and Conflict as [Bank.Merge] does.
func (j *journal) mergeAccounts(from, into string) error {
	for _, account := range []string{from, into} {
		if err := j.unmerged(account); err != nil {
			return err
		}
	}
	refs, err := j.standingIn(from, ledger.Held)
	if err != nil {
		return err
	}
	if len(refs) > 0 {
		return &Error{Code: Conflict, Key: "error.ledger_merge_held", Args: map[string]any{"Account": from, "Count": len(refs)}}
	}
	for _, move := range []func(from, into string) error{j.moveApplications, j.movePriors} {
		if err := move(from, into); err != nil {
			return err
		}
	}
	if err := j.moveAttestations(from, into); err != nil {
		return err
	}
	return j.merge(from, into)
}

// unmerged promises NotFound for an account that is none, and Conflict for one
// that was merged into another.
func (t *tx) unmerged(account string) error {
	into, err := t.knownLearner(account)
	if err == nil && into != "" {
		err = &Error{Code: Conflict, Key: "error.ledger_merged", Args: map[string]any{"Account": account, "Into": into}}
	}
	return err
}

// standingIn names the records of an account that stand in a place.
func (t *tx) standingIn(account string, place ledger.Place) (refs []RecordRef, err error) {
	err = t.each(func(rows *sql.Rows) error {
		var ref RecordRef
		err := rows.Scan(&ref.Institution, &ref.Reference)
		refs = append(refs, ref)
		return err
	}, `SELECT institution, reference FROM record WHERE learner = $1 AND standing = $2 ORDER BY institution, reference`, account, place.String())
	return refs, err
}

func (j *journal) merge(from, into string) error {
	refs, err := j.standingIn(from, ledger.Available)
	if err != nil {
		return err
	}
	histories, err := j.histories(refs)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		if err := j.move(histories[ref], ledger.Merge, ref, ledger.AvailableOf(from), ledger.AvailableOf(into)); err != nil {
			return err
		}
		if err := j.giveRecord(ref, into); err != nil {
			return err
		}
	}
	if err := j.keepStandings(histories); err != nil {
		return err
	}
	// An account that was merged into the first follows it.
	if err := j.exec(`UPDATE learner_merge SET into_account = $1 WHERE into_account = $2`, into, from); err != nil {
		return err
	}
	if err := j.exec(`INSERT INTO learner_merge (account, into_account, at) VALUES ($1, $2, $3)`, from, into, micros(j.now)); err != nil {
		return err
	}
	return j.note(note{Action: "merge", Object: into, Subject: from, Purpose: j.why.Reason})
}

// aliases are the accounts that were merged, and into which.
type aliases map[string]string

func (t *tx) aliases() (aliases, error) {
	return readMap(t, `SELECT account, into_account FROM learner_merge`, func(rows *sql.Rows) (account, into string, err error) {
		err = rows.Scan(&account, &into)
		return account, into, err
	})
}

// of is the account that is meant by one.
func (a aliases) of(account string) string {
	if into, merged := a[account]; merged {
		return into
	}
	return account
}

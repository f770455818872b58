package bank

import (
	"database/sql"
	"encoding/json"
)

const selectLearners = `SELECT account, coalesce(institution, ''), coalesce(programme, ''), coalesce(entered_on, -2147483648), sealed FROM learner`

// unsealing is how a sealed text is opened, in a write or outside of one.
type unsealing func(kind, row string, sealed []byte) ([]byte, error)

// learnerKind is what the sealed text of a learner is bound to, with the account.
const learnerKind = "learner"

// scanLearner reads a learner who was not erased.
func scanLearner(rows *sql.Rows, unseal unsealing) (account string, l Learner, err error) {
	var sealed []byte
	if err := rows.Scan(&account, &l.Institution, &l.Programme, &l.Entered, &sealed); err != nil {
		return account, l, err
	}
	l.Person, err = openPerson(account, sealed, unseal)
	return account, l, err
}

// openPerson opens the sealed text of a learner. It promises Unavailable
// (error.personal_no_key) also where an older bank's plain text waits to be sealed.
func openPerson(account string, sealed []byte, unseal unsealing) (p Person, err error) {
	if sealed == nil {
		return p, &Error{Code: Unavailable, Key: "error.personal_no_key"}
	}
	plain, err := unseal(learnerKind, account, sealed)
	if err != nil {
		return p, err
	}
	return p, json.Unmarshal(plain, &p)
}

// learnerNamed reads a learner. It promises NotFound, also for one who was erased.
func learnerNamed(each reading, unseal unsealing, account string) (l Learner, err error) {
	known := false
	err = each(func(rows *sql.Rows) (err error) {
		known = true
		_, l, err = scanLearner(rows, unseal)
		return err
	}, selectLearners+` WHERE account = $1 AND erased_at IS NULL`, account)
	if err == nil && !known {
		err = notFound("learner", account)
	}
	return l, err
}

// sealPerson is the sealed text of a learner.
func (t *tx) sealPerson(account string, p Person) ([]byte, error) {
	plain, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	return t.seal(learnerKind, account, plain)
}

// storedLearners reads all learners, and the accounts of those who were erased.
func (t *tx) storedLearners() (stored map[string]Learner, erased map[string]bool, err error) {
	stored, err = readMap(t, selectLearners+` WHERE erased_at IS NULL`, func(rows *sql.Rows) (string, Learner, error) {
		return scanLearner(rows, t.unseal)
	})
	if err != nil {
		return nil, nil, err
	}
	erased, err = t.accounts(`SELECT account FROM learner WHERE erased_at IS NOT NULL`)
	return stored, erased, err
}

// knownAccounts are all accounts there are.
func (t *tx) knownAccounts() (map[string]bool, error) {
	return t.accounts(`SELECT account FROM learner`)
}

func (t *tx) accounts(query string) (map[string]bool, error) {
	return readMap(t, query, func(rows *sql.Rows) (account string, known bool, err error) {
		err = rows.Scan(&account)
		return account, true, err
	})
}

func insertLearners(t *tx, added []keyed[string, Learner]) error {
	rows, index := make([][]any, len(added)), make([][]any, 0, len(added)*2)
	for i, k := range added {
		sealed, err := t.sealPerson(k.key, k.value.Person)
		if err != nil {
			return err
		}
		l := k.value
		rows[i] = []any{k.key, textOrNil(l.Institution), textOrNil(l.Programme), dayOrNil(l.Entered), sealed}
		if index, err = t.indexRows(index, k.key, l.Person); err != nil {
			return err
		}
	}
	if err := t.insert("learner", []string{"account", "institution", "programme", "entered_on", "sealed"}, rows); err != nil {
		return err
	}
	return t.insert("learner_index", indexColumns(), index)
}

func updateLearner(t *tx, k keyed[string, Learner]) error {
	l := k.value
	sealed, err := t.sealPerson(k.key, l.Person)
	if err != nil {
		return err
	}
	index, err := t.indexRows(nil, k.key, l.Person)
	if err != nil {
		return err
	}
	if err := t.exec(`UPDATE learner SET institution = $1, programme = $2, entered_on = $3, sealed = $4 WHERE account = $5`,
		textOrNil(l.Institution), textOrNil(l.Programme), dayOrNil(l.Entered), sealed, k.key); err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM learner_index WHERE learner = $1`, k.key); err != nil {
		return err
	}
	return t.insert("learner_index", indexColumns(), index)
}

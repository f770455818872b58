package bank

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// sitting is where deposits of several writes are booked together, with a few
// statements for all of them in place of a few for each. It books what is plain:
// into an account that is there and was not merged, results that are not there,
// with a key that did not come before. All else has a turn of its own, where it is
// refused, answered again or booked in another way.
type sitting struct {
	*journal
	into  map[string]string  // accounts that are there, with what they were merged into
	there map[recordKey]bool // results that are there, or came before in the sitting
	keys  map[answerKey]bool // keys likewise

	records *insertion
	answers [][]any // rows
	booked  []*job  // whose
}

// answerKey names the answer to a request.
type answerKey struct{ actor, key string }

// bookTogether books deposits and gives those that want a turn of their own, of
// which nothing is written. After an error, which may be anybody's, nothing of any
// may be kept and all want one.
func (t *tx) bookTogether(deposits []*job, now func(*job) time.Time) (own []*job, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = fmt.Errorf("panic: %v", caught)
		}
	}()
	s, err := t.sitting(deposits)
	if err != nil {
		return nil, err
	}
	for _, j := range deposits {
		if !s.plain(j) {
			own = append(own, j)
			continue
		}
		s.actor, s.now, s.why = j.actor, now(j), j.deposit.why
		if s.book(j.deposit) != nil {
			s.drop()
			own = append(own, j) // where it meets the same refusal again
			continue
		}
		s.booked = append(s.booked, j)
	}
	return own, s.write(now)
}

// sitting reads all that is decided on.
func (t *tx) sitting(deposits []*job) (*sitting, error) {
	j, err := t.journal(Why{})
	if err != nil {
		return nil, err
	}
	j.keep = true
	s := &sitting{journal: j, there: map[recordKey]bool{}, keys: map[answerKey]bool{}, records: newRecords(len(deposits))}
	var accounts, records, keys []any
	for _, j := range deposits {
		accounts = append(accounts, j.deposit.account)
		for i := range j.deposit.deposits {
			k := &j.deposit.deposits[i].key
			records = append(records, k.Institution, k.Reference)
		}
		if j.deposit.why.Key != "" {
			keys = append(keys, j.actor.Name, j.deposit.why.Key)
		}
	}
	if s.into, err = s.knownLearners(accounts); err != nil {
		return nil, err
	}
	if err := s.readRecords(records); err != nil {
		return nil, err
	}
	return s, s.readKeys(keys)
}

func (s *sitting) readRecords(records []any) error {
	return s.lookup(records, 2, func(rows *sql.Rows) error {
		var k recordKey
		err := rows.Scan(&k.Institution, &k.Reference)
		s.there[k] = true
		return err
	}, `SELECT r.institution, r.reference`, `JOIN record r ON r.institution = v.column1 AND r.reference = v.column2`)
}

func (s *sitting) readKeys(keys []any) error {
	return s.lookup(keys, 2, func(rows *sql.Rows) error {
		var k answerKey
		err := rows.Scan(&k.actor, &k.key)
		s.keys[k] = true
		return err
	}, `SELECT i.actor, i.request_key`, `JOIN idempotency i ON i.actor = v.column1 AND i.request_key = v.column2`)
}

// plain says whether a deposit can be booked here, and takes its names.
func (s *sitting) plain(j *job) bool {
	d, k := j.deposit, answerKey{j.actor.Name, j.deposit.why.Key}
	if into, known := s.into[d.account]; !known || into != "" || s.keys[k] {
		return false
	}
	for i := range d.deposits {
		if s.there[d.deposits[i].key] {
			return false
		}
	}
	for i := range d.deposits {
		s.there[d.deposits[i].key] = true
	}
	if k.key != "" {
		s.keys[k] = true
	}
	return true
}

// book books one deposit, as [Bank.Deposit] does in a turn of its own.
func (s *sitting) book(d *booking) error {
	rows, err := s.postAll(d.deposits, nil, false)
	if err != nil {
		return err
	}
	d.receipt = Receipt{}
	if err := s.tellDeposits(d.deposits, &d.receipt); err != nil {
		return err
	}
	if err := s.closeInto(&d.receipt); err != nil {
		return err
	}
	s.records.join(rows)
	if d.why.Key == "" {
		return nil
	}
	answer, err := json.Marshal(d.receipt)
	s.answers = append(s.answers, s.answerRow(d.request, d.request.fingerprint(), answer))
	return err
}

// write writes what was booked of all.
func (s *sitting) write(now func(*job) time.Time) error {
	if s.records.rows() == 0 {
		return nil
	}
	if err := s.insertRows(s.records); err != nil {
		return err
	}
	if err := s.journal.write(); err != nil {
		return err
	}
	for _, j := range s.booked {
		s.actor, s.now = j.actor, now(j)
		if err := s.noteBooking(j.deposit.why, j.deposit.receipt.Entries); err != nil {
			return err
		}
	}
	return s.keepAnswers(s.answers)
}

package bank

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"time"
)

// Request names a write that its caller may send more than once, for want of an answer.
type Request struct {
	Key       string // the caller's own, 1 to 255 visible ASCII characters; empty: each call is a write of its own
	Operation string // what is asked for, as the bank calls it
	Body      []byte // all that the answer depends on
}

// keyLife is how long an answer is kept at least.
const keyLife = 7 * 24 * time.Hour

// maxKey is how long a key may be, in characters.
const maxKey = 255

// Of every sweepEvery keyed writes one forgets those of the sweepRows first answers that
// are older than keyLife: twice as many as come.
const (
	sweepEvery = 64
	sweepRows  = 128
)

// once is write for a request that may come more than once, from anywhere and at
// the same time: do runs for the first of them, and its answer is kept in the same
// transaction. The same key, operation and body from the same actor give that
// answer again, replayed; so do those that come while the first is under way,
// since they wait behind it. What is refused keeps no answer: the caller mends it
// and asks again with the same key.
//
// It promises Invalid for a key of another form, Conflict (error.idempotency) for a
// key that came with something else before, and the codes of [Bank.write].
//
// A deposit among others may be booked without do: then there is no answer, and
// the booking says what it came to.
func (b *Bank) once(ctx context.Context, actor Actor, r Request, as *booking, do func(*tx) ([]byte, error)) (answer []byte, replayed bool, err error) {
	if !validKey(r.Key) {
		return nil, false, invalidField("Idempotency-Key", r.Key, "idempotency_key", map[string]any{"Max": maxKey})
	}
	j := newJob(ctx, actor, b.Now, func(t *tx) (err error) {
		answer, replayed, err = t.once(r, do)
		return err
	})
	if as != nil && as.deposits != nil {
		j.deposit = as
	}
	if err = b.db.queue.write(j); err != nil {
		return nil, false, err
	}
	return answer, replayed, nil
}

// validKey is for visible ASCII, as the structured strings of HTTP (RFC 9651) can hold.
func validKey(key string) bool {
	for i := range len(key) {
		if key[i] < '!' || key[i] > '~' {
			return false
		}
	}
	return len(key) <= maxKey
}

// once looks for the answer, and makes and keeps it when there is none.
func (t *tx) once(r Request, do func(*tx) ([]byte, error)) (answer []byte, replayed bool, err error) {
	if r.Key == "" {
		answer, err = do(t)
		return answer, false, err
	}
	fingerprint := r.fingerprint()
	err = t.each(func(rows *sql.Rows) error {
		var kept []byte
		if err := rows.Scan(&kept, &answer); err != nil {
			return err
		}
		if replayed = bytes.Equal(kept, fingerprint); !replayed {
			return &Error{Code: Conflict, Key: "error.idempotency"}
		}
		return nil
	}, `SELECT fingerprint, answer FROM idempotency WHERE actor = $1 AND request_key = $2`, t.actor.Name, r.Key)
	if err != nil || replayed {
		return answer, replayed, err
	}
	if answer, err = do(t); err != nil {
		return nil, false, err
	}
	return answer, false, t.keepAnswer(r, fingerprint, answer)
}

var answerTable = []string{"actor", "request_key", "operation", "fingerprint", "answer", "at"}

func (t *tx) answerRow(r Request, fingerprint, answer []byte) []any {
	if answer == nil {
		answer = []byte{} // nil would be NULL
	}
	return []any{t.actor.Name, r.Key, r.Operation, fingerprint, answer, micros(t.now)}
}

func (t *tx) keepAnswer(r Request, fingerprint, answer []byte) error {
	return t.keepAnswers([][]any{t.answerRow(r, fingerprint, answer)})
}

func (t *tx) keepAnswers(rows [][]any) error {
	n := int64(len(rows))
	if all := t.db.keyed.Add(n); sweeps(all) > sweeps(all-n) {
		if err := t.sweepAnswers(); err != nil {
			return err
		}
	}
	return t.insert("idempotency", answerTable, rows)
}

// sweeps is how many times so many keyed writes sweep: the first, and from there
// every sweepEvery.
func sweeps(writes int64) int64 { return (writes + sweepEvery - 1) / sweepEvery }

// sweepAnswers forgets those of the first answers that are old enough. They are found
// by their numbers, since an index by their age would have to be written with every answer.
func (t *tx) sweepAnswers() error {
	return t.exec(`DELETE FROM idempotency WHERE at < $1 AND number < (SELECT min(number) + $2 FROM idempotency)`,
		micros(t.now.Add(-keyLife)), sweepRows)
}

// fingerprint is SHA-256 of the operation, with its length before it, and the body.
func (r Request) fingerprint() []byte {
	text := binary.AppendUvarint(nil, uint64(len(r.Operation)))
	text = append(append(text, r.Operation...), r.Body...)
	sum := sha256.Sum256(text)
	return sum[:]
}

package bank

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/jmoiron/sqlx"

	"creditbank/internal/credit"
	"creditbank/internal/ledger"
)

// VerifyInput says what the ledger is held against besides itself.
type VerifyInput struct {
	Checkpoint []byte                  // a signed head kept outside of the bank; nil: none
	Keys       string                  // public keys kept outside, in the form of [Bank.LedgerKeys]; empty: the bank's own list
	Progress   func(done, total int64) // entries and rows read, of those in all passes; may be nil
}

// VerifyReport is what was verified. With a Finding the rest says how far it came.
type VerifyReport struct {
	Entries     int64
	Audit       int64 // rows of the audit log
	Records     int64 // results that were ever booked
	Learners    int64
	Checkpoints int64
	Root        string // of the whole log, in base64
	Decisions   int64  // posted decisions that were run again
	Loss        credit.Amount
	Finding     *Finding // the first thing that is wrong; nil: all holds
}

// Verify recomputes the whole ledger from its entries, in one reading of one
// moment and without needing more memory for a larger ledger: by number the hashes,
// the tree and every checkpoint; of each record that it is in one place with all it is
// worth, and that this is what the bank keeps, so that no balance is below zero and all
// together are zero. And the chain of the audit log from its rows, and every posted
// decision from what it was decided on.
// What does not hold is in the report.
//
// It promises Invalid for a checkpoint or keys handed in that are not of their form.
func (b *Bank) Verify(ctx context.Context, in VerifyInput) (VerifyReport, error) {
	v := &verification{in: in, report: &VerifyReport{}, told: &verified{tell: in.Progress}}
	if err := b.db.reader.GetContext(ctx, &v.older, b.db.bind(`SELECT NOT EXISTS (SELECT 1 FROM migration WHERE name = $1)`), auditMigration); err != nil {
		return VerifyReport{}, err
	}
	moment := `SELECT coalesce(max(number), -1) FROM entry`
	if !v.older {
		moment = `SELECT coalesce(max(number), -1) || ' ' || (SELECT coalesce(max(seq), -1) FROM audit) FROM entry`
	}
	readings, err := b.db.readings(ctx, passes, moment)
	if err != nil {
		return VerifyReport{}, fmt.Errorf("begin reading: %w", err)
	}
	defer func() {
		for _, t := range readings {
			_ = t.Rollback()
		}
	}()
	v.tx = &tx{Tx: readings[0], ctx: ctx, db: b.db}
	err = firstFault(v.size, func() error { return v.heads(b) })
	if err == nil {
		err = v.passes(readings)
	}
	var finding *ledger.Fault
	if errors.As(err, &finding) {
		v.report.Finding = finding
		return *v.report, nil
	}
	return *v.report, err
}

// firstFault does one thing after the other as long as all holds.
func firstFault(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// passes goes through the entries and through the records at once, each on a reading
// of its own, and finds whether both say the same. Only where they do not are the
// entries followed in the order of their records, which names the first that is wrong.
// What is told is what the first of them found, whichever was the quicker.
func (v *verification) passes(readings []*sqlx.Tx) error {
	var key ledger.Hash
	_, _ = rand.Read(key[:]) // it never fails (crypto/rand)
	v.deposits, v.kept, v.moved = ledger.NewMultiset(key), ledger.NewMultiset(key), ledger.NewMultiset(key)
	do := [passes]func(*verification) error{
		(*verification).byNumber,
		func(v *verification) error { return firstFault(v.keptRecords, v.movedRecords) },
		func(v *verification) error { return firstFault(v.learners, v.auditLog, v.decisions, v.priors) },
	}
	var own [passes]verification
	var ends [passes]func()
	var came [passes]error
	var wait sync.WaitGroup
	for i := range do {
		ctx, end := context.WithCancel(v.ctx)
		own[i], ends[i] = *v, end
		own[i].tx = &tx{Tx: readings[i], ctx: ctx, db: v.db}
	}
	for i := range do {
		wait.Go(func() {
			if came[i] = do[i](&own[i]); came[i] != nil && !errors.Is(came[i], errOtherwise) {
				for _, end := range ends[i:] {
					end() // what a later one finds is not told
				}
			}
		})
	}
	wait.Wait()
	for _, end := range ends {
		end()
	}
	if came[0] == nil && came[1] == nil && !v.deposits.Same(v.kept, v.moved) {
		came[1] = errOtherwise
	}
	if came[0] == nil && errors.Is(came[1], errOtherwise) {
		came[1] = v.inOrder()
	}
	return firstFault(func() error { return came[0] }, func() error { return came[1] }, func() error { return came[2] })
}

// errOtherwise says that entries and records do not say the same: which is wrong, and
// whether it is the first, is for another pass to find.
var errOtherwise = errors.New("the entries say otherwise")

// inOrder names the first entry that is wrong with its record or its learner.
func (v *verification) inOrder() error {
	v.told = &verified{} // all was told
	err := firstFault(v.byRecord, v.unbooked, v.byLearner)
	if err == nil {
		err = &ledger.Fault{Number: NoEntry, Code: ledger.BalanceWrong, Field: "record"}
	}
	return err
}

// verification is one under way.
type verification struct {
	*tx
	in       VerifyInput
	report   *VerifyReport // each pass writes what is its own to find out
	expected []ledger.Head
	audit    []ledger.Head // of the audit log, as expected
	older    bool          // a file from before the audit log was chained
	told     *verified
	leaves   map[int64][]byte // by tile, of the last few tiles of leaves

	// What the deposits say of the records they are about, by the entries; the same by
	// the records where nothing but a deposit is about them; and the others. Each is
	// added to by one pass.
	deposits, kept, moved *ledger.Multiset
	room                  []byte // for the elements of a pass
}

// verified is how far all passes together have come.
type verified struct {
	total int64
	done  atomic.Int64
	tell  func(done, total int64) // may be nil

	mu   sync.Mutex
	told int64 // the last that was told: it never goes back
}

// step counts one more entry or row.
func (p *verified) step() {
	done := p.done.Add(1)
	if p.tell == nil || done%progressEvery != 0 && done != p.total {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if done > p.told {
		p.told = done
		p.tell(done, p.total)
	}
}

// progressEvery is after how many entries the progress is told.
const progressEvery = 4096

// passes is how many go through the ledger.
const passes = 3

// since says whether the file is from a time that had a migration: an older one has
// nothing of what came with it.
func (v *verification) since(migration string) (known bool, err error) {
	err = v.GetContext(v.ctx, &known, v.db.bind(`SELECT EXISTS (SELECT 1 FROM migration WHERE name = $1)`), migration)
	return known, err
}

func (v *verification) size() error {
	var rest int64
	err := v.tx.QueryRowContext(v.ctx, `SELECT (SELECT count(*) FROM entry), (SELECT count(*) FROM record) + (SELECT count(*) FROM entry WHERE kind <> 'deposit')`).Scan(&v.report.Entries, &rest)
	if err == nil && !v.older {
		err = v.GetContext(v.ctx, &v.report.Audit, `SELECT count(*) FROM audit`)
	}
	v.told.total = v.report.Entries + rest + v.report.Audit
	if err != nil {
		return err
	}
	return v.each(func(rows *sql.Rows) error {
		var level int
		var nodes, last int64
		if err := rows.Scan(&level, &nodes, &last); err != nil {
			return err
		}
		if want := v.whole(level); nodes > want || last >= want {
			return &ledger.Fault{Number: min(want<<(level*ledger.TileHeight), v.report.Entries), Code: ledger.Truncated,
				Field: fmt.Sprintf("nodes of level %d", level), Got: fmt.Sprint(nodes), Want: fmt.Sprint(want)}
		}
		return nil
	}, `SELECT level, count(*), max(number) FROM ledger_node GROUP BY level ORDER BY level`)
}

// whole is how many full subtrees of a level there are.
func (v *verification) whole(level int) int64 { return v.report.Entries >> (level * ledger.TileHeight) }

// heads opens every checkpoint that is kept, and the one handed in.
func (v *verification) heads(b *Bank) error {
	keys, err := v.keys(b)
	if err != nil || keys == nil {
		return err
	}
	if v.in.Checkpoint != nil {
		c, err := keys.Open(v.in.Checkpoint)
		if errors.Is(err, ledger.BadForm) {
			return invalidField("checkpoint", "", "checkpoint", nil)
		}
		if err != nil {
			return err
		}
		v.expected, v.audit = append(v.expected, c.Head), append(v.audit, c.Audit)
	}
	audit := "audit"
	if v.older {
		audit = "0"
	}
	return v.each(func(rows *sql.Rows) error {
		var size, audit int64
		var note string
		if err := rows.Scan(&size, &audit, &note); err != nil {
			return err
		}
		v.report.Checkpoints++
		c, err := keys.Open([]byte(note))
		if err == nil && (c.Head.N != size || c.Audit.N != audit) {
			err = &ledger.Fault{Number: NoEntry, Code: ledger.HeadDiffers, Field: "checkpoint", Got: fmt.Sprint(size, audit), Want: fmt.Sprint(c.Head.N, c.Audit.N)}
		}
		var fault *ledger.Fault
		if errors.As(err, &fault) && fault.Field == "checkpoint" {
			fault.Field = fmt.Sprintf("checkpoint %d", size)
		}
		v.expected, v.audit = append(v.expected, c.Head), append(v.audit, c.Audit)
		return err
	}, `SELECT size, `+audit+`, note FROM checkpoint ORDER BY 1, 2`)
}

// keys are those kept outside, or the bank's own, which must have the bank's
// secret as their last. None: the log has no key.
func (v *verification) keys(b *Bank) (*ledger.Keys, error) {
	list, err := storedKeys(v.each)
	if err != nil {
		return nil, err
	}
	if v.in.Keys != "" {
		keys, err := ledger.ParseKeys(v.in.Keys)
		if err != nil {
			return nil, invalidField("keys", "", "ledger_keys", nil)
		}
		return keys, nil
	}
	if len(list) == 0 {
		if v.in.Checkpoint != nil {
			return nil, &ledger.Fault{Number: NoEntry, Code: ledger.UnknownKey, Field: "checkpoint"}
		}
		var kept int64
		if err := v.GetContext(v.ctx, &kept, `SELECT count(*) FROM checkpoint`); err != nil || kept == 0 {
			return nil, err
		}
		return nil, &ledger.Fault{Number: NoEntry, Code: ledger.UnknownKey, Field: "keys"}
	}
	signer, err := b.key.read(b.key.file)
	if err == nil && !inForce(signer, list) {
		if _, err := b.signer(list); err != nil {
			return nil, &ledger.Fault{Number: NoEntry, Code: ledger.UnknownKey, Field: "keys", Got: list[len(list)-1].Public, Want: signer.Public()}
		}
	}
	return ledger.NewKeys(list...)
}

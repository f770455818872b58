// Package bank is the credit bank: its nouns, one method for each thing a person
// can ask, one transaction a method, and its SQL.
package bank

import (
	"context"
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/secret"
)

// Bank is an open credit bank. It is safe for any number of callers.
type Bank struct {
	// Now is the clock; tests stop it.
	Now func() time.Time

	// Fault gets what went wrong where nobody waits for an answer: in a job. Set it
	// before the bank is used; nil: nobody is told.
	Fault func(what string, err error)

	db      *database
	current currentMap
	key     ledgerKey
	hasher  *secret.Hasher
	tokens  knownTokens
	noted   dailyNotes
	jobs    jobs
	process string // number of this opening, by which leases name it

	findings derived[[]MapFinding] // of the whole map
	suggests derived[*suggester]
	covers   derived[*coverer]
	learners learnerCounts
}

// Options are what a bank is opened with besides its database. The zero value is good.
type Options struct {
	LedgerKey     string // secret that signs checkpoints, PRIVATE+KEY+…; before LedgerKeyFile
	LedgerKeyFile string // file with the secret, made when there is none yet; empty: beside the SQLite file, PATH-ledger-key
	LedgerOrigin  string // name of the log for a key that is made, HOST/api/v1/ledger; empty: one that nobody else has

	PersonalKey     string // master key of personal data, PERSONAL+KEY+…; before PersonalKeyFile
	PersonalKeyFile string // file with it, made for a bank that has none yet; empty: beside the SQLite file, PATH-personal-key

	WritesPerCommit int // how many writes share a transaction, and so a flush of the disk, at most; 0: as many as is good, which is also the most
}

// Open opens the bank at "sqlite:PATH" or "postgres://…" and brings the schema
// up to date. It refuses (Conflict) a schema newer than it knows.
func Open(ctx context.Context, dsn string) (*Bank, error) { return OpenWith(ctx, dsn, Options{}) }

// OpenWith is Open with options. It promises Invalid for a key of another form, too,
// and Conflict (error.personal_other_key) for a master key that is not the bank's.
// Without one the bank opens, and refuses what needs it.
func OpenWith(ctx context.Context, dsn string, o Options) (*Bank, error) {
	b, err := connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	b.key = ledgerKey{secret: o.LedgerKey, file: o.LedgerKeyFile, origin: o.LedgerOrigin}
	b.db.personal.secret, b.db.personal.file = o.PersonalKey, o.PersonalKeyFile
	if o.WritesPerCommit > 0 {
		b.db.queue.group = min(o.WritesPerCommit, maxGroup) // the writer reads it with its first write, which comes later
	}
	for _, step := range []func(context.Context) error{b.migrate, b.bookOlder, b.prepareKey, b.preparePersonalKey, b.sealOlder} {
		if err := step(ctx); err != nil {
			_ = b.Close()
			return nil, err
		}
	}
	return b, nil
}

// passwordsAtOnce is how many passwords are hashed at once: each takes 19 MiB and a processor.
const passwordsAtOnce = 2

func connect(ctx context.Context, dsn string) (*Bank, error) {
	db, err := openDatabase(ctx, dsn)
	if err != nil {
		return nil, err
	}
	return &Bank{Now: time.Now, db: db, hasher: secret.NewHasher(passwordsAtOnce), process: newNumber()}, nil
}

// Close ends the jobs that run, waits until they and the map are kept, and lets go of
// the database.
func (b *Bank) Close() error {
	b.jobs.close()
	b.current.file.writing.Wait()
	return b.db.close()
}

// Ready says whether the database answers.
func (b *Bank) Ready(ctx context.Context) error { return b.db.reader.PingContext(ctx) }

// Today is the bank's day.
func (b *Bank) Today() calendar.Day { return calendar.Of(b.Now()) }

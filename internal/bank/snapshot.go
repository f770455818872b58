package bank

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"creditbank/internal/transfer"
)

// Snapshot is the published map at one moment: what the engine serves, and the
// names by which people know it. It never changes; a change of the bank makes a
// new one.
//
// All of it lies in tables like those of the engine's map, so that a country
// fits into memory and a process starts from what another has compiled.
type Snapshot struct {
	Version int64
	Stamp   string // another one for every change of the map, in whatever bank
	Map     *transfer.Map

	past   *transfer.Map // versions that a later one wholly replaced, and no more of the bank than they name
	scales scales
	names
}

// currentMap is the map that a process serves.
type currentMap struct {
	snapshot atomic.Pointer[Snapshot]
	loading  sync.Mutex
	checked  atomic.Int64 // when the map's stamp was last read, in nanoseconds
	file     mapFile
}

// freshFor is how long a process may serve its map without asking whether
// another process has changed it.
const freshFor = time.Second

// Snapshot is the current map. Reading it again within a second costs nothing;
// after a change, by this process or another, the next call compiles a new one,
// or reads the one that another process has kept.
func (b *Bank) Snapshot(ctx context.Context) (*Snapshot, error) {
	if m := momentOf(ctx); m != nil {
		return m.all, nil
	}
	c := &b.current
	if s := c.snapshot.Load(); s != nil && c.fresh() {
		return s, nil
	}
	c.loading.Lock()
	defer c.loading.Unlock()
	s := c.snapshot.Load()
	if s != nil && c.fresh() {
		return s, nil
	}
	_, stamp, err := readStamp(ctx, b.db.reader)
	if err != nil {
		return nil, err
	}
	if s == nil || s.Stamp != stamp {
		if s, err = b.newSnapshot(ctx, stamp); err != nil {
			return nil, err
		}
	}
	c.checked.Store(time.Now().UnixNano())
	return s, nil
}

// newSnapshot serves the map from the file that keeps it, else compiles and keeps it.
func (b *Bank) newSnapshot(ctx context.Context, stamp string) (*Snapshot, error) {
	s := b.current.file.read(stamp)
	if s != nil {
		b.current.snapshot.Store(s)
		return s, nil
	}
	s, err := b.load(ctx)
	if err != nil {
		return nil, err
	}
	b.current.snapshot.Store(s)
	b.current.keep(s)
	return s, nil
}

// fresh asks the machine's clock, not the bank's: it is about how old what was
// read is, whatever day a test has made it.
func (c *currentMap) fresh() bool { return time.Now().UnixNano()-c.checked.Load() < int64(freshFor) }

// forget makes the next reader look whether the map has changed. It waits for
// one who is looking: they may have looked before the change was there, and what
// was just written must be in the next answer.
func (b *Bank) forget() {
	b.current.loading.Lock()
	defer b.current.loading.Unlock()
	b.current.checked.Store(0)
}

// rowReader is a database or a transaction.
type rowReader interface {
	GetContext(ctx context.Context, into any, query string, args ...any) error
}

// readStamp reads which map the bank has. The number tells people; the stamp is
// what tells one map from another: a bank that was set back to an older state
// gives a number a second time.
func readStamp(ctx context.Context, r rowReader) (version int64, stamp string, err error) {
	var row struct {
		Version int64
		Stamp   string
	}
	if err := r.GetContext(ctx, &row, `SELECT version, stamp FROM map_version`); err != nil {
		return 0, "", fmt.Errorf("map version: %w", err)
	}
	return row.Version, row.Stamp, nil
}

// raiseMap tells every process that the map is another one. Every change of what
// the map is made from calls it in its own transaction.
func (t *tx) raiseMap() error {
	return t.exec(`UPDATE map_version SET version = version + 1, stamp = $1 WHERE one = 1`, rand.Text())
}

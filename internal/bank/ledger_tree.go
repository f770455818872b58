package bank

import (
	"database/sql"

	"github.com/jmoiron/sqlx"

	"creditbank/internal/ledger"
)

// growingTree is the end of the log in memory, so that a write need not read it.
// It belongs to the writer: one write at a time touches it. What it holds as
// committed was read from the database or written in a transaction that is known to be
// kept; another process may have appended meanwhile.
type growingTree struct {
	committed     *ledger.Tree // a beginning of the log, for good
	in            *sqlx.Tx     // the transaction in which before and after are
	before, after *ledger.Tree // what stood before and after the last write in it
	doubted       bool         // something in it was taken back
}

// rereadLeaves is up to how many leaves are read to catch up; beyond that the
// end of the tree is loaded as a whole.
const rereadLeaves = 2 * ledger.TileWidth

// logTree is the tree as this transaction sees it, to append to.
func (t *tx) logTree() (*ledger.Tree, error) {
	g := &t.db.tree
	var size int64
	if err := t.GetContext(t.ctx, &size, selectSize); err != nil {
		return nil, err
	}
	if g.in != t.Tx {
		// Nothing is written in this transaction yet: what it sees is committed.
		if err := g.catchUp(t, size); err != nil {
			return nil, err
		}
		g.in, g.before, g.after, g.doubted = t.Tx, g.committed, g.committed, false
	}
	switch size {
	case g.after.Size(): // the write before is kept
	case g.before.Size(): // it was taken back
		g.after = g.before
	default: // it was taken back, and had written more than once
		tree, err := ledger.LoadTree(size, ledger.TileReader(storedTile(t.each)))
		if err != nil {
			return nil, err
		}
		g.after = tree
	}
	g.before = g.after
	return g.after.Clone(), nil
}

const selectSize = `SELECT coalesce(max(number), -1) + 1 FROM entry`

// kept tells it that a transaction was committed whole.
func (g *growingTree) kept(in *sqlx.Tx) {
	if g.in == in && !g.doubted {
		g.committed = g.after
	}
}

// doubt tells it that something was taken back in the transaction under way: what of it
// is committed has to be read.
func (g *growingTree) doubt() { g.doubted = true }

// catchUp takes up what was committed since.
func (g *growingTree) catchUp(t *tx, size int64) error {
	if g.committed == nil || size < g.committed.Size() || size > g.committed.Size()+rereadLeaves {
		tree, err := ledger.LoadTree(size, ledger.TileReader(storedTile(t.each)))
		g.committed = tree
		return err
	}
	if size == g.committed.Size() {
		return nil
	}
	next := g.committed.Clone()
	err := t.each(func(rows *sql.Rows) error {
		leaf, err := scanHash(rows)
		next.Append(leaf)
		return err
	}, `SELECT leaf FROM entry WHERE number >= $1 ORDER BY number`, next.Size())
	if err == nil {
		_ = next.Tiles() // they are stored
		g.committed = next
	}
	return err
}

// reading reads rows, in a transaction or outside of one.
type reading func(scan func(*sql.Rows) error, query string, args ...any) error

// storedTile reads the hashes of a tile: leaves stand with their entries, the
// others as nodes. Each is stored once.
func storedTile(each reading) func(ledger.Tile) ([]byte, error) {
	return func(tile ledger.Tile) ([]byte, error) {
		hashes := make([]byte, 0, ledger.TileWidth*ledger.HashSize)
		take := func(rows *sql.Rows) error {
			hash, err := scanHash(rows)
			hashes = append(hashes, hash[:]...)
			return err
		}
		from := tile.Number * ledger.TileWidth
		if tile.Level == 0 {
			return hashes, each(take, `SELECT leaf FROM entry WHERE number >= $1 AND number < $2 ORDER BY number`, from, from+ledger.TileWidth)
		}
		err := each(take, `SELECT hash FROM ledger_node WHERE level = $1 AND number >= $2 AND number < $3 ORDER BY number`, tile.Level, from, from+ledger.TileWidth)
		return hashes, err
	}
}

func scanHash(rows *sql.Rows) (ledger.Hash, error) {
	var stored []byte
	if err := rows.Scan(&stored); err != nil {
		return ledger.Hash{}, err
	}
	return hashOf(stored), nil
}

// hashOf is a stored hash. One of another length is no hash: it is made one that nothing has.
func hashOf(stored []byte) (hash ledger.Hash) {
	if len(stored) == ledger.HashSize {
		copy(hash[:], stored)
	}
	return hash
}

var nodeTable = []string{"level", "number", "hash"}

// nodeRows are the nodes that grew in a tree since a size.
func nodeRows(tree *ledger.Tree, since int64) *insertion {
	rows := newInsertion("ledger_node", nodeTable, 0)
	for _, tile := range tree.Tiles() {
		first := tile.Number * ledger.TileWidth
		known := max(0, since>>(tile.Level*ledger.TileHeight)-first)
		for i := known; tile.Level > 0 && i < int64(tile.Width); i++ {
			rows.number(int64(tile.Level))
			rows.number(first + i)
			rows.bytes(tile.Hashes[i*ledger.HashSize : (i+1)*ledger.HashSize])
		}
	}
	return rows
}

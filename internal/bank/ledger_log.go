package bank

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"creditbank/internal/ledger"
)

// signedHead is a checkpoint as it is kept.
type signedHead struct {
	size, audit, at int64 // entries, rows of the audit log, when
	note            string
}

// newestHead is the newest checkpoint; size -1: none was signed yet.
func newestHead(each reading) (signedHead, error) {
	newest := signedHead{size: -1}
	err := each(func(rows *sql.Rows) error { return rows.Scan(&newest.size, &newest.audit, &newest.note, &newest.at) },
		`SELECT size, audit, note, at FROM checkpoint ORDER BY size DESC, audit DESC LIMIT 1`)
	return newest, err
}

// Checkpoint is the newest signed head of the log (C2SP tlog-checkpoint), and of the
// audit log. When either has grown since and that one is older than maxAge, the head of
// this moment is signed, kept and given. Nothing is signed that does not continue what was signed last.
//
// It promises Unavailable where there is no key (error.ledger_no_key,
// error.ledger_key_file), Invalid for a key of another form, Conflict for a key that
// is not the log's (error.ledger_other_key) and for a log that does not continue the
// last checkpoint (error.ledger_broken, error.audit_broken: see [Bank.Verify]), and the codes of [Bank.write].
func (b *Bank) Checkpoint(ctx context.Context, maxAge time.Duration) ([]byte, error) {
	newest, err := newestHead(b.reading(ctx))
	if err != nil {
		return nil, err
	}
	var size int64
	if err := b.db.reader.GetContext(ctx, &size, selectSize); err != nil {
		return nil, err
	}
	audit, err := auditHead(b.reading(ctx))
	if err != nil {
		return nil, err
	}
	if newest.size == size && newest.audit == audit.N || (newest.size >= 0 && maxAge > 0 && b.Now().Sub(time.UnixMicro(newest.at)) < maxAge) {
		return []byte(newest.note), nil
	}
	signed, err := b.signHead(ctx)
	return []byte(signed.note), err
}

func (b *Bank) signHead(ctx context.Context) (signed signedHead, err error) {
	err = b.write(ctx, ledgerActor, func(t *tx) error {
		signed, err = t.sign(b)
		return err
	})
	return signed, err
}

// sign signs and keeps the heads of both logs, if they are not signed yet.
func (t *tx) sign(b *Bank) (signedHead, error) {
	tree, err := t.logTree()
	if err != nil {
		return signedHead{}, err
	}
	last, err := newestHead(t.each)
	if err != nil {
		return last, err
	}
	audit, err := auditHead(t.each)
	if err != nil || last.size == tree.Size() && last.audit == audit.N {
		return last, err
	}
	list, err := storedKeys(t.each)
	if err != nil {
		return signedHead{}, err
	}
	if n := len(list); n > 0 && last.size == tree.Size() && tree.Size() < list[n-1].From {
		return last, nil // the key is new and signs from the next entry on
	}
	signer, err := b.signer(list)
	if err != nil {
		return signedHead{}, err
	}
	head, err := t.continues(last, tree, audit, list)
	if err != nil {
		return signedHead{}, err
	}
	note, err := signer.Sign(head, audit)
	if err != nil {
		return signedHead{}, err
	}
	signed := signedHead{size: head.N, audit: audit.N, note: string(note), at: micros(t.now)}
	return signed, t.exec(`INSERT INTO checkpoint (size, audit, note, at) VALUES ($1, $2, $3, $4)`, signed.size, signed.audit, signed.note, signed.at)
}

// continues is the head of the log as it is stored. It promises Conflict when that
// does not continue the last checkpoint, or is not what the writer has in memory, or
// when the audit log, which ends at audit, does not continue it.
func (t *tx) continues(last signedHead, tree *ledger.Tree, audit ledger.Head, list []ledger.Key) (ledger.Head, error) {
	broken := func(size int64, cause error) error {
		return &Error{Code: Conflict, Key: "error.ledger_broken", Args: map[string]any{"Size": size}, cause: cause}
	}
	stored := ledger.TileReader(storedTile(t.each))
	head, err := ledger.HeadAt(tree.Size(), stored)
	if err != nil || head != tree.Head() {
		return head, broken(tree.Size(), err)
	}
	if last.size < 0 {
		return head, nil
	}
	keys, err := ledger.NewKeys(list...)
	if err != nil {
		return head, broken(last.size, err)
	}
	signed, err := keys.Open([]byte(last.note))
	if err != nil || last.size > tree.Size() {
		return head, broken(last.size, err)
	}
	if before, err := ledger.HeadAt(last.size, stored); err != nil || before != signed.Head {
		return head, broken(last.size, err)
	}
	return head, t.continuesAudit(signed.Audit, audit)
}

// continuesAudit promises Conflict when the audit log does not continue what was
// signed of it last.
func (t *tx) continuesAudit(last, now ledger.Head) error {
	stored := ledger.Head{N: last.N}
	err := t.each(func(rows *sql.Rows) (err error) { stored.Hash, err = scanHash(rows); return err }, `SELECT link FROM audit WHERE seq = $1`, last.N)
	if err == nil && (now.N < last.N || stored != last) {
		err = &Error{Code: Conflict, Key: "error.audit_broken", Args: map[string]any{"Size": last.N}}
	}
	return err
}

// Tile gives the hashes of a tile that the newest checkpoint covers, by its path
// (C2SP tlog-tiles): tile/0/x001/234, tile/1/000.p/17. Hashes tell nothing of
// entries, so a tile is for anyone; bundles of entries are not: see [Bank.Bundle].
// It promises Invalid for another path and NotFound beyond the newest checkpoint.
func (b *Bank) Tile(ctx context.Context, path string) ([]byte, error) {
	tile, err := b.tileNamed(ctx, path)
	if err != nil {
		return nil, err
	}
	if tile.Level == ledger.Entries {
		return nil, &Error{Code: Denied, Key: "error.ledger_denied"}
	}
	hashes, err := storedTile(b.reading(ctx))(tile)
	if err != nil {
		return nil, err
	}
	return hashes[:min(len(hashes), tile.Width*ledger.HashSize)], nil
}

func (b *Bank) tileNamed(ctx context.Context, path string) (ledger.Tile, error) {
	tile, err := ledger.ParseTilePath(path)
	if err != nil {
		return tile, invalidField("tile", path, "tile", nil)
	}
	newest, err := newestHead(b.reading(ctx))
	if err == nil && (newest.size < 0 || !tile.Within(newest.size)) {
		err = notFound("tile", path)
	}
	return tile, err
}

// Bundle gives the entries below a tile of leaves: tile/entries/000. They hold
// account numbers and issuers' references, so it is Denied to all but the operator
// and auditors. It promises the codes of [Bank.Tile] too.
func (b *Bank) Bundle(ctx context.Context, actor Actor, path string) ([]byte, error) {
	if !actor.Is(IsOperator | IsAuditor) {
		return nil, &Error{Code: Denied, Key: "error.ledger_denied"}
	}
	tile, err := b.tileNamed(ctx, path)
	if err != nil {
		return nil, err
	}
	if tile.Level != ledger.Entries {
		return nil, invalidField("tile", path, "tile", nil)
	}
	var bundle []byte
	from := tile.Number * ledger.TileWidth
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		e, err := scanEntry(rows)
		bundle = ledger.AppendBundle(bundle, e.Append(nil))
		return err
	}, `SELECT `+entryColumns+` FROM entry e WHERE e.number >= $1 AND e.number < $2 ORDER BY e.number`, from, from+int64(tile.Width))
	return bundle, err
}

// LedgerEntry gives an entry. It promises NotFound, and Denied to all but the
// operator and auditors: see [Bank.ViewProof].
func (b *Bank) LedgerEntry(ctx context.Context, actor Actor, number int64) (Entry, error) {
	if !actor.Is(IsOperator | IsAuditor) {
		return Entry{}, &Error{Code: Denied, Key: "error.ledger_denied"}
	}
	e, err := b.entry(ctx, number)
	if err == nil {
		err = b.lookAtEntry(ctx, actor, e)
	}
	if err != nil {
		return Entry{}, err
	}
	return e, nil
}

func (b *Bank) entry(ctx context.Context, number int64) (found Entry, err error) {
	found.Number = NoEntry
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		found, err = scanEntry(rows)
		return err
	}, `SELECT `+entryColumns+` FROM entry e WHERE e.number = $1`, number)
	if err == nil && found.Number == NoEntry {
		err = notFound("entry", strconv.FormatInt(number, 10))
	}
	return found, err
}

// Proof shows that an entry is in the log that the newest checkpoint signed, to
// whoever has the entry: it carries the hashes and the checkpoint, and its Entry is
// empty. When no checkpoint covers the entry yet, one is signed. It promises
// NotFound and the codes of [Bank.Checkpoint].
func (b *Bank) Proof(ctx context.Context, number int64) (Proof, error) {
	p, err := b.prove(ctx, number)
	p.Entry = ""
	return p, err
}

// EntryProof is Proof with the bytes of the entry. It is Denied to all but the
// operator and auditors: see [Bank.ViewProof].
func (b *Bank) EntryProof(ctx context.Context, actor Actor, number int64) (Proof, error) {
	if _, err := b.LedgerEntry(ctx, actor, number); err != nil {
		return Proof{}, err
	}
	return b.prove(ctx, number)
}

func (b *Bank) prove(ctx context.Context, number int64) (Proof, error) {
	e, err := b.entry(ctx, number)
	if err != nil {
		return Proof{}, err
	}
	newest, err := newestHead(b.reading(ctx))
	if err == nil && newest.size <= number {
		newest, err = b.signHead(ctx)
	}
	if err != nil {
		return Proof{}, err
	}
	c, err := b.openHead(ctx, newest)
	if err != nil {
		return Proof{}, err
	}
	return ledger.Prove(e.Append(nil), number, c, []byte(newest.note), ledger.TileReader(storedTile(b.reading(ctx))))
}

// openHead reads a kept checkpoint.
func (b *Bank) openHead(ctx context.Context, signed signedHead) (ledger.Checkpoint, error) {
	list, err := storedKeys(b.reading(ctx))
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	keys, err := ledger.NewKeys(list...)
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	return keys.Open([]byte(signed.note))
}

// Consistency shows that the log of size from is the beginning of the log of size
// to; to 0 is the size of the newest checkpoint. It promises Invalid for sizes that
// are negative or in the wrong order, and NotFound beyond the newest checkpoint.
func (b *Bank) Consistency(ctx context.Context, from, to int64) (Consistency, error) {
	newest, err := newestHead(b.reading(ctx))
	if err != nil {
		return Consistency{}, err
	}
	if to == 0 {
		to = max(newest.size, 0)
	}
	switch {
	case from < 0 || to < 0:
		return Consistency{}, invalidField("from", strconv.FormatInt(min(from, to), 10), "sizes", nil)
	case max(from, to) > newest.size:
		return Consistency{}, notFound("checkpoint", strconv.FormatInt(max(from, to), 10))
	}
	hashes, err := ledger.ProveExtends(from, to, ledger.TileReader(storedTile(b.reading(ctx))))
	if errors.Is(err, ledger.OutsideTree) {
		return Consistency{}, invalidField("from", strconv.FormatInt(from, 10), "sizes", nil)
	}
	return Consistency{From: from, To: to, Hashes: hashes}, err
}

package bank_test

import (
	"encoding/binary"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"creditbank/internal/bank"
)

// The log begins anew long before the writer would carry it on its way, and what
// was in it is in the file.
func TestLogBeginsAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bank.db")
	b := open(t, "sqlite:"+path)
	fill := func(tx bank.Tx) error {
		return errors.Join(tx.Statement(`DELETE FROM filler`), tx.Statement(`INSERT INTO filler VALUES (randomblob(1048576))`))
	}
	if err := b.WriteAlone(ctx, func(tx bank.Tx) error { return tx.Statement(`CREATE TABLE filler (x BLOB)`) }); err != nil {
		t.Fatal(err)
	}
	const most = 120 // MiB, the writer would carry 160
	first := walTurn(t, path+"-wal")
	for written := 0; walTurn(t, path+"-wal") == first; written++ {
		if written > most {
			t.Fatalf("%d MiB are in the log, which never began anew", written)
		}
		if err := b.WriteAlone(ctx, fill); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(written) * time.Millisecond) // a busy machine may let the carrier wait
	}
	if size := len(readFile(t, path)); size < 1<<20 {
		t.Errorf("the file has %d bytes", size)
	}
}

// A write of very much is answered without being carried into the file, which is the
// carrier's work; where there is none the next write carries it.
func TestLargeWriteIsLeftToCarrier(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bank.db")
	b := open(t, "sqlite:"+path)
	b.KeepLog()
	const much = 170 // MiB, the writer carries from 160 on
	small := len(readFile(t, path))
	err := b.WriteAlone(ctx, func(tx bank.Tx) error {
		err := tx.Statement(`CREATE TABLE filler (x BLOB)`)
		for range much {
			err = errors.Join(err, tx.Statement(`INSERT INTO filler VALUES (randomblob(1048576))`))
		}
		return err
	})
	if size := len(readFile(t, path)); err != nil || size > small+much<<19 {
		t.Errorf("the file has %d bytes, %v", size, err)
	}
	if err := b.Write(ctx, func(tx bank.Tx) error { return tx.Statement(`DELETE FROM filler WHERE rowid = 1`) }); err != nil {
		t.Error(err)
	}
	if size := len(readFile(t, path)); size < small+much<<19 {
		t.Errorf("the file has %d bytes after the next", size)
	}
}

// walTurn is how often a write-ahead log began anew
// (sqlite.org/fileformat2.html, section 4.1: checkpoint sequence number).
func walTurn(t *testing.T, path string) uint32 {
	t.Helper()
	return binary.BigEndian.Uint32(readFile(t, path)[12:])
}

package bank_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/ledger"
)

func checkpointOf(t testing.TB, b *bank.Bank) []byte {
	t.Helper()
	signed, err := b.Checkpoint(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func keysOf(t testing.TB, b *bank.Bank) *ledger.Keys {
	t.Helper()
	text, err := b.LedgerKeys(ctx)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := ledger.ParseKeys(text)
	if err != nil {
		t.Fatalf("%v: %q", err, text)
	}
	return keys
}

// headOf opens a checkpoint with the bank's keys.
func headOf(t testing.TB, b *bank.Bank, signed []byte) ledger.Head {
	t.Helper()
	c, err := keysOf(t, b).Open(signed)
	if err != nil {
		t.Fatal(err)
	}
	return c.Head
}

// many books n results.
func many(t testing.TB, b *bank.Bank, account, prefix string, n int) {
	t.Helper()
	for from := 0; from < n; from += bank.MaxBatch {
		var names []string
		for i := from; i < min(n, from+bank.MaxBatch); i++ {
			names = append(names, fmt.Sprintf("%s%d", prefix, i))
		}
		deposited(t, b, account, names...)
	}
}

// Every entry is proven by the signed head, each log continues the one before, and
// a mirror that only has the tiles comes to the same root.
func TestTheLogProves(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		var heads []ledger.Head
		sizes := []int{0, 1, 254, 2, 300, 700, 43}
		total := int64(0)
		for i, n := range sizes {
			many(t, b, learnA, fmt.Sprintf("%d-", i), n)
			total += int64(n)
			heads = append(heads, headOf(t, b, checkpointOf(t, b)))
			if heads[i].N != total {
				t.Fatalf("size %d, want %d", heads[i].N, total)
			}
		}
		for i, older := range heads {
			for _, newer := range heads[i:] {
				proof, err := b.Consistency(ctx, older.N, newer.N)
				if newer.N == 0 {
					continue // 0 asks for the newest
				}
				if err != nil || proof.Check(older, newer) != nil {
					t.Errorf("from %d to %d: %v", older.N, newer.N, err)
				}
			}
		}
		for _, n := range []int64{0, 1, 255, 256, 257, 1023, 1024, total - 1} {
			proof, err := b.EntryProof(ctx, operator, n)
			if err != nil {
				t.Fatal(err)
			}
			if e, c, err := proof.Check(keysOf(t, b)); err != nil || e.Number != n || c.Head.N != total {
				t.Errorf("entry %d: %v", n, err)
			}
			if bare, err := b.Proof(ctx, n); err != nil || bare.Entry != "" || len(bare.Hashes) != len(proof.Hashes) {
				t.Errorf("without the entry: %+v, %v", bare, err)
			}
		}
		last := heads[len(heads)-1]
		read := func(tile ledger.Tile) ([]byte, error) {
			tile.Width = int(min(ledger.TileWidth, last.N>>(tile.Level*ledger.TileHeight)-tile.Number*ledger.TileWidth))
			return b.Tile(ctx, tile.Path())
		}
		if got, err := ledger.HeadAt(last.N, ledger.TileReader(read)); err != nil || got != last {
			t.Errorf("from the tiles: %v, %v", got, err)
		}
	})
}

// Tiles are as wide as asked for, entries are not for everyone, and what is not
// signed is not served.
func TestTilesAndWhoSeesThem(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		_, err := b.Tile(ctx, "tile/0/000.p/1")
		wantRefused(t, err, bank.NotFound)
		many(t, b, learnA, "R", 260)
		checkpointOf(t, b)
		many(t, b, learnA, "S", 5)
		for path, want := range map[string]int{"tile/0/000": 256, "tile/0/000.p/7": 7, "tile/0/001.p/4": 4, "tile/1/000.p/1": 1} {
			if got, err := b.Tile(ctx, path); err != nil || len(got) != want*ledger.HashSize {
				t.Errorf("%s: %d bytes, %v", path, len(got), err)
			}
		}
		for path, code := range map[string]bank.Code{"tile/0/001.p/5": bank.NotFound, "tile/0/002": bank.NotFound, "tile/9/000.p/1": bank.NotFound,
			"tile/0/1": bank.Invalid, "": bank.Invalid, "tile/entries/000": bank.Denied} {
			if _, err := b.Tile(ctx, path); bank.CodeOf(err) != code {
				t.Errorf("%s: %v, want %s", path, err, code)
			}
		}
		bundle, err := b.Bundle(ctx, operator, "tile/entries/001.p/4")
		if err != nil {
			t.Fatal(err)
		}
		entries, err := ledger.SplitBundle(bundle)
		if err != nil || len(entries) != 4 {
			t.Fatalf("%d entries, %v", len(entries), err)
		}
		if e, err := ledger.ParseEntry(entries[3]); err != nil || e.Number != 259 {
			t.Errorf("%v, %v", e, err)
		}
		_, err = b.Bundle(ctx, bank.Visitor, "tile/entries/000")
		wantRefused(t, err, bank.Denied)
		_, err = b.EntryProof(ctx, bank.Visitor, 0)
		wantRefused(t, err, bank.Denied)
		_, err = b.LedgerEntry(ctx, bank.Visitor, 0)
		wantRefused(t, err, bank.Denied)
		_, err = b.Proof(ctx, 265)
		wantRefused(t, err, bank.NotFound)
		_, err = b.Consistency(ctx, 261, 0)
		wantRefused(t, err, bank.NotFound)
		_, err = b.Consistency(ctx, 3, 2)
		wantRefused(t, err, bank.Invalid, "from: sizes")
	})
}

// A checkpoint is signed again only when the log has grown and it is old enough.
func TestCheckpointAge(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		at := time.Now()
		b.Now = func() time.Time { return at }
		deposited(t, b, learnA, "R1")
		first := checkpointOf(t, b)
		at = at.Add(time.Hour)
		if again := checkpointOf(t, b); !bytes.Equal(first, again) {
			t.Error("the same size is signed twice")
		}
		deposited(t, b, learnA, "R2")
		if young, err := b.Checkpoint(ctx, 2*time.Hour); err != nil || !bytes.Equal(first, young) {
			t.Errorf("one that is young enough is signed again: %v", err)
		}
		old, err := b.Checkpoint(ctx, time.Hour)
		if err != nil || headOf(t, b, old).N != 2 {
			t.Errorf("one that is too old is not: %v", err)
		}
	})
}

// A new key signs from the next entry on; the old one's checkpoints go on to hold.
func TestRotateKey(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, dsn, key string) {
		other := opened(t, dsn, key)
		many(t, b, learnA, "R", 3)
		old := checkpointOf(t, b)
		public, err := b.RotateKey(ctx, operator)
		if err != nil {
			t.Fatal(err)
		}
		change := checkpointOf(t, other) // the old key signs that it goes, and is gone then
		if headOf(t, b, change) != headOf(t, b, old) || string(change) == string(old) || string(checkpointOf(t, b)) != string(change) {
			t.Errorf("the change of keys is signed as\n%s", change)
		}
		many(t, other, learnA, "S", 3)
		newer := checkpointOf(t, other)
		text, err := b.LedgerKeys(ctx)
		if err != nil || !strings.HasSuffix(text, "\n4 "+public+"\n") {
			t.Errorf("keys %q, %v", text, err)
		}
		if headOf(t, b, old).N != 3 || headOf(t, b, newer).N != 6 {
			t.Error("other heads")
		}
		info, err := os.Stat(key)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the new key's file: %v, %v", info.Mode(), err)
		}
		if _, err := os.Stat(key + ".until-3"); err != nil {
			t.Errorf("the old key's file: %v", err)
		}
		if report := wantSound(t, b); report.Checkpoints != 3 {
			t.Errorf("%d checkpoints", report.Checkpoints)
		}
		if report, err := b.Verify(ctx, bank.VerifyInput{Checkpoint: old, Keys: text}); err != nil || report.Finding != nil {
			t.Errorf("from outside: %v, %v", report.Finding, err)
		}
	})
}

// A process that ended in the middle of a change of keys is made good.
func TestHalfRotation(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, key string) {
		deposited(t, b, learnA, "R1")
		before, err := os.ReadFile(key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.RotateKey(ctx, operator); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(key, key+".next"); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(key, before, 0o600); err != nil {
			t.Fatal(err)
		}
		deposited(t, b, learnA, "R2")
		checkpointOf(t, b)
		wantSound(t, b)
	})
}

// Without its key the bank books and verifies, and signs nothing.
func TestKeyIsMissingOrAnother(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, dsn, key string) {
		deposited(t, b, learnA, "R1")
		checkpointOf(t, b)
		if err := os.Remove(key); err != nil {
			t.Fatal(err)
		}
		b = opened(t, dsn, key)
		deposited(t, b, learnA, "R2")
		_, err := b.Checkpoint(ctx, 0)
		wantRefused(t, err, bank.Unavailable)
		wantSound(t, b)
		secret, _, err := ledger.GenerateKey(strings.NewReader(strings.Repeat("x", 64)), "bank.example/api/v1/ledger")
		if err != nil {
			t.Fatal(err)
		}
		b, err = bank.OpenWith(ctx, dsn, bank.Options{LedgerKey: secret})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = b.Close() }()
		_, err = b.Checkpoint(ctx, 0)
		wantRefused(t, err, bank.Conflict)
		_, err = b.RotateKey(ctx, operator)
		wantRefused(t, err, bank.Invalid)
	})
}

// The key is neither in the database nor in a backup.
func TestKeyStaysOutside(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "bank.db")
	b, err := bank.Open(ctx, "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	little(t, b)
	deposited(t, b, learnA, "R1")
	checkpointOf(t, b)
	copied := filepath.Join(folder, "copy")
	if err := b.Backup(ctx, operator, copied, func(_, _ int) {}); err != nil {
		t.Fatal(err)
	}
	secret := bytes.TrimSpace(readFile(t, path+"-ledger-key"))
	for _, file := range []string{path, path + "-wal", copied} {
		if bytes.Contains(readFile(t, file), secret[len("PRIVATE+KEY+"):]) {
			t.Errorf("the key is in %s", file)
		}
	}
	if info, err := os.Stat(path + "-ledger-key"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

// A backup whose ledger does not verify takes nobody's place.
func TestRestoreVerifiesTheLedger(t *testing.T) {
	folder := t.TempDir()
	path, copied := filepath.Join(folder, "bank.db"), filepath.Join(folder, "copy")
	b, err := bank.Open(ctx, "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	little(t, b)
	many(t, b, learnA, "R", 10)
	if err := b.Backup(ctx, operator, copied, func(_, _ int) {}); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite3", copied)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Exec("DROP TRIGGER entry_update; UPDATE entry SET amount = 900 WHERE number = 7"); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	before := readFile(t, path)
	_, err = bank.Restore(ctx, operator, "sqlite:"+path, copied, "now")
	wantRefused(t, err, bank.Invalid)
	if err == nil || !strings.Contains(err.Error(), "entry 7") {
		t.Errorf("%v does not name entry 7", err)
	}
	if !bytes.Equal(before, readFile(t, path)) {
		t.Error("the bank was touched")
	}
}

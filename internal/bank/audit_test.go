package bank_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/ledger"
	"creditbank/internal/testbed"
	"creditbank/schema"
)

// wantAuditFinding holds the first finding against its code and the row that it names.
func wantAuditFinding(t *testing.T, b *bank.Bank, in bank.VerifyInput, code ledger.Code, field string) {
	t.Helper()
	report, err := b.Verify(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	switch found := report.Finding; {
	case code == "" && found != nil:
		t.Errorf("found %v, want nothing", found)
	case code != "" && (found == nil || found.Code != code || found.Field != field):
		t.Errorf("found %v, want %s of %s", found, code, field)
	}
}

// rechain makes the links fit the rows as they stand, as somebody would who knows
// the form and can write to every table but has not the key.
func rechain(t *testing.T, raw *sql.DB) {
	t.Helper()
	rows, err := raw.Query(`SELECT seq, at, actor, role, institution, origin, action, object, subject, detail, purpose FROM audit ORDER BY seq`)
	if err != nil {
		t.Fatal(err)
	}
	var statements []string
	var link ledger.Hash
	for rows.Next() {
		var r ledger.AuditRow
		if err := rows.Scan(&r.Number, &r.At, &r.Actor, &r.Role, &r.Institution, &r.Origin, &r.Action, &r.Object, &r.Subject, &r.Detail, &r.Purpose); err != nil {
			t.Fatal(err)
		}
		link = r.Chain(link)
		statements = append(statements, fmt.Sprintf("UPDATE audit SET link = %s WHERE seq = %d", blob(raw, link[:]), r.Number))
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatal(err)
	}
	execute(t, raw, statements...)
}

// notes writes rows into the audit log.
func notes(t *testing.T, b *bank.Bank, n int) {
	t.Helper()
	for i := range n {
		if err := b.Write(ctx, func(tx bank.Tx) error { return tx.Note(fmt.Sprint("n", i)) }); err != nil {
			t.Fatal(err)
		}
	}
}

// Whatever is changed in the audit log behind the bank's back is found, and the
// first row that is wrong named.
func TestTamperingWithTheAuditLog(t *testing.T) {
	columns := "at, actor, role, institution, origin, action, object, subject, detail, purpose, link"
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, dsn, _ string) {
		notes(t, b, 20) // after the imports of four files
		checkpointOf(t, b)
		notes(t, b, 10)
		outside := checkpointOf(t, b)
		notes(t, b, 5)
		wantSound(t, b)
		raw := rawOf(t, dsn)
		raw.SetMaxOpenConns(1)
		disarm(t, raw, dsn)
		undo := keepTables(t, raw)
		chained := []string{"rechain"}
		for _, c := range []struct {
			name  string
			do    []string
			code  ledger.Code
			field string
		}{
			{"actor", []string{"UPDATE audit SET actor = 'nobody' WHERE seq = 7"}, ledger.LinkDiffers, "audit 7"},
			{"subject", []string{"UPDATE audit SET subject = 'L1' WHERE seq = 1"}, ledger.LinkDiffers, "audit 1"},
			{"moment", []string{"UPDATE audit SET at = at - 1 WHERE seq = 39"}, ledger.LinkDiffers, "audit 39"},
			{"purpose", []string{"UPDATE audit SET purpose = 'x' WHERE seq = 12"}, ledger.LinkDiffers, "audit 12"},
			{"link", []string{"UPDATE audit SET link = (SELECT link FROM audit WHERE seq = 3) WHERE seq = 12"}, ledger.LinkDiffers, "audit 12"},
			{"removed", []string{"DELETE FROM audit WHERE seq = 12"}, ledger.AuditGap, "audit 12"},
			{"first removed", []string{"DELETE FROM audit WHERE seq = 1"}, ledger.AuditGap, "audit 1"},
			{"all removed", []string{"DELETE FROM audit"}, ledger.AuditTruncated, "audit 1"},
			{"added", []string{"INSERT INTO audit (seq, " + columns + ") SELECT 40, " + columns + " FROM audit WHERE seq = 39"}, ledger.LinkDiffers, "audit 40"},
			{"cut", []string{"DELETE FROM audit WHERE seq > 30"}, ledger.AuditTruncated, "audit 31"},
			{"swapped", []string{
				"UPDATE audit SET seq = 100 WHERE seq = 5", "UPDATE audit SET seq = 5 WHERE seq = 6", "UPDATE audit SET seq = 6 WHERE seq = 100"}, ledger.LinkDiffers, "audit 5"},
			{"changed and relinked", append([]string{"UPDATE audit SET object = 'x' WHERE seq = 7"}, chained...), ledger.AuditHeadDiffers, "audit 1-24"},
			{"changed after the first checkpoint", append([]string{"UPDATE audit SET object = 'x' WHERE seq = 26"}, chained...), ledger.AuditHeadDiffers, "audit 25-34"},
			{"slipped in", append([]string{"UPDATE audit SET seq = 40 + seq WHERE seq >= 30", "UPDATE audit SET seq = seq - 39 WHERE seq > 40",
				"INSERT INTO audit (seq, " + columns + ") SELECT 30, " + columns + " FROM audit WHERE seq = 29"}, chained...), ledger.AuditHeadDiffers, "audit 25-34"},
			{"number in the checkpoint", []string{"UPDATE checkpoint SET audit = 23 WHERE audit = 24"}, ledger.HeadDiffers, "checkpoint 0"},
			{"not signed yet", append([]string{"UPDATE audit SET object = 'x' WHERE seq = 36"}, chained...), "", ""},
		} {
			t.Run(c.name, func(t *testing.T) {
				for _, do := range c.do {
					if do == "rechain" {
						rechain(t, raw)
					} else {
						execute(t, raw, do)
					}
				}
				wantAuditFinding(t, b, bank.VerifyInput{}, c.code, c.field)
				undo()
			})
		}
		// Who removes the checkpoints too is found by one that was kept outside; and the bank signs no more before.
		execute(t, raw, "UPDATE audit SET object = 'x' WHERE seq = 26")
		rechain(t, raw)
		_, err := b.Checkpoint(ctx, 0)
		wantRefused(t, err, bank.Conflict)
		execute(t, raw, "DELETE FROM checkpoint")
		wantAuditFinding(t, b, bank.VerifyInput{}, "", "")
		wantAuditFinding(t, b, bank.VerifyInput{Checkpoint: outside}, ledger.AuditHeadDiffers, "audit 1-34")
		execute(t, raw, "DELETE FROM audit WHERE seq > 33")
		wantAuditFinding(t, b, bank.VerifyInput{Checkpoint: outside}, ledger.AuditTruncated, "audit 34")
		undo()
		wantSound(t, b)
	})
}

// A checkpoint is signed when either log has grown, and never for a shorter one.
func TestCheckpointsOfBothLogs(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, dsn, _ string) {
		first := checkpointOf(t, b)
		if again := checkpointOf(t, b); string(again) != string(first) {
			t.Errorf("nothing has grown, and another checkpoint is signed:\n%s", again)
		}
		if !strings.Contains(string(first), "\naudit 4 ") {
			t.Errorf("no line of four rows in\n%s", first)
		}
		notes(t, b, 1)
		second := checkpointOf(t, b)
		deposited(t, b, learnA, "R1")
		third := checkpointOf(t, b)
		if string(second) == string(first) || string(third) == string(second) {
			t.Error("a log has grown, and no checkpoint is signed")
		}
		for _, kept := range [][]byte{first, second, third} {
			wantAuditFinding(t, b, bank.VerifyInput{Checkpoint: kept}, "", "")
		}
		raw := rawOf(t, dsn)
		for name, values := range map[string]string{"shorter audit log": "9, 4", "shorter ledger": "0, 9", "the same": "1, (SELECT max(audit) FROM checkpoint)"} {
			if _, err := raw.Exec("INSERT INTO checkpoint (size, audit, note, at) VALUES (" + values + ", 'x', 1)"); err == nil {
				t.Errorf("%s: a checkpoint of it was taken", name)
			}
		}
		wantSound(t, b)
	})
}

// A new key signs from the next entry on; until then what the audit log gains is
// not signed, and what was signed holds.
func TestAuditLogAndANewKey(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		deposited(t, b, learnA, "R1")
		if _, err := b.RotateKey(ctx, operator); err != nil {
			t.Fatal(err)
		}
		last := checkpointOf(t, b)
		notes(t, b, 3)
		if now := checkpointOf(t, b); string(now) != string(last) {
			t.Errorf("signed by a key that is not in force:\n%s", now)
		}
		wantSound(t, b)
		deposited(t, b, learnA, "R2")
		if now := checkpointOf(t, b); string(now) == string(last) {
			t.Error("the new key does not sign")
		}
		wantAuditFinding(t, b, bank.VerifyInput{Checkpoint: last}, "", "")
	})
}

// The chain holds whatever becomes of the writes between, in two processes at once.
func TestChainOfTwoBanksWithRollbacks(t *testing.T) {
	run := func(t *testing.T, dsn string) {
		banks := []*bank.Bank{open(t, dsn), open(t, dsn)}
		var wait sync.WaitGroup
		for i := range 32 {
			wait.Go(func() {
				for n := range 6 {
					err := banks[i%2].Write(ctx, func(tx bank.Tx) error {
						err := errors.Join(tx.Note("a"), tx.Note("b"))
						if err == nil && n%3 == 1 {
							return bank.ErrRollback
						}
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		if got := len(banks[0].Notes(t)); got != 256 {
			t.Errorf("%d rows are kept, want 256", got)
		}
		wantAuditFinding(t, banks[1], bank.VerifyInput{}, "", "")
	}
	t.Run("sqlite", func(t *testing.T) { run(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db")) })
	t.Run("postgres", func(t *testing.T) { run(t, testbed.Postgres(t)) })
}

// olderBank makes the tables as the program of before the chain left them.
func olderBank(t *testing.T, raw *sql.DB, postgres bool) {
	t.Helper()
	other := ".postgres.sql"
	if postgres {
		other = ".sqlite.sql"
	}
	names, err := fs.Glob(schema.FS, "000[1-8]_*.sql")
	if err != nil {
		t.Fatal(err)
	}
	execute(t, raw, "CREATE TABLE migration (name TEXT PRIMARY KEY, applied_at BIGINT NOT NULL)")
	for _, name := range names {
		if strings.HasSuffix(name, other) {
			continue
		}
		text, err := fs.ReadFile(schema.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		recorded, _, _ := strings.Cut(name, ".")
		execute(t, raw, string(text), "INSERT INTO migration (name, applied_at) VALUES ('"+recorded+"', 1)")
	}
}

// The rows of before have their place in the chain, and checkpoints of before hold.
func TestOlderAuditLogIsChained(t *testing.T) {
	secret, public, err := ledger.GenerateKey(strings.NewReader(strings.Repeat("k", 64)), "bank.example/api/v1/ledger")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ledger.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	old, err := signer.Sign((&ledger.Tree{}).Head(), ledger.Head{})
	if err != nil {
		t.Fatal(err)
	}
	run := func(t *testing.T, dsn string) {
		raw := rawOf(t, dsn)
		raw.SetMaxOpenConns(1)
		olderBank(t, raw, !strings.HasPrefix(dsn, "sqlite:"))
		execute(t, raw, "BEGIN")
		for i := range 2500 {
			execute(t, raw, fmt.Sprintf("INSERT INTO audit (seq, at, actor, action, object, detail) VALUES (%d, %d, 'operator', 'import', 'courses', 'rows=%d')", i+1, i+1, i))
		}
		execute(t, raw, "COMMIT", "INSERT INTO ledger_key (from_size, public) VALUES (0, '"+public+"')", "INSERT INTO checkpoint (size, note, at) VALUES (0, '"+string(old)+"', 1)")
		b, err := bank.OpenWith(ctx, dsn, bank.Options{LedgerKey: secret})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = b.Close() }()
		report := wantSound(t, b)
		if report.Audit != 2500 || report.Checkpoints != 1 {
			t.Errorf("verified %+v", report)
		}
		wantAuditFinding(t, b, bank.VerifyInput{Checkpoint: old}, "", "")
		notes(t, b, 1)
		if signed := checkpointOf(t, b); !strings.Contains(string(signed), "\n0\n") || !strings.Contains(string(signed), "\naudit 2501 ") {
			t.Errorf("signed\n%s", signed)
		}
		var left int
		if err := raw.QueryRow("SELECT count(*) FROM audit_before").Scan(&left); err == nil {
			t.Error("the rows of before are still there")
		}
		disarm(t, raw, dsn)
		execute(t, raw, "UPDATE audit SET detail = 'x' WHERE seq = 1200")
		wantAuditFinding(t, b, bank.VerifyInput{}, ledger.LinkDiffers, "audit 1200")
	}
	t.Run("sqlite", func(t *testing.T) { run(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db")) })
	t.Run("postgres", func(t *testing.T) { run(t, testbed.Postgres(t)) })
}

// A backup of before the chain can be put back.
func TestRestoreOfBeforeTheChain(t *testing.T) {
	folder := t.TempDir()
	backup := filepath.Join(folder, "backup")
	raw := rawOf(t, "sqlite:"+backup)
	raw.SetMaxOpenConns(1)
	olderBank(t, raw, false)
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	dsn := "sqlite:" + filepath.Join(folder, "bank.db")
	if _, err := bank.Restore(context.Background(), operator, dsn, backup, "now"); err != nil {
		t.Fatal(err)
	}
	wantSound(t, open(t, dsn))
}

// wantChain recomputes the links of an exported file, as somebody else would.
func wantChain(t *testing.T, file string, want int) {
	t.Helper()
	table := parseTable(t, []byte(file))
	var link ledger.Hash
	for _, row := range table.rows {
		c := row.Cells
		r := ledger.AuditRow{Actor: c[2], Role: c[3], Institution: c[4], Origin: c[5], Action: c[6], Object: c[7], Subject: c[8], Detail: c[9], Purpose: c[10]}
		if _, err := fmt.Sscan(c[0]+" "+c[1], &r.Number, &r.At); err != nil {
			t.Fatal(err)
		}
		if link = r.Chain(link); link.String() != c[11] {
			t.Fatalf("row %s has the link %s, want %s", c[0], c[11], link)
		}
	}
	if len(table.rows) != want {
		t.Errorf("%d rows, want %d", len(table.rows), want)
	}
}

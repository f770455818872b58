package bank_test

import (
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/ledger"
)

// rawOf is the database without the bank: what an operator with full access has.
func rawOf(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	driver := "pgx"
	if path, lite := strings.CutPrefix(dsn, "sqlite:"); lite {
		driver, dsn = "sqlite3", path
	}
	raw, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	return raw
}

func execute(t testing.TB, raw *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := raw.Exec(s); err != nil {
			t.Fatalf("%v in %s", err, s)
		}
	}
}

// lastingTables are those that are only ever added to.
var lastingTables = []string{"entry", "ledger_node", "checkpoint", "ledger_key", "audit"}

// disarm drops what keeps the tables as they are.
func disarm(t testing.TB, raw *sql.DB, dsn string) {
	t.Helper()
	for _, table := range lastingTables {
		if strings.HasPrefix(dsn, "sqlite:") {
			execute(t, raw, "DROP TRIGGER "+table+"_insert", "DROP TRIGGER "+table+"_update", "DROP TRIGGER "+table+"_delete")
		} else {
			execute(t, raw, "DROP TRIGGER "+table+"_lasting ON "+table, "DROP TRIGGER "+table+"_truncate ON "+table, "DROP TRIGGER IF EXISTS "+table+"_insert ON "+table)
		}
	}
}

// The database itself refuses to change the ledger.
func TestTheDatabaseRefuses(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, dsn, _ string) {
		many(t, b, learnA, "R", 300)
		checkpointOf(t, b)
		raw := rawOf(t, dsn)
		for _, table := range lastingTables {
			column := map[string]string{"entry": "number", "ledger_node": "number", "checkpoint": "size", "ledger_key": "from_size", "audit": "seq"}[table]
			statements := []string{"UPDATE " + table + " SET " + column + " = " + column, "DELETE FROM " + table}
			if strings.HasPrefix(dsn, "sqlite:") {
				statements = append(statements, "REPLACE INTO "+table+" SELECT * FROM "+table+" LIMIT 1")
			} else {
				statements = append(statements, "TRUNCATE "+table)
			}
			for _, s := range statements {
				if _, err := raw.Exec(s); err == nil {
					t.Errorf("taken: %s", s)
				}
			}
		}
		wantSound(t, b)
	})
}

// tampering is something an operator with full access does, and what is found.
type tampering struct {
	name  string
	do    []string
	code  ledger.Code
	entry int64
}

// tamperings are done in a ledger of 600 deposits (0–599), a hold (600), both lines
// of a conversion (601, 602), and 20 deposits more, with checkpoints at 300 and 623.
func tamperings() []tampering {
	list := []tampering{
		{"amount", []string{"UPDATE entry SET amount = 500 WHERE number = 7"}, ledger.LeafDiffers, 7},
		{"account", []string{"UPDATE entry SET credit = 'available:L2' WHERE number = 7"}, ledger.LeafDiffers, 7},
		{"account of no form", []string{"UPDATE entry SET credit = 'available' WHERE number = 7"}, ledger.Unknown, 7},
		{"kind", []string{"UPDATE entry SET kind = 'release' WHERE number = 600"}, ledger.Misfit, 600},
		{"re-dated", []string{"UPDATE entry SET at = at - 86400000000 WHERE number = 250"}, ledger.LeafDiffers, 250},
		{"record", []string{"UPDATE entry SET reference = 'X' WHERE number = 300"}, ledger.LeafDiffers, 300},
		{"actor", []string{"UPDATE entry SET actor = 'u9' WHERE number = 0"}, ledger.LeafDiffers, 0},
		{"reason", []string{"UPDATE entry SET reason = 'x' WHERE number = 601"}, ledger.LeafDiffers, 601},
		{"cause", []string{"UPDATE entry SET cause_kind = 'import', cause_id = '9' WHERE number = 8"}, ledger.LeafDiffers, 8},
		{"batch", []string{"UPDATE entry SET batch = 601 WHERE number = 601"}, "", 0}, // as it is: shows that nothing else is found
		{"other batch", []string{"UPDATE entry SET batch = 602 WHERE number = 602"}, ledger.LeafDiffers, 602},
		{"digest", []string{"UPDATE entry SET digest = (SELECT digest FROM entry WHERE number = 1) WHERE number = 2"}, ledger.LeafDiffers, 2},
		{"leaf", []string{"UPDATE entry SET leaf = (SELECT leaf FROM entry WHERE number = 1) WHERE number = 2"}, ledger.LeafDiffers, 2},
		{"whose statement", []string{"UPDATE entry SET learner = 'L3' WHERE number = 11"}, ledger.BytesDiffer, 11},
		{"whose statement, by what stands between words", []string{"UPDATE entry SET learner = learner || '\x1f' WHERE number = 11"}, ledger.BytesDiffer, 11},
		{"reason, by what stands between words", []string{"UPDATE entry SET reason = reason || '\x1f' WHERE number = 601"}, ledger.LeafDiffers, 601},
		{"whose statement too", []string{"UPDATE entry SET joined = 'L3' WHERE number = 11"}, ledger.BytesDiffer, 11},
		{"removed", []string{"DELETE FROM entry WHERE number = 400"}, ledger.Gap, 400},
		{"tail removed", []string{"DELETE FROM entry WHERE number >= 620"}, ledger.Truncated, 620},
		{"tail of a tile removed", []string{"DELETE FROM entry WHERE number >= 500"}, ledger.Truncated, 256},
		{"added", []string{"INSERT INTO entry SELECT 623, 623, kind, debit, credit, amount, institution, 'X', digest, reverses, reason, actor, at, cause_kind, cause_id, learner, joined, leaf FROM entry WHERE number = 622"}, ledger.LeafDiffers, 623},
		{"node", []string{"UPDATE ledger_node SET hash = (SELECT hash FROM ledger_node WHERE level = 1 AND number = 1) WHERE level = 1 AND number = 0"}, ledger.NodeDiffers, 0},
		{"node removed", []string{"DELETE FROM ledger_node WHERE level = 1 AND number = 1"}, ledger.Unlogged, 256},
		{"node added", []string{"INSERT INTO ledger_node (level, number, hash) SELECT 1, 2, hash FROM ledger_node WHERE number = 1"}, ledger.Truncated, 512},
		{"checkpoint's size", []string{"UPDATE checkpoint SET size = 301 WHERE size = 300"}, ledger.HeadDiffers, ledger.None},
		{"checkpoint's text", []string{"UPDATE checkpoint SET note = replace(note, 'bank.example', 'bank.elpmaxe')"}, ledger.UnknownKey, ledger.None},
		{"record's learner", []string{"UPDATE record SET learner = 'L3' WHERE reference = 'R5'"}, ledger.BalanceWrong, 5},
		{"record's standing", []string{"UPDATE record SET standing = 'held' WHERE reference = 'R5'"}, ledger.BalanceWrong, 5},
		{"record's worth", []string{"UPDATE record SET worth = 900 WHERE reference = 'R5'"}, ledger.BalanceWrong, 5},
		{"record's grade", []string{"UPDATE record SET grade = '99' WHERE reference = 'R5'"}, ledger.BytesDiffer, 5},
		{"record's grade, with its salt", []string{"UPDATE record SET grade = '99', salt = NULL WHERE reference = 'R5'"}, ledger.Missing, 5},
		{"record's term, by what stands between words", []string{"UPDATE record SET term = term || '\x1f' WHERE reference = 'R5'"}, ledger.BytesDiffer, 5},
		{"record's score", []string{"UPDATE record SET score = 9900 WHERE reference = 'R5'"}, ledger.BytesDiffer, 5},
		{"record's pass", []string{"UPDATE record SET passed = NOT passed WHERE reference = 'R5'"}, ledger.BytesDiffer, 5},
		{"record's deposit", []string{"UPDATE record SET deposited = 900 WHERE reference = 'R5'"}, ledger.BalanceWrong, 5},
		{"record's last entry, exchanged", []string{"UPDATE record SET last_entry = 11 - last_entry WHERE reference IN ('R5', 'R6')"}, ledger.BalanceWrong, 5},
		{"converted record's worth", []string{"UPDATE record SET worth = 900 WHERE reference = 'R1'"}, ledger.BalanceWrong, 602},
		{"converted record's grade", []string{"UPDATE record SET grade = '99' WHERE reference = 'R1'"}, ledger.BytesDiffer, 1},
		{"converted record removed", []string{"DELETE FROM record WHERE reference = 'R1'"}, ledger.BalanceWrong, 602},
		{"record removed", []string{"DELETE FROM record WHERE reference = 'R5'"}, ledger.BalanceWrong, 5},
		{"record without entries", []string{"INSERT INTO record (learner, institution, reference, kind, course, title, grade, scale, score, passed, completed_on, term, standing, worth) " +
			"SELECT learner, institution, 'X', kind, course, title, grade, scale, score, passed, completed_on, term, standing, worth FROM record WHERE reference = 'R5'"}, ledger.Absent, ledger.None},
	}
	return list
}

// tampered is the ledger that tamperings is about.
func tampered(t *testing.T, b *bank.Bank) (outside []byte) {
	t.Helper()
	many(t, b, learnA, "R", 300)
	checkpointOf(t, b)
	many(t, b, learnA, "S", 300)
	done(t)(b.Hold(ctx, operator, learnA, refs("R1"), bank.Why{}))
	done(t)(b.Convert(ctx, operator, learnA, there, []bank.Conversion{{RecordRef: ref("R1"), Worth: 350}}, bank.Why{}))
	many(t, b, learnB, "T", 20)
	outside = checkpointOf(t, b)
	wantSound(t, b)
	return outside
}

// Whatever is changed behind the bank's back is found, and the first entry that is wrong named.
func TestTampering(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, dsn, _ string) {
		tampered(t, b)
		raw := rawOf(t, dsn)
		raw.SetMaxOpenConns(1)
		disarm(t, raw, dsn)
		if strings.HasPrefix(dsn, "sqlite:") {
			execute(t, raw, "PRAGMA foreign_keys = OFF")
		}
		undo := keepTables(t, raw)
		for _, c := range tamperings() {
			t.Run(c.name, func(t *testing.T) {
				execute(t, raw, c.do...)
				wantFinding(t, b, bank.VerifyInput{}, c.code, c.entry)
				undo()
			})
		}
		wantSound(t, b)
	})
}

// keepTables copies the tables, and gives what puts them back.
func keepTables(t *testing.T, raw *sql.DB) (undo func()) {
	t.Helper()
	tables := append([]string{"record"}, lastingTables...)
	for _, table := range tables {
		execute(t, raw, "CREATE TABLE kept_"+table+" AS SELECT * FROM "+table)
	}
	return func() {
		for _, table := range tables {
			execute(t, raw, "DELETE FROM "+table, "INSERT INTO "+table+" SELECT * FROM kept_"+table)
		}
	}
}

func wantFinding(t *testing.T, b *bank.Bank, in bank.VerifyInput, code ledger.Code, entry int64) {
	t.Helper()
	report, err := b.Verify(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	found := report.Finding
	switch {
	case code == "":
		if found != nil {
			t.Errorf("found %v, want nothing", found)
		}
	case found == nil:
		t.Errorf("nothing is found, want %s at %d", code, entry)
	case found.Code != code || found.Number != entry:
		t.Errorf("found %v, want %s at %d", found, code, entry)
	}
}

// relog makes leaves and nodes fit the entries as they stand, as somebody would
// who knows the form and can write to every table but has not the key.
func relog(t *testing.T, raw *sql.DB) {
	t.Helper()
	rows, err := raw.Query(`SELECT number, batch, kind, debit, credit, amount, institution, reference, digest, coalesce(reverses, 0), reason, actor, at, cause_kind, cause_id FROM entry ORDER BY number`)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := ledger.LoadTree(0, ledger.TileReader(func(ledger.Tile) ([]byte, error) { return nil, nil }))
	if err != nil {
		t.Fatal(err)
	}
	var leaves []ledger.Hash
	for rows.Next() {
		var e ledger.Entry
		var kind, from, to string
		var digest []byte
		if err := rows.Scan(&e.Number, &e.Batch, &kind, &from, &to, &e.Amount, &e.Record.Institution, &e.Record.Reference, &digest, &e.Reverses, &e.Reason, &e.Actor, &e.At, &e.Cause.Kind, &e.Cause.ID); err != nil {
			t.Fatal(err)
		}
		copy(e.Digest[:], digest)
		e.Kind, _ = ledger.ParseKind(kind)
		e.Debit, _ = ledger.ParseAccount(from)
		e.Credit, _ = ledger.ParseAccount(to)
		leaves = append(leaves, e.Leaf())
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	tree.Append(leaves...)
	for i, leaf := range leaves {
		execute(t, raw, fmt.Sprintf("UPDATE entry SET leaf = %s WHERE number = %d", blob(raw, leaf[:]), i))
	}
	for _, tile := range tree.Tiles() {
		for i := 0; tile.Level == 1 && i < tile.Width; i++ {
			execute(t, raw, fmt.Sprintf("UPDATE ledger_node SET hash = %s WHERE level = 1 AND number = %d", blob(raw, tile.Hashes[i*32:i*32+32]), i))
		}
	}
}

// blob is a literal of bytes in either database.
func blob(raw *sql.DB, data []byte) string {
	if strings.Contains(fmt.Sprintf("%T", raw.Driver()), "sqlite") {
		return fmt.Sprintf("x'%x'", data)
	}
	return fmt.Sprintf(`'\x%x'`, data)
}

// Who also makes the tree fit is found by the checkpoints, and who removes those by
// one that was kept outside.
func TestTamperingWithTheTreeToo(t *testing.T) {
	const amount = "UPDATE entry SET amount = 500 WHERE number = 320"
	const standing = "UPDATE record SET worth = 500, deposited = 500 WHERE reference = 'S20'"
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, dsn, key string) {
		outside := tampered(t, b)
		keys, err := b.LedgerKeys(ctx)
		if err != nil {
			t.Fatal(err)
		}
		raw := rawOf(t, dsn)
		raw.SetMaxOpenConns(1)
		disarm(t, raw, dsn)
		undo := keepTables(t, raw)
		execute(t, raw, amount, standing)
		relog(t, raw)
		wantFinding(t, b, bank.VerifyInput{}, ledger.HeadDiffers, 300)
		// The bank signs no more.
		deposited(t, b, learnB, "U1")
		_, err = b.Checkpoint(ctx, 0)
		wantRefused(t, err, bank.Conflict)
		undo()

		execute(t, raw, amount, standing, "DELETE FROM checkpoint")
		relog(t, raw)
		execute(t, raw, "DELETE FROM record WHERE reference = 'U1'")
		wantFinding(t, b, bank.VerifyInput{}, "", 0) // nothing inside tells
		wantFinding(t, b, bank.VerifyInput{Checkpoint: outside, Keys: keys}, ledger.HeadDiffers, 0)
		undo()

		// The tail, after a checkpoint was kept.
		execute(t, raw, "DELETE FROM entry WHERE number >= 603", "DELETE FROM checkpoint WHERE size > 603", "DELETE FROM record WHERE learner = 'L2'")
		wantFinding(t, b, bank.VerifyInput{}, "", 0)
		wantFinding(t, b, bank.VerifyInput{Checkpoint: outside}, ledger.Truncated, 603)
		undo()

		// Another key, and all signed anew with it.
		secret, public, err := ledger.GenerateKey(strings.NewReader(strings.Repeat("k", 64)), "bank.example/api/v1/ledger")
		if err != nil {
			t.Fatal(err)
		}
		execute(t, raw, "UPDATE ledger_key SET public = '"+public+"'")
		wantFinding(t, b, bank.VerifyInput{}, ledger.UnknownKey, ledger.None)
		execute(t, raw, "DELETE FROM checkpoint")
		if err := os.WriteFile(key, []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
		checkpointOf(t, b)
		wantFinding(t, b, bank.VerifyInput{}, "", 0)
		wantFinding(t, b, bank.VerifyInput{Keys: keys}, ledger.UnknownKey, ledger.None)
		wantFinding(t, b, bank.VerifyInput{Checkpoint: outside}, ledger.UnknownKey, ledger.None)
	})
}

// Two rows that change places are found.
func TestSwappedRows(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, dsn, _ string) {
		many(t, b, learnA, "R", 20)
		raw := rawOf(t, dsn)
		disarm(t, raw, dsn)
		columns := "batch, kind, debit, credit, amount, institution, reference, digest, reverses, reason, actor, at, cause_kind, cause_id, learner, joined, leaf"
		execute(t, raw,
			"CREATE TABLE swapped AS SELECT number, "+columns+" FROM entry WHERE number IN (7, 9)",
			"DELETE FROM entry WHERE number IN (7, 9)",
			"INSERT INTO entry (number, "+columns+") SELECT 16 - number, 0, kind, debit, credit, amount, institution, reference, digest, reverses, reason, actor, at, cause_kind, cause_id, learner, joined, leaf FROM swapped")
		wantFinding(t, b, bank.VerifyInput{}, ledger.LeafDiffers, 7)
	})
}

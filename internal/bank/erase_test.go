package bank_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
)

const erasable = "account,name,id_type,id_number,school_number,birth_date,gender,institution,phone,email\n" +
	"E1,阿依古丽·买买提,resident_id,000000201001010018,G000000201001010018,2010-01-01,,A,000-5550-1234,ayi@example.org\n" +
	"E2,Zweite Person,other,NUMBER-OF-E2,,2005-01-01,,A,000-5550-9999,second@example.org\n"

// traces are the bytes by which E1 could be known: what was typed, and what it was sealed as.
func traces(t *testing.T, raw *sql.DB) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	for _, text := range []string{"阿依古丽", "买买提", "000000201001010018", "000-5550-1234", "00055501234", "ayi@example.org"} {
		found[text] = []byte(text)
	}
	rows, err := raw.Query(`SELECT 'sealed', sealed FROM learner WHERE account = 'E1' AND sealed IS NOT NULL UNION ALL SELECT field, digest FROM learner_index WHERE learner = 'E1'
		UNION ALL SELECT 'login', personal FROM login WHERE learner = 'E1' UNION ALL SELECT 'note', note FROM share WHERE learner = 'E1'
		UNION ALL SELECT 'value', value FROM correction WHERE learner = 'E1' UNION ALL SELECT 'session', data FROM session WHERE NOT ended`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var what string
		var data []byte
		if err := rows.Scan(&what, &data); err != nil {
			t.Fatal(err)
		}
		found[what] = data
	}
	if len(found) != 6+1+5+4 || rows.Err() != nil {
		t.Fatalf("traces of %d kinds: %v", len(found), rows.Err())
	}
	return found
}

// crowd imports many learners in no order, so that the pages of the tables are split and joined.
func crowd(t *testing.T, b *bank.Bank, seed uint64) {
	t.Helper()
	var csv strings.Builder
	csv.WriteString("account,name,institution,phone,email\n")
	random := rand.New(rand.NewPCG(seed, 1))
	for i := range 500 {
		fmt.Fprintf(&csv, "%c%06d-%d,学员%d,A,000-%06d,p%d@example.org\n", 'A'+random.IntN(26), random.IntN(1000000), i, i, i, i)
	}
	text(t, b, "learners", csv.String())
}

// lived gives E1 everything that a learner may have.
func lived(t *testing.T, b *bank.Bank) bank.Actor {
	t.Helper()
	small(t, b)
	crowd(t, b, 1)
	text(t, b, "learners", erasable)
	crowd(t, b, 2)
	text(t, b, "records", "learner,reference,institution,course,grade,completed_on\nE1,R1,A,a1,81,2024-06-25\nE2,R2,A,a1,82,2024-06-25\n")
	code, _, err := b.ClaimCode(ctx, operator, "E1")
	if err != nil {
		t.Fatal(err)
	}
	login, err := b.Claim(ctx, "", bank.Claim{Number: "000000201001010018", Code: code, Password: goodPassword, Consent: true, Guardian: "买买提"})
	if err != nil {
		t.Fatal(err)
	}
	me := bank.Actor{Name: "u:" + login, Login: login, Learner: "E1", Roles: bank.IsLearner}
	w := &town{Bank: b, t: t}
	w.begin("token of E1", login, 0)
	shared(t, b, me, bank.NewShare{Institution: "B", Note: "for ayi@example.org"})
	corrected(t, b, me, bank.NewCorrection{Field: "phone", Value: "000-5550-1235", Why: "it is new, says 阿依古丽"})
	if err := b.AddPasskey(ctx, me, bank.Passkey{ID: []byte("key of E1"), Name: "Phone of 阿依古丽", Credential: []byte(`{}`)}); err != nil {
		t.Fatal(err)
	}
	return me
}

// After the erasure no byte of the person is in the file, its log or a fresh backup;
// the account, its result and entries stay, and the ledger verifies.
func TestErasureLeavesNoByte(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "bank.db")
	b := open(t, "sqlite:"+path)
	lived(t, b)
	raw, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	marks := traces(t, raw)
	// Every row moves once, as rows of a bank do over the years.
	if err := b.RotatePersonalKey(ctx, operator, func(int) {}); err != nil {
		t.Fatal(err)
	}
	for what, mark := range traces(t, raw) {
		marks[what+" again"] = mark
	}
	if err := b.EraseLearner(ctx, operator, "E1", "asked for by the person"); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(folder, "copy")
	if err := b.Backup(ctx, operator, copied, func(_, _ int) {}); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{path, path + "-wal", copied} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for what, mark := range marks {
			if bytes.Contains(data, mark) {
				t.Errorf("%s (%s…) is in %s", what, hex.EncodeToString(mark[:6]), filepath.Base(file))
			}
		}
	}
	wantSound(t, b)
}

func TestErasedStaysErased(t *testing.T) {
	onBothRaw(t, func(t *testing.T, b *bank.Bank, raw *sql.DB) {
		me := lived(t, b)
		traces(t, raw)
		for what, err := range map[string]error{
			"by a registrar":            b.EraseLearner(ctx, registrarOf("A"), "E1", "asked for by the person"),
			"by an administrator alone": b.EraseLearner(ctx, administrator, "E1", "asked for by the person"),
		} {
			wantCode(t, what, err, bank.Denied)
		}
		wantCode(t, "without a reason", b.EraseLearner(ctx, operator, "E1", " x "), bank.Invalid)
		wantCode(t, "of nobody", b.EraseLearner(ctx, operator, "E9", "asked for by the person"), bank.NotFound)
		for range 2 { // the second time there is nothing left to do
			if err := b.EraseLearner(ctx, operator, "E1", "asked for by the person"); err != nil {
				t.Fatal(err)
			}
		}
		for _, table := range []string{"login", "consent", "correction", "share", "claim_code", "learner_index"} {
			var left int
			if err := raw.QueryRow("SELECT count(*) FROM " + table + " WHERE learner = 'E1'").Scan(&left); err != nil || left > 0 {
				t.Errorf("%d rows of %s are left: %v", left, table, err)
			}
		}
		for _, table := range []string{"session", "passkey"} {
			var left int
			if err := raw.QueryRow("SELECT count(*) FROM " + table).Scan(&left); err != nil || left > 0 {
				t.Errorf("%d rows of %s are left: %v", left, table, err)
			}
		}
		for _, name := range []string{"E1", "000000201001010018"} {
			_, err := b.SignIn(ctx, "", name, goodPassword)
			wantCode(t, "sign in as "+name, err, bank.Unauthenticated)
		}
		_, err := b.ActorOf(ctx, me.Login, "", "")
		wantCode(t, "the session's actor", err, bank.Unauthenticated)
		_, _, err = b.ClaimCode(ctx, operator, "E1")
		wantCode(t, "a code for it", err, bank.NotFound)
		_, err = b.AddLogin(ctx, operator, bank.NewLogin{Name: "again", Password: goodPassword, Learner: "E1"})
		wantCode(t, "a login for it", err, bank.NotFound)
		r := text(t, b, "learners", erasable)
		if r.Refused != 1 || r.Unchanged != 1 || r.Errors[0].Column != "account" || r.Errors[0].Value != "E1" || r.Errors[0].Code != "erased" {
			t.Errorf("imported again: %+v", r)
		}
		if again := text(t, b, "learners", strings.ReplaceAll(strings.SplitAfter(erasable, "\n")[0]+strings.SplitAfter(erasable, "\n")[1], "E1,", "E7,")); again.New != 1 {
			t.Errorf("the person under a new account: %+v", again)
		}
		if out := export(t, b, "learners"); strings.Contains(out, "E1,") || !strings.Contains(out, "E2,Zweite") {
			t.Errorf("exported with what was erased, or without others")
		}
		if balance, err := b.Balance(ctx, "E1"); err != nil || balance.Records != 1 {
			t.Errorf("%+v, %v", balance, err)
		}
		deposit := bank.DepositRecord{Reference: "R3", Institution: "A", Course: "a2", Grade: "80", CompletedOn: "2025-07-01"}
		if _, err := b.Deposit(ctx, operator, "E1", []bank.DepositRecord{deposit}, bank.Why{}); err != nil {
			t.Errorf("a result for the pseudonym: %v", err)
		}
		wantSound(t, b)
	})
}

// Accounts that were merged are of one person, and go together; the one that was
// merged away is not erased alone.
func TestErasureOfMergedAccounts(t *testing.T) {
	onBothRaw(t, func(t *testing.T, b *bank.Bank, raw *sql.DB) {
		lived(t, b)
		if _, err := b.Merge(ctx, operator, "E2", "E1", bank.Why{Reason: "one person"}); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "the one merged away", b.EraseLearner(ctx, operator, "E2", "asked for by the person"), bank.Conflict)
		if err := b.EraseLearner(ctx, operator, "E1", "asked for by the person"); err != nil {
			t.Fatal(err)
		}
		var erased int
		if err := raw.QueryRow("SELECT count(*) FROM learner WHERE account IN ('E1', 'E2') AND sealed IS NULL AND erased_at IS NOT NULL").Scan(&erased); err != nil || erased != 2 {
			t.Errorf("%d are erased: %v", erased, err)
		}
		wantSound(t, b)
	})
}

// Whoever is staff, too, stays staff.
func TestErasedLearnerMayBeStaff(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		b.Now = func() time.Time { return time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC) }
		lived(t, b)
		grants := []bank.RoleGrant{{Role: bank.IsRegistrar, Institution: "A"}}
		id, err := b.AddLogin(context.Background(), operator, bank.NewLogin{Name: "both", Password: goodPassword, Learner: "E2", Grants: grants})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.EraseLearner(ctx, operator, "E2", "asked for by the person"); err != nil {
			t.Fatal(err)
		}
		if a, err := b.ActorOf(ctx, id, "A", ""); err != nil || a.Learner != "" || !a.Is(bank.IsRegistrar) {
			t.Errorf("%+v, %v", a, err)
		}
	})
}

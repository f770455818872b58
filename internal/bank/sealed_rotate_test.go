package bank_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// onBothSealed opens banks on both databases with a master key in a file, as often as asked.
func onBothSealed(t *testing.T, test func(t *testing.T, key string, process func() *bank.Bank)) {
	run := func(t *testing.T, dsn, key string) {
		test(t, key, func() *bank.Bank {
			b, err := openWith(t, dsn, bank.Options{PersonalKeyFile: key})
			if err != nil {
				t.Fatal(err)
			}
			return b
		})
	}
	t.Run("sqlite", func(t *testing.T) {
		folder := t.TempDir()
		run(t, "sqlite:"+filepath.Join(folder, "bank.db"), filepath.Join(folder, "key"))
	})
	t.Run("postgres", func(t *testing.T) { run(t, testbed.Postgres(t), filepath.Join(t.TempDir(), "key")) })
}

// people imports so many learners and gives the file.
func people(t *testing.T, b *bank.Bank, name string, count int) {
	t.Helper()
	var csv strings.Builder
	csv.WriteString("account,name,phone\n")
	for i := range count {
		fmt.Fprintf(&csv, "%s%03d,学员%d,000-%04d\n", name, i, i, i)
	}
	if r := text(t, b, "learners", csv.String()); r.Refused > 0 {
		t.Fatalf("%+v", r)
	}
}

func primary(t *testing.T, b *bank.Bank, want int64) string {
	t.Helper()
	keys, err := b.PersonalKeys(ctx, operator)
	if err != nil || len(keys) != 1 || !keys[0].Primary || keys[0].Texts != want {
		t.Fatalf("%+v, %v, want one key with %d texts", keys, err, want)
	}
	return keys[0].ID
}

// While keys change, another process reads and writes; afterwards all is sealed with
// the new key, and both can read all of it.
func TestKeysRotateWhileOthersWork(t *testing.T) {
	onBothSealed(t, func(t *testing.T, _ string, process func() *bank.Bank) {
		one, two := process(), process()
		people(t, one, "A", 450)
		before := primary(t, two, 450)
		var wait sync.WaitGroup
		ended := make(chan struct{})
		wait.Go(func() {
			defer close(ended)
			if err := one.RotatePersonalKey(ctx, operator, func(int) {}); err != nil {
				t.Error(err)
			}
		})
		written := 0
		for working := true; working || written < 3; written++ {
			select {
			case <-ended:
				working = false
			default:
			}
			people(t, two, fmt.Sprintf("B%03d-", written), 1)
			if got := strings.Count(export(t, two, "learners"), "\n"); got != 452+written {
				t.Errorf("%d lines are read, want %d", got, 452+written)
			}
		}
		wait.Wait()
		if after := primary(t, one, int64(450+written)); after == before {
			t.Error("the key is the same")
		}
		three := process()
		want := export(t, three, "learners")
		if export(t, one, "learners") != want || export(t, two, "learners") != want || !strings.Contains(want, "学员449") {
			t.Error("the processes read different things")
		}
	})
}

// What ends in the middle goes on later, and is not begun anew.
func TestInterruptedRotationGoesOn(t *testing.T) {
	onBothSealed(t, func(t *testing.T, _ string, process func() *bank.Bank) {
		b := process()
		people(t, b, "A", 450)
		stopped, stop := context.WithCancel(ctx)
		if err := b.RotatePersonalKey(stopped, operator, func(int) { stop() }); !errors.Is(err, context.Canceled) {
			t.Fatalf("%v", err)
		}
		keys, err := b.PersonalKeys(ctx, operator)
		if err != nil || len(keys) != 2 || keys[0].Texts+keys[1].Texts != 450 || keys[0].Texts == 0 || keys[1].Texts == 0 {
			t.Fatalf("%+v, %v", keys, err)
		}
		other := process()
		if got := strings.Count(export(t, other, "learners"), "\n"); got != 451 {
			t.Errorf("%d lines", got)
		}
		sealed := 0
		if err := other.RotatePersonalKey(ctx, operator, func(done int) { sealed = done }); err != nil || sealed != 250 {
			t.Errorf("%d sealed again, %v", sealed, err)
		}
		primary(t, b, 450)
		if got := strings.Count(export(t, b, "learners"), "\n"); got != 451 {
			t.Errorf("%d lines", got)
		}
	})
}

func TestMasterKeyChanges(t *testing.T) {
	onBothSealed(t, func(t *testing.T, key string, process func() *bank.Bank) {
		b, other := process(), process()
		people(t, b, "A", 3)
		old := readFile(t, key)
		if err := b.RewrapPersonalKey(ctx, operator, ""); err != nil {
			t.Fatal(err)
		}
		if string(readFile(t, key)) == string(old) || string(readFile(t, key+".until-1")) != string(old) {
			t.Error("the file was not exchanged, or the old key not kept")
		}
		people(t, other, "B", 3)
		people(t, process(), "C", 3)
		// A process that ended before it put the new key in place.
		next := readFile(t, key)
		if err := errors.Join(os.Rename(key, key+".next-2"), os.WriteFile(key, old, 0o600), os.Remove(key+".until-1")); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(export(t, process(), "learners"), "\n"); got != 10 || string(readFile(t, key)) != string(next) {
			t.Errorf("%d lines; the key was put in place: %v", got, string(readFile(t, key)) == string(next))
		}
		var wait sync.WaitGroup
		for _, one := range []*bank.Bank{b, other} { // two at once, some times
			wait.Go(func() {
				for range 5 {
					if err := one.RewrapPersonalKey(ctx, operator, ""); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		if got := strings.Count(export(t, process(), "learners"), "\n"); got != 10 {
			t.Errorf("%d lines after two changed keys at once", got)
		}
		elsewhere := filepath.Join(t.TempDir(), "elsewhere")
		if err := b.RewrapPersonalKey(ctx, operator, elsewhere); err != nil {
			t.Fatal(err)
		}
		if err := b.RewrapPersonalKey(ctx, operator, elsewhere); bank.CodeOf(err) != bank.Conflict {
			t.Errorf("with the key of before: %v", err)
		}
	})
}

func TestKeysAreForOperators(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		for _, actor := range []bank.Actor{bank.Visitor, {Name: "u:x", Roles: bank.IsRegistrar | bank.IsAuditor | bank.IsLearner}} {
			_, err := b.PersonalKeys(ctx, actor)
			for what, err := range map[string]error{"list": err, "rotate": b.RotatePersonalKey(ctx, actor, func(int) {}), "rewrap": b.RewrapPersonalKey(ctx, actor, "")} {
				if bank.CodeOf(err) != bank.Denied {
					t.Errorf("%s: %v", what, err)
				}
			}
		}
	})
}

// What is over and never changed again does not keep the old key: sessions that
// ended and invitations that were used.
func TestRotationPassesWhatIsOver(t *testing.T) {
	inTown(t, func(w *town) {
		secret, err := w.Invite(ctx, operator, bank.NewInvitation{Name: "Somebody", Grants: []bank.RoleGrant{{Role: bank.IsRegistrar, Institution: schoolA}}})
		if err != nil {
			t.Fatal(err)
		}
		login, err := w.AcceptInvitation(ctx, "", secret, "somebody", goodPassword)
		if err != nil {
			t.Fatal(err)
		}
		w.begin("one that ends", login, w.epoch("somebody"))
		w.begin("one that stays", login, w.epoch("somebody"))
		if err := w.Sessions().Delete("one that ends"); err != nil {
			t.Fatal(err)
		}
		if err := w.RotatePersonalKey(ctx, operator, func(int) {}); err != nil {
			t.Fatal(err)
		}
		if keys, err := w.PersonalKeys(ctx, operator); err != nil || len(keys) != 1 {
			t.Errorf("%+v, %v", keys, err)
		}
		if w.lives("one that ends") || !w.lives("one that stays") {
			t.Error("sessions are not as they were")
		}
		if in, err := w.SignIn(ctx, "", "somebody", goodPassword); err != nil || in.Login != login {
			t.Errorf("%+v, %v", in, err)
		}
	})
}

// Every column of sealed texts takes part in a change of keys, and those that take
// part are there.
func TestSealedColumnsTakePart(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		if err := b.RotatePersonalKey(ctx, operator, func(int) {}); err != nil {
			t.Error(err)
		}
	})
	dsn := testbed.Postgres(t)
	open(t, dsn)
	raw, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	rows, err := raw.Query(`SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = current_schema() AND data_type = 'bytea'`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	sealed := 0
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		switch {
		case slices.Contains(bank.SealedColumns(), name):
			sealed++
		case !slices.Contains(plainBytes, name):
			t.Errorf("%s: bytes that are neither known to be plain nor take part in a change of keys", name)
		}
	}
	if rows.Err() != nil || sealed != len(bank.SealedColumns()) {
		t.Errorf("%d sealed columns of %d are there: %v", sealed, len(bank.SealedColumns()), rows.Err())
	}
}

// plainBytes are the columns of bytes that are digests, keys that are wrapped, and parts of the logs.
var plainBytes = []string{"personal_key.wrapped", "learner_index.digest", "attempt.subject", "audit.link", "claim_code.digest", "entry.digest", "entry.leaf",
	"idempotency.answer", "idempotency.fingerprint", "identity.subject", "invitation.digest", "ledger_node.hash", "login.handle", "passkey.id", "record.salt",
	"share.digest", "token.digest",
	"attachment.content"}

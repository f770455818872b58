package bank_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// everybody does everything once that leaves a trace about people, and gives all that
// must not be readable in it.
func everybody(w *town) (secrets []string) {
	w.t.Helper()
	ctx := context.Background()
	must := func(err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	registrar := w.registrar("liu.registrar", schoolA)
	must(w.LinkIdentity(ctx, registrar, "https://id.example.org", "subject-of-liu"))
	invitation, err := w.Invite(ctx, registrar, bank.NewInvitation{Name: "Ouyang Secretive", Email: "ouyang@example.com", Grants: []bank.RoleGrant{{Role: bank.IsExpert, Institution: schoolA}}})
	must(err)
	expert, err := w.AcceptInvitation(ctx, "192.0.2.0/24", invitation, "ouyang.hidden", goodPassword)
	must(err)
	open, err := w.Invite(ctx, registrar, bank.NewInvitation{Name: "Situ Unseen", Email: "situ@example.com", Grants: []bank.RoleGrant{{Role: bank.IsExpert, Institution: schoolA}}})
	must(err)
	code := w.code(childA)
	c := claimOf(childA, code)
	c.Guardian = "Guardian Unread"
	_, err = w.Claim(ctx, "", c)
	must(err)
	unused := w.code(pupilA)
	totp := w.enrolled(expert)
	must(w.AddPasskey(ctx, registrar, bank.Passkey{ID: []byte("id of the key"), Name: "Phone of Liu", Credential: []byte(`{"publicKey":"credentialOfLiu"}`)}))
	w.begin("token", registrar.Login, 0)
	must(w.Sessions().Commit("draft", sessionOf(w.t, map[string]any{"form": "What somebody typed"}), w.Now().Add(time.Hour)))
	_, err = w.SignIn(ctx, "", "name.of.nobody", otherPassword)
	w.refused("nobody", err, bank.Unauthenticated, "error.sign_in")
	recovery, err := w.Recover(ctx, registrar, expert)
	must(err)
	first := w.staff("boss.of.all", bank.RoleGrant{Role: bank.IsAdministrator})
	must(w.SetPassword(ctx, operator, first, otherPassword))
	return []string{"liu.registrar", "Person liu", "subject-of-liu", invitation, open, recovery, "Ouyang", "Secretive", "ouyang", "Situ", "situ@", "example.com", "Guardian Unread",
		code, strings.ReplaceAll(code, "-", ""), unused, strings.ReplaceAll(unused, "-", ""), totp, "Phone of Liu", "credentialOfLiu", "What somebody typed", "name.of.nobody",
		goodPassword, otherPassword, "boss.of.all", "Wang Xiaoming", idOfChild, "192.0.2.1"}
}

// Nothing that somebody typed, was told or is called can be read in the file of the
// database, its log, a backup, or a dump of the tables.
func TestNothingOfLoginsIsReadable(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		folder := t.TempDir()
		dsn := "sqlite:" + filepath.Join(folder, "bank.db")
		w := newTown(t, open(t, dsn))
		secrets := everybody(w)
		if err := w.Backup(context.Background(), operator, filepath.Join(folder, "copy.db"), func(int, int) {}); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(folder, "*.db*"))
		if err != nil || len(files) < 2 {
			t.Fatalf("%v, %v", files, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			unreadable(t, filepath.Base(file), data, secrets)
		}
	})
	t.Run("postgres", func(t *testing.T) {
		dsn := testbed.Postgres(t)
		w := newTown(t, open(t, dsn))
		secrets := everybody(w)
		raw, err := sql.Open("pgx", dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = raw.Close() }()
		for _, table := range []string{"login", "login_role", "attempt", "invitation", "claim_code", "passkey", "identity", "session", "consent", "audit"} {
			var text []byte
			if err := raw.QueryRow(`SELECT coalesce(string_agg(t::text, chr(10)), '') || encode(coalesce(string_agg(convert_to(t::text, 'UTF8'), '\x'), '\x'), 'escape') FROM ` + table + ` t`).Scan(&text); err != nil {
				t.Fatal(err)
			}
			unreadable(t, table, text, secrets)
		}
	})
}

func unreadable(t *testing.T, where string, data []byte, secrets []string) {
	t.Helper()
	for _, s := range secrets {
		for _, form := range [][]byte{[]byte(s), []byte(fmt.Sprintf("%x", s))} {
			if bytes.Contains(bytes.ToLower(data), bytes.ToLower(form)) {
				t.Errorf("%s: %q is readable", where, s)
			}
		}
	}
}

// The last line of defence about logins.
func TestDatabaseKeepsLoginsInOrder(t *testing.T) {
	statements := map[string]string{
		"a login without name and learner":      `UPDATE login SET handle = NULL WHERE learner IS NULL`,
		"the last administrator's role gone":    `DELETE FROM login_role WHERE role = 'administrator'`,
		"the last administrator disabled":       `UPDATE login SET disabled = TRUE WHERE id IN (SELECT login FROM login_role WHERE role = 'administrator')`,
		"the last administrator gone":           `DELETE FROM login WHERE id IN (SELECT login FROM login_role WHERE role = 'administrator')`,
		"a role edited":                         `UPDATE login_role SET role = 'decider' WHERE role = 'registrar'`,
		"a role of nowhere":                     `INSERT INTO login_role (login, role, granted_at, granted_by) SELECT login, 'decider', 1, 'x' FROM login_role WHERE role = 'registrar'`,
		"an administrator of a school":          `INSERT INTO login_role (login, role, institution, granted_at, granted_by) SELECT login, 'administrator', institution, 1, 'x' FROM login_role WHERE role = 'registrar'`,
		"a role twice":                          `INSERT INTO login_role (login, role, institution, granted_at, granted_by) SELECT login, role, institution, 1, 'x' FROM login_role WHERE role = 'administrator'`,
		"an unknown role":                       `INSERT INTO login_role (login, role, institution, granted_at, granted_by) SELECT login, 'king', institution, 1, 'x' FROM login_role WHERE role = 'registrar'`,
		"a used invitation opened again":        `UPDATE invitation SET used_at = NULL WHERE used_at IS NOT NULL`,
		"an invitation without end":             `UPDATE invitation SET expires_at = made_at`,
		"a recovery of nobody":                  `UPDATE invitation SET login = NULL WHERE kind = 'recovery'`,
		"a code with more tries":                `UPDATE claim_code SET tries_left = 11`,
		"a code of half a digest":               `UPDATE claim_code SET digest = substr(digest, 1, 8)`,
		"a password that is no hash":            `UPDATE login SET password = 'password'`,
		"a session that comes back":             `UPDATE session SET ended = FALSE WHERE ended`,
		"a session that ended and has its data": `UPDATE session SET ended = TRUE WHERE NOT ended`,
		"an older code":                         `UPDATE login SET totp_step = totp_step - 1 WHERE totp IS NOT NULL`,
		"a second login of a learner":           `UPDATE login SET learner = '` + childA + `' WHERE learner IS NULL`,
		"a count of no failures":                `UPDATE attempt SET failures = 0`,
		"a count of nothing":                    `UPDATE attempt SET subject = NULL`,
		"a slot beyond the bound":               `UPDATE attempt SET slot = 65536`,
	}
	onBothRaw(t, func(t *testing.T, b *bank.Bank, raw *sql.DB) {
		w := newTown(t, b)
		everybody(w)
		w.enrolled(w.staff("coded", bank.RoleGrant{Role: bank.IsExpert, Institution: schoolB}))
		if err := w.Sessions().Delete("draft"); err != nil {
			t.Fatal(err)
		}
		w.begin("another", "", 0)
		for _, name := range slices.Sorted(func(yield func(string) bool) {
			for name := range statements {
				if !yield(name) {
					return
				}
			}
		}) {
			if result, err := raw.Exec(statements[name]); err == nil {
				n, _ := result.RowsAffected()
				t.Errorf("%s was let through, %d rows", name, n)
			}
		}
	})
}

// However many names that nobody has are tried, what is kept of them is bounded: a
// name takes the place of another of the same slot, and of no name that somebody has.
func TestNamesOfNobodyAreBounded(t *testing.T) {
	onBothRaw(t, func(t *testing.T, b *bank.Bank, raw *sql.DB) {
		w := newTown(t, b)
		w.staff("li", bank.RoleGrant{Role: bank.IsExpert, Institution: schoolA})
		counts := func() (known, unknown, failures int) {
			if err := raw.QueryRow(`SELECT count(*) - count(slot), count(slot), coalesce(max(failures), 0) FROM attempt`).Scan(&known, &unknown, &failures); err != nil {
				t.Fatal(err)
			}
			return known, unknown, failures
		}
		for range 2 {
			for _, name := range []string{"li", "nobody"} {
				_, _ = w.SignIn(context.Background(), "", name, otherPassword)
			}
		}
		if known, unknown, failures := counts(); known != 1 || unknown != 1 || failures != 2 {
			t.Errorf("%d known, %d unknown, %d failures", known, unknown, failures)
		}
		// Another name of the slot was there before.
		w.code(pupilA)
		if _, err := raw.Exec(`UPDATE attempt SET subject = (SELECT digest FROM claim_code) WHERE slot IS NOT NULL`); err != nil {
			t.Fatal(err)
		}
		_, err := w.SignIn(context.Background(), "", "nobody", otherPassword)
		w.refused("in the place of another", err, bank.Unauthenticated, "error.sign_in")
		if known, unknown, failures := counts(); known != 1 || unknown != 1 || failures != 2 {
			t.Errorf("then %d known, %d unknown, %d failures", known, unknown, failures)
		}
	})
}

// The audit log says who did what to which login, and counts of failures, and
// nothing personal.
func TestWhatTheAuditLogSaysOfLogins(t *testing.T) {
	onBothRaw(t, func(t *testing.T, b *bank.Bank, raw *sql.DB) {
		w := newTown(t, b)
		secrets := everybody(w)
		login := w.staff("guessed", bank.RoleGrant{Role: bank.IsExpert, Institution: schoolB})
		for range 5 {
			_, _ = w.SignIn(context.Background(), "192.0.2.0/24", "guessed", otherPassword)
		}
		w.pass(time.Minute)
		if _, err := w.SignIn(context.Background(), "192.0.2.0/24", "guessed", goodPassword); err != nil {
			t.Fatal(err)
		}
		rows, err := raw.Query(`SELECT actor, action, object, subject, detail FROM audit ORDER BY seq`)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		var lines []string
		for rows.Next() {
			var actor, action, object, subject, detail string
			if err := rows.Scan(&actor, &action, &object, &subject, &detail); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, strings.Join([]string{actor, action, object, subject, detail}, "|"))
		}
		all := strings.Join(lines, "\n")
		for _, want := range []string{"|login.add|", "|role.grant|", "|invitation.staff|", "|invitation.accept|", "|invitation.recovery|", "|claim.code||LC|", "|LC|", "|totp.add|", "|passkey.add|",
			"|identity.add|", "|login.password|", "visitor|login.wait|" + login + "||5", "u:" + login + "|login.in|" + login + "||password 5"} {
			if !strings.Contains(all, want) {
				t.Errorf("the log does not say %s", want)
			}
		}
		unreadable(t, "audit log", []byte(all), secrets)
	})
}

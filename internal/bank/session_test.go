package bank_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"testing"
	"time"

	"creditbank/internal/bank"
)

// sessionOf is what scs hands to the store.
func sessionOf(t *testing.T, values map[string]any) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := gob.NewEncoder(&out).Encode(&struct {
		Deadline time.Time
		Values   map[string]any
	}{time.Unix(1, 0), values}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// begin keeps a session of a login under a token as scs hashes them.
func (w *town) begin(token, login string, epoch int64) {
	w.t.Helper()
	data := sessionOf(w.t, map[string]any{bank.SessionLogin: login, bank.SessionEpoch: epoch, bank.SessionAgent: "Firefox", bank.SessionOrigin: "192.0.2.0/24"})
	if err := w.Sessions().Commit(token, data, w.Now().AddDate(1, 0, 0)); err != nil {
		w.t.Fatal(err)
	}
}

// lives says whether a session is found.
func (w *town) lives(token string) bool {
	w.t.Helper()
	_, found, err := w.Sessions().Find(token)
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

func TestSessionsEndIdleAndOld(t *testing.T) {
	inTown(t, func(w *town) {
		staff := w.staff("reg", bank.RoleGrant{Role: bank.IsRegistrar, Institution: schoolA})
		pupil, err := w.Claim(context.Background(), "", claimOf(pupilA, w.code(pupilA)))
		if err != nil {
			t.Fatal(err)
		}
		epoch := w.epoch("reg")
		for _, c := range []struct {
			what, login string
			epoch       int64
			idle, life  time.Duration
		}{{"staff", staff, epoch, 30 * time.Minute, 12 * time.Hour}, {"learner", pupil, 0, 7 * 24 * time.Hour, 30 * 24 * time.Hour}, {"without a role yet", w.staff("new"), 0, 30 * time.Minute, 12 * time.Hour}, {"nobody", "", 0, 30 * time.Minute, 2 * time.Hour}} {
			w.begin(c.what+" idle", c.login, c.epoch)
			w.pass(c.idle - time.Microsecond)
			if !w.lives(c.what + " idle") {
				t.Errorf("%s: over too soon", c.what)
			}
			w.pass(c.idle)
			if w.lives(c.what + " idle") {
				t.Errorf("%s: not over when idle", c.what)
			}
			w.begin(c.what+" old", c.login, c.epoch)
			for left := c.life - time.Microsecond; left > 0; left -= c.idle - time.Minute {
				w.pass(min(left, c.idle-time.Minute))
				if !w.lives(c.what + " old") {
					t.Errorf("%s: over with %v left", c.what, left)
				}
			}
			w.pass(time.Microsecond)
			if w.lives(c.what + " old") {
				t.Errorf("%s: not over when old", c.what)
			}
		}
		short := sessionOf(t, map[string]any{"x": "y"})
		if err := w.Sessions().Commit("short", short, w.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if w.pass(time.Minute); w.lives("short") {
			t.Error("the web's own end is not kept")
		}
	})
}

// epoch signs in, and gives what a session takes.
func (w *town) epoch(name string) int64 {
	w.t.Helper()
	in, err := w.SignIn(context.Background(), "", name, goodPassword)
	if err != nil {
		w.t.Fatal(err)
	}
	return in.Epoch
}

// A session that ended stays so, also when a request that was under way keeps it once more.
func TestEndedSessionsDoNotComeBack(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		g := bank.RoleGrant{Role: bank.IsExpert, Institution: schoolB}
		login := w.staff("reg", bank.RoleGrant{Role: bank.IsRegistrar, Institution: schoolA})
		me := w.actor(login, schoolA)
		for _, c := range []struct {
			what string
			end  func() error
		}{
			{"logout", func() error { return w.Sessions().Delete("token") }},
			{"ended", func() error { return w.EndDevice(ctx, me, w.device(me)) }},
			{"others ended", func() error { return w.EndOtherDevices(ctx, me, "") }},
			{"role granted", func() error { return w.GrantRole(ctx, operator, login, g) }},
			{"role revoked", func() error { return w.RevokeRole(ctx, operator, login, g) }},
			{"password", func() error { return w.SetPassword(ctx, operator, login, goodPassword) }},
			{"disabled", func() error { return w.DisableLogin(ctx, operator, login, true) }},
			{"recovered", func() error { _, err := w.Recover(ctx, operator, login); return err }},
		} {
			what, end := c.what, c.end
			_ = w.DisableLogin(ctx, operator, login, false)
			if err := w.SetPassword(ctx, operator, login, goodPassword); err != nil {
				t.Fatal(err)
			}
			epoch := w.epoch("reg")
			token := "token"
			if what != "logout" {
				token += what
			}
			w.begin(token, login, epoch)
			if !w.lives(token) {
				t.Fatalf("%s: no session", what)
			}
			if err := end(); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			if w.lives(token) {
				t.Errorf("%s: the session lives", what)
			}
			w.begin(token, login, epoch)
			if w.lives(token) {
				t.Errorf("%s: the session came back", what)
			}
			w.begin("renamed "+token, login, epoch)
			if all := what != "logout" && what != "ended" && what != "others ended"; all && w.lives("renamed "+token) {
				t.Errorf("%s: the session came back under another name", what)
			}
		}
	})
}

// device is the ID of the last used session.
func (w *town) device(a bank.Actor) string {
	w.t.Helper()
	list, err := w.Devices(context.Background(), a)
	if err != nil || len(list) == 0 {
		w.t.Fatalf("%v, %v", list, err)
	}
	return list[0].ID
}

func TestDevices(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		me, other := w.registrar("reg", schoolA), w.registrar("other", schoolA)
		epoch := w.epoch("reg")
		w.begin("first", me.Login, epoch)
		w.pass(2 * time.Minute)
		w.begin("second", me.Login, epoch)
		list, err := w.Devices(ctx, me)
		if err != nil || len(list) != 2 || list[0].Agent != "Firefox" || list[0].Origin != "192.0.2.0/24" || !list[0].Made.Equal(w.Now()) {
			t.Fatalf("%+v, %v", list, err)
		}
		err = w.EndDevice(ctx, other, list[0].ID)
		w.refused("another's device", err, bank.NotFound, "error.not_found.device")
		if err := w.EndOtherDevices(ctx, me, list[0].ID); err != nil || !w.lives("second") || w.lives("first") {
			t.Errorf("end the others: %v", err)
		}
		if err := w.EndDevice(ctx, me, list[0].ID); err != nil || w.lives("second") {
			t.Errorf("end this one: %v", err)
		}
		if left, err := w.Devices(ctx, me); err != nil || len(left) > 0 {
			t.Errorf("%+v, %v", left, err)
		}
		// What a page finds out from its own token.
		const token, hashed = "abc", "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
		w.begin(hashed, me.Login, epoch)
		if got := w.device(me); got != bank.DeviceID(token) {
			t.Errorf("%s, want %s", got, bank.DeviceID(token))
		}
		if _, err := w.Devices(ctx, bank.Visitor); bank.CodeOf(err) != bank.Denied {
			t.Errorf("a visitor: %v", err)
		}
	})
}

// A request that changes nothing writes nothing but once a minute.
func TestSessionsAreNotWrittenEachTime(t *testing.T) {
	inTown(t, func(w *town) {
		me := w.registrar("reg", schoolA)
		epoch := w.epoch("reg")
		w.begin("token", me.Login, epoch)
		seen := func() time.Time {
			list, err := w.Devices(context.Background(), me)
			if err != nil || len(list) != 1 {
				t.Fatalf("%+v, %v", list, err)
			}
			return list[0].Seen
		}
		before := seen()
		w.pass(time.Minute - time.Microsecond)
		w.begin("token", me.Login, epoch)
		if w.lives("token"); !seen().Equal(before) {
			t.Error("written within a minute")
		}
		w.pass(time.Microsecond)
		if w.lives("token"); !seen().Equal(before.Add(time.Minute)) {
			t.Error("not written after a minute")
		}
		changed := sessionOf(t, map[string]any{bank.SessionLogin: me.Login, bank.SessionEpoch: epoch, "seat": schoolA})
		if err := w.Sessions().Commit("token", changed, w.Now().AddDate(1, 0, 0)); err != nil {
			t.Fatal(err)
		}
		if data, _, err := w.Sessions().Find("token"); err != nil || !bytes.Equal(data, changed) {
			t.Errorf("a change is not kept: %v", err)
		}
	})
}

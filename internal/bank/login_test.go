package bank_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"creditbank/internal/bank"
)

// Schools and passwords of the tests about logins.
const (
	schoolA, schoolB = "3650990001", "4150099901"

	goodPassword  = "magpie under the long bridge"
	otherPassword = "seven kettles of green tea"
)

// Learners: of school A, of school A and under fourteen, of school B, of nowhere.
const (
	pupilA, childA, pupilB, pupilX = "LA", "LC", "LB", "LX"

	idOfA, idOfChild = "000000200804141025", "000000201404141020"
)

// town is a bank with two schools, some people, and a clock that tests move.
type town struct {
	*bank.Bank
	t   *testing.T
	now atomic.Int64
}

func (w *town) pass(d time.Duration) { w.now.Add(int64(d)) }

// inTown runs a test on both databases.
func inTown(t *testing.T, test func(w *town)) {
	onBoth(t, func(t *testing.T, b *bank.Bank) { test(newTown(t, b)) })
}

func newTown(t *testing.T, b *bank.Bank) *town {
	t.Helper()
	w := &town{Bank: b, t: t}
	w.now.Store(b.Now().UnixNano())
	b.Now = func() time.Time { return time.Unix(0, w.now.Load()).UTC() }
	for _, f := range [][2]string{
		{"institutions", "code,name,kind\n" + schoolA + ",School A,secondary_vocational\n" + schoolB + ",School B,higher_vocational\n"},
		{"learners", "account,name,id_type,id_number,birth_date,institution,phone\n" +
			pupilA + ",Li Hua,resident_id," + idOfA + ",2008-04-14," + schoolA + ",00010000037\n" +
			childA + ",Wang Xiaoming,resident_id," + idOfChild + ",2014-04-14," + schoolA + ",\n" +
			pupilB + ",Zhang Min,passport,E12345678,2006-01-01," + schoolB + ",\n" +
			pupilX + ",Zhao Lei,,,,,\n"},
	} {
		if r := text(t, b, f[0], f[1]); r.Refused > 0 || !r.Written {
			t.Fatalf("%s: %+v", f[0], r)
		}
	}
	return w
}

// staff makes a login with roles, named after the first of them.
func (w *town) staff(name string, grants ...bank.RoleGrant) string {
	w.t.Helper()
	id, err := w.AddLogin(context.Background(), operator, bank.NewLogin{Name: name, DisplayName: "Person " + name, Password: goodPassword, Grants: grants})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// actor is who a login is at an institution, with a second factor where a role takes one.
func (w *town) actor(login, institution string) bank.Actor {
	w.t.Helper()
	a, err := w.ActorOf(context.Background(), login, institution, "192.0.2.0/24")
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// protected gives a login a passkey, so that it may have any role.
func (w *town) protected(login string) string {
	w.t.Helper()
	err := w.AddPasskey(context.Background(), bank.Actor{Name: "u:" + login, Login: login}, bank.Passkey{ID: []byte("key " + login), Name: "Key", Credential: []byte(`{}`)})
	if err != nil {
		w.t.Fatal(err)
	}
	return login
}

func (w *town) administrator(name string) bank.Actor {
	return w.actor(w.protected(w.staff(name, bank.RoleGrant{Role: bank.IsAdministrator})), "")
}

func (w *town) registrar(name, school string) bank.Actor {
	return w.actor(w.staff(name, bank.RoleGrant{Role: bank.IsRegistrar, Institution: school}), school)
}

// refused checks the code and the key of a refusal.
func (w *town) refused(what string, err error, code bank.Code, key string) {
	w.t.Helper()
	if bank.CodeOf(err) != code || keyOf(err) != key {
		w.t.Errorf("%s: got %v, want %s %s", what, err, code, key)
	}
}

func TestSignIn(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		id := w.staff("Wang.Li", bank.RoleGrant{Role: bank.IsRegistrar, Institution: schoolA})
		for _, name := range []string{"Wang.Li", "wang.li", " WANG.LI ", "ｗａｎｇ.ｌｉ"} {
			in, err := w.SignIn(ctx, "", name, goodPassword)
			if err != nil || in.Login != id || in.Second || in.Enrol {
				t.Errorf("%q: %+v, %v", name, in, err)
			}
		}
		for name, password := range map[string]string{"wang.li": otherPassword, "nobody": goodPassword, "": "", "wang.li\x00": goodPassword, "\xff": goodPassword} {
			_, err := w.SignIn(ctx, "", name, password)
			w.refused(fmt.Sprintf("%q", name), err, bank.Unauthenticated, "error.sign_in")
		}
	})
}

// Whoever guesses waits, for a name that somebody has as for one that nobody has.
func TestGuessingWaits(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		w.staff("li", bank.RoleGrant{Role: bank.IsExpert, Institution: schoolA})
		said := map[string]string{}
		for _, name := range []string{"li", "nobody"} {
			wait := func() int {
				_, err := w.SignIn(ctx, "", name, goodPassword)
				w.refused(name, err, bank.TooMany, "error.sign_in_wait")
				return argOf(err, "Seconds")
			}
			for range 4 {
				_, err := w.SignIn(ctx, "", name, otherPassword)
				w.refused(name, err, bank.Unauthenticated, "error.sign_in")
			}
			for range 7 {
				_, err := w.SignIn(ctx, "", name, otherPassword)
				w.refused(name, err, bank.Unauthenticated, "error.sign_in")
				seconds := wait()
				said[name] += fmt.Sprintln(seconds)
				w.pass(time.Duration(seconds)*time.Second - time.Microsecond)
				wait()
				w.pass(time.Microsecond)
			}
		}
		if want := "60\n120\n240\n480\n900\n900\n900\n"; said["li"] != want || said["nobody"] != want {
			t.Errorf("waits are %q, want %q for both", said, want)
		}
		if _, err := w.SignIn(ctx, "", "li", goodPassword); err != nil {
			t.Errorf("after the wait: %v", err)
		}
		if _, err := w.SignIn(ctx, "", "li", otherPassword); bank.CodeOf(err) != bank.Unauthenticated {
			t.Errorf("after a sign-in: %v", err)
		}
	})
}

// Of fifty guesses at once five are looked at.
func TestGuessesAtOnce(t *testing.T) {
	inTown(t, func(w *town) {
		w.staff("li", bank.RoleGrant{Role: bank.IsExpert, Institution: schoolA})
		var wait sync.WaitGroup
		var looked, waiting atomic.Int64
		for range 50 {
			wait.Go(func() {
				switch _, err := w.SignIn(context.Background(), "", "li", otherPassword); bank.CodeOf(err) {
				case bank.Unauthenticated:
					looked.Add(1)
				case bank.TooMany:
					waiting.Add(1)
				}
			})
		}
		wait.Wait()
		if looked.Load() != 5 || waiting.Load() != 45 {
			t.Errorf("%d were looked at and %d had to wait", looked.Load(), waiting.Load())
		}
	})
}

// keyOf is the key of the sentence of a refusal.
func keyOf(err error) string {
	var refusal *bank.Error
	if errors.As(err, &refusal) {
		return refusal.Key
	}
	return ""
}

// argOf is a number that a refusal tells.
func argOf(err error, name string) int {
	var refusal *bank.Error
	if errors.As(err, &refusal) {
		n, _ := refusal.Args[name].(int)
		return n
	}
	return 0
}

// faultOf is the first field that a refusal names, and the code.
func faultOf(err error) string {
	var refusal *bank.Error
	if errors.As(err, &refusal) && len(refusal.Fields) > 0 {
		return refusal.Fields[0].Field + " " + refusal.Fields[0].Code
	}
	return fmt.Sprint(err)
}

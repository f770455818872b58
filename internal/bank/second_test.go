package bank_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"creditbank/internal/bank"
)

// app is an authenticator app with a secret.
func (w *town) app(secret string) string {
	w.t.Helper()
	code, err := totp.GenerateCode(secret, w.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

// enrolled sets up the codes of an app for a login, and gives the secret.
func (w *town) enrolled(login string) string {
	w.t.Helper()
	ctx, me := context.Background(), w.actor(login, "")
	secret, _, err := w.BeginTOTP(ctx, me)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.ConfirmTOTP(ctx, me, secret, w.app(secret)); err != nil {
		w.t.Fatal(err)
	}
	return secret
}

func TestCodesAreTakenOnce(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		login := w.staff("dec", bank.RoleGrant{Role: bank.IsDecider, Institution: schoolA})
		if in, err := w.SignIn(ctx, "", "dec", goodPassword); err != nil || !in.Enrol || in.Second {
			t.Errorf("before: %+v, %v", in, err)
		}
		if a := w.actor(login, ""); a.Is(bank.IsDecider) {
			t.Error("a decider without a second factor")
		}
		secret := w.enrolled(login)
		if a := w.actor(login, ""); !a.Is(bank.IsDecider) {
			t.Error("no decider with a second factor")
		}
		if in, err := w.SignIn(ctx, "", "dec", goodPassword); err != nil || in.Enrol || !in.Second {
			t.Errorf("after: %+v, %v", in, err)
		}
		w.refused("the code of the setup", w.CheckTOTP(ctx, login, w.app(secret)), bank.Unauthenticated, "error.second")
		w.pass(30 * time.Second)
		code := w.app(secret)
		if err := w.CheckTOTP(ctx, login, code); err != nil {
			t.Errorf("a new code: %v", err)
		}
		w.refused("the same again", w.CheckTOTP(ctx, login, code), bank.Unauthenticated, "error.second")
		w.pass(30 * time.Second)
		w.refused("the same, half a minute later", w.CheckTOTP(ctx, login, code), bank.Unauthenticated, "error.second")
		skipped := w.app(secret)
		w.pass(30 * time.Second)
		if err := w.CheckTOTP(ctx, login, w.app(secret)); err != nil {
			t.Errorf("the next code: %v", err)
		}
		w.refused("one before it", w.CheckTOTP(ctx, login, skipped), bank.Unauthenticated, "error.second")
		w.refused("a login without codes", w.CheckTOTP(ctx, "nobody", code), bank.Unauthenticated, "error.second")
	})
}

// One code that two send at once lets one in.
func TestOneCodeTwiceAtOnce(t *testing.T) {
	inTown(t, func(w *town) {
		login := w.staff("exp", bank.RoleGrant{Role: bank.IsExpert, Institution: schoolA})
		secret := w.enrolled(login)
		w.pass(time.Minute)
		code := w.app(secret)
		errs := make(chan error, 4)
		for range cap(errs) {
			go func() { errs <- w.CheckTOTP(context.Background(), login, code) }()
		}
		in := 0
		for range cap(errs) {
			if <-errs == nil {
				in++
			}
		}
		if in != 1 {
			t.Errorf("%d came in", in)
		}
	})
}

// Codes are guessed no faster than passwords, and a right password between them changes nothing.
func TestGuessingCodesWaits(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		login := w.staff("exp", bank.RoleGrant{Role: bank.IsExpert, Institution: schoolA})
		secret := w.enrolled(login)
		w.pass(time.Minute)
		for range 5 {
			if _, err := w.SignIn(ctx, "", "exp", goodPassword); err != nil {
				t.Fatal(err)
			}
			w.refused("a wrong code", w.CheckTOTP(ctx, login, "12345"), bank.Unauthenticated, "error.second")
		}
		w.refused("a right one while waiting", w.CheckTOTP(ctx, login, w.app(secret)), bank.TooMany, "error.sign_in_wait")
		w.pass(time.Minute)
		if err := w.CheckTOTP(ctx, login, w.app(secret)); err != nil {
			t.Errorf("after the wait: %v", err)
		}
	})
}

func TestSecondFactorStaysWithItsRole(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		login := w.staff("adm", bank.RoleGrant{Role: bank.IsAdministrator})
		secret := w.enrolled(login)
		me := w.actor(login, "")
		w.refused("the only one", w.RemoveTOTP(ctx, me), bank.Conflict, "error.second_needed")
		w.pass(time.Minute)
		if err := w.CheckTOTP(ctx, login, w.app(secret)); err != nil {
			t.Errorf("after the refusal: %v", err)
		}
		w.protected(login)
		if err := w.RemoveTOTP(ctx, me); err != nil {
			t.Errorf("with a passkey: %v", err)
		}
		w.refused("the passkey then", w.RemovePasskey(ctx, me, []byte("key "+login)), bank.Conflict, "error.second_needed")
		free := w.staff("exp", bank.RoleGrant{Role: bank.IsExpert, Institution: schoolA})
		w.enrolled(free)
		if err := w.RemoveTOTP(ctx, w.actor(free, "")); err != nil {
			t.Errorf("an expert: %v", err)
		}
		w.refused("a wrong code at the setup", w.ConfirmTOTP(ctx, me, secret, "12345"), bank.Invalid, "error.invalid_fields")
		short := strings.Repeat("A", 8)
		w.refused("a short secret", w.ConfirmTOTP(ctx, me, short, w.app(short)), bank.Invalid, "error.invalid_fields")
	})
}

func TestPasskeys(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		me, other := w.registrar("reg", schoolA), w.registrar("other", schoolA)
		key := bank.Passkey{ID: []byte{0, 1, 2}, Name: " Phone ", Credential: []byte(`{"counter":0}`)}
		if err := w.AddPasskey(ctx, me, key); err != nil {
			t.Fatal(err)
		}
		w.refused("the key again", w.AddPasskey(ctx, other, key), bank.Conflict, "error.passkey")
		if login, err := w.LoginOfPasskey(ctx, key.ID); err != nil || login != me.Login {
			t.Errorf("%s, %v", login, err)
		}
		w.refused("another's use", w.UsePasskey(ctx, other.Login, key.ID, []byte(`{}`)), bank.NotFound, "error.not_found.passkey")
		w.refused("another's removal", w.RemovePasskey(ctx, other, key.ID), bank.NotFound, "error.not_found.passkey")
		w.pass(time.Minute)
		if err := w.UsePasskey(ctx, me.Login, key.ID, []byte(`{"counter":1}`)); err != nil {
			t.Error(err)
		}
		keys, err := w.Passkeys(ctx, me.Login)
		if err != nil || len(keys) != 1 || keys[0].Name != "Phone" || string(keys[0].Credential) != `{"counter":1}` || !keys[0].Used.Equal(w.Now()) {
			t.Errorf("%+v, %v", keys, err)
		}
		in, err := w.Enter(ctx, "", me.Login, bank.ByPasskey)
		if err != nil || in.Second || in.Enrol {
			t.Errorf("a passkey alone: %+v, %v", in, err)
		}
		if in, err := w.SignIn(ctx, "", "reg", goodPassword); err != nil || !in.Second {
			t.Errorf("a password beside it: %+v, %v", in, err)
		}
		if err := w.DisableLogin(ctx, operator, me.Login, true); err != nil {
			t.Fatal(err)
		}
		_, err = w.LoginOfPasskey(ctx, key.ID)
		w.refused("of a disabled login", err, bank.NotFound, "error.not_found.passkey")
		_, err = w.Enter(ctx, "", me.Login, bank.ByPasskey)
		w.refused("a disabled login", err, bank.Unauthenticated, "error.sign_in")
	})
}

func TestIdentities(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		const issuer = "https://id.example.org"
		me, other := w.registrar("reg", schoolA), w.registrar("other", schoolA)
		if err := w.LinkIdentity(ctx, me, issuer, "subject"); err != nil {
			t.Fatal(err)
		}
		w.refused("somebody else's", w.LinkIdentity(ctx, other, issuer, "subject"), bank.Conflict, "error.identity")
		w.refused("a second one", w.LinkIdentity(ctx, me, issuer, "another"), bank.Conflict, "error.identity")
		if login, err := w.LoginOfIdentity(ctx, issuer, "subject"); err != nil || login != me.Login {
			t.Errorf("%s, %v", login, err)
		}
		_, err := w.LoginOfIdentity(ctx, "https://other.example.org", "subject")
		w.refused("of another provider", err, bank.Unauthenticated, "error.no_identity")
		if list, err := w.Identities(ctx, me); err != nil || len(list) != 1 || list[0].Issuer != issuer {
			t.Errorf("%+v, %v", list, err)
		}
		if err := w.UnlinkIdentity(ctx, other, issuer); err != nil {
			t.Error(err)
		}
		if err := w.UnlinkIdentity(ctx, me, issuer); err != nil {
			t.Error(err)
		}
		_, err = w.LoginOfIdentity(ctx, issuer, "subject")
		w.refused("after it was unlinked", err, bank.Unauthenticated, "error.no_identity")

		// The last way in stays.
		if _, err := w.Recover(ctx, operator, me.Login); err != nil {
			t.Fatal(err)
		}
		if err := w.LinkIdentity(ctx, me, issuer, "subject"); err != nil {
			t.Fatal(err)
		}
		w.refused("the last way", w.UnlinkIdentity(ctx, me, issuer), bank.Conflict, "error.last_way")
	})
}

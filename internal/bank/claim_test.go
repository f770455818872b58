package bank_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"creditbank/internal/bank"
)

// code makes a claim code for a learner.
func (w *town) code(account string) string {
	w.t.Helper()
	code, _, err := w.ClaimCode(context.Background(), operator, account)
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

func claimOf(number, code string) bank.Claim {
	return bank.Claim{Number: number, Code: code, Password: goodPassword, Consent: true}
}

func TestClaim(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		registrar := w.registrar("reg", schoolA)
		code, expires, err := w.ClaimCode(ctx, registrar, pupilA)
		if err != nil || len(code) != 11 || code[5] != '-' || !expires.Equal(w.Now().AddDate(0, 0, 30)) {
			t.Fatalf("%q until %v: %v", code, expires, err)
		}
		login, err := w.Claim(ctx, "192.0.2.0/24", claimOf(" "+idOfA+" ", strings.ToLower(strings.Replace(code, "-", " ", 1))))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{idOfA, pupilA} {
			if in, err := w.SignIn(ctx, "", name, goodPassword); err != nil || in.Login != login {
				t.Errorf("%s: %+v, %v", name, in, err)
			}
		}
		a := w.actor(login, "")
		if a.Learner != pupilA || a.Roles != bank.IsLearner || a.Name != "u:"+login {
			t.Errorf("%+v", a)
		}
		_, err = w.Claim(ctx, "", claimOf(idOfA, code))
		w.refused("the code again", err, bank.Unauthenticated, "error.claim")

		// The code of the school also mends a login whose password is lost.
		again, err := w.Claim(ctx, "", bank.Claim{Number: pupilA, Code: w.code(pupilA), Password: otherPassword, Consent: true})
		if err != nil || again != login {
			t.Errorf("%s, %v, want %s", again, err, login)
		}
		_, err = w.SignIn(ctx, "", pupilA, goodPassword)
		w.refused("the old password", err, bank.Unauthenticated, "error.sign_in")
	})
}

// Whatever does not fit gets the same answer, which says nothing of what is there.
func TestClaimThatDoesNotFit(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		old, second := w.code(pupilA), ""
		w.pass(30 * 24 * time.Hour)
		refused := func(what, number, code string) {
			t.Helper()
			_, err := w.Claim(ctx, "", claimOf(number, code))
			w.refused(what, err, bank.Unauthenticated, "error.claim")
		}
		refused("a code of thirty days ago", pupilA, old)
		old, second = w.code(pupilA), w.code(pupilA)
		refused("a code that another replaced", pupilA, old)
		refused("another's code", pupilB, second)
		refused("a number of nobody", "000000199901010005", second)
		refused("an account of nobody", "nobody", second)
		refused("text of zeros", "\x00", second)
		if _, err := w.Claim(ctx, "", claimOf(pupilA, second)); err != nil {
			t.Errorf("the last code: %v", err)
		}
		mended := w.code(pupilA)
		in, err := w.LoginNamed(ctx, operator, pupilA)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.DisableLogin(ctx, operator, in.ID, true); err != nil {
			t.Fatal(err)
		}
		refused("of a disabled login", pupilA, mended)
	})
}

func TestClaimNamesWhatIsMissing(t *testing.T) {
	inTown(t, func(w *town) {
		code := w.code(pupilA)
		for want, change := range map[string]func(*bank.Claim){
			"number required":         func(c *bank.Claim) { c.Number = " " },
			"code claim_code":         func(c *bank.Claim) { c.Code = "2345-6789" },
			"consent consent":         func(c *bank.Claim) { c.Consent = false },
			"password password_short": func(c *bank.Claim) { c.Password = "short" },
			"password password_yours": func(c *bank.Claim) { c.Password = "my number ends in 141025" },
		} {
			c := claimOf(pupilA, code)
			change(&c)
			if _, err := w.Claim(context.Background(), "", c); bank.CodeOf(err) != bank.Invalid || faultOf(err) != want {
				t.Errorf("%s: %v", want, err)
			}
		}
		if _, err := w.Claim(context.Background(), "", claimOf(pupilA, code)); err != nil {
			t.Errorf("after all of it: %v", err)
		}
	})
}

// Under fourteen a guardian agrees; on the birthday the learner does.
func TestGuardian(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		c := claimOf(childA, w.code(childA))
		if _, err := w.Claim(ctx, "", c); faultOf(err) != "guardian required" {
			t.Errorf("without a guardian: %v", err)
		}
		c.Guardian = "Wang Daming"
		if _, err := w.Claim(ctx, "", c); err != nil {
			t.Errorf("with one: %v", err)
		}
		w.now.Store(time.Date(2028, 4, 13, 15, 59, 0, 0, time.UTC).UnixNano()) // 23:59 in China
		if _, err := w.Claim(ctx, "", claimOf(childA, w.code(childA))); faultOf(err) != "guardian required" {
			t.Errorf("on the last day of thirteen: %v", err)
		}
		w.pass(time.Minute)
		if _, err := w.Claim(ctx, "", claimOf(childA, w.code(childA))); err != nil {
			t.Errorf("on the birthday: %v", err)
		}
	})
}

// Where no birth date is given, a number says it.
func TestGuardianByNumber(t *testing.T) {
	inTown(t, func(w *town) {
		for account, row := range map[string]string{"N1": "resident_id,000000201506011016,", "N2": ",,G000000201506011024", "N3": ",,"} {
			if r := text(t, w.Bank, "learners", "account,name,id_type,id_number,school_number\n"+account+",Sun Wei,"+row+"\n"); r.Refused > 0 {
				t.Fatalf("%+v", r)
			}
			_, err := w.Claim(context.Background(), "", claimOf(account, w.code(account)))
			if young := faultOf(err) == "guardian required"; young != (account != "N3") {
				t.Errorf("%s: %v", account, err)
			}
		}
	})
}

// After two accounts of a person became one, the login of the first sees the second.
func TestLoginOfAMergedAccount(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		login, err := w.Claim(ctx, "", claimOf(pupilA, w.code(pupilA)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Merge(ctx, operator, pupilA, pupilX, bank.Why{Reason: "one person"}); err != nil {
			t.Fatal(err)
		}
		if a := w.actor(login, ""); a.Learner != pupilX {
			t.Errorf("it acts for %s", a.Learner)
		}
		_, _, err = w.ClaimCode(ctx, operator, pupilA)
		w.refused("a code for the first", err, bank.NotFound, "error.not_found.learner")
	})
}

// A code has ten tries, whoever waits between them.
func TestCodeHasTenTries(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		code := w.code(pupilA)
		wrong := "22222-22222"
		for try := range 10 {
			_, err := w.Claim(ctx, "", claimOf(pupilA, wrong))
			w.refused(fmt.Sprint(try), err, bank.Unauthenticated, "error.claim")
			if try >= 4 {
				_, err := w.Claim(ctx, "", claimOf(idOfA, code))
				w.refused("while waiting, by another number", err, bank.TooMany, "error.sign_in_wait")
				w.pass(15 * time.Minute)
			}
		}
		_, err := w.Claim(ctx, "", claimOf(pupilA, code))
		w.refused("the eleventh", err, bank.Unauthenticated, "error.claim")
	})
}

// Two who claim with one code at once: one comes in.
func TestClaimsAtOnce(t *testing.T) {
	inTown(t, func(w *town) {
		c := claimOf(pupilA, w.code(pupilA))
		var wait sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			wait.Go(func() { _, errs[i] = w.Claim(context.Background(), "", c) })
		}
		wait.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("%v", errs)
		}
		for _, err := range errs {
			if err != nil && bank.CodeOf(err) != bank.Unauthenticated {
				t.Errorf("%v", err)
			}
		}
	})
}

func TestClaimCodeIsForTheOwnSchool(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		a := w.registrar("reg", schoolA)
		for _, account := range []string{pupilB, pupilX, "nobody", ""} {
			_, _, err := w.ClaimCode(ctx, a, account)
			w.refused(account, err, bank.NotFound, "error.not_found.learner")
		}
		expert := w.actor(w.staff("exp", bank.RoleGrant{Role: bank.IsExpert, Institution: schoolA}), schoolA)
		for _, other := range []bank.Actor{expert, bank.Visitor, w.administrator("adm")} {
			_, _, err := w.ClaimCode(ctx, other, pupilA)
			w.refused(other.Name, err, bank.Denied, "error.role")
		}
	})
}

package bank_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"creditbank/internal/bank"
)

func (w *town) invite(actor bank.Actor, grants ...bank.RoleGrant) string {
	w.t.Helper()
	secret, err := w.Invite(context.Background(), actor, bank.NewInvitation{Name: "Chen Jing", Email: "chen@example.com", Grants: grants})
	if err != nil {
		w.t.Fatal(err)
	}
	return secret
}

func TestInvitation(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		registrar := w.registrar("reg", schoolA)
		expert := bank.RoleGrant{Role: bank.IsExpert, Institution: schoolA}
		secret := w.invite(registrar, expert)
		view, err := w.Invitation(ctx, secret)
		if err != nil || view.Kind != bank.InviteStaff || view.Name != "Chen Jing" || !slices.Equal(view.Grants, []bank.RoleGrant{expert}) {
			t.Errorf("%+v, %v", view, err)
		}
		for name, want := range map[string]string{"": "name required", "x": "name login_name", "9lives": "name login_name", "REG": "name login_taken", pupilA: "name login_taken",
			"E12345678": "name login_taken", "two words": "name login_name"} {
			if _, err := w.AcceptInvitation(ctx, "", secret, name, goodPassword); faultOf(err) != want {
				t.Errorf("%q: %v, want %s", name, err, want)
			}
		}
		for password, want := range map[string]string{"": "password required", "short": "password password_short", "my name is Chen Jing": "password password_yours",
			"1234567890": "password password_known"} {
			if _, err := w.AcceptInvitation(ctx, "", secret, "chenj", password); faultOf(err) != want {
				t.Errorf("%q: %v, want %s", password, err, want)
			}
		}
		login, err := w.AcceptInvitation(ctx, "", secret, "ChenJ", goodPassword)
		if err != nil {
			t.Fatal(err)
		}
		if in, err := w.SignIn(ctx, "", "chenj", goodPassword); err != nil || in.Login != login {
			t.Errorf("%+v, %v", in, err)
		}
		if a := w.actor(login, ""); a.Roles != bank.IsExpert || a.Institution != schoolA {
			t.Errorf("%+v", a)
		}
		l, err := w.MyLogin(ctx, w.actor(login, ""))
		if err != nil || l.Name != "ChenJ" || l.DisplayName != "Chen Jing" || l.Email != "chen@example.com" || !l.Password {
			t.Errorf("%+v, %v", l, err)
		}
		_, err = w.Invitation(ctx, secret)
		w.refused("a look at a used one", err, bank.NotFound, "error.not_found.invitation")
		_, err = w.AcceptInvitation(ctx, "", secret, "another", goodPassword)
		w.refused("a used one", err, bank.NotFound, "error.not_found.invitation")
	})
}

func TestInvitationsEnd(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		registrar := w.registrar("reg", schoolA)
		expert := bank.RoleGrant{Role: bank.IsExpert, Institution: schoolA}
		gone := func(what, secret string) {
			t.Helper()
			_, err := w.AcceptInvitation(ctx, "", secret, "chenj", goodPassword)
			w.refused(what, err, bank.NotFound, "error.not_found.invitation")
		}
		old := w.invite(registrar, expert)
		w.pass(7*24*time.Hour - time.Microsecond)
		if _, err := w.Invitation(ctx, old); err != nil {
			t.Errorf("in time: %v", err)
		}
		w.pass(time.Microsecond)
		gone("after seven days", old)
		gone("no secret", "")
		withdrawn := w.invite(registrar, expert)
		page, err := w.Invitations(ctx, registrar, schoolA, bank.Window{})
		if err != nil || page.Total != 1 || page.Items[0].Email != "chen@example.com" || page.Items[0].By != registrar.Name {
			t.Fatalf("%+v, %v", page, err)
		}
		err = w.WithdrawInvitation(ctx, w.registrar("other", schoolB), page.Items[0].ID)
		w.refused("another school's", err, bank.NotFound, "error.not_found.invitation")
		if err := w.WithdrawInvitation(ctx, registrar, page.Items[0].ID); err != nil {
			t.Error(err)
		}
		gone("withdrawn", withdrawn)
		ofDisabled := w.invite(registrar, expert)
		if err := w.DisableLogin(ctx, operator, registrar.Login, true); err != nil {
			t.Error(err)
		}
		gone("of somebody who was disabled", ofDisabled)
	})
}

func TestWhoInvitesWhom(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		registrar, administrator := w.registrar("reg", schoolA), w.administrator("adm")
		try := func(a bank.Actor, grants ...bank.RoleGrant) string {
			_, err := w.Invite(ctx, a, bank.NewInvitation{Name: "Chen Jing", Grants: grants})
			switch {
			case err == nil:
				return "yes"
			case bank.CodeOf(err) == bank.Invalid:
				return faultOf(err)
			}
			return keyOf(err)
		}
		grant := func(r bank.Roles, school string) bank.RoleGrant { return bank.RoleGrant{Role: r, Institution: school} }
		for _, c := range []struct {
			actor  bank.Actor
			grants []bank.RoleGrant
			want   string
		}{
			{registrar, []bank.RoleGrant{grant(bank.IsRegistrar, schoolA), grant(bank.IsExpert, schoolA)}, "yes"},
			{registrar, []bank.RoleGrant{grant(bank.IsDecider, schoolA)}, "error.role"},
			{registrar, []bank.RoleGrant{grant(bank.IsExpert, schoolB)}, "error.role"},
			{registrar, []bank.RoleGrant{grant(bank.IsAuditor, "")}, "error.role"},
			{registrar, nil, "grants required"},
			{administrator, []bank.RoleGrant{grant(bank.IsDecider, schoolB), grant(bank.IsAuditor, "")}, "yes"},
			{administrator, nil, "yes"},
			{administrator, []bank.RoleGrant{grant(bank.IsAdministrator, "")}, "error.two_people"},
			{administrator, []bank.RoleGrant{grant(bank.IsExpert, "nowhere")}, "institution unknown_institution"},
			{administrator, []bank.RoleGrant{grant(bank.IsExpert, "")}, "institution required"},
			{administrator, []bank.RoleGrant{grant(bank.IsAuditor, schoolA)}, "institution role_of_bank"},
			{administrator, []bank.RoleGrant{grant(bank.IsOperator, "")}, "role choice"},
			{administrator, []bank.RoleGrant{grant(bank.IsAuditor|bank.IsAdministrator, "")}, "role choice"},
			{bank.Visitor, nil, "error.role"},
		} {
			if got := try(c.actor, c.grants...); got != c.want {
				t.Errorf("%s invites %v: %s, want %s", c.actor.Name, c.grants, got, c.want)
			}
		}
	})
}

// Many who use one link at once: one login comes of it.
func TestAcceptancesAtOnce(t *testing.T) {
	inTown(t, func(w *town) {
		secret := w.invite(w.registrar("reg", schoolA), bank.RoleGrant{Role: bank.IsExpert, Institution: schoolA})
		var wait sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			wait.Go(func() {
				_, errs[i] = w.AcceptInvitation(context.Background(), "", secret, string(rune('a'+i))+"-person", goodPassword)
			})
		}
		wait.Wait()
		in := 0
		for _, err := range errs {
			if err == nil {
				in++
			} else if bank.CodeOf(err) != bank.NotFound {
				t.Error(err)
			}
		}
		page, err := w.Staff(context.Background(), operator, schoolA, bank.Window{})
		if in != 1 || err != nil || page.Total != 2 {
			t.Errorf("%d came in, %d are there: %v", in, page.Total, err)
		}
	})
}

// The link of the first administrator is good once, until there is one.
func TestFirstAdministrator(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		first := func() string {
			t.Helper()
			secret, err := w.FirstAdministrator(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return secret
		}
		old, late := first(), ""
		late = first()
		_, err := w.AcceptInvitation(ctx, "", old, "boss", goodPassword)
		w.refused("the link of an earlier start", err, bank.NotFound, "error.not_found.invitation")
		w.pass(24 * time.Hour)
		_, err = w.AcceptInvitation(ctx, "", late, "boss", goodPassword)
		w.refused("a link of yesterday", err, bank.NotFound, "error.not_found.invitation")
		secret := first()
		login, err := w.AcceptInvitation(ctx, "", secret, "boss", goodPassword)
		if err != nil {
			t.Fatal(err)
		}
		if in, err := w.SignIn(ctx, "", "boss", goodPassword); err != nil || !in.Enrol || in.Second {
			t.Errorf("%+v, %v", in, err)
		}
		if a := w.actor(login, ""); a.Roles != 0 {
			t.Errorf("without a second factor: %v", a.Roles.Names())
		}
		if secret := first(); secret != "" {
			t.Error("another link while there is an administrator")
		}
	})
}

func TestRecover(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		grant := func(r bank.Roles, school string) bank.RoleGrant { return bank.RoleGrant{Role: r, Institution: school} }
		registrar, administrator := w.registrar("reg", schoolA), w.administrator("adm")
		expert := w.protected(w.staff("exp", grant(bank.IsExpert, schoolA)))
		decider := w.staff("dec", grant(bank.IsDecider, schoolA))
		both := w.staff("both", grant(bank.IsExpert, schoolA), grant(bank.IsExpert, schoolB))
		foreign := w.staff("far", grant(bank.IsExpert, schoolB))
		other := w.administrator("boss")
		for _, c := range []struct {
			actor bank.Actor
			login string
			want  string
		}{
			{registrar, decider, "error.role"}, {registrar, both, "error.role"}, {registrar, foreign, "error.not_found.login"}, {registrar, "nobody", "error.not_found.login"},
			{registrar, registrar.Login, "error.own_login"}, {administrator, administrator.Login, "error.own_login"}, {administrator, other.Login, "error.two_people"},
			{administrator, decider, ""}, {operator, other.Login, ""}, {bank.Visitor, expert, "error.role"},
		} {
			_, err := w.Recover(ctx, c.actor, c.login)
			if keyOf(err) != c.want {
				t.Errorf("%s for %s: %v, want %q", c.actor.Name, c.login, err, c.want)
			}
		}
		secret, err := w.Recover(ctx, registrar, expert)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.SignIn(ctx, "", "exp", goodPassword)
		w.refused("the old password", err, bank.Unauthenticated, "error.sign_in")
		view, err := w.Invitation(ctx, secret)
		if err != nil || view.Kind != bank.InviteRecovery || view.Login != "exp" {
			t.Errorf("%+v, %v", view, err)
		}
		if keys, err := w.Passkeys(ctx, expert); err != nil || len(keys) > 0 {
			t.Errorf("passkeys are left: %v, %v", keys, err)
		}
		if login, err := w.AcceptInvitation(ctx, "", secret, "ignored", otherPassword); err != nil || login != expert {
			t.Errorf("%s, %v", login, err)
		}
		if _, err := w.SignIn(ctx, "", "exp", otherPassword); err != nil {
			t.Error(err)
		}
	})
}

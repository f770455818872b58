package bank_test

import (
	"context"
	"slices"
	"testing"

	"creditbank/internal/bank"
)

func TestWhoGrantsWhat(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		grant := func(r bank.Roles, school string) bank.RoleGrant { return bank.RoleGrant{Role: r, Institution: school} }
		registrar, administrator := w.registrar("reg", schoolA), w.administrator("adm")
		expert := w.staff("exp", grant(bank.IsExpert, schoolA))
		far := w.staff("far", grant(bank.IsExpert, schoolB))
		for _, c := range []struct {
			actor bank.Actor
			login string
			grant bank.RoleGrant
			want  string
		}{
			{registrar, expert, grant(bank.IsRegistrar, schoolA), ""},
			{registrar, expert, grant(bank.IsDecider, schoolA), "error.role"},
			{registrar, expert, grant(bank.IsExpert, schoolB), "error.role"},
			{registrar, far, grant(bank.IsExpert, schoolA), "error.not_found.login"},
			{registrar, registrar.Login, grant(bank.IsExpert, schoolA), "error.own_login"},
			{administrator, expert, grant(bank.IsDecider, schoolB), ""},
			{administrator, far, grant(bank.IsAuditor, ""), ""},
			{administrator, far, grant(bank.IsAdministrator, ""), "error.two_people"},
			{administrator, administrator.Login, grant(bank.IsAuditor, ""), "error.own_login"},
			{administrator, "nobody", grant(bank.IsAuditor, ""), "error.not_found.login"},
			{w.actor(expert, schoolA), far, grant(bank.IsExpert, schoolB), "error.role"},
			{bank.Visitor, expert, grant(bank.IsExpert, schoolA), "error.role"},
			{operator, far, grant(bank.IsAdministrator, ""), ""},
		} {
			for what, change := range map[string]func(context.Context, bank.Actor, string, bank.RoleGrant) error{"grant": w.GrantRole, "revoke": w.RevokeRole, "grant anew": w.GrantRole} {
				if err := change(ctx, c.actor, c.login, c.grant); keyOf(err) != c.want || err != nil && c.want == "" {
					t.Errorf("%s: %s for %s %v: %v, want %q", what, c.actor.Name, c.login, c.grant, err, c.want)
				}
			}
		}
	})
}

func TestSeats(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		grant := func(r bank.Roles, school string) bank.RoleGrant { return bank.RoleGrant{Role: r, Institution: school} }
		login := w.staff("wang", grant(bank.IsExpert, schoolB), grant(bank.IsRegistrar, schoolA), grant(bank.IsExpert, schoolA), grant(bank.IsAuditor, ""))
		seats, err := w.Seats(ctx, login)
		want := []bank.RoleGrant{grant(bank.IsAuditor, ""), grant(bank.IsRegistrar|bank.IsExpert, schoolA), grant(bank.IsExpert, schoolB)}
		if err != nil || !slices.Equal(seats, want) {
			t.Errorf("%v, %v, want %v", seats, err, want)
		}
		for _, seat := range want {
			if a := w.actor(login, seat.Institution); a.Roles != seat.Role || a.Institution != seat.Institution {
				t.Errorf("%+v, want %v", a, seat)
			}
		}
		_, err = w.ActorOf(ctx, login, "nowhere", "")
		w.refused("no seat of theirs", err, bank.Unauthenticated, "error.session")
		_, err = w.ActorOf(ctx, "nobody", "", "")
		w.refused("nobody", err, bank.Unauthenticated, "error.session")
		if err := w.RevokeRole(ctx, operator, login, grant(bank.IsExpert, schoolB)); err != nil {
			t.Fatal(err)
		}
		_, err = w.ActorOf(ctx, login, schoolB, "")
		w.refused("a seat that was taken away", err, bank.Unauthenticated, "error.session")
		if err := w.DisableLogin(ctx, operator, login, true); err != nil {
			t.Fatal(err)
		}
		_, err = w.ActorOf(ctx, login, "", "")
		w.refused("disabled", err, bank.Unauthenticated, "error.session")
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		one, two := w.administrator("one"), w.administrator("two")
		admin := bank.RoleGrant{Role: bank.IsAdministrator}
		w.refused("oneself", w.DisableLogin(ctx, one, one.Login, true), bank.Denied, "error.own_login")
		if err := w.DisableLogin(ctx, one, two.Login, true); err != nil {
			t.Fatal(err)
		}
		w.refused("the last", w.DisableLogin(ctx, operator, one.Login, true), bank.Conflict, "error.last_administrator")
		w.refused("the role of the last", w.RevokeRole(ctx, operator, one.Login, admin), bank.Conflict, "error.last_administrator")
		if err := w.DisableLogin(ctx, one, two.Login, false); err != nil {
			t.Fatal(err)
		}
		if err := w.RevokeRole(ctx, operator, one.Login, admin); err != nil {
			t.Errorf("one of two: %v", err)
		}
	})
}

func TestWhoDisablesWhom(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		grant := func(r bank.Roles, school string) bank.RoleGrant { return bank.RoleGrant{Role: r, Institution: school} }
		registrar := w.registrar("reg", schoolA)
		for login, want := range map[string]string{
			w.staff("exp", grant(bank.IsExpert, schoolA)):                                 "",
			w.staff("dec", grant(bank.IsDecider, schoolA)):                                "error.role",
			w.staff("both", grant(bank.IsExpert, schoolA), grant(bank.IsExpert, schoolB)): "error.role",
			w.staff("far", grant(bank.IsExpert, schoolB)):                                 "error.not_found.login",
			w.staff("bank", grant(bank.IsExpert, schoolA), grant(bank.IsAuditor, "")):     "error.role",
			registrar.Login: "error.own_login",
			"nobody":        "error.not_found.login",
		} {
			for _, disabled := range []bool{true, false} {
				if err := w.DisableLogin(ctx, registrar, login, disabled); keyOf(err) != want {
					t.Errorf("%s: %v, want %q", login, err, want)
				}
			}
		}
		expert := w.actor(w.staff("exp2", grant(bank.IsExpert, schoolA)), schoolA)
		w.refused("an expert", w.DisableLogin(ctx, expert, registrar.Login, true), bank.Denied, "error.role")
	})
}

func TestStaff(t *testing.T) {
	inTown(t, func(w *town) {
		ctx := context.Background()
		grant := func(r bank.Roles, school string) bank.RoleGrant { return bank.RoleGrant{Role: r, Institution: school} }
		registrar := w.registrar("reg", schoolA)
		w.staff("both", grant(bank.IsExpert, schoolA), grant(bank.IsExpert, schoolB))
		administrator := w.administrator("adm")
		page, err := w.Staff(ctx, registrar, schoolA, bank.Window{})
		if err != nil || page.Total != 2 {
			t.Fatalf("%+v, %v", page, err)
		}
		for _, l := range page.Items {
			if len(l.Grants) != 1 || l.Grants[0].Institution != schoolA {
				t.Errorf("%s shows %v", l.Name, l.Grants)
			}
		}
		_, err = w.Staff(ctx, registrar, schoolB, bank.Window{})
		w.refused("another school", err, bank.NotFound, "error.not_found.institution")
		_, err = w.Staff(ctx, registrar, "", bank.Window{})
		w.refused("the bank", err, bank.NotFound, "error.not_found.institution")
		_, err = w.Invitations(ctx, registrar, schoolB, bank.Window{})
		w.refused("links of another school", err, bank.NotFound, "error.not_found.institution")
		all, err := w.Staff(ctx, administrator, "", bank.Window{})
		if err != nil || all.Total != 3 {
			t.Errorf("all: %d, %v", all.Total, err)
		}
	})
}

package bank_test

import (
	"slices"
	"testing"

	"creditbank/internal/bank"
)

// staffed is a login with roles, made by the operator, as an actor.
func staffed(t testing.TB, b *bank.Bank, name, institution string, roles ...bank.Roles) bank.Actor {
	t.Helper()
	in := bank.NewLogin{Name: name, Password: "seven quiet herons wade"}
	actor := bank.Actor{Institution: institution}
	for _, role := range roles {
		in.Grants = append(in.Grants, bank.RoleGrant{Role: role, Institution: institution})
		actor.Roles |= role
	}
	login, err := b.AddLogin(ctx, operator, in)
	if err != nil {
		t.Fatal(err)
	}
	actor.Login, actor.Name = login, "u:"+login
	return actor
}

// An administrator is made, and unmade, by two.
func TestProposalOfARole(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, _, _ string) {
		one, two := staffed(t, b, "one", "", bank.IsAdministrator), staffed(t, b, "two", "", bank.IsAdministrator)
		three := staffed(t, b, "three", school, bank.IsRegistrar)
		wantKey(t, b.GrantRole(ctx, one, three.Login, bank.RoleGrant{Role: bank.IsAdministrator}), bank.Denied, "error.two_people")
		wantKey(t, b.GrantRole(ctx, one, two.Login, bank.RoleGrant{Role: bank.IsAuditor}), bank.Denied, "error.two_people")
		grant := func(login, change, role, institution string) map[string]string {
			return map[string]string{"login": login, "change": change, "role": role, "institution": institution}
		}
		for _, c := range []struct {
			args   map[string]string
			fields []string
		}{
			{nil, []string{"login: required", "role: required"}},
			{grant("nobody", "grant", "administrator", ""), []string{"login: unknown_login"}},
			{grant(three.Login, "grant", "operator", ""), []string{"role: choice"}},
			{grant(three.Login, "grant", "learner", ""), []string{"role: choice"}},
			{grant(three.Login, "make", "administrator", ""), []string{"change: choice"}},
			{grant(three.Login, "grant", "administrator", school), []string{"institution: role_of_bank"}},
			{grant(three.Login, "grant", "decider", ""), []string{"institution: required"}},
			{grant(three.Login, "grant", "registrar", school), []string{"role: has_role"}},
			{grant(three.Login, "revoke", "administrator", ""), []string{"role: has_not_role"}},
		} {
			_, err := b.Propose(ctx, one, bank.Proposal{Kind: "role", Args: c.args, Reason: "joins us"})
			wantRefused(t, err, bank.Invalid, c.fields...)
		}
		_, err := b.Propose(ctx, one, bank.Proposal{Kind: "role", Args: grant(one.Login, "revoke", "administrator", ""), Reason: "leaves"})
		wantKey(t, err, bank.Denied, "error.about_you")

		id := proposed(t, b, one, "role", grant(three.Login, "grant", "administrator", ""))
		admin := func(a bank.Actor) bank.Actor { a.Roles |= bank.IsAdministrator; return a }
		decide := func(who bank.Actor, id string) error {
			p, err := b.Proposal(ctx, two, id)
			if err != nil {
				t.Fatal(err)
			}
			return b.DecideProposal(ctx, who, id, bank.Decision{Approve: true, Version: p.Version})
		}
		wantKey(t, decide(one, id), bank.Denied, "error.own_proposal")
		wantKey(t, decide(admin(three), id), bank.Denied, "error.about_you")
		if err := decide(two, id); err != nil {
			t.Fatal(err)
		}
		if seats, err := b.Seats(ctx, three.Login); err != nil || !slices.Contains(seats, bank.RoleGrant{Role: bank.IsAdministrator}) {
			t.Errorf("three acts at %+v, %v", seats, err)
		}
		id = proposed(t, b, two, "role", grant(one.Login, "revoke", "administrator", ""))
		if err := decide(admin(three), id); err != nil {
			t.Fatal(err)
		}
		if seats, err := b.Seats(ctx, one.Login); err != nil || len(seats) != 0 {
			t.Errorf("one acts at %+v, %v", seats, err)
		}
	})
}

package main

import (
	"creditbank/internal/bank"
)

// demoPerson is somebody of the demo with a login.
type demoPerson struct {
	name    string // the login name
	grant   bank.RoleGrant
	learner string // account of the seeds
}

// demoPeople are one of each role; none of them is a real person.
func demoPeople() []demoPerson {
	at := func(role bank.Roles) bank.RoleGrant { return bank.RoleGrant{Role: role, Institution: demoSchool} }
	return []demoPerson{
		{name: "learner", learner: demoLearner},
		{name: "registrar", grant: at(bank.IsRegistrar)},
		{name: "expert", grant: at(bank.IsExpert)},
		{name: "decider", grant: at(bank.IsDecider)},
		{name: "administrator", grant: bank.RoleGrant{Role: bank.IsAdministrator}},
		{name: "auditor", grant: bank.RoleGrant{Role: bank.IsAuditor}},
	}
}

// demoLogins makes the logins of the demo, or gives those of a kept one new
// passwords: they are drawn at every start and told nowhere but here.
func (a *app) demoLogins(b *bank.Bank) ([]listedLogin, error) {
	var list []listedLogin
	for _, p := range demoPeople() {
		password := newPassword()
		id, err := a.demoLogin(b, p, password)
		if err != nil {
			return nil, err
		}
		l, err := b.LoginNamed(a.ctx, operator, p.name)
		if err != nil {
			return nil, err
		}
		listed := newListedLogin(l)
		listed.Password = password
		if p.learner != "" {
			listed.Roles = []listedJob{{Role: bank.IsLearner.Names()[0]}}
		}
		if p.grant.Role&(bank.IsDecider|bank.IsAdministrator) != 0 {
			if listed.TOTP, err = b.GiveTOTP(a.ctx, operator, id); err != nil {
				return nil, err
			}
			listed.Second = true
		}
		list = append(list, listed)
	}
	return list, nil
}

func (a *app) demoLogin(b *bank.Bank, p demoPerson, password string) (id string, err error) {
	l, err := b.LoginNamed(a.ctx, operator, p.name)
	if bank.CodeOf(err) == bank.NotFound {
		in := bank.NewLogin{Name: p.name, Password: password, Learner: p.learner}
		if p.grant.Role != 0 {
			in.Grants = []bank.RoleGrant{p.grant}
		}
		return b.AddLogin(a.ctx, operator, in)
	}
	if err != nil {
		return "", err
	}
	return l.ID, b.SetPassword(a.ctx, operator, l.ID, password)
}

package main

import (
	"bufio"
	"crypto/rand"
	"io"
	"os"
	"strings"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
)

// userCommand holds what the operator does with logins.
type userCommand struct {
	Add      userAddCommand      `cmd:"" help:"Make a login; its password is read or made and shown this once."`
	Password userPasswordCommand `cmd:"" help:"Give a login another password, and end its sessions."`
	Disable  userDisableCommand  `cmd:"" help:"Shut a login out, and end its sessions."`
	Enable   userEnableCommand   `cmd:"" help:"Let a disabled login in again."`
	List     userListCommand     `cmd:"" help:"List the logins of staff."`
	Link     userLinkCommand     `cmd:"" help:"Make a link that sets a new password; second factors are set up anew."`
	Code     userCodeCommand     `cmd:"" help:"Make the code with which a learner claims the account, or comes in again."`
}

// passwordFlags say where a new password comes from.
type passwordFlags struct {
	Stdin bool `name:"stdin" help:"Read the password from standard input, one line; else one is made and printed."`
}

// password gives a new password; made is what has to be told.
func (f passwordFlags) password() (password, made string, err error) {
	if !f.Stdin {
		made = newPassword()
		return made, made, nil
	}
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err == io.EOF {
		err = nil // a last line may be without its end
	}
	return strings.TrimRight(line, "\r\n"), "", err
}

// newPassword draws 100 bits, in groups that people can read.
func newPassword() string {
	drawn := strings.ToLower(rand.Text()[:20])
	return strings.Join([]string{drawn[:5], drawn[5:10], drawn[10:15], drawn[15:]}, "-")
}

// listedLogin is a login as JSON.
type listedLogin struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Roles    []listedJob `json:"roles"`
	Disabled bool        `json:"disabled"`
	Second   bool        `json:"second_factor"`
	LastSeen *time.Time  `json:"last_seen,omitempty"`
	Password string      `json:"password,omitempty"` // when it was just made
	TOTP     string      `json:"totp,omitempty"`     // secret of the authenticator app, when it was just made
}

// listedJob is a role and where.
type listedJob struct {
	Role        string `json:"role"`
	Institution string `json:"institution,omitempty"`
}

func newListedLogin(l bank.Login) listedLogin {
	listed := listedLogin{ID: l.ID, Name: l.Name, Disabled: l.Disabled, Second: l.TOTP || l.Passkeys > 0, Roles: []listedJob{}}
	if !l.LastSeen.IsZero() {
		listed.LastSeen = &l.LastSeen
	}
	for _, g := range l.Grants {
		listed.Roles = append(listed.Roles, listedJob{strings.Join(g.Role.Names(), " "), g.Institution})
	}
	return listed
}

// args fill the sentences about a login.
func (l listedLogin) args() map[string]any {
	var roles []string
	for _, job := range l.Roles {
		roles = append(roles, strings.TrimSpace(job.Role+" "+job.Institution))
	}
	return map[string]any{"ID": l.ID, "Name": l.Name, "Roles": strings.Join(roles, ", "), "Disabled": l.Disabled, "Second": l.Second}
}

type userAddCommand struct {
	Name        string   `arg:"" help:"Login name."`
	Role        []string `name:"role" required:"" help:"registrar, expert, decider, administrator or auditor; repeated or with commas."`
	Institution string   `name:"institution" help:"Code of the school, for registrar, expert and decider."`
	passwordFlags
}

// Run makes a login. Standard output holds a made password alone.
func (c userAddCommand) Run(a *app) error {
	grants, err := c.grants()
	if err != nil {
		return err
	}
	password, made, err := c.password()
	if err != nil {
		return err
	}
	return a.withBank(func(b *bank.Bank) error {
		if _, err := b.AddLogin(a.ctx, operator, bank.NewLogin{Name: c.Name, Password: password, Grants: grants}); err != nil {
			return err
		}
		return a.toldLogin(b, c.Name, made, "cli.user_added")
	})
}

// grants reads the roles: those of the bank are without the institution.
func (c userAddCommand) grants() ([]bank.RoleGrant, error) {
	var grants []bank.RoleGrant
	for _, name := range c.Role {
		role := bank.RoleNamed(name)
		switch {
		case role == 0:
			return nil, wrongUsage("--role", name, "choice", map[string]any{"Choices": strings.Join(bank.StaffRoles().Names(), ", ")})
		case role&(bank.IsAdministrator|bank.IsAuditor) != 0:
			grants = append(grants, bank.RoleGrant{Role: role})
		default:
			grants = append(grants, bank.RoleGrant{Role: role, Institution: c.Institution})
		}
	}
	return grants, nil
}

// toldLogin says what a login is now, with a password that was made.
func (a *app) toldLogin(b *bank.Bank, name, made, key string) error {
	l, err := b.LoginNamed(a.ctx, operator, name)
	if err != nil {
		return err
	}
	listed := newListedLogin(l)
	if a.cli.JSON {
		listed.Password = made
		return a.printJSON(listed)
	}
	a.sayf("%s", a.say.Say(key, listed.args()))
	if made == "" {
		return nil
	}
	a.sayf("%s", a.say.Say("cli.user_password", nil))
	return a.printf("%s\n", made)
}

type userPasswordCommand struct {
	Name string `arg:"" help:"Login name."`
	passwordFlags
}

// Run gives a login another password.
func (c userPasswordCommand) Run(a *app) error {
	password, made, err := c.password()
	if err != nil {
		return err
	}
	return a.withLogin(c.Name, func(b *bank.Bank, l bank.Login) error {
		if err := b.SetPassword(a.ctx, operator, l.ID, password); err != nil {
			return err
		}
		return a.toldLogin(b, c.Name, made, "cli.user_password_set")
	})
}

// withLogin opens the bank and finds a login.
func (a *app) withLogin(name string, do func(*bank.Bank, bank.Login) error) error {
	return a.withStanding(func(b *bank.Bank) error {
		l, err := b.LoginNamed(a.ctx, operator, name)
		if err != nil {
			return err
		}
		return do(b, l)
	})
}

type userDisableCommand struct {
	Name string `arg:"" help:"Login name."`
}

// Run shuts a login out.
func (c userDisableCommand) Run(a *app) error {
	return a.disableLogin(c.Name, true, "cli.user_disabled")
}

type userEnableCommand struct {
	Name string `arg:"" help:"Login name."`
}

// Run lets a login in again.
func (c userEnableCommand) Run(a *app) error {
	return a.disableLogin(c.Name, false, "cli.user_enabled")
}

func (a *app) disableLogin(name string, disabled bool, key string) error {
	return a.withLogin(name, func(b *bank.Bank, l bank.Login) error {
		if err := b.DisableLogin(a.ctx, operator, l.ID, disabled); err != nil {
			return err
		}
		return a.toldLogin(b, name, "", key)
	})
}

type userListCommand struct{}

// Run lists the logins of staff in the order in which they were made.
func (userListCommand) Run(a *app) error {
	return a.withStanding(func(b *bank.Bank) error {
		list := []listedLogin{}
		for w := (bank.Window{Limit: bank.MaxLimit}); ; {
			page, err := b.Staff(a.ctx, operator, "", w)
			if err != nil {
				return err
			}
			for _, l := range page.Items {
				list = append(list, newListedLogin(l))
			}
			if w.Cursor = page.Next; w.Cursor == "" {
				break
			}
		}
		if a.cli.JSON {
			return a.printJSON(map[string][]listedLogin{"items": list})
		}
		for _, l := range list {
			if err := a.printf("%s\n", a.say.Say("cli.user_line", l.args())); err != nil {
				return err
			}
		}
		return nil
	})
}

type userLinkCommand struct {
	Name string `arg:"" help:"Login name."`
	URL  string `name:"url" env:"CREDITBANK_URL" default:"http://localhost:8080" help:"Address of the site, https://HOST."`
}

// Run makes a recovery link. Standard output holds the link alone.
func (c userLinkCommand) Run(a *app) error {
	return a.withLogin(c.Name, func(b *bank.Bank, l bank.Login) error {
		secret, err := b.Recover(a.ctx, operator, l.ID)
		if err != nil {
			return err
		}
		link := invitationLink(c.URL, secret)
		if a.cli.JSON {
			return a.printJSON(map[string]string{"id": l.ID, "link": link})
		}
		a.sayf("%s", a.say.Say("cli.user_link", newListedLogin(l).args()))
		return a.printf("%s\n", link)
	})
}

type userCodeCommand struct {
	Account string `arg:"" help:"Account of the learner."`
}

// Run makes a claim code. Standard output holds the code alone.
func (c userCodeCommand) Run(a *app) error {
	return a.withStanding(func(b *bank.Bank) error {
		code, expires, err := b.ClaimCode(a.ctx, operator, c.Account)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			return a.printJSON(map[string]any{"account": c.Account, "code": code, "expires": expires})
		}
		a.sayf("%s", a.say.Say("cli.user_code", map[string]any{"Account": c.Account, "Expires": calendar.Of(expires).String()}))
		return a.printf("%s\n", code)
	})
}

// invitationLink is the address at which a link is used.
func invitationLink(site, secret string) string {
	return strings.TrimRight(site, "/") + "/invitation/" + secret
}

// inviteFirst says how the first administrator comes in, while there is none. It is
// said to whoever starts the program, and never to the log.
func (a *app) inviteFirst(b *bank.Bank, site string) error {
	secret, err := b.FirstAdministrator(a.ctx)
	if err == nil && secret != "" {
		a.sayf("%s", a.say.Say("cli.first_administrator", map[string]any{"Link": invitationLink(site, secret)}))
	}
	return err
}

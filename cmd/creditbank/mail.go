package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"creditbank/internal/bank"
	"creditbank/internal/web"
)

// mailFlags say how messages go out by e-mail.
type mailFlags struct {
	SMTP     string `name:"smtp" env:"CREDITBANK_SMTP" help:"Mail server, HOST:PORT, by which messages go out as e-mails. Without one they stand on their page alone."`
	From     string `name:"smtp-from" env:"CREDITBANK_SMTP_FROM" help:"Address that e-mails come from."`
	User     string `name:"smtp-user" env:"CREDITBANK_SMTP_USER" help:"Name at the mail server, if it asks for one; the connection is then always encrypted."`
	Password string `name:"smtp-password" env:"CREDITBANK_SMTP_PASSWORD" hidden:"" help:"Password at the mail server. For the environment: others can read a command line."`
}

// postman sends letters by one mail server.
type postman struct {
	mailFlags
	host string // of the site: the second half of the numbers of letters
	site string // address of the site
	say  []web.Speaker
	bank *bank.Bank
	dial *mail.Client
}

// letterTimeout is how long a conversation with the mail server may take.
const letterTimeout = 30 * time.Second

// postman is who sends letters for the bank of a site.
func (f mailFlags) postman(b *bank.Bank, site string) (*postman, error) {
	languages, err := web.LoadLanguages()
	if err != nil {
		return nil, err
	}
	address, err := url.Parse(site)
	if err != nil || address.Hostname() == "" || f.From == "" {
		return nil, &bank.Error{Code: bank.Invalid, Key: "cli.mail_from"}
	}
	host, port, err := net.SplitHostPort(f.SMTP)
	if err != nil {
		return nil, &bank.Error{Code: bank.Invalid, Key: "cli.mail_server", Args: map[string]any{"Value": f.SMTP}}
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, &bank.Error{Code: bank.Invalid, Key: "cli.mail_server", Args: map[string]any{"Value": f.SMTP}}
	}
	options := []mail.Option{mail.WithPort(number), mail.WithTimeout(letterTimeout), mail.WithTLSPolicy(mail.TLSOpportunistic)}
	if f.User != "" {
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory), mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(f.User), mail.WithPassword(f.Password))
	}
	client, err := mail.NewClient(host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	return &postman{mailFlags: f, host: address.Hostname(), site: address.Scheme + "://" + address.Host, bank: b, dial: client,
		say: []web.Speaker{languages.Speaker("zh-CN"), languages.Speaker("en")}}, nil
}

// send hands one letter to the mail server.
func (p *postman) send(ctx context.Context, l bank.Letter) error {
	m, err := p.letter(ctx, l)
	if err != nil {
		return err
	}
	err = p.dial.DialAndSendWithContext(ctx, m)
	if err != nil && m.IsDelivered() {
		return nil // the server took it, and failed to say goodbye
	}
	var refused *mail.SendError
	if errors.As(err, &refused) && !refused.IsTemp() && refused.Reason == mail.ErrSMTPRcptTo {
		return bank.ErrNoRecipient
	}
	return err
}

// letter is a letter as it is sent, in both languages: what the message says, and
// where to read on. Its number is that of the message.
func (p *postman) letter(ctx context.Context, l bank.Letter) (*mail.Msg, error) {
	snapshot, err := p.bank.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	m := mail.NewMsg()
	if err := m.From(p.From); err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	if err := m.To(l.To); err != nil {
		return nil, bank.ErrNoRecipient // no address at all
	}
	var subject, text string
	for _, say := range p.say {
		sentence := web.MessageText(say, snapshot, l.Kind, l.Args)
		hello := say.Say("mail.hello_plain", nil)
		if l.Name != "" {
			hello = say.Say("mail.hello", map[string]any{"Name": l.Name})
		}
		subject = cmp.Or(subject, sentence)
		text += hello + "\n\n" + sentence + "\n" + say.Say("mail.open", map[string]any{"URL": p.site + "/messages/" + l.ID}) +
			"\n\n" + say.Say("mail.foot", map[string]any{"URL": p.site + "/messages"}) + "\n\n"
	}
	m.Subject(subject)
	m.SetMessageIDWithValue(l.ID + "@" + p.host)
	m.SetDateWithValue(l.Made)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(mail.TypeTextPlain, text)
	return m, nil
}

// lettersEvery is how often the outbox is looked at.
const lettersEvery = time.Minute

// keepLetters sends letters where there is a mail server, until it is stopped.
func (f mailFlags) keepLetters(a *app, b *bank.Bank, site string) (stop func(), err error) {
	if f.SMTP == "" {
		return func() {}, nil
	}
	p, err := f.postman(b, site)
	if err != nil {
		return nil, err
	}
	b.CollectLetters()
	stop = a.repeat(lettersEvery, func(ctx context.Context, _ bool) {
		if err := b.SendLetters(ctx, p.send); err != nil && ctx.Err() == nil {
			a.log.Warn("not all letters were sent", "error", "the mail server did not take them") // its own words may name addresses
		}
	})
	return stop, nil
}

package main

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// mailbox is a mail server on this machine that keeps what it takes.
type mailbox struct {
	mu      sync.Mutex
	address string
	letters []string
	answers []string // to the end of each letter, one after another; none left: 250. "": it hangs up instead
	refuse  string   // answer to every recipient; empty: 250
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	m := &mailbox{address: l.Addr().String()}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go m.talk(c)
		}
	}()
	return m
}

func (m *mailbox) talk(c net.Conn) {
	defer func() { _ = c.Close() }()
	in := bufio.NewScanner(c)
	say := func(line string) { _, _ = fmt.Fprint(c, line+"\r\n") }
	say("220 here")
	for in.Scan() {
		verb, _, _ := strings.Cut(strings.ToUpper(in.Text()), " ")
		switch verb {
		case "EHLO", "HELO":
			say("250 here")
		case "RCPT":
			m.mu.Lock()
			refuse := m.refuse
			m.mu.Unlock()
			if refuse != "" {
				say(refuse)
			} else {
				say("250 ok")
			}
		case "DATA":
			say("354 go on")
			var letter strings.Builder
			for in.Scan() && in.Text() != "." {
				letter.WriteString(in.Text() + "\n")
			}
			answer := m.take(letter.String())
			if answer == "" {
				return
			}
			say(answer)
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// take keeps a letter and says what is answered to it.
func (m *mailbox) take(letter string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	answer := "250 taken"
	if len(m.answers) > 0 {
		answer, m.answers = m.answers[0], m.answers[1:]
	}
	if answer == "" || answer[0] == '2' {
		m.letters = append(m.letters, letter)
	}
	return answer
}

func (m *mailbox) got() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.letters...)
}

// mailing is a bank that sends letters to a mailbox, with somebody who is told things.
type mailing struct {
	*bank.Bank
	t    *testing.T
	box  *mailbox
	post *postman
	raw  *sql.DB
	now  time.Time
	id   string // of the login
}

func newMailing(t *testing.T) *mailing {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bank.db")
	dsn := "sqlite:" + path
	b, err := bank.OpenWith(context.Background(), dsn, bank.Options{PersonalKey: testbed.PersonalKey(dsn)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	m := &mailing{Bank: b, t: t, box: newMailbox(t), now: time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)}
	b.Now = func() time.Time { return m.now }
	if m.post, err = (mailFlags{SMTP: m.box.address, From: "bank@example.org"}).postman(b, "https://bank.example.org"); err != nil {
		t.Fatal(err)
	}
	b.CollectLetters()
	if m.raw, err = sql.Open("sqlite3", "file:"+path+"?_busy_timeout=5000"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.raw.Close() })
	secret, err := b.Invite(context.Background(), operator, bank.NewInvitation{Name: "安娜", Email: "anna@example.org", Grants: []bank.RoleGrant{{Role: bank.IsAuditor}}})
	if err != nil {
		t.Fatal(err)
	}
	if m.id, err = b.AcceptInvitation(context.Background(), "", secret, "anna", "magpie under the long bridge"); err != nil {
		t.Fatal(err)
	}
	return m
}

// tell puts a message and its letter into the bank.
func (m *mailing) tell(id string) {
	m.t.Helper()
	at := m.now.UnixMicro()
	for _, in := range [][]any{
		{`INSERT INTO message (id, login, kind, object, args, made_at) VALUES ($1, $2, 'clock_late', '/x', '{"Clock": "evaluation.bank", "Object": "E1@1", "Due": "2026-11-20", "Institution": ""}', $3)`, id, m.id, at},
		{`INSERT INTO outbox (message, state, tries, next_at, made_at) VALUES ($1, 'waiting', 0, $2, $2)`, id, at},
	} {
		if _, err := m.raw.Exec(in[0].(string), in[1:]...); err != nil {
			m.t.Fatal(err)
		}
	}
}

func (m *mailing) deliver() {
	m.t.Helper()
	if err := m.SendLetters(context.Background(), m.post.send); err != nil {
		m.t.Fatal(err)
	}
}

func (m *mailing) state(id string) (state string) {
	m.t.Helper()
	if err := m.raw.QueryRow(`SELECT state FROM outbox WHERE message = $1`, id).Scan(&state); err != nil {
		m.t.Fatal(err)
	}
	return state
}

// A letter goes once, in both languages, with nothing personal but the greeting.
func TestLettersGoOnce(t *testing.T) {
	m := newMailing(t)
	m.tell("message-one")
	for range 3 {
		m.deliver()
		m.now = m.now.Add(time.Hour)
	}
	letters := m.box.got()
	if len(letters) != 1 || m.state("message-one") != "sent" {
		t.Fatalf("%d letters went, it is %s", len(letters), m.state("message-one"))
	}
	for _, want := range []string{"Message-ID: <message-one@bank.example.org>", "To: <anna@example.org>", "Auto-Submitted: auto-generated", "https://bank.example.org/messages/message-one"} {
		if !strings.Contains(letters[0], want) {
			t.Errorf("it lacks %q:\n%s", want, letters[0])
		}
	}
}

// A server that is busy is asked again later, longer each time; one that hangs up
// after it took a letter gets it again under the same number.
func TestLettersAreTriedAgain(t *testing.T) {
	m := newMailing(t)
	m.box.answers = []string{"451 busy", "452 busy", "", "250 taken"}
	m.tell("message-two")
	for _, step := range []struct {
		wait time.Duration
		kept int
	}{{0, 0}, {30 * time.Second, 0}, {31 * time.Second, 0}, {2 * time.Minute, 1}, {3 * time.Minute, 1}, {2 * time.Minute, 2}, {time.Hour, 2}} {
		m.now = m.now.Add(step.wait)
		m.deliver()
		if got := len(m.box.got()); got != step.kept {
			t.Fatalf("after %v more %d letters are there, want %d", step.wait, got, step.kept)
		}
	}
	for _, letter := range m.box.got() {
		if !strings.Contains(letter, "Message-ID: <message-two@bank.example.org>") {
			t.Errorf("another number: %s", letter)
		}
	}
	if m.state("message-two") != "sent" {
		t.Errorf("it is %s", m.state("message-two"))
	}
}

// Nobody is written to in vain: an address that takes no mail, somebody who wants no
// letters, a message that was read meanwhile.
func TestLettersThatAreDropped(t *testing.T) {
	m := newMailing(t)
	actor := bank.Actor{Name: "u:" + m.id, Login: m.id, Roles: bank.IsAdministrator}
	m.box.refuse = "550 nobody here"
	m.tell("message-gone")
	m.deliver()
	m.box.mu.Lock()
	m.box.refuse = ""
	m.box.mu.Unlock()
	m.tell("message-read")
	if _, err := m.OpenMessage(context.Background(), actor, "message-read"); err != nil {
		t.Fatal(err)
	}
	m.deliver()
	if err := m.SetWantsLetters(context.Background(), actor, false); err != nil {
		t.Fatal(err)
	}
	m.tell("message-unwanted")
	m.deliver()
	for _, id := range []string{"message-gone", "message-read", "message-unwanted"} {
		if m.state(id) != "dropped" {
			t.Errorf("%s is %s", id, m.state(id))
		}
	}
	if err := m.SetWantsLetters(context.Background(), actor, true); err != nil {
		t.Fatal(err)
	}
	m.tell("message-wanted")
	m.deliver()
	if len(m.box.got()) != 1 {
		t.Errorf("%d letters went", len(m.box.got()))
	}
}

// Two processes at once send each letter once.
func TestLettersBySeveralAtOnce(t *testing.T) {
	m := newMailing(t)
	const many = 50
	for i := range many {
		m.tell(fmt.Sprintf("message-%d", i))
	}
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(m.deliver)
	}
	wait.Wait()
	seen := map[string]bool{}
	for _, letter := range m.box.got() {
		_, id, _ := strings.Cut(letter, "Message-ID: <")
		id, _, _ = strings.Cut(id, ">")
		if seen[id] {
			t.Errorf("%s went twice", id)
		}
		seen[id] = true
	}
	if len(seen) != many {
		t.Errorf("%d went, want %d", len(seen), many)
	}
}

func TestMailServerIsNamedRightly(t *testing.T) {
	for _, f := range []mailFlags{{SMTP: "mail.example.org", From: "a@example.org"}, {SMTP: "mail.example.org:x", From: "a@example.org"}, {SMTP: "mail.example.org:25"}} {
		if _, err := f.postman(nil, "https://bank.example.org"); bank.CodeOf(err) != bank.Invalid {
			t.Errorf("%+v: %v", f, err)
		}
	}
	if _, err := (mailFlags{SMTP: "mail.example.org:25", From: "a@example.org"}).postman(nil, ""); bank.CodeOf(err) != bank.Invalid {
		t.Errorf("without an address of the site: %v", err)
	}
}

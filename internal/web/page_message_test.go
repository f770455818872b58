package web

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// tell puts a message to a learner or a login into the bank, whose number it gives.
func (s *site) tell(column, to string) string {
	s.t.Helper()
	raw, err := sql.Open("sqlite3", "file:"+strings.TrimPrefix(s.dsn, "sqlite:")+"?_busy_timeout=5000")
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	var n int
	if err := raw.QueryRow(`SELECT count(*) FROM message`).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	id := fmt.Sprintf("message-%d", n)
	_, err = raw.Exec(`INSERT INTO message (id, `+column+`, institution, kind, object, args, made_at) VALUES ($1, $2, $3, 'clock_late', '/messages', $4, $5)`,
		id, to, yunfan, `{"Clock": "application.school", "Object": "P1", "Due": "2026-11-20", "Institution": "`+yunfan+`"}`, s.bank.Now().UnixMicro()-1_000_000+int64(n))
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// What somebody is told stands on their page, the count in the header of every page,
// until it is read; nobody else sees it.
func TestMessagesOnPages(t *testing.T) {
	s := newSite(t)
	rosa, otto := s.staff("rosa", registrar), s.staff("otto", bank.RoleGrant{Role: bank.IsExpert, Institution: yunfan})
	for range 3 {
		s.tell("login", s.numberOf("rosa"))
	}
	first := s.tell("login", s.numberOf("rosa"))
	if page := rosa.get("/ledger").Body.String(); !strings.Contains(page, `<b>4<span class="sr">`) {
		t.Error("the header does not count them")
	}
	page := rosa.get("/messages").Body.String()
	for _, want := range []string{"已超过 2026年11月20日 的期限", "学校认定申请", "P1", "未读", "4 条未读"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if got := otto.get("/messages/" + first); got.Code != 404 {
		t.Errorf("somebody else's: %d", got.Code)
	}
	if got := rosa.get("/messages/" + first); got.Code != 303 || got.Header().Get("Location") != "/messages" {
		t.Errorf("opened: %d %s", got.Code, got.Header().Get("Location"))
	}
	if n, err := s.bank.UnreadMessages(t.Context(), bank.Actor{Login: s.numberOf("rosa")}); err != nil || n != 3 {
		t.Errorf("%d are left, %v", n, err)
	}
	rosa.post("/messages/read")
	if page := rosa.get("/messages").Body.String(); strings.Contains(page, "未读") {
		t.Error("after all were read some are new")
	}
	if page := otto.get("/messages").Body.String(); !strings.Contains(page, "还没有消息") {
		t.Error("somebody else has messages")
	}
}

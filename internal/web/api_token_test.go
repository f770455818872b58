package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
)

// Who may: every path with no token, a wrong one, one without the scope, one of
// another school, and the right one.
func TestWhoMay(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, s *site) {
		both, reads, deposits := s.token(yunfan), s.token(yunfan, "read"), s.token(yunfan, "deposit")
		other := s.token(yuntu)
		one := result("W-1", "M")
		for _, c := range []struct {
			name, secret, method, path, body string
			want                             int
			challenge                        string
		}{
			{"no token", "", "GET", "/learners/L2", "", 401, `Bearer realm="creditbank"`},
			{"no token to deposit", "", "POST", "/learners/L2/records", one, 401, `Bearer realm="creditbank"`},
			{"a wrong secret", both + "x", "GET", "/learners/L2", "", 401, "invalid_token"},
			{"nonsense", "creditbank_", "GET", "/learners/L2/records", "", 401, "invalid_token"},
			{"a wrong secret where none is needed", both[:len(both)-1] + "-", "GET", "/ledger/entries/0/proof", "", 401, "invalid_token"},
			{"no scope to read", deposits, "GET", "/learners/L2/statement", "", 403, "insufficient_scope"},
			{"no scope to deposit", reads, "POST", "/learners/L2/records", one, 403, "insufficient_scope"},
			{"another issuer's result", other, "POST", "/learners/L2/records", strings.Replace(one, "{", `{"institution":"`+yunfan+`",`, 1), 403, ""},
			{"another school's learner", other, "GET", "/learners/L2", "", 404, ""},
			{"another school's learner's results", other, "GET", "/learners/L2/records", "", 404, ""},
			{"nobody's account", both, "GET", "/learners/nobody/statement", "", 404, ""},
			{"a deposit to nobody", both, "POST", "/learners/nobody/records", one, 404, ""},
			{"a deposit", deposits, "POST", "/learners/L2/records", one, 201, ""},
			{"the head", reads, "GET", "/learners/L2", "", 200, ""},
			{"the results", reads, "GET", "/learners/L2/records", "", 200, ""},
			{"the statement", both, "GET", "/learners/L2/statement", "", 200, ""},
			{"a parameter that is none", both, "GET", "/learners/L2/statement?x=1", "", 422, ""},
			{"a foreign cursor", both, "GET", "/learners/L2/statement?cursor=x", "", 422, ""},
			{"another method", both, "DELETE", "/learners/L2/records", "", 405, ""},
		} {
			w := s.as(c.secret, c.method, c.path, c.body)
			if w.Code != c.want || !strings.Contains(w.Header().Get("WWW-Authenticate"), c.challenge) {
				t.Errorf("%s: %d %q %s", c.name, w.Code, w.Header().Get("WWW-Authenticate"), w.Body)
			}
			if c.secret != "" && c.want == 200 && w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s may be kept: %q", c.name, w.Header().Get("Cache-Control"))
			}
		}
		for _, secret := range []string{both, reads, deposits, other} {
			if strings.Contains(s.log.String(), secret) || strings.Contains(s.log.String(), secret[len(secret)-43:]) {
				t.Error("a secret is in the log")
			}
		}
	})
}

// A school that issued one result sees that one, and nothing else of the account.
func TestAnIssuerSeesItsOwnResults(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, s *site) {
		home, issuer := s.token(yunfan), s.token(yuntu)
		for i, c := range []struct{ secret, result string }{{home, result("H-1", "M")}, {issuer, result("I-1", "T1")}, {home, result("H-2", "G")}} {
			if w := s.as(c.secret, http.MethodPost, "/learners/L2/records", c.result); w.Code != 201 {
				t.Fatalf("%d: %d %s", i, w.Code, w.Body)
			}
		}
		whole, part := read[accountAnswer](t, s.as(home, "GET", "/learners/L2", "")), read[accountAnswer](t, s.as(issuer, "GET", "/learners/L2", ""))
		if whole.Partial || whole.Available.String() != "12" || whole.Records != 3 || !part.Partial || part.Available.String() != "4" || part.Records != 1 {
			t.Errorf("the heads are %+v and %+v", whole, part)
		}
		results := read[listAnswer[resultAnswer]](t, s.as(issuer, "GET", "/learners/L2/records", ""))
		if results.Total != 1 || results.Items[0].Reference != "I-1" || results.Items[0].Standing.Place != "available" || results.Items[0].Grade != "88" {
			t.Errorf("the results are %+v", results)
		}
		entries := read[listAnswer[entryAnswer]](t, s.as(issuer, "GET", "/learners/L2/statement", ""))
		if entries.Total != 1 || entries.Items[0].Record.Institution != yuntu || !strings.HasPrefix(entries.Items[0].Actor, "api:") {
			t.Errorf("the statement is %+v", entries)
		}
		mine, theirs := entries.Items[0].Number, read[listAnswer[entryAnswer]](t, s.as(home, "GET", "/learners/L2/statement", "")).Items[0].Number
		for number, seen := range map[int64]bool{mine: true, theirs: false} {
			p := read[bank.Proof](t, s.as(issuer, "GET", proofPath(number), ""))
			if (p.Entry != "") != seen {
				t.Errorf("the proof of %d says %q", number, p.Entry)
			}
		}
	})
}

// A token ends with its day, or when it is revoked; only its digest is stored.
func TestTokensEnd(t *testing.T) {
	s := newSite(t)
	made, secret, err := s.bank.AddToken(t.Context(), operator, bank.NewToken{Name: "short", Institution: yunfan, Expires: "2026-11-23"})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s.bank, "learners", "account,name,institution\nL2,学员二,"+yunfan+"\n")
	status := func() int { return s.as(secret, http.MethodGet, "/learners/L2", "").Code }
	if got := status(); got != 200 {
		t.Fatalf("got %d", got)
	}
	now := s.bank.Now
	s.bank.Now = func() time.Time { return time.Date(2026, 11, 23, 15, 59, 59, 0, time.UTC) }
	if got := status(); got != 200 {
		t.Errorf("on its last day: %d", got)
	}
	s.bank.Now = func() time.Time { return time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC) }
	if got := status(); got != 401 {
		t.Errorf("on the day after: %d", got)
	}
	s.bank.Now = now
	if err := s.bank.RevokeToken(t.Context(), operator, made.ID); err != nil {
		t.Fatal(err)
	}
	if got := status(); got != 401 {
		t.Errorf("revoked: %d", got)
	}
	if err := s.bank.RevokeToken(t.Context(), operator, made.ID); err != nil {
		t.Errorf("revoked once more: %v", err)
	}
	if err := s.bank.RevokeToken(t.Context(), operator, "nothing"); bank.CodeOf(err) != bank.NotFound {
		t.Errorf("revoking nothing: %v", err)
	}
	list, err := s.bank.Tokens(t.Context(), operator)
	if err != nil || len(list) != 1 || !list[0].Revoked || list[0].Scopes != bank.MayDeposit|bank.MayRead|bank.MayMap {
		t.Errorf("%+v %v", list, err)
	}
}

func TestTokensAreRefused(t *testing.T) {
	s := newSite(t)
	for want, in := range map[string]bank.NewToken{
		"name required":                   {Institution: yunfan},
		"institution required":            {Name: "x"},
		"institution unknown_institution": {Name: "x", Institution: "nobody"},
		"scope choice":                    {Name: "x", Institution: yunfan, Scopes: []string{"write"}},
		"expires date":                    {Name: "x", Institution: yunfan, Expires: "soon"},
		"expires past":                    {Name: "x", Institution: yunfan, Expires: "2026-11-21"},
	} {
		_, secret, err := s.bank.AddToken(t.Context(), operator, in)
		refusal, is := err.(*bank.Error)
		if !is || refusal.Code != bank.Invalid || len(refusal.Fields) != 1 || refusal.Fields[0].Field+" "+refusal.Fields[0].Code != want || secret != "" {
			t.Errorf("%s: %v", want, err)
		}
	}
}

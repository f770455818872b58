package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

const toAccount = "/learners/L2/records"

func TestDepositAnswers(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, s *site) {
		secret := s.token(yunfan)
		w := s.as(secret, http.MethodPost, toAccount, "["+result("D-1", "M")+","+result("D-2", "C++ & A/B 50%")+"]")
		if w.Code != 201 || w.Header().Get("Location") != "/api/v1/learners/L2/records" || w.Header().Get(headerHit) != "" {
			t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
		}
		w.Code = 200
		got := read[depositAnswer](t, w)
		if got.Account != "L2" || got.Batch == nil || len(got.Records) != 2 || len(got.Entries) != 2 || got.Records[1].State != "new" ||
			got.Records[1].Reference != "D-2" || got.Records[1].Amount.String() != "4" || got.Records[1].Entry != got.Entries[1].Number {
			t.Errorf("the receipt is %+v", got)
		}
		if e := got.Entries[0]; e.Kind != "deposit" || e.Debit != "issuer:"+yunfan || e.Credit != "available:L2" || e.Batch != *got.Batch || e.Digest == "" {
			t.Errorf("the entry is %+v", e)
		}
		again := read[depositAnswer](t, s.as(secret, http.MethodPost, toAccount, result("D-2", "C++ & A/B 50%")))
		if again.Batch != nil || again.Records[0].State != "unchanged" || len(again.Entries) != 0 {
			t.Errorf("sent again: %+v", again)
		}
		odd := s.as(s.token(yuntu), http.MethodPost, "/learners/L%203%2F%C3%BC/records", result("D-3", "T1"))
		if odd.Code != 201 || odd.Header().Get("Location") != "/api/v1/learners/L%203%2F%C3%BC/records" {
			t.Errorf("an account with a blank and a slash: %d %v %s", odd.Code, odd.Header(), odd.Body)
		}
	})
}

// What is wrong is named, field by field, and nothing is booked.
func TestDepositRefusals(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, s *site) {
		secret := s.token(yunfan)
		if w := s.as(secret, http.MethodPost, toAccount, result("D-1", "M")); w.Code != 201 {
			t.Fatal(w.Body)
		}
		good := result("D-2", "M")
		with := func(field string) string { return strings.Replace(good, "{", "{"+field+",", 1) }
		many := strings.TrimSuffix(strings.Repeat(good+",", 501), ",")
		for _, c := range []struct {
			body string
			want int
			said string
		}{
			{`{}`, 422, "course required completed_on required"},
			{`[]`, 422, "records required"},
			{`5`, 422, "body type"},
			{`[5]`, 422, "records[0] type"},
			{``, 422, "body json"},
			{good + "," + good, 422, "body json"},
			{`[` + many + `]`, 422, "records too_many"},
			{with(`"colour":"red"`), 422, "colour unknown_field"},
			{`[` + good + `,` + with(`"colour":"red"`) + `]`, 422, "records[1].colour unknown_field"},
			{with(`"hours":5`), 422, "hours type"},
			{strings.Replace(good, `"4"`, `"4.125"`, 1), 422, "credits amount"},
			{strings.Replace(good, `"4"`, `"0"`, 1), 422, "credits amount_zero"},
			{strings.Replace(good, `"4"`, `"-4"`, 1), 422, "credits amount"},
			{strings.Replace(good, `"4"`, `"99999"`, 1), 422, "credits amount"},
			{strings.Replace(good, `"M"`, `"nothing"`, 1), 422, "course unknown_course"},
			{strings.Replace(good, "2026-06-25", "2027-06-25", 1), 422, "completed_on future"},
			{`[` + good + `,` + strings.Replace(good, `"88"`, `"x"`, 1) + `]`, 422, "records[1].grade grade"},
			{`[` + good + `,` + good + `]`, 422, "records[1].reference twice_listed"},
			{strings.Replace(result("D-1", "M"), `"88"`, `"89"`, 1), 409, "reference lasting"},
		} {
			w := s.as(secret, http.MethodPost, toAccount, c.body, "Content-Type", "application/json")
			if got := strings.Join(faults(t, w), " "); w.Code != c.want || got != c.said {
				t.Errorf("%.80s: %d %q, want %d %q", c.body, w.Code, got, c.want, c.said)
			}
		}
		if w := s.as(secret, http.MethodPost, toAccount, good, "Content-Type", "text/plain"); w.Code != 415 {
			t.Errorf("as text: %d", w.Code)
		}
		if w := s.as(secret, http.MethodPost, toAccount, `"`+strings.Repeat("x", maxBody)+`"`); w.Code != 413 {
			t.Errorf("too large: %d", w.Code)
		}
		if n := len(s.statement(secret)); n != 1 {
			t.Errorf("%d entries after refusals, want 1", n)
		}
	})
}

// statement is all entries of the learner, read page by page.
func (s *site) statement(secret string) (all []entryAnswer) {
	s.t.Helper()
	for cursor := ""; ; {
		page := read[listAnswer[entryAnswer]](s.t, s.as(secret, http.MethodGet, "/learners/L2/statement?limit=7&cursor="+cursor, ""))
		all = append(all, page.Items...)
		if cursor = page.Next; cursor == "" {
			if page.Total != len(all) {
				s.t.Errorf("%d entries, said to be %d", len(all), page.Total)
			}
			return all
		}
	}
}

func TestAKeyBooksOnce(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, s *site) {
		secret := s.token(yunfan)
		send := func(key, body string) *httptest.ResponseRecorder {
			return s.as(secret, http.MethodPost, toAccount, body, headerKey, key)
		}
		first, second := send("k1", result("K-1", "M")), send("k1", result("K-1", "M"))
		if first.Code != 201 || second.Code != 201 || first.Body.String() != second.Body.String() || first.Header().Get(headerHit) != "" ||
			second.Header().Get(headerHit) != "true" || second.Header().Get("Location") == "" {
			t.Errorf("%d %s\n%d %v %s", first.Code, first.Body, second.Code, second.Header(), second.Body)
		}
		if w := send("k1", result("K-2", "M")); w.Code != 409 {
			t.Errorf("the same key with another body: %d %s", w.Code, w.Body)
		}
		if w := s.as(s.token(yunfan), http.MethodPost, "/learners/L2/records", result("K-3", "M"), headerKey, "k1"); w.Code != 201 {
			t.Errorf("another's key of the same name: %d %s", w.Code, w.Body)
		}
		if w := send("", result("K-4", "M")); w.Code != 422 {
			t.Errorf("an empty key: %d", w.Code)
		}
		if w := send("a key", result("K-4", "M")); w.Code != 422 || !slices.Equal(faults(t, w), []string{"Idempotency-Key idempotency_key"}) {
			t.Errorf("a key with a blank: %d %s", w.Code, w.Body)
		}
		r := request(http.MethodPost, apiBase+toAccount, result("K-4", "M"), "Authorization", "Bearer "+secret)
		r.Header[headerKey] = []string{"a", "b"}
		if w := s.send(r); w.Code != 422 || !slices.Equal(faults(t, w), []string{"Idempotency-Key repeated"}) {
			t.Errorf("two keys: %d %s", w.Code, w.Body)
		}
		if n := len(s.statement(secret)); n != 2 {
			t.Errorf("%d entries, want 2", n)
		}
	})
}

// at runs something for many callers at once.
func at(callers int, do func(i int)) {
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range callers {
		all.Go(func() { <-begin; do(i) })
	}
	close(begin)
	all.Wait()
}

func TestManyCallersAtOnce(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, s *site) {
		const callers = 64
		secret := s.token(yunfan)
		answers := make([]*httptest.ResponseRecorder, callers)
		at(callers, func(i int) {
			answers[i] = httptest.NewRecorder()
			s.ServeHTTP(answers[i], request(http.MethodPost, apiBase+toAccount, result(fmt.Sprint("P-", i), "M"), "Authorization", "Bearer "+secret))
		})
		booked := map[string]bool{}
		for _, e := range s.statement(secret) {
			booked[e.Record.Reference] = true
		}
		for i, w := range answers {
			if w.Code != 201 || !booked[fmt.Sprint("P-", i)] {
				t.Errorf("caller %d: %d %s, booked %v", i, w.Code, w.Body, booked[fmt.Sprint("P-", i)])
			}
		}
		fresh := 0
		at(16, func(i int) {
			answers[i] = httptest.NewRecorder()
			s.ServeHTTP(answers[i], request(http.MethodPost, apiBase+toAccount, result("Q", "M"), "Authorization", "Bearer "+secret, headerKey, "q"))
		})
		for i, w := range answers[:16] {
			if w.Header().Get(headerHit) == "" {
				fresh++
			}
			if w.Code != 201 || w.Body.String() != answers[0].Body.String() {
				t.Errorf("caller %d with the same key: %d %s", i, w.Code, w.Body)
			}
		}
		if n := len(s.statement(secret)); fresh != 1 || n != callers+1 {
			t.Errorf("%d answers were no repetition, and there are %d entries", fresh, n)
		}
	})
}

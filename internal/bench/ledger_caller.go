package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"creditbank/internal/bank"
)

// caller asks over one connection that it keeps. It is as slight as can be, since
// it takes its part of the same processors: what it writes is made beforehand
// where that is possible, and an answer is read and not understood.
type caller struct {
	conn   net.Conn
	reader *bufio.Reader
	secret string
}

func dial(ctx context.Context, address, secret string) (*caller, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &caller{conn: conn, reader: bufio.NewReader(conn), secret: secret}, nil
}

// reply is an answer to a deposit.
type reply struct {
	status int
	again  bool // it was kept from an earlier request
	body   string
}

// post deposits one result.
func (c *caller) post(account, key string, body []byte) (reply, error) {
	request := fmt.Appendf(nil, "POST /api/v1/learners/%s/records HTTP/1.1\r\nHost: bank\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nIdempotency-Key: %s\r\nContent-Length: %d\r\n\r\n%s", account, c.secret, key, len(body), body)
	if _, err := c.conn.Write(request); err != nil {
		return reply{}, err
	}
	answer, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return reply{}, err
	}
	text, err := io.ReadAll(answer.Body)
	return reply{answer.StatusCode, answer.Header.Get("Idempotency-Hit") == "true", string(text)}, errors.Join(err, answer.Body.Close())
}

// bodyOf is a result as it is sent.
func bodyOf(d bank.DepositRecord) []byte {
	text, _ := json.Marshal(map[string]string{"reference": d.Reference, "kind": d.Kind, "institution": d.Institution, "course": d.Course,
		"grade": d.Grade, "scale": d.Scale, "credits": d.Credits, "completed_on": d.CompletedOn}) // strings have no way to fail
	return text
}

// share is what one caller did.
type share struct {
	took  []float64 // each request, in seconds
	acked []int64
	first kept
	err   error
}

// turn is what all callers did in one turn.
type turn struct {
	seconds float64
	took    []float64
}

// each is how many seconds the turn took for one deposit.
func (t turn) each() float64 { return t.seconds / float64(len(t.took)) }

// crowd lets 64 callers deposit so many results, as fast as they are answered.
// What the silent endpoint acknowledges is not counted among the deposits.
func (s *site) crowd(ctx context.Context, to *endpoint, deposits int) (turn, error) {
	all := make([]*caller, callers)
	for i := range all {
		c, err := dial(ctx, to.address, s.secret)
		if err != nil {
			return turn{}, err
		}
		defer func() { _ = c.conn.Close() }()
		all[i] = c
	}
	var left atomic.Int64
	left.Store(int64(deposits))
	shares := make([]share, len(all))
	var wait sync.WaitGroup
	began := time.Now()
	for i, c := range all {
		wait.Go(func() {
			for shares[i].err == nil && left.Add(-1) >= 0 && ctx.Err() == nil {
				shares[i].deposit(s, c)
			}
		})
	}
	wait.Wait()
	t := turn{seconds: time.Since(began).Seconds()}
	return s.gather(t, shares, to == s.writing)
}

// gather adds up what the callers did.
func (s *site) gather(t turn, shares []share, written bool) (turn, error) {
	for _, one := range shares {
		if one.err != nil {
			return t, one.err
		}
		t.took = append(t.took, one.took...)
		if written && len(one.acked) > 0 {
			s.acked, s.first = append(s.acked, one.acked...), append(s.first, one.first)
		}
	}
	return t, nil
}

// deposit sends the next result and waits for the answer.
func (one *share) deposit(s *site, c *caller) {
	n := s.next.Add(1)
	body := bodyOf(depositOf(n))
	began := time.Now()
	answer, err := c.post(s.accountOf(n), keyOf(n), body)
	one.took = append(one.took, time.Since(began).Seconds())
	if err == nil && answer.status != http.StatusCreated {
		err = fmt.Errorf("deposit %d: status %d: %s", n, answer.status, answer.body)
	}
	if one.err = err; err != nil {
		return
	}
	if one.acked = append(one.acked, n); len(one.acked) == 1 {
		one.first = kept{n, answer.body}
	}
}

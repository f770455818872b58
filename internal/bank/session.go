package bank

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// The values of a session that the store knows. A session belongs to a login from
// the moment on at which SessionLogin is set, which is after the second factor;
// what stands under other keys is the web's own.
const (
	SessionLogin  = "login"  // string: whose it is
	SessionEpoch  = "epoch"  // int64: as [SignedIn] gave it
	SessionAgent  = "agent"  // string: family of the browser, up to 40 characters, no version
	SessionOrigin = "origin" // string: network from which it began, up to 80 characters
)

// Ends of sessions (OWASP ASVS 5.0, 7.3): of staff, and of learners.
const (
	staffIdle, staffLife     = 30 * time.Minute, 12 * time.Hour
	learnerIdle, learnerLife = 7 * 24 * time.Hour, 30 * 24 * time.Hour
	anybodyIdle, anybodyLife = 30 * time.Minute, 2 * time.Hour // of nobody yet: a sign-in under way
)

// seenEvery is how exactly the last use of a session is known: each request would be a write else.
const seenEvery = time.Minute

// SessionStore keeps sessions for a manager of scs whose tokens come hashed. Their
// data is sealed. It ends them itself, idle or old, by whose they are, and all of a
// login's when that is disabled, or its roles or its password were taken away.
type SessionStore struct{ b *Bank }

// Sessions gives the store of this bank.
func (b *Bank) Sessions() *SessionStore { return &SessionStore{b} }

// storedSession is a row.
type storedSession struct {
	login             string
	epoch, now        int64 // now: the epoch of the login
	agent, origin     string
	data              []byte // plain
	made, seen, until int64
	ended, disabled   bool
	staff             bool // more than a learner
}

// over says whether a session is no more.
func (s storedSession) over(now time.Time) bool {
	idle, life := anybodyIdle, anybodyLife
	switch {
	case s.login != "" && s.staff:
		idle, life = staffIdle, staffLife
	case s.login != "":
		idle, life = learnerIdle, learnerLife
	}
	at := micros(now)
	return s.ended || s.disabled || s.epoch != s.now || at >= s.until || at >= s.seen+idle.Microseconds() || at >= s.made+life.Microseconds()
}

func (s *SessionStore) find(ctx context.Context, token string) (row storedSession, found bool, err error) {
	var sealed []byte
	err = s.b.db.each(ctx, func(rows *sql.Rows) error {
		found = true
		return rows.Scan(&row.login, &row.epoch, &row.now, &row.agent, &row.origin, &sealed, &row.made, &row.seen, &row.until, &row.ended, &row.disabled, &row.staff)
	}, `SELECT coalesce(s.login, ''), s.epoch, coalesce(l.epoch, s.epoch), s.agent, s.origin, s.data, s.made_at, s.seen_at, s.expires_at, s.ended,
		coalesce(l.disabled, FALSE), coalesce(l.learner IS NULL OR EXISTS (SELECT 1 FROM login_role r WHERE r.login = l.id), FALSE)
		FROM session s LEFT JOIN login l ON l.id = s.login WHERE s.token = $1`, token)
	if err != nil || !found || row.over(s.b.Now()) {
		return row, false, err
	}
	row.data, err = s.b.unseal("session.data", token, sealed)
	return row, true, err
}

// FindCtx gives the data of a session that is not over.
func (s *SessionStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	row, found, err := s.find(ctx, token)
	if err != nil || !found {
		return nil, false, err
	}
	if now := s.b.Now(); micros(now)-row.seen >= seenEvery.Microseconds() {
		err = s.b.write(ctx, Visitor, func(t *tx) error {
			return t.exec(`UPDATE session SET seen_at = $1 WHERE token = $2 AND NOT ended`, micros(t.now), token)
		})
	}
	if code := CodeOf(err); code == TooMany || code == Unavailable {
		err = nil // a session whose use is not noted ends sooner, which harms nobody
	}
	return row.data, err == nil, err
}

// CommitCtx keeps a session: a new one, or what a request changed in it. One that
// ended meanwhile is not brought back, and none begins for a login that is
// disabled or for an epoch that is over. expiry only ever shortens what the store allows.
func (s *SessionStore) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	values, err := sessionValues(data)
	if err != nil {
		return err
	}
	row, found, err := s.find(ctx, token)
	if err != nil {
		return err
	}
	if found && micros(s.b.Now())-row.seen < seenEvery.Microseconds() {
		if kept, err := sessionValues(row.data); err == nil && reflect.DeepEqual(kept, values) {
			return nil
		}
	}
	text := func(key string, limit int) string {
		value, _ := values[key].(string)
		runes := []rune(strings.ToValidUTF8(value, ""))
		return string(runes[:min(len(runes), limit)])
	}
	in := storedSession{login: text(SessionLogin, 40), agent: text(SessionAgent, 40), origin: text(SessionOrigin, 80), data: data, until: micros(expiry)}
	in.epoch, _ = values[SessionEpoch].(int64)
	return s.b.write(ctx, Visitor, func(t *tx) error { return t.keepSession(token, in) })
}

func (t *tx) keepSession(token string, in storedSession) error {
	if in.login != "" {
		h, err := reading(t.each).holder(in.login)
		if CodeOf(err) == Unauthenticated || err == nil && (h.disabled || h.epoch != in.epoch) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	sealed, err := t.seal("session.data", token, in.data)
	if err != nil {
		return err
	}
	if err := t.sweepSessions(); err != nil {
		return err
	}
	return t.exec(`INSERT INTO session (token, id, login, epoch, agent, origin, data, made_at, seen_at, expires_at, ended)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, FALSE)
		ON CONFLICT (token) DO UPDATE SET login = excluded.login, epoch = excluded.epoch, agent = excluded.agent, origin = excluded.origin,
		data = excluded.data, seen_at = excluded.seen_at, expires_at = excluded.expires_at WHERE NOT session.ended`,
		token, deviceOf(token), textOrNil(in.login), in.epoch, in.agent, in.origin, sealed, micros(t.now), in.until)
}

// sweepSessions forgets some that expired, more than one session at a time makes.
func (t *tx) sweepSessions() error {
	const some = 8
	return t.exec(`DELETE FROM session WHERE token IN (SELECT token FROM session WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)`,
		micros(t.now), some)
}

// DeleteCtx ends a session for good.
func (s *SessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.b.write(ctx, Visitor, func(t *tx) error { return t.endSessions(`token = $1`, token) })
}

// endSessions ends those for which a condition holds.
func (t *tx) endSessions(where string, args ...any) error {
	return t.exec(`UPDATE session SET ended = TRUE, data = NULL WHERE NOT ended AND `+where, args...)
}

// Find is FindCtx without a context; scs does not call it.
func (s *SessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context; scs does not call it.
func (s *SessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context; scs does not call it.
func (s *SessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// sessionValues reads what scs's own codec wrote (scs.GobCodec).
func sessionValues(data []byte) (map[string]any, error) {
	var read struct {
		Deadline time.Time
		Values   map[string]any
	}
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&read); err != nil {
		return nil, fmt.Errorf("session data: %w", err)
	}
	return read.Values, nil
}

// Device is a session as its owner sees it.
type Device struct {
	ID, Agent, Origin   string
	Made, Seen, Expires time.Time
}

// DeviceID is the ID of the session with this token, as [Bank.Devices] lists it: so
// a page marks the one that it is seen in. It tells nothing of the token.
func DeviceID(token string) string {
	digest := sha256.Sum256([]byte(token))
	return deviceOf(base64.RawURLEncoding.EncodeToString(digest[:])) // as scs hashes tokens
}

func deviceOf(hashed string) string {
	digest := sha256.Sum256([]byte(hashed))
	return hex.EncodeToString(digest[:10])
}

// Devices lists the actor's sessions that are not over, the last used first. It
// promises Denied to who is not logged in.
func (b *Bank) Devices(ctx context.Context, actor Actor) ([]Device, error) {
	if err := actor.needLogin(); err != nil {
		return nil, err
	}
	var list []Device
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var d Device
		var s storedSession
		s.login = actor.Login
		err := rows.Scan(&d.ID, &d.Agent, &d.Origin, &s.made, &s.seen, &s.until, &s.epoch, &s.now, &s.staff)
		if d.Made, d.Seen, d.Expires = fromMicros(s.made), fromMicros(s.seen), fromMicros(s.until); !s.over(b.Now()) {
			list = append(list, d)
		}
		return err
	}, `SELECT s.id, s.agent, s.origin, s.made_at, s.seen_at, s.expires_at, s.epoch, l.epoch,
		l.learner IS NULL OR EXISTS (SELECT 1 FROM login_role r WHERE r.login = l.id)
		FROM session s JOIN login l ON l.id = s.login WHERE s.login = $1 AND NOT s.ended ORDER BY s.seen_at DESC, s.id`, actor.Login)
	return list, err
}

// EndDevice ends one of the actor's sessions. It promises Denied, and NotFound for
// another's.
func (b *Bank) EndDevice(ctx context.Context, actor Actor, id string) error {
	if err := actor.needLogin(); err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		known := false
		err := t.each(func(*sql.Rows) error { known = true; return nil }, `SELECT 1 FROM session WHERE id = $1 AND login = $2`, id, actor.Login)
		switch {
		case err != nil:
			return err
		case !known:
			return notFound("device", id)
		}
		if err := t.endSessions(`id = $1 AND login = $2`, id, actor.Login); err != nil {
			return err
		}
		return t.audit("session.end", actor.Login, id)
	})
}

// EndOtherDevices ends all of the actor's sessions but one. It promises Denied.
func (b *Bank) EndOtherDevices(ctx context.Context, actor Actor, keep string) error {
	if err := actor.needLogin(); err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		if err := t.endSessions(`login = $1 AND id <> $2`, actor.Login, keep); err != nil {
			return err
		}
		return t.audit("session.end_others", actor.Login, "")
	})
}

// endAll ends all sessions of a login; those under way cannot come back, since their epoch is over.
func (t *tx) endAll(login string) error {
	if err := t.exec(`UPDATE login SET epoch = epoch + 1 WHERE id = $1`, login); err != nil {
		return err
	}
	return t.endSessions(`login = $1`, login)
}

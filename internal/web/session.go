package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

const (
	sessionCookie = "session"
	freshProof    = 15 * time.Minute // ways in are changed only so soon after one was shown (ASVS 5.0, 7.5.1)

	// A session ends so long after the sign-in, whatever its name is by then. The
	// store counts from the last name, and ends it when it lies idle.
	staffWhole   = 12 * time.Hour
	learnerWhole = 30 * 24 * time.Hour
	halfWay      = 10 * time.Minute // to show a second factor, or to come back from a provider
)

// What a session holds beside what the store knows of it. Every value is a text.
const (
	keyPending = "pending"    // who has shown one way in, of whom a second factor is awaited
	keyEpoch   = "epoch_then" // that the sign-in gave, an int64
	keyShown   = "shown"      // the way in that was shown
	keySeat    = "seat"       // the institution for which they act
	keyStaff   = "staff"      // whether this is a session of staff
	keySince   = "since"      // of the sign-in, Unix seconds
	keyProof   = "proof"      // when a way in was last shown
	keyPasskey = "passkey"    // a challenge that is out
)

// newSessions manages sessions that a store keeps; the cookie is ours to write,
// since its name hangs on how the site is reached.
func newSessions(store scs.Store) *scs.SessionManager {
	m := scs.New()
	m.Store, m.HashTokenInStore, m.Lifetime = store, true, halfWay
	return m
}

// visit is what a request knows of its session.
type visit struct {
	session context.Context // where the manager finds it
	actor   bank.Actor      // who is in; a visitor when nobody is
}

// visitKey is where a request keeps its visit.
const visitKey = "visit"

// visit loads the session of a request, once, and only when it carries one. The
// API has tokens of its own and never looks.
func (s *Server) visit(c echo.Context) (*visit, error) {
	if v, known := c.Get(visitKey).(*visit); known {
		return v, nil
	}
	empty, err := s.sessions.Load(c.Request().Context(), "")
	v := &visit{session: empty, actor: bank.Visitor}
	c.Set(visitKey, v) // also when the rest fails, so that the page that says so does not fail again
	cookie, missing := c.Cookie(s.address.cookie(c.Request(), sessionCookie))
	if err != nil || missing != nil || isAPI(c) {
		return v, err
	}
	session, err := s.sessions.Load(c.Request().Context(), cookie.Value)
	if err != nil {
		return v, err
	}
	v.session = session
	return v, s.recognise(c, v)
}

// recognise finds who is in, and as what at this moment.
func (s *Server) recognise(c echo.Context, v *visit) error {
	login := s.text(v, bank.SessionLogin)
	if login == "" {
		return nil
	}
	actor, err := s.bank.ActorOf(v.session, login, s.text(v, keySeat), origin(c))
	switch {
	case bank.CodeOf(err) == bank.Unauthenticated:
		return s.leave(c, v)
	case err == nil:
		v.actor = actor
	}
	return err
}

// person is who is logged in, a visitor when nobody is.
func (s *Server) person(c echo.Context) (bank.Actor, error) {
	v, err := s.visit(c)
	if err != nil {
		return bank.Visitor, err
	}
	c.Set(actorKey, v.actor)
	return v.actor, nil
}

// enter makes the session of a visit that of a login which has shown what it
// takes, under a new name, with nothing in it of whoever used it before.
func (s *Server) enter(c echo.Context, in bank.SignedIn, shown bank.Way) error {
	v, err := s.visit(c)
	if err != nil {
		return err
	}
	if v.actor, err = s.bank.ActorOf(v.session, in.Login, "", origin(c)); err != nil {
		return err
	}
	seats, err := s.bank.Seats(v.session, in.Login)
	if err != nil {
		return err
	}
	if err := s.sessions.Clear(v.session); err != nil {
		return err
	}
	now := strconv.FormatInt(s.bank.Now().Unix(), 10)
	s.put(v, bank.SessionLogin, in.Login, keyShown, string(shown), keySince, now, keyProof, now, keyStaff, staffMark(seats))
	s.sessions.Put(v.session, bank.SessionEpoch, in.Epoch)
	return s.renew(c, v)
}

// staffMark says whether any of the seats is more than a learner's.
func staffMark(seats []bank.RoleGrant) string {
	for _, seat := range seats {
		if seat.Role&^bank.IsLearner != 0 {
			return "1"
		}
	}
	return ""
}

// renew gives the session a new name, as at every rise of rights: who knew the
// old one knows nothing.
func (s *Server) renew(c echo.Context, v *visit) error {
	if err := s.sessions.RenewToken(v.session); err != nil {
		return err
	}
	return s.keep(c, v)
}

// keep writes the session, and its cookie.
func (s *Server) keep(c echo.Context, v *visit) error {
	in, staff := s.text(v, bank.SessionLogin) != "", s.text(v, keyStaff) != ""
	ends := s.bank.Now().Add(halfWay)
	switch {
	case staff:
		ends = s.instant(v, keySince).Add(staffWhole)
	case in:
		ends = s.instant(v, keySince).Add(learnerWhole)
	}
	s.put(v, bank.SessionAgent, deviceFamily(c.Request().UserAgent()), bank.SessionOrigin, origin(c))
	s.sessions.SetDeadline(v.session, ends)
	token, _, err := s.sessions.Commit(v.session)
	if err != nil {
		return err
	}
	s.setSession(c, token, in && !staff)
	return nil
}

// leave ends the session of a visit, here and in the browser.
func (s *Server) leave(c echo.Context, v *visit) error {
	v.actor = bank.Visitor
	if err := s.sessions.Destroy(v.session); err != nil {
		return err
	}
	s.setSession(c, "", false)
	return nil
}

// setSession writes the cookie. A learner's outlives the browser; that of staff,
// who share machines, ends with it, and an empty one at once.
func (s *Server) setSession(c echo.Context, token string, lasting bool) {
	cookie := &http.Cookie{Name: s.address.cookie(c.Request(), sessionCookie), Value: token, Path: "/", HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: s.address.safe(c.Request())}
	if lasting {
		cookie.MaxAge = int(learnerWhole / time.Second)
	}
	if token == "" {
		cookie.MaxAge = -1
	}
	h := c.Response().Header()
	h[echo.HeaderSetCookie] = slices.DeleteFunc(h[echo.HeaderSetCookie], func(set string) bool { return strings.HasPrefix(set, cookie.Name+"=") })
	c.SetCookie(cookie)
	h.Set(echo.HeaderCacheControl, "no-store")
}

// text is a value of a session, empty when there is none.
func (s *Server) text(v *visit, key string) string { return s.sessions.GetString(v.session, key) }

// put sets values of a session, given as keys and values in turn.
func (s *Server) put(v *visit, pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		s.sessions.Put(v.session, pairs[i], pairs[i+1])
	}
}

// instant is a value of a session that is an instant, the zero one when it is none.
func (s *Server) instant(v *visit, key string) time.Time {
	seconds, err := strconv.ParseInt(s.text(v, key), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// fresh says whether the person has shown a way in just now.
func (s *Server) fresh(v *visit) bool {
	return s.bank.Now().Sub(s.instant(v, keyProof)) < freshProof
}

// carriesSession says whether a request brings a session along, or what could be
// one if the site were reached otherwise.
func carriesSession(r *http.Request) bool {
	for _, name := range []string{hostOnly + sessionCookie, sessionCookie} {
		if _, err := r.Cookie(name); err == nil {
			return true
		}
	}
	return false
}

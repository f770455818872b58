package web

import (
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// access says who may use a route, and whose things it is about.
type access struct {
	roles bank.Roles  // any of these; none: everybody, without a login
	scope bank.Scopes // what a system's token has to allow
	of    ownership
}

// ownership is whose things a route is about. What is another's is not found.
type ownership string

const (
	ofNobody      ownership = ""            // what everybody may see
	ofSelf        ownership = "self"        // the person's own login or account
	ofAccount     ownership = "account"     // a learner the actor may know of: see bank.Bank.ViewLearner
	ofInstitution ownership = "institution" // what belongs to the actor's institution
	ofBank        ownership = "bank"        // what belongs to the whole bank
)

// everyone are the roles of people who log in.
const everyone = bank.IsLearner | bank.IsRegistrar | bank.IsExpert | bank.IsDecider | bank.IsAdministrator | bank.IsAuditor

// open is for everybody, without a login.
var open = access{}

// signedIn lets through whoever is logged in, also before they have a role: a
// second factor that it takes is set up first.
var signedIn = access{of: ofSelf}

// people lets through people who are logged in and have one of the roles.
func people(roles bank.Roles, of ownership) access { return access{roles: roles, of: of} }

// system lets through schools' systems whose token allows a scope. They deposit
// their own results, in whichever account; what they read is an account's.
func system(scope bank.Scopes) access {
	of := ofAccount
	if scope == bank.MayDeposit || scope == bank.MayMap {
		of = ofInstitution
	}
	return access{roles: bank.IsSystem, scope: scope, of: of}
}

// admit lets through whom a route is for; the handler finds them with actorOf. It
// promises Unauthenticated and Denied.
func (s *Server) admit(may access) echo.MiddlewareFunc {
	if may.roles == bank.IsSystem {
		return s.bearer(may.scope)
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if may == open {
			return next
		}
		return func(c echo.Context) error {
			actor, err := s.person(c)
			switch {
			case err != nil:
				return err
			case actor.Login == "", actor.Roles == 0 && may != signedIn:
				return s.askToSignIn(c)
			case may != signedIn && !actor.Is(may.roles):
				return &bank.Error{Code: bank.Denied, Key: "error.role"}
			}
			if err := s.limits.holdActor(actor); err != nil {
				return err
			}
			c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
			return next(c)
		}
	}
}

// actorKey is where a request keeps who asks.
const actorKey = "actor"

// actorOf is who asks, behind admit.
func actorOf(c echo.Context) bank.Actor {
	actor, known := c.Get(actorKey).(bank.Actor)
	if !known {
		return bank.Visitor
	}
	return actor
}

// signInAddress is where a person signs in, to come back to a page of this site.
func signInAddress(back string) string {
	if back = ownAddress(back); back == "/" || strings.HasPrefix(back, "/login") {
		return "/login"
	}
	return "/login?back=" + url.QueryEscape(back)
}

// signInFrom is signInAddress for the frame of a page. The pages of the way in lead
// nowhere afterwards, and the address of an invitation is a secret.
func signInFrom(page, back string) string {
	if page == "invitation" || page == "claim" || strings.HasPrefix(page, "login") {
		return "/login"
	}
	return signInAddress(back)
}

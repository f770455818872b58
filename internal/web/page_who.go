package web

import (
	"cmp"
	"context"
	"slices"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// who is the person whom a page is for, as its frame shows them.
type who struct {
	Name   string
	Login  string // a number that says nothing of the person
	Pages  []ownPage
	Seat   seat   // where they act now
	Others []seat // where else they can
	Unread int    // messages that they have not read
}

// ownPage is a page that is somebody's own.
type ownPage struct{ Path, Key string }

// seat is an institution, or the bank, at which a person acts, with the roles there.
type seat struct {
	bank.RoleGrant
	School bank.InstitutionInfo // none of the bank itself
}

// ownPages are the pages that are somebody's own, by the roles that they are for.
var ownPages = [...]struct {
	ownPage
	roles bank.Roles
}{
	{ownPage{"/my", "who.my"}, bank.IsLearner},
	{ownPage{"/school", "who.school"}, schoolStaff},
	{ownPage{"/admin", "who.admin"}, bank.IsAdministrator},
	{ownPage{"/audit", "who.audit"}, bank.IsAuditor},
	{ownPage{"/evaluations", "desk.evaluations"}, mapStaff},
	{ownPage{"/audit", "who.audit"}, bank.IsAdministrator},
	{ownPage{"/admin", "who.admin"}, bank.IsAuditor},
}

// ownPagesOf are the pages of an actor, of those that there are.
func (s *Server) ownPagesOf(actor bank.Actor) []ownPage {
	var list []ownPage
	for _, own := range ownPages {
		if actor.Is(own.roles) && s.served[own.Path] && !slices.Contains(list, own.ownPage) {
			list = append(list, own.ownPage)
		}
	}
	return list
}

// homeOf is where somebody begins who came from nowhere in particular.
func (s *Server) homeOf(actor bank.Actor) string {
	if pages := s.ownPagesOf(actor); len(pages) > 0 {
		return pages[0].Path
	}
	return "/account"
}

// who is the person of a request, nil when nobody is in.
func (s *Server) who(c echo.Context) (*who, error) {
	v, err := s.visit(c)
	if err != nil || v.actor.Login == "" {
		return nil, err
	}
	login, err := s.bank.MyLogin(v.session, v.actor)
	if err != nil {
		return nil, err
	}
	seats, err := s.bank.Seats(v.session, v.actor.Login)
	if err != nil {
		return nil, err
	}
	all, err := s.seats(v.session, seats)
	if err != nil {
		return nil, err
	}
	w := &who{Name: cmp.Or(login.DisplayName, login.Name, login.Learner), Login: v.actor.Login, Pages: s.ownPagesOf(v.actor)}
	if w.Unread, err = s.bank.UnreadMessages(v.session, v.actor); err != nil {
		return nil, err
	}
	for _, at := range all {
		if at.Institution == v.actor.Institution {
			w.Seat = at
		} else {
			w.Others = append(w.Others, at)
		}
	}
	return w, nil
}

// Value is how a form says the place.
func (s seat) Value() string { return cmp.Or(s.Institution, seatOfBank) }

// seats are places to act with the names of their schools.
func (s *Server) seats(ctx context.Context, grants []bank.RoleGrant) ([]seat, error) {
	snapshot, err := s.bank.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	var list []seat
	for _, grant := range grants {
		at := seat{RoleGrant: grant}
		at.School, _ = snapshot.InstitutionHead(grant.Institution)
		list = append(list, at)
	}
	return list, nil
}

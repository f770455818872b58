package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// application shows one application to staff.
func (s *Server) application(c echo.Context) error {
	v, err := s.staffApplication(c)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "school_application", v)
}

func (s *Server) staffApplication(c echo.Context) (applicationView, error) {
	d, err := s.desk(c, deskOf(c)+"/applications")
	if err != nil {
		return applicationView{}, err
	}
	v, err := s.newApplicationView(c, d.Here)
	if err != nil {
		return v, err
	}
	v.desk = d
	if v.Partial {
		return v, nil
	}
	n, err := s.names(c)
	if err != nil {
		return v, err
	}
	if err := s.addPrecedents(c, &v, n); err != nil {
		return v, err
	}
	for _, revoked := range v.Consequences {
		item := &v.Items[revoked.Item]
		item.Revoked = append(item.Revoked, revoked)
	}
	if v.Can("assign") {
		err = s.addDeciders(c, &v)
	}
	return v, err
}

func (s *Server) addPrecedents(c echo.Context, v *applicationView, n *names) error {
	list, err := s.bank.ApplicationPrecedents(c.Request().Context(), actorOf(c), v.ID)
	if bank.CodeOf(err) == bank.Denied {
		return nil
	}
	for _, p := range list {
		item := &v.Items[p.Item]
		item.Precedents = append(item.Precedents, precedentRow{p, n.institution(p.Institution)})
	}
	return err
}

func (s *Server) addDeciders(c echo.Context, v *applicationView) error {
	staff, err := s.bank.Staff(c.Request().Context(), actorOf(c), v.To.Institution, bank.Window{Limit: bank.MaxLimit})
	for _, l := range staff.Items {
		decides := slices.ContainsFunc(l.Grants, func(g bank.RoleGrant) bool { return g.Role == bank.IsDecider && g.Institution == v.To.Institution })
		if decides && !l.Disabled {
			v.Deciders = append(v.Deciders, deciderChoice{l.ID, l.DisplayName})
		}
		if l.ID == v.Assignee {
			v.Assigned = l.DisplayName
		}
	}
	return err
}

// schoolDecision shows a decision as a document, schoolCase the plan as it was frozen.
func (s *Server) schoolDecision(c echo.Context) error {
	return s.showDecision(c, deskOf(c)+"/applications")
}
func (s *Server) schoolCase(c echo.Context) error { return s.showCase(c, deskOf(c)+"/applications") }

// applicationAgain shows the page of an application again, with what was typed and what is
// wrong with it.
func (s *Server) applicationAgain(c echo.Context, cause error, fields []string, typed url.Values) error {
	return s.again(c, cause, fields, func(status int, f form) error {
		v, err := s.staffApplication(c)
		if err != nil {
			return err
		}
		for name, list := range typed {
			f.Values[name] = list
		}
		v.Form = f
		return s.render(c, status, "school_application", v)
	})
}

// actOnApplication does something with an application and goes back to it.
func (s *Server) actOnApplication(c echo.Context, done string, do func(id, stamp string) error, fields ...string) error {
	id := c.Param("application")
	err := do(id, clean(c.FormValue("stamp")))
	if err == nil {
		return after(c, deskOf(c)+"/applications/"+id, done)
	}
	return s.applicationAgain(c, err, append(fields, "stamp"), nil)
}

// assignApplication gives it to a person of the school.
func (s *Server) assignApplication(c echo.Context) error {
	return s.actOnApplication(c, "assigned", func(id, stamp string) error {
		return s.bank.AssignApplication(c.Request().Context(), actorOf(c), id, stamp, clean(c.FormValue("login")))
	}, "login")
}

// meetCondition says that the condition of an item is met.
func (s *Server) meetCondition(c echo.Context) error {
	return s.actOnApplication(c, "condition", func(id, stamp string) error {
		item, err := strconv.Atoi(c.FormValue("item"))
		if err != nil {
			item = -1
		}
		_, err = s.bank.MeetCondition(c.Request().Context(), actorOf(c), id, item, stamp, "")
		return err
	}, "item")
}

// decideConsequence keeps or reverses what rests on a result that is revoked.
func (s *Server) decideConsequence(c echo.Context) error {
	return s.actOnApplication(c, "consequence", func(id, stamp string) error {
		in := bank.ConsequenceDecision{Stamp: stamp, Reverse: c.FormValue("keep") == "0", Text: clean(c.FormValue("text")), Remedy: clean(c.FormValue("remedy"))}
		return s.bank.DecideConsequence(c.Request().Context(), actorOf(c), id, clean(c.FormValue("consequence")), in)
	}, "text", "remedy")
}

// redeemApplication books that a diploma was issued on it.
func (s *Server) redeemApplication(c echo.Context) error {
	return s.actOnApplication(c, "redeemed", func(id, stamp string) error {
		_, err := s.bank.RedeemApplication(c.Request().Context(), actorOf(c), id, stamp)
		return err
	})
}

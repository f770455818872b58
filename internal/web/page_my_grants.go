package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
)

// shareFields are what the form of a grant sends, in the order of the page.
var shareFields = []string{"whom", "school", "issuers", "until", "note", "agreed"}

// grantsView is what leave the learner has given, and the form for more.
type grantsView struct {
	Form    form
	Running []grantRow
	Over    []grantRow
	Link    string // of the link that was just made: it is shown this once
	Done    string // what was just done: the sentence my.done_…
	Issuers []issuerChoice
	Schools []bank.InstitutionInfo
	First   calendar.Day // the first and the last day that can be chosen
	Last    calendar.Day
}

// grantRow is a grant with the names of those it is about.
type grantRow struct {
	bank.Share
	School  bank.InstitutionInfo
	Issuers []bank.InstitutionInfo
}

// issuerChoice is an issuer of the learner's results.
type issuerChoice struct {
	bank.InstitutionInfo
	Chosen bool
}

// myGrants shows the page.
func (s *Server) myGrants(c echo.Context) error {
	v, err := s.newGrantsView(c)
	if err != nil {
		return err
	}
	v.Done = justDone(c, grantDone...)
	return s.render(c, http.StatusOK, "my_grants", v)
}

func (s *Server) newGrantsView(c echo.Context) (grantsView, error) {
	n, err := s.names(c)
	if err != nil {
		return grantsView{}, err
	}
	ctx, actor := c.Request().Context(), actorOf(c)
	list, err := s.bank.Shares(ctx, actor)
	if err != nil {
		return grantsView{}, err
	}
	issuers, err := s.bank.MyIssuers(ctx, actor)
	if err != nil {
		return grantsView{}, err
	}
	home, err := s.homeView(c)
	if err != nil {
		return grantsView{}, err
	}
	v := grantsView{Schools: home.schools, First: n.today + 1, Last: n.today.AddYears(1)}
	for _, share := range list {
		row := grantRow{Share: share, School: n.institution(share.Institution)}
		for _, issuer := range share.Issuers {
			row.Issuers = append(row.Issuers, n.institution(issuer))
		}
		if share.Runs(n.today) {
			v.Running = append(v.Running, row)
		} else {
			v.Over = append(v.Over, row)
		}
	}
	for _, issuer := range issuers {
		v.Issuers = append(v.Issuers, issuerChoice{InstitutionInfo: n.institution(issuer)})
	}
	return v, nil
}

// addGrant gives a school leave, or makes a link and shows it once.
func (s *Server) addGrant(c echo.Context) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	values, err := c.FormParams()
	if err != nil {
		return unreadable(err)
	}
	f := readFields(c, shareFields...)
	in := bank.NewShare{Issuers: values["issuers"], Until: f.Get("until"), Note: f.Get("note"), Agreed: f.Get("agreed") != ""}
	if f.Get("whom") != "link" {
		in.Institution = newFinder(n.snapshot, n.today).school(f.Get("school"))
		if in.Institution == "" {
			f.fault("school", s.speaker(c).Say("my.no_school", nil))
			return s.refuseGrant(c, f, in, nil)
		}
	}
	made, secret, err := s.bank.AddShare(c.Request().Context(), actorOf(c), in)
	switch {
	case err != nil:
		return s.refuseGrant(c, f, in, renamed(err, map[string]string{"institution": "school"}))
	case made.Institution != "":
		return c.Redirect(http.StatusSeeOther, "/my/grants?done=given")
	}
	v, err := s.newGrantsView(c)
	if err != nil {
		return err
	}
	v.Link = s.address.of(c.Request()) + "/shared/" + secret
	return s.render(c, http.StatusOK, "my_grants", v)
}

// refuseGrant shows the form again.
func (s *Server) refuseGrant(c echo.Context, f form, in bank.NewShare, cause error) error {
	v, err := s.newGrantsView(c)
	if err != nil {
		return err
	}
	for i := range v.Issuers {
		v.Issuers[i].Chosen = slices.Contains(in.Issuers, v.Issuers[i].Code)
	}
	v.Form = f
	if cause == nil {
		return s.render(c, http.StatusUnprocessableEntity, "my_grants", v)
	}
	return s.refuse(c, cause, &v.Form, "my_grants", &v, shareFields[1:]...)
}

// grantDone are the things that the page can say were done.
var grantDone = []string{"given", "withdrawn"}

// withdrawGrant ends a grant.
func (s *Server) withdrawGrant(c echo.Context) error {
	if err := s.bank.WithdrawShare(c.Request().Context(), actorOf(c), c.FormValue("grant")); err != nil {
		return err
	}
	return after(c, "/my/grants", "withdrawn")
}

// sharedView is what a link shows.
type sharedView struct {
	bank.SharedRecord
	Shown      []bank.InstitutionInfo // whose results, when it is not all
	Rows       []resultRow
	Programmes []balanceRow
}

// shared shows what a link opens, to whoever has it.
func (s *Server) shared(c echo.Context) error {
	h := c.Response().Header()
	h.Set("Referrer-Policy", "strict-origin") // the address is a secret
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set(echo.HeaderCacheControl, "no-store")
	n, err := s.names(c)
	if err != nil {
		return err
	}
	secret, err := pathValue(c, "secret")
	if err != nil {
		return echo.ErrBadRequest
	}
	v := sharedView{}
	if v.SharedRecord, err = s.bank.OpenShare(c.Request().Context(), origin(c), secret); err != nil {
		return err
	}
	for _, issuer := range v.Issuers {
		v.Shown = append(v.Shown, n.institution(issuer))
	}
	v.Rows, v.Programmes = resultRows(v.Results, n), balanceRows(v.Balance, n)
	return s.render(c, http.StatusOK, "shared", v)
}

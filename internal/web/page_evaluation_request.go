package web

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// requestView is what a learner asked to have judged, with the form for more when the
// address says about what: from=COURSE and to=INSTITUTION:PROGRAMME.
type requestView struct {
	Done  string // what was just done: the sentence my.done_…
	Form  form
	Asks  bool // the address says about what
	From  bank.CourseInfo
	To    bank.ProgrammeInfo
	Rows  []requestRow
	Pager pager
}

// requestRow is a request with the names of what it is about.
type requestRow struct {
	bank.EvaluationRequest
	From    bank.CourseInfo
	Target  bank.CourseInfo // no code: none was named
	Where   bank.ProgrammeInfo
	CaseURL string
	NewURL  string // the editor, filled in from the request
	May     bool   // the person may answer it
	Form    form
}

// requestDone are the things that the page of requests can say were done.
var requestDone = []string{"requested", "request_taken_back"}

// requestFields are what the form of a request sends.
var requestFields = []string{"from", "to", "course", "text"}

func newRequestRow(r bank.EvaluationRequest, n *names) requestRow {
	row := requestRow{EvaluationRequest: r, From: n.course(r.Source)}
	row.Where, _ = n.snapshot.ProgrammeHead(r.To)
	if r.Course != "" {
		row.Target = n.course(transfer.CourseKey{Institution: r.To.Institution, Code: r.Course})
	}
	if r.Evaluation != "" {
		row.CaseURL = evaluationAddress(r.Evaluation)
	}
	values := url.Values{"from": {courseToken(r.Source)}, "school": {r.To.Institution}, "origin": {"request:" + r.ID}}
	if r.Course != "" {
		values.Set("to", courseToken(row.Target.CourseKey))
	}
	row.NewURL = address("/evaluations/new", values)
	return row
}

// newRequestView reads what the learner asked for, and what is to be asked for now.
func (s *Server) newRequestView(c echo.Context, f form) (requestView, error) {
	v := requestView{Form: f}
	n, err := s.names(c)
	if err != nil {
		return v, err
	}
	list, err := s.bank.EvaluationRequests(c.Request().Context(), actorOf(c), "", window(c))
	if err != nil {
		return v, err
	}
	for _, r := range list.Items {
		v.Rows = append(v.Rows, newRequestRow(r, n))
	}
	v.Pager = pagerOf(c, "/my/requests", len(list.Items), list.Total, url.Values{})
	token := readToken(f.Get("from"))
	var from, to bool
	v.From, from = n.snapshot.CourseHead(transfer.CourseKey{Institution: token.Institution, Code: token.Course}, n.today)
	if key := programmeNamed(n.snapshot, f.Get("to")); from {
		_, to = n.snapshot.ProgrammeHead(key)
		if to {
			v.To, err = n.snapshot.Programme(key, n.today)
		}
	}
	v.Asks = from && to
	return v, err
}

// myRequests shows a learner's requests, and the form that an address fills in.
func (s *Server) myRequests(c echo.Context) error {
	f := form{Values: url.Values{}}
	for _, name := range requestFields[:3] {
		f.Values.Set(name, clean(c.QueryParam(name)))
	}
	v, err := s.newRequestView(c, f)
	if err != nil {
		return err
	}
	v.Done = justDone(c, requestDone...)
	return s.render(c, http.StatusOK, "my_requests", v)
}

// addRequest asks for a course to be judged.
func (s *Server) addRequest(c echo.Context) error {
	f := readFields(c, requestFields...)
	f.Values.Set("text", cleanText(c.FormValue("text")))
	v, err := s.newRequestView(c, f)
	if err != nil {
		return err
	}
	_, err = s.bank.RequestEvaluation(c.Request().Context(), actorOf(c), bank.EvaluationRequest{Source: v.From.CourseKey, To: v.To.ProgrammeKey, Course: f.Get("course"), Text: f.Get("text")})
	if err != nil {
		return s.refuse(c, renamed(err, map[string]string{"source": "from"}), &v.Form, "my_requests", &v, "text", "course", "from", "to")
	}
	return after(c, "/my/requests", "requested")
}

// withdrawRequest takes a request back.
func (s *Server) withdrawRequest(c echo.Context) error {
	if err := s.bank.WithdrawRequest(c.Request().Context(), actorOf(c), c.FormValue("request")); err != nil {
		return err
	}
	return after(c, "/my/requests", "request_taken_back")
}

// requestPage lists what learners ask for, to those who can have it judged.
type requestPage struct {
	desk
	State  string
	States []string
	Rows   []requestRow
	Total  int
	Pager  pager
}

// evaluationRequests shows the requests; a learner is led to the own ones.
func (s *Server) evaluationRequests(c echo.Context) error {
	if !actorOf(c).Is(mapStaff) {
		return c.Redirect(http.StatusSeeOther, "/my/requests")
	}
	return s.showRequests(c, http.StatusOK, "", form{})
}

// showRequests shows the page; f is a refused answer to a request.
func (s *Server) showRequests(c echo.Context, status int, id string, f form) error {
	d, err := s.evaluationDesk(c, "/evaluations/requests")
	if err != nil {
		return err
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	p := requestPage{desk: d, States: bank.RequestStates(), State: c.QueryParam("state")}
	list, err := s.bank.EvaluationRequests(c.Request().Context(), actorOf(c), p.State, window(c))
	if err != nil {
		return err
	}
	for _, r := range list.Items {
		row := newRequestRow(r, n)
		row.May = r.State == "open" && (actorOf(c).Is(bank.IsAdministrator) || d.Acts && actorOf(c).Institution == r.To.Institution)
		if r.ID == id {
			row.Form = f
		}
		p.Rows = append(p.Rows, row)
	}
	for _, fault := range f.Faults {
		p.Form.Faults = append(p.Form.Faults, formFault{Field: fault.Field + "-" + id, Message: fault.Message, Named: fault.Named})
	}
	p.Total, p.Pager = list.Total, pagerOf(c, d.Here, len(list.Items), list.Total, url.Values{"state": {p.State}})
	return s.render(c, status, "evaluation_requests", p)
}

// declineRequest answers a request without judging it.
func (s *Server) declineRequest(c echo.Context) error {
	id, text := c.Param("request"), cleanText(c.FormValue("text"))
	if err := s.bank.DeclineRequest(c.Request().Context(), actorOf(c), id, text); err != nil {
		return s.again(c, err, []string{"text"}, func(status int, f form) error { return s.showRequests(c, status, id, f) })
	}
	return after(c, "/evaluations/requests", "request_declined")
}

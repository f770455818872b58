package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// correctionsView is what the learner asked to be put right, and the form for more.
type correctionsView struct {
	Done    string // what was just done: the sentence my.done_…
	Form    form
	Fields  []string
	Results []correctable
	List    []ownCorrection
}

// correctable is a result that can be chosen.
type correctable struct{ Token, Label string }

// ownCorrection is a request with the name of the result that it is about.
type ownCorrection struct {
	bank.Correction
	Course bank.CourseInfo
	Issuer bank.InstitutionInfo
}

// correctionFields are what the form sends, in the order of the page.
var correctionFields = []string{"what", "value", "why"}

// resultMark begins what the form says of a result; what does not is a field.
const resultMark = "result:"

// resultToken names a result in a form.
func resultToken(r bank.RecordRef) string {
	return resultMark + url.QueryEscape(r.Institution) + ":" + url.QueryEscape(r.Reference)
}

// readResultToken reads what resultToken wrote; of anything else it makes a result
// that nobody has.
func readResultToken(token string) bank.RecordRef {
	institution, reference, _ := strings.Cut(strings.TrimPrefix(token, resultMark), ":")
	first, err := url.QueryUnescape(institution)
	second, err2 := url.QueryUnescape(reference)
	if err != nil || err2 != nil {
		return bank.RecordRef{Institution: institution, Reference: reference}
	}
	return bank.RecordRef{Institution: first, Reference: second}
}

func (s *Server) newCorrectionsView(c echo.Context) (v correctionsView, err error) {
	n, err := s.names(c)
	if err != nil {
		return v, err
	}
	ctx, actor, say := c.Request().Context(), actorOf(c), s.speaker(c)
	list, err := s.bank.MyCorrections(ctx, actor)
	if err != nil {
		return v, err
	}
	my, err := s.bank.MyRecord(ctx, actor, bank.Window{Limit: bank.MaxLimit})
	if err != nil {
		return v, err
	}
	v.Fields = bank.CorrectionFields()
	courses := map[bank.RecordRef]bank.CourseInfo{}
	for _, r := range my.Results.Items {
		course := n.course(transfer.CourseKey{Institution: r.Institution, Code: r.Record.Course})
		courses[r.RecordRef] = course
		v.Results = append(v.Results, correctable{resultToken(r.RecordRef), say.Name(course.Current.Name, course.Current.NameEn) + " · " +
			say.Name(course.InstitutionName, course.InstitutionNameEn) + " · " + Date(say, r.Completed)})
	}
	for _, one := range list {
		row := ownCorrection{Correction: one, Issuer: n.institution(one.Result.Institution)}
		row.Course = courses[one.Result]
		v.List = append(v.List, row)
	}
	return v, nil
}

func (s *Server) myCorrections(c echo.Context) error {
	v, err := s.newCorrectionsView(c)
	if err != nil {
		return err
	}
	v.Done = justDone(c, correctionDone...)
	v.Form = form{Values: url.Values{"what": {clean(c.QueryParam("what"))}}}
	return s.render(c, http.StatusOK, "my_corrections", v)
}

// addCorrection asks for something to be put right.
func (s *Server) addCorrection(c echo.Context) error {
	f := readFields(c, correctionFields...)
	f.Values.Set("why", cleanText(c.FormValue("why")))
	in := bank.NewCorrection{Value: f.Get("value"), Why: f.Get("why")}
	if what := f.Get("what"); strings.HasPrefix(what, resultMark) {
		in.Result = readResultToken(what)
	} else {
		in.Field = what
	}
	_, err := s.bank.RequestCorrection(c.Request().Context(), actorOf(c), in)
	if err == nil {
		return after(c, "/my/corrections", "asked")
	}
	v, failed := s.newCorrectionsView(c)
	if failed != nil {
		return failed
	}
	v.Form = f
	return s.refuse(c, renamed(err, map[string]string{"field": "what"}), &v.Form, "my_corrections", &v, correctionFields...)
}

// correctionDone are the things that the page can say were done.
var correctionDone = []string{"asked", "taken_back"}

// withdrawCorrection takes a request back.
func (s *Server) withdrawCorrection(c echo.Context) error {
	if err := s.bank.WithdrawCorrection(c.Request().Context(), actorOf(c), c.FormValue("correction")); err != nil {
		return err
	}
	return after(c, "/my/corrections", "taken_back")
}

package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// myResultsView is what a learner has handed in.
type myResultsView struct {
	Rows []attestationRow
	Done string
}

func (v myResultsView) lists(say Speaker) []listing {
	return []listing{listOf(say, "attestations", "", v.Rows, func(r attestationRow) []string { return r.cells(say) })}
}

func (s *Server) myResults(c echo.Context) error {
	list, err := s.bank.MyAttestations(c.Request().Context(), actorOf(c))
	if err != nil {
		return err
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	v := myResultsView{Done: justDone(c, attestationDone()...)}
	for _, a := range list {
		v.Rows = append(v.Rows, s.attestationRow(a, myResultsPage, n))
	}
	return s.render(c, http.StatusOK, "my_results", v)
}

// myResult shows one of them to its learner.
func (s *Server) myResult(c echo.Context) error {
	v, err := s.newAttestationView(c, myResultsPage)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "my_result", v)
}

func (s *Server) actOnMyResult(c echo.Context) error {
	return s.actOnResult(c, myResultsPage, "my_result")
}

// newResultView leads from the kind over what it is to the form.
type newResultView struct {
	Form   form
	Kind   bank.AttestationKind // no name: it is still to be chosen
	Q      string
	Found  []bank.CourseInfo
	Exams  []examRow
	Picked bool // what it is is known: the form
	Course bank.CourseInfo
	Exam   examRow
	Renews string // the number of the result that it renews
}

// examRow is an exam with the names of what it speaks of.
type examRow struct {
	bank.Exam
	Issuer bank.InstitutionInfo
	Parts  []examPartRow
}

// mostFound is how many things are offered.
const mostFound = 30

func (v newResultView) Kinds() []bank.AttestationKind { return bank.AttestationKinds() }

// newResult is where a learner hands a result in: its kind, what it is, the form.
func (s *Server) newResult(c echo.Context) error {
	values := c.QueryParams()
	v, err := s.newResultView(c, values)
	if err != nil {
		return err
	}
	current := v.Course.Current
	if current.Level > 0 { // what the catalogue says is likely to stand on the paper
		v.Form.Values.Set("level", strconv.Itoa(current.Level))
	}
	if current.Hours > 0 {
		v.Form.Values.Set("hours", current.Hours.String())
	}
	return s.render(c, http.StatusOK, "my_result_new", v)
}

// newResultView reads how far the learner has come.
func (s *Server) newResultView(c echo.Context, values url.Values) (v newResultView, err error) {
	n, err := s.names(c)
	if err != nil {
		return v, err
	}
	v = newResultView{Form: form{Values: url.Values{}}, Kind: handedKind(values.Get("kind")), Q: clean(values.Get("q")), Renews: clean(values.Get("renews"))}
	if v.Kind.Name == "" {
		return v, nil
	}
	if v.Kind.Exam {
		return v, s.pickExam(c, &v, values, n)
	}
	key := transfer.CourseKey{Institution: clean(values.Get("institution")), Code: clean(values.Get("course"))}
	if info, known := n.snapshot.CourseHead(key, n.today); known {
		v.Picked, v.Course = true, info
		return v, nil
	}
	for _, kind := range v.Kind.Issuers {
		page, err := n.snapshot.Courses(bank.Filter{Q: v.Q, Kind: kind}, bank.Window{Limit: mostFound}, n.today)
		if err != nil {
			return v, err
		}
		v.Found = append(v.Found, page.Items[:min(len(page.Items), mostFound-len(v.Found))]...)
	}
	return v, nil
}

// pickExam names the exams, or the parts of the one that was chosen.
func (s *Server) pickExam(c echo.Context, v *newResultView, values url.Values, n *names) error {
	exams, err := s.bank.Exams(c.Request().Context(), s.bank.Today())
	for _, e := range exams {
		row := examRow{Exam: e, Issuer: n.institution(e.Institution)}
		for _, p := range e.Parts {
			row.Parts = append(row.Parts, examPartRow{Course: n.course(transfer.CourseKey{Institution: e.Institution, Code: p.Course}), Maximum: p.Maximum.String()})
		}
		v.Exams = append(v.Exams, row)
		if e.Code == clean(values.Get("course")) && e.Institution == clean(values.Get("institution")) {
			v.Picked, v.Exam = true, row
		}
	}
	return err
}

// newResultFields are what the form sends, in the order of the page.
var newResultFields = []string{"kind", "course", "institution", "reference", "title", "level", "hours", "completed_on", "valid_to", "endless", "way", "files", "note", "declared"}

// handIn hands a result in.
func (s *Server) handIn(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return unreadable(err)
	}
	v, err := s.newResultView(c, values)
	if err != nil {
		return err
	}
	v.Form = readFields(c, newResultFields...)
	v.Form.Values.Set("note", cleanText(c.FormValue("note")))
	f := v.Form
	in := bank.NewAttestation{Kind: f.Get("kind"), Way: f.Get("way"), Institution: f.Get("institution"), Course: f.Get("course"), Reference: f.Get("reference"),
		Title: f.Get("title"), Level: f.Get("level"), Hours: f.Get("hours"), CompletedOn: f.Get("completed_on"), ValidTo: f.Get("valid_to"),
		Endless: f.Get("endless") != "", Note: f.Get("note"), Declared: f.Get("declared") != ""}
	if v.Renews != "" {
		in.Reference, in.Renews = v.Renews, true
	}
	fields := slices.Clone(newResultFields)
	if v.Kind.Exam {
		in.Points = map[string]string{}
		for _, p := range v.Exam.Parts {
			name := "points-" + p.Course.Code
			in.Points[p.Course.Code] = clean(c.FormValue(name))
			v.Form.Values.Set(name, in.Points[p.Course.Code])
			fields = slices.Insert(fields, 4, name)
		}
	}
	if in.Files, err = readFiles(c, "files"); err == nil {
		var id string
		if id, err = s.bank.HandIn(c.Request().Context(), actorOf(c), in); err == nil {
			return after(c, myResultsPage+"/"+id, "attestation_hand_in")
		}
	}
	err = fieldsNamed(err, func(field string) string { return strings.Replace(wholeField(field), "points.", "points-", 1) })
	return s.refuse(c, err, &v.Form, "my_result_new", &v, fields...)
}

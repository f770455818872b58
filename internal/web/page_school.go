package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// schoolPage is where the staff of a school begin: what is to do.
type schoolPage struct {
	desk
	bank.Desk
	ToDo []todoLine
	Rows []lookRow
}

// adminPage is where those begin who answer for the bank.
type adminPage struct {
	desk
	ToDo []todoLine
}

// todoLine is one kind of thing that waits: a sentence with its number, which leads to
// the list.
type todoLine struct {
	Key   string
	Count int
	URL   string
}

// todoTable are the lines of a desk, also those that have nothing in them.
func (d desk) todoTable(all bank.ToDo) []todoLine {
	return []todoLine{
		{"todo.overdue", all.Overdue, "/admin/deadlines"},
		{"todo.evaluations", all.Evaluations, "/evaluations"},
		{"todo.applications", all.Applications, d.Base + "/applications?state=submitted"},
		{"todo.appeals", all.Appeals, d.Base + "/applications?show=appeals"},
		{"todo.consequences", all.Consequences, d.Base + "/applications?show=revoked"},
		{"todo.priors", all.Priors, schoolPriorPage + "?state=waiting"},
		{"todo.results", all.Results, attestationsPage},
		{"todo.requests", all.Requests, "/evaluations/requests?state=open"},
		{"todo.corrections", all.Corrections, d.Base + "/corrections"},
		{"todo.proposals", all.Proposals, d.Base + "/proposals"},
		{"todo.flagged", all.Flagged, d.Base + "/changes"},
		{"todo.codes_ending", all.CodesEnding, "/school/learners"},
	}
}

// todo are the lines of a desk that have something in them.
func (d desk) todo(all bank.ToDo) []todoLine {
	return slices.DeleteFunc(d.todoTable(all), func(line todoLine) bool { return line.Count == 0 })
}

// lookRow is a look of somebody of the school.
type lookRow struct {
	bank.DeskLook
	Called string
}

// admin shows what waits at the desk of the bank.
func (s *Server) admin(c echo.Context) error {
	d, err := s.deskAt(c, "/admin")
	if err != nil {
		return err
	}
	all, err := s.bank.ToDo(c.Request().Context(), actorOf(c))
	if err != nil {
		return err
	}
	d.Waits = waits{"/evaluations": all.Evaluations}
	return s.render(c, http.StatusOK, "admin", adminPage{d, d.todo(all)})
}

// school shows what waits at the desk of the person's school.
func (s *Server) school(c echo.Context) error {
	d, err := s.deskAt(c, "/school")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	all, err := s.bank.ToDo(ctx, actorOf(c))
	if err != nil {
		return err
	}
	counts, err := s.bank.SchoolDesk(ctx, actorOf(c))
	if err != nil {
		return err
	}
	d.Waits = waits{"/evaluations": all.Evaluations}
	p := schoolPage{desk: d, Desk: counts, ToDo: d.todo(all)}
	for _, look := range counts.Looks {
		row := lookRow{DeskLook: look}
		if row.Called, err = s.bank.Called(ctx, look.Who); err != nil {
			return err
		}
		p.Rows = append(p.Rows, row)
	}
	return s.render(c, http.StatusOK, "school", p)
}

// correctionPage lists what learners ask to be put right.
type correctionPage struct {
	desk
	Open, Closed []correctionRow
	Pager        pager
}

// correctionRow is one of them, with the form of its decision when it was refused.
type correctionRow struct {
	bank.Correction
	Form form
}

func (s *Server) newCorrectionPage(c echo.Context) (correctionPage, error) {
	d, err := s.desk(c, deskOf(c)+"/corrections")
	if err != nil {
		return correctionPage{}, err
	}
	p := correctionPage{desk: d}
	list, err := s.bank.Corrections(c.Request().Context(), actorOf(c), window(c))
	for _, item := range list.Items {
		if row := (correctionRow{Correction: item}); item.State == bank.CorrectionOpen {
			p.Open = append(p.Open, row)
		} else {
			p.Closed = append(p.Closed, row)
		}
	}
	p.Pager = pagerOf(c, d.Here, len(list.Items), list.Total, nil)
	return p, err
}

// corrections shows the page.
func (s *Server) corrections(c echo.Context) error {
	p, err := s.newCorrectionPage(c)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "school_corrections", p)
}

// decideCorrection accepts or refuses a correction, with a word to the learner.
func (s *Server) decideCorrection(c echo.Context) error {
	id, accept := c.Param("correction"), c.FormValue("decision") == "accepted"
	err := s.bank.DecideCorrection(c.Request().Context(), actorOf(c), id, accept, clean(c.FormValue("answer")))
	if err != nil {
		return s.refuseCorrection(c, id, err)
	}
	return after(c, deskOf(c)+"/corrections", map[bool]string{true: "accepted", false: "answered"}[accept])
}

// refuseCorrection shows the page again, with what is wrong beside the correction it is about.
func (s *Server) refuseCorrection(c echo.Context, id string, cause error) error {
	p, err := s.newCorrectionPage(c)
	if err != nil {
		return err
	}
	f := readFields(c, "answer")
	status := f.refusal(s.speaker(c), cause, "answer", "value")
	if status == 0 {
		return cause
	}
	if bank.CodeOf(cause) == bank.Conflict {
		status = http.StatusConflict
	}
	for _, fault := range f.Faults {
		p.Form.Faults = append(p.Form.Faults, formFault{Field: "answer-" + id, Message: fault.Message, Named: fault.Named})
	}
	for i := range p.Open {
		if p.Open[i].ID == id {
			p.Open[i].Form = f
		}
	}
	return s.render(c, status, "school_corrections", p)
}

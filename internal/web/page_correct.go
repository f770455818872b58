package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// correctPage takes a wrong result of the school back, or puts it right.
type correctPage struct {
	desk
	resultChoices
	Result *bank.IssuedResult // nil: none was named, or there is none
	Course bank.CourseInfo
	Built  []builtRow
}

// builtRow is what was built on the result, with the names of what it speaks of.
type builtRow struct {
	bank.BuiltOn
	Programme bank.ProgrammeInfo
}

// correctFields are what the form sends, in the order of the page.
func correctFields() []string {
	return append(append([]string{"reference"}, bank.ReplacementFields()...), "reason")
}

// newCorrectPage reads a result of the school with what was built on it. It promises NotFound.
func (s *Server) newCorrectPage(c echo.Context, reference string) (p correctPage, err error) {
	if p.desk, err = s.desk(c, "/school/corrections"); err != nil {
		return p, err
	}
	n, err := s.names(c)
	if err != nil {
		return p, err
	}
	if p.resultChoices, err = newResultChoices(n.snapshot, p.School.Code, n.today); err != nil || reference == "" {
		return p, err
	}
	result, err := s.bank.IssuedResult(c.Request().Context(), actorOf(c), reference)
	if err != nil {
		return p, err
	}
	p.Result, p.Course = &result, n.course(transfer.CourseKey{Institution: result.Institution, Code: result.Record.Course})
	for _, b := range result.Built {
		row := builtRow{BuiltOn: b}
		row.Programme, _ = n.snapshot.ProgrammeHead(b.To)
		p.Built = append(p.Built, row)
	}
	return p, nil
}

// correctForm shows the result that the address names, with the form filled in as it is.
func (s *Server) correctForm(c echo.Context) error {
	reference := clean(c.QueryParam("reference"))
	p, err := s.newCorrectPage(c, reference)
	if bank.CodeOf(err) == bank.NotFound {
		p.Form.Values = map[string][]string{"reference": {reference}}
		p.Form.fault("reference", FieldMessage(s.speaker(c), reference, "unknown_result", map[string]any{"Institution": p.School.Code}))
		return s.render(c, http.StatusNotFound, "school_correct", p)
	}
	if err != nil {
		return err
	}
	if p.Result != nil {
		says := p.Result.Says()
		p.Form.Values = map[string][]string{"course": {says.Course}, "grade": {says.Grade}, "scale": {says.Scale}, "credits": {says.Credits}, "hours": {says.Hours},
			"level": {says.Level}, "completed_on": {says.CompletedOn}, "term": {says.Term}}
	}
	return s.render(c, http.StatusOK, "school_correct", p)
}

// correctResult proposes to revoke the result, or to put it right.
func (s *Server) correctResult(c echo.Context) error {
	f := readFields(c, correctFields()...)
	reference := f.Get("reference")
	in := bank.Proposal{Kind: "reverse", Args: map[string]string{"institution": actorOf(c).Institution, "reference": reference}, Reason: f.Get("reason")}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	if c.FormValue("do") == "replace" {
		says := depositTyped(f, n.snapshot, actorOf(c).Institution)
		in.Instead = &says
	}
	if _, cause := s.bank.Propose(c.Request().Context(), actorOf(c), in); cause != nil {
		p, err := s.newCorrectPage(c, reference)
		if err != nil && bank.CodeOf(err) != bank.NotFound {
			return err
		}
		return s.again(c, cause, correctFields(), func(status int, f form) error {
			p.Form = f
			return s.render(c, status, "school_correct", p)
		})
	}
	return after(c, "/school/proposals", "proposed")
}

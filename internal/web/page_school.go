package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// schoolPage is where the staff of a school begin: what is to do.
type schoolPage struct {
	desk
	bank.Desk
	Flagged  int // rules that wait for a look, after a change of a course
	Requests int // of learners, that nobody has answered
	ToDo     bool
	Rows     []lookRow
}

// lookRow is a look of somebody of the school.
type lookRow struct {
	bank.DeskLook
	Called string
}

// school shows what waits at the desk of the person's school.
func (s *Server) school(c echo.Context) error {
	d, err := s.desk(c, "/school")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	waits, err := s.bank.SchoolDesk(ctx, actorOf(c))
	if err != nil {
		return err
	}
	flagged, err := s.bank.FlaggedRules(ctx, actorOf(c))
	if err != nil {
		return err
	}
	requests, err := s.bank.EvaluationRequests(ctx, actorOf(c), "open", bank.Window{Limit: 1})
	if err != nil {
		return err
	}
	p := schoolPage{desk: d, Desk: waits, Flagged: flagged, Requests: requests.Total,
		ToDo: waits.Corrections+waits.Proposals+waits.CodesEnding+flagged+requests.Total+d.Waits > 0}
	for _, look := range waits.Looks {
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

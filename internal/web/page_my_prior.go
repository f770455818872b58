package web

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// myPriorPage is where a learner's prior learning is.
const myPriorPage = "/my/prior"

// priorDone are the things that a learner's pages of prior learning can say were done.
var priorDone = []string{"saved", "submitted", "discarded", "withdrawn", "appealed"}

// ownPriors are the recognitions of a learner, and the courses of a programme that can
// be recognised or, with the reason, cannot.
type ownPriors struct {
	Rows        []priorRow
	ProgrammeID string // whose courses are listed; empty: none was chosen
	Programme   bank.ProgrammeInfo
	Institution bank.InstitutionInfo
	IsGoal      bool
	Open, Shut  []bank.PriorCourse
	Done        string
}

func (v ownPriors) lists(say Speaker) []listing {
	return []listing{listOf(say, "priors", "", v.Rows, func(r priorRow) []string { return r.cells(say) })}
}

// myPriors lists what the learner asked to have recognised, and what they can ask for in
// a programme: the one in the address, else their goal.
func (s *Server) myPriors(c echo.Context) error {
	ctx, actor := c.Request().Context(), actorOf(c)
	list, err := s.bank.MyPriorLearning(ctx, actor)
	if err != nil {
		return err
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	v := ownPriors{Done: justDone(c, priorDone...)}
	for _, p := range list {
		v.Rows = append(v.Rows, newPriorRow(p, myPriorPage, n))
	}
	to, err := s.bank.Goal(ctx, actor)
	if err != nil {
		return err
	}
	v.IsGoal = to.Code != ""
	if asked := clean(c.QueryParam(paramTo)); asked != "" {
		named := programmeNamed(n.snapshot, asked)
		v.IsGoal, to = v.IsGoal && named == to, named
	}
	if to.Code != "" {
		err = v.addCourses(s, c, to, n)
	}
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "my_priors", v)
}

// addCourses lists the courses of a programme.
func (v *ownPriors) addCourses(s *Server, c echo.Context, to transfer.ProgrammeKey, n *names) error {
	courses, err := s.bank.PriorCourses(c.Request().Context(), actorOf(c), to)
	for _, course := range courses {
		if course.Reason == "" {
			v.Open = append(v.Open, course)
		} else {
			v.Shut = append(v.Shut, course)
		}
	}
	v.ProgrammeID, v.Institution = to.Institution+":"+to.Code, n.institution(to.Institution)
	v.Programme, _ = n.snapshot.ProgrammeHead(to)
	return err
}

// shutCourses are the courses that cannot be recognised for one reason.
type shutCourses struct {
	Reason  string
	Courses []bank.PriorCourse
}

// ByReason are the courses that cannot be recognised, those first
// that are about the learner.
func (v ownPriors) ByReason() (list []shutCourses) {
	for _, reason := range slices.Backward(bank.PriorReasons()) {
		of := shutCourses{Reason: reason}
		for _, course := range v.Shut {
			if course.Reason == reason {
				of.Courses = append(of.Courses, course)
			}
		}
		if len(of.Courses) > 0 {
			list = append(list, of)
		}
	}
	return list
}

// StartURL is where a portfolio for a course begins.
func (v ownPriors) StartURL(course string) string {
	return address(myPriorPage+"/new", nil, paramTo, v.ProgrammeID, "course", course)
}

// priorEditor is the page on which a portfolio is written.
type priorEditor struct {
	priorRow
	Form        form
	ProgrammeID string
	Can         bool // the form is there: the course can be recognised
	Done        string
}

// newPrior shows an empty portfolio for a course.
func (s *Server) newPrior(c echo.Context) error {
	course := clean(c.QueryParam("course"))
	if course == "" {
		return c.Redirect(http.StatusSeeOther, myPriorPage)
	}
	v, err := s.emptyPrior(c, clean(c.QueryParam(paramTo)), course)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "my_prior_edit", v)
}

// emptyPrior is a portfolio for a course before anything was written. Where the course
// cannot be recognised the page says why.
func (s *Server) emptyPrior(c echo.Context, programme, course string) (v priorEditor, err error) {
	n, err := s.names(c)
	if err != nil {
		return v, err
	}
	ctx, to := c.Request().Context(), programmeNamed(n.snapshot, programme)
	courses, err := s.bank.PriorCourses(ctx, actorOf(c), to)
	if err != nil {
		return v, err
	}
	at := slices.IndexFunc(courses, func(p bank.PriorCourse) bool { return p.Code == course })
	if at < 0 {
		return v, &bank.Error{Code: bank.NotFound, Key: "error.not_found.course", Args: map[string]any{"ID": course}}
	}
	detail, err := s.bank.CourseDetail(ctx, courses[at].CourseKey, s.bank.Today())
	if err != nil {
		return v, err
	}
	p := bank.PriorLearning{To: to, Course: course, Credits: courses[at].Credits, State: bank.PriorDraft}
	for i, o := range detail.Outcomes {
		p.Outcomes = append(p.Outcomes, bank.PriorOutcome{Number: i + 1, Outcome: o})
	}
	v = priorEditor{priorRow: newPriorRow(p, myPriorPage, n), ProgrammeID: programme, Can: courses[at].Reason == ""}
	if !v.Can {
		v.Form.fault("outcomes", s.speaker(c).Say("error.prior."+courses[at].Reason, nil))
	}
	v.URL = myPriorPage + "/new"
	return v, nil
}

// myPrior shows a recognition to its learner: a draft to be written on.
func (s *Server) myPrior(c echo.Context) error {
	v, err := s.newPriorView(c, myPriorPage)
	if err != nil {
		return err
	}
	if v.State != bank.PriorDraft {
		return s.showOwnPrior(c, http.StatusOK, v)
	}
	e := editorOf(v)
	e.Done = justDone(c, priorDone...)
	return s.render(c, http.StatusOK, "my_prior_edit", e)
}

// editorOf is the page of a draft as it was saved.
func editorOf(v priorView) priorEditor {
	e := priorEditor{priorRow: v.priorRow, ProgrammeID: v.To.Institution + ":" + v.To.Code, Can: true, Form: form{Values: map[string][]string{}}}
	for _, o := range v.Outcomes {
		e.Form.Values.Set(fmt.Sprint("can-", o.Number), o.Can)
		e.Form.Values.Set(fmt.Sprint("how-", o.Number), o.How)
	}
	return e
}

// showOwnPrior shows what was judged once it is decided, not before.
func (s *Server) showOwnPrior(c echo.Context, status int, v priorView) error {
	for _, d := range v.Decisions {
		v.shows(d.Round)
	}
	v.Done = justDone(c, priorDone...)
	return s.render(c, status, "my_prior", v)
}

// takePrior keeps a portfolio, or hands it in.
func (s *Server) takePrior(c echo.Context) error {
	ctx, actor, id := c.Request().Context(), actorOf(c), c.Param("prior")
	f := readFields(c, "to", "course", "stamp", "declared", "do", "count")
	in, err := writtenPrior(c, &f)
	if err != nil {
		return err
	}
	in.ID, in.Stamp = id, f.Get("stamp")
	if id == "" {
		n, err := s.names(c)
		if err != nil {
			return err
		}
		in.To, in.Course = programmeNamed(n.snapshot, f.Get("to")), f.Get("course")
	}
	saved, err := s.bank.SavePriorLearning(ctx, actor, in)
	if err == nil && f.Get("do") == "submit" {
		id = saved.ID // what was written is kept, whatever is missing
		saved, err = s.bank.SubmitPriorLearning(ctx, actor, saved.ID, saved.Stamp, f.Get("declared") != "")
	}
	if err != nil {
		return s.priorAgain(c, id, f, err)
	}
	return after(c, myPriorPage+"/"+saved.ID, map[bool]string{true: "submitted", false: "saved"}[f.Get("do") == "submit"])
}

// writtenPrior reads what was written to each outcome.
func writtenPrior(c echo.Context, f *form) (in bank.NewPriorLearning, err error) {
	var count int
	if _, err := fmt.Sscan(f.Get("count"), &count); err != nil {
		count = 0
	}
	for i := range min(count, mostOutcomes) {
		var o bank.NewPriorOutcome
		for part, into := range map[string]*string{"can": &o.Can, "how": &o.How} {
			name := fmt.Sprintf("%s-%d", part, i+1)
			*into = cleanText(c.FormValue(name))
			f.Values.Set(name, *into)
		}
		if o.Files, err = readFiles(c, fmt.Sprint("files-", i+1)); err != nil {
			return in, err
		}
		in.Outcomes = append(in.Outcomes, o)
	}
	return in, nil
}

// priorAgain shows the form as it was sent, with what is wrong.
func (s *Server) priorAgain(c echo.Context, id string, f form, cause error) error {
	var e priorEditor
	var err error
	if id == "" {
		e, err = s.emptyPrior(c, f.Get("to"), f.Get("course"))
		e.Form.Faults = nil
	} else {
		c.SetParamNames("prior")
		c.SetParamValues(id)
		var v priorView
		if v, err = s.newPriorView(c, myPriorPage); err == nil && v.State != bank.PriorDraft { // handed in from another window
			return c.Redirect(http.StatusSeeOther, v.URL)
		}
		e = editorOf(v)
	}
	if err != nil {
		return err
	}
	e.Form = f
	fields := append([]string{"outcomes"}, priorFields(len(e.Outcomes), "can", "how", "files")...)
	status := e.Form.refusal(s.speaker(c), fieldsNamed(cause, priorField), append(fields, "declared")...)
	switch {
	case status == 0:
		return cause
	case bank.CodeOf(cause) == bank.Conflict:
		status = http.StatusConflict
	}
	return s.render(c, status, "my_prior_edit", e)
}

// actOnOwnPrior does something with a recognition and goes back.
func (s *Server) actOnOwnPrior(c echo.Context, done string, do func(id, stamp string) error, fields ...string) error {
	id := c.Param("prior")
	err := do(id, clean(c.FormValue("stamp")))
	switch {
	case err == nil && done == "discarded":
		return after(c, myPriorPage, done)
	case err == nil:
		return after(c, myPriorPage+"/"+id, done)
	}
	return s.again(c, err, append(fields, "stamp"), func(status int, f form) error {
		v, err := s.newPriorView(c, myPriorPage)
		if err != nil {
			return err
		}
		f.Values.Set("text", cleanText(c.FormValue("text")))
		v.Form = f
		return s.showOwnPrior(c, status, v)
	})
}

func (s *Server) discardPrior(c echo.Context) error {
	return s.actOnOwnPrior(c, "discarded", func(id, stamp string) error {
		return s.bank.DiscardPriorLearning(c.Request().Context(), actorOf(c), id, stamp)
	})
}

func (s *Server) withdrawPrior(c echo.Context) error {
	return s.actOnOwnPrior(c, "withdrawn", func(id, stamp string) error {
		return s.bank.WithdrawPriorLearning(c.Request().Context(), actorOf(c), id, stamp)
	})
}

// appealPrior asks for another look.
func (s *Server) appealPrior(c echo.Context) error {
	return s.actOnOwnPrior(c, "appealed", func(id, stamp string) error {
		_, err := s.bank.AppealPriorLearning(c.Request().Context(), actorOf(c), id, stamp, cleanText(c.FormValue("text")))
		return err
	}, "text")
}

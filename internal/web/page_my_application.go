package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// myApplicationsPage are the learner's applications.
const myApplicationsPage = "/my/applications"

// applicationRow is an application in a list.
type applicationRow struct {
	bank.Application
	Programme   bank.ProgrammeInfo
	Institution bank.InstitutionInfo
	URL         string
}

func newApplicationRow(a bank.Application, page string, n *names) applicationRow {
	r := applicationRow{Application: a, Institution: n.institution(a.To.Institution), URL: page + "/" + a.ID}
	r.Programme, _ = n.snapshot.ProgrammeHead(a.To)
	return r
}

// applicationDone are the things that the pages of applications can say were done.
var applicationDone = []string{"submitted", "withdrawn", "discarded", "attached", "appealed", "appeal_withdrawn"}

// ownApplications are the applications of a learner.
type ownApplications struct {
	Rows []applicationRow
	Done string
}

// myApplications lists the learner's applications.
func (s *Server) myApplications(c echo.Context) error {
	list, err := s.bank.MyApplications(c.Request().Context(), actorOf(c))
	if err != nil {
		return err
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	v := ownApplications{Done: justDone(c, applicationDone...)}
	for _, a := range list {
		row := newApplicationRow(a, myApplicationsPage, n)
		if a.State == bank.ApplicationDraft {
			row.URL = address("/my/apply", nil, paramTo, a.To.Institution+":"+a.To.Code)
		}
		v.Rows = append(v.Rows, row)
	}
	return s.render(c, http.StatusOK, "my_applications", v)
}

// myApplication shows one of them.
func (s *Server) myApplication(c echo.Context) error {
	v, err := s.ownApplication(c)
	if err != nil {
		return err
	}
	if v.State == bank.ApplicationDraft {
		return c.Redirect(http.StatusSeeOther, address("/my/apply", nil, paramTo, v.To.Institution+":"+v.To.Code))
	}
	v.Done = justDone(c, applicationDone...)
	return s.render(c, http.StatusOK, "my_application", v)
}

func (s *Server) ownApplication(c echo.Context) (applicationView, error) {
	return s.newApplicationView(c, myApplicationsPage)
}

// myDecision shows a decision as a document, myCase the plan as it was frozen.
func (s *Server) myDecision(c echo.Context) error { return s.showDecision(c, myApplicationsPage) }
func (s *Server) myCase(c echo.Context) error     { return s.showCase(c, myApplicationsPage) }

// actOnOwn does something with an application and goes back to it.
func (s *Server) actOnOwn(c echo.Context, done string, do func(id, stamp string) error, fields ...string) error {
	id := c.Param("application")
	err := do(id, clean(c.FormValue("stamp")))
	if err == nil {
		if done == "discarded" {
			return after(c, myApplicationsPage, done)
		}
		return after(c, applicationAddress(id), done)
	}
	return s.again(c, fieldsNamed(err, inList), append(fields, "stamp"), func(status int, f form) error {
		v, err := s.ownApplication(c)
		if err != nil {
			return err
		}
		f.Values.Set("text", cleanText(c.FormValue("text")))
		v.Form = f
		return s.render(c, status, "my_application", v)
	})
}

func (s *Server) withdrawApplication(c echo.Context) error {
	return s.actOnOwn(c, "withdrawn", func(id, stamp string) error {
		return s.bank.WithdrawApplication(c.Request().Context(), actorOf(c), id, stamp)
	})
}

func (s *Server) discardApplication(c echo.Context) error {
	return s.actOnOwn(c, "discarded", func(id, stamp string) error {
		return s.bank.DiscardApplication(c.Request().Context(), actorOf(c), id, stamp)
	})
}

// attachToApplication adds papers to what is handed in.
func (s *Server) attachToApplication(c echo.Context) error {
	return s.actOnOwn(c, "attached", func(id, stamp string) error {
		files, err := readFiles(c, "files")
		if err == nil && len(files) == 0 {
			err = invalid(bank.FieldError{Field: "files", Code: "required"})
		}
		if err == nil {
			_, err = s.bank.AttachToApplication(c.Request().Context(), actorOf(c), id, stamp, files)
		}
		return err
	}, "files")
}

// appeal asks for a second look.
func (s *Server) appeal(c echo.Context) error {
	return s.actOnOwn(c, "appealed", func(id, stamp string) error {
		values, err := c.FormParams()
		if err != nil {
			return unreadable(err)
		}
		in := bank.NewAppeal{Stamp: stamp, Text: cleanText(values.Get("text"))}
		for _, text := range values["item"] {
			if n, err := strconv.Atoi(text); err == nil {
				in.Items = append(in.Items, n)
			}
		}
		if in.Files, err = readFiles(c, "files"); err != nil {
			return err
		}
		_, err = s.bank.AppealApplication(c.Request().Context(), actorOf(c), id, in)
		return err
	}, "items", "text", "files")
}

func (s *Server) withdrawAppeal(c echo.Context) error {
	return s.actOnOwn(c, "appeal_withdrawn", func(id, stamp string) error {
		return s.bank.WithdrawAppeal(c.Request().Context(), actorOf(c), id, stamp)
	})
}

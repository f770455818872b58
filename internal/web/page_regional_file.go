package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// regionalLook is what a file would hold, and what would stand in none of its rows.
type regionalLook struct {
	Kind string
	Rows int
	Left []regionalLeft
}

// regionalLeft is how many results are left out for a reason.
type regionalLeft struct {
	Why   string
	Count int
}

func newRegionalLook(kind string, r bank.RegionalReport) *regionalLook {
	l := &regionalLook{Kind: kind, Rows: r.Rows}
	for _, why := range bank.RegionalLeftOut() {
		if n := r.LeftOut[why]; n > 0 {
			l.Left = append(l.Left, regionalLeft{why, n})
		}
	}
	return l
}

// regionalFields are what the form of a file sends.
var regionalFields = []string{"kind", "institution", "format", "purpose"}

// askedRegional is the file that a form asks for, and in which format.
func askedRegional(c echo.Context) (f form, in bank.RegionalFile, format string, err error) {
	f = readFields(c, regionalFields...)
	if format = f.Get("format"); !slices.Contains([]string{"csv", "xlsx"}, format) {
		err = invalid(bank.FieldError{Field: "format", Value: format, Code: "choice", Args: map[string]any{"Choices": "csv, xlsx"}})
	}
	return f, bank.RegionalFile{Kind: f.Get("kind"), Institution: f.Get("institution"), Purpose: f.Get("purpose")}, format, err
}

// againRegional shows the page again with a refusal.
func (s *Server) againRegional(c echo.Context, err error) error {
	return s.again(c, err, regionalFields, func(status int, f form) error { return s.showRegional(c, status, f, nil) })
}

// lookRegional says what a file would hold and what it would leave out, before anything
// is given out.
func (s *Server) lookRegional(c echo.Context) error {
	f, in, _, err := askedRegional(c)
	if err != nil {
		return s.againRegional(c, err)
	}
	r, err := s.bank.LookRegional(c.Request().Context(), actorOf(c), in)
	if err != nil {
		return s.againRegional(c, err)
	}
	return s.showRegional(c, http.StatusOK, f, newRegionalLook(in.Kind, r))
}

// regionalFile gives a file out, once the looks are noted.
func (s *Server) regionalFile(c echo.Context) error {
	_, in, format, err := askedRegional(c)
	if err != nil {
		return s.againRegional(c, err)
	}
	d := download{format: format}
	_, err = s.bank.ExportRegional(c.Request().Context(), actorOf(c), in, func(cells ...string) error { return d.write(c, in.Kind, cells) })
	return s.endRegional(c, &d, err)
}

// regionalLeftFile gives what stands in no row of a file, and why, once the looks are
// noted.
func (s *Server) regionalLeftFile(c echo.Context) error {
	_, in, format, err := askedRegional(c)
	if err != nil {
		return s.againRegional(c, err)
	}
	d, say := download{format: format}, s.speaker(c)
	_, err = s.bank.ExportRegionalLeft(c.Request().Context(), actorOf(c), in, func(l bank.RegionalLeft) error {
		if d.table == nil {
			if err := d.write(c, in.Kind+"-left-out", regionalLeftHeads(say)); err != nil {
				return err
			}
		}
		return d.write(c, "", []string{say.Say("regional.why."+l.Why, nil), l.Learner, l.Institution, l.Course, l.Title, l.Grade, l.Completed, l.Reference})
	})
	if err == nil && d.table == nil {
		err = d.write(c, in.Kind+"-left-out", regionalLeftHeads(say))
	}
	return s.endRegional(c, &d, err)
}

// regionalLeftHeads are the columns of what is left out: the reason, and those of a file
// of results.
func regionalLeftHeads(say Speaker) []string {
	heads := []string{say.Say("regional.why", nil)}
	columns, _ := bank.Columns("records") // it is a kind
	for _, name := range []string{"learner", "institution", "course", "title", "grade", "completed_on", "reference"} {
		c := columns[slices.IndexFunc(columns, func(c bank.ColumnInfo) bool { return c.Name == name })]
		if say.Chinese() {
			c.Name = c.Zh
		}
		heads = append(heads, c.Name)
	}
	return heads
}

// endRegional ends a file, or shows the page with a refusal while nothing of the file is
// on its way.
func (s *Server) endRegional(c echo.Context, d *download, err error) error {
	switch {
	case err == nil:
		return d.table.Flush()
	case d.table != nil:
		return err
	}
	return s.againRegional(c, err)
}

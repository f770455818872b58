package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// programmeListPage lists the programmes of a school.
type programmeListPage struct {
	desk
	Q          string
	Programmes []programmeRow
	Total      int
	Pager      pager
	May        bool
}

// programmeRow is a programme of the list.
type programmeRow struct {
	bank.ProgrammeInfo
	URL      string
	National string // name of its national code
}

// programmeEditPage is a programme at the desk.
type programmeEditPage struct {
	desk
	May      bool
	Key      transfer.ProgrammeKey // without a code: a new one
	Shown    bank.ProgrammeEdit
	Groups   []programmeFormRow
	Plan     []programmeFormRow
	Courses  []bank.CourseInfo // of the school, to choose from; none when there are too many
	Chain    *bank.CatalogueChain
	Found    []bank.CatalogueEntry // what the search in the catalogue found
	Searched bool
	Touch    *bank.ProgrammeSaved // what saving would touch, to be seen before it is saved
	Mark     string
	Public   string
	Address  string
}

// programmeFormRow is a row of a table of the form.
type programmeFormRow struct {
	N     int
	Form  form
	table rowsOf
}

// Name is the name of the field of a column.
func (r programmeFormRow) Name(column string) string { return r.table.field(column, r.N) }

// One is the number of the row as people count.
func (r programmeFormRow) One() int { return r.N + 1 }

// Shown is the value of a column.
func (r programmeFormRow) Shown(column string) string { return r.Form.Shown(r.Name(column)) }

// Wrong is what is wrong with a column.
func (r programmeFormRow) Wrong(column string) string { return r.Form.Wrong(r.Name(column)) }

// Ticked says whether a column says yes.
func (r programmeFormRow) Ticked(column string) bool {
	return slices.Contains([]string{"1", "true", "yes", "y", "是"}, strings.ToLower(r.Shown(column)))
}

const programmeList = "/school/programmes"

func programmeDeskAddress(k transfer.ProgrammeKey) string {
	return programmeList + "/" + url.PathEscape(k.Institution+":"+k.Code)
}

// programmes lists them.
func (s *Server) programmes(c echo.Context) error {
	d, err := s.desk(c, programmeList)
	if err != nil {
		return err
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	p := programmeListPage{desk: d, Q: clean(c.QueryParam("q")), May: actorOf(c).Is(bank.IsRegistrar)}
	page, err := n.snapshot.Programmes(bank.Filter{Institution: d.School.Code, Q: p.Q}, window(c))
	if err != nil {
		return err
	}
	p.Total, p.Pager = page.Total, pagerOf(c, d.Here, len(page.Items), page.Total, url.Values{"q": {p.Q}})
	for _, info := range page.Items {
		p.Programmes = append(p.Programmes, programmeRow{info, programmeDeskAddress(info.ProgrammeKey), n.snapshot.CatalogueName(info.CatalogueCode)})
	}
	return s.render(c, http.StatusOK, "school_programmes", p)
}

// maxChoices is how many courses a field offers to choose from.
const maxChoices = 300

// newProgrammeEditPage reads a programme for the page, without a code an empty one.
func (s *Server) newProgrammeEditPage(c echo.Context, code string) (p programmeEditPage, f form, err error) {
	p.desk, err = s.desk(c, programmeList)
	if err != nil {
		return p, f, err
	}
	n, err := s.names(c)
	if err != nil {
		return p, f, err
	}
	p.May = actorOf(c).Is(bank.IsRegistrar)
	courses, err := n.snapshot.CourseList(bank.CourseQuery{Institution: p.School.Code}, bank.Window{Limit: bank.MaxLimit}, n.today)
	if err != nil {
		return p, f, err
	}
	if courses.Total <= maxChoices {
		p.Courses = courses.Items
	}
	if code == "" {
		return p, formOfProgramme(bank.ProgrammeForm{}, ""), nil
	}
	p.Key = transfer.ProgrammeKey{Institution: p.School.Code, Code: code}
	p.Public, p.Address = programmeAddress(p.Key), programmeDeskAddress(p.Key)
	var stamp string
	if p.Shown, stamp, err = s.bank.ProgrammeDetail(c.Request().Context(), p.Key); err != nil {
		return p, f, err
	}
	return p, formOfProgramme(p.Shown.Form(), stamp), nil
}

// programmeOfPath is that of an address. It promises NotFound for one of another school.
func (s *Server) programmeOfPath(c echo.Context) (programmeEditPage, form, error) {
	id, err := pathValue(c, "programme")
	code, own := strings.CutPrefix(id, actorOf(c).Institution+":")
	if err != nil || !own || code == "" {
		return programmeEditPage{}, form{}, &bank.Error{Code: bank.NotFound, Key: "error.not_found.programme", Args: map[string]any{"ID": shortened(id)}}
	}
	return s.newProgrammeEditPage(c, code)
}

// showProgramme sends the page with a form, as it stands or as it was sent.
func (s *Server) showProgramme(c echo.Context, status int, p programmeEditPage, f form) error {
	tables := programmeTables()
	p.Form, p.Groups, p.Plan = f, programmeRows(tables[0], f), programmeRows(tables[1], f)
	if number := f.Get("catalogue_code"); number != "" {
		chain, err := s.bank.Catalogue(c.Request().Context(), number)
		switch {
		case err == nil:
			p.Chain = &chain
		case bank.CodeOf(err) != bank.Invalid: // which stands beside the field once it is sent
			return err
		}
	}
	return s.render(c, status, "school_programme", p)
}

func programmeRows(table rowsOf, f form) []programmeFormRow {
	rows := make([]programmeFormRow, table.rows(f))
	for i := range rows {
		rows[i] = programmeFormRow{i, f, table}
	}
	return rows
}

// newProgramme shows an empty form.
func (s *Server) newProgramme(c echo.Context) error {
	p, f, err := s.newProgrammeEditPage(c, "")
	if err != nil {
		return err
	}
	return s.showProgramme(c, http.StatusOK, p, f)
}

// editProgramme shows a programme.
func (s *Server) editProgramme(c echo.Context) error {
	p, f, err := s.programmeOfPath(c)
	if err != nil {
		return err
	}
	return s.showProgramme(c, http.StatusOK, p, f)
}

// addProgramme registers a programme.
func (s *Server) addProgramme(c echo.Context) error {
	p, _, err := s.newProgrammeEditPage(c, "")
	if err != nil {
		return err
	}
	return s.takeProgramme(c, p)
}

// saveProgramme saves a programme.
func (s *Server) saveProgramme(c echo.Context) error {
	p, _, err := s.programmeOfPath(c)
	if err != nil {
		return err
	}
	return s.takeProgramme(c, p)
}

// takeProgramme takes the form: what it touches is shown before it is saved.
func (s *Server) takeProgramme(c echo.Context, p programmeEditPage) error {
	ctx, actor, f := c.Request().Context(), actorOf(c), readProgrammeFields(c)
	switch {
	case c.FormValue("look") != "":
		return s.findNational(c, p, f)
	case c.FormValue("pick") != "":
		f.Values.Set("catalogue_code", clean(c.FormValue("pick")))
		return s.showProgramme(c, http.StatusOK, p, f)
	case c.FormValue("more") != "":
		for _, table := range programmeTables() {
			if table.name == c.FormValue("more") && c.FormValue("paste") == "" {
				f.Values.Set(table.count, strconv.Itoa(min(table.rows(f)+table.more, table.most)))
			}
		}
		return s.showProgramme(c, http.StatusOK, p, f)
	}
	edit, err := s.bank.ReadProgramme(ctx, programmeForm(f, p.School.Code, p.Key.Code))
	if err != nil {
		return s.refuseProgramme(c, err, p, f)
	}
	tried, err := s.bank.TryProgramme(ctx, actor, edit, f.Get("stamp"))
	if err != nil {
		return s.refuseProgramme(c, err, p, f)
	}
	if mark := tried.Stamp + strconv.Itoa(tried.Rules) + "-" + strconv.Itoa(tried.Learners); !tried.Nothing() && f.Get("seen") != mark {
		p.Touch, p.Mark = &tried, mark
		return s.showProgramme(c, http.StatusOK, p, f)
	}
	if _, err := s.bank.SaveProgramme(ctx, actor, edit, f.Get("stamp")); err != nil {
		return s.refuseProgramme(c, err, p, f)
	}
	return after(c, programmeDeskAddress(edit.ProgrammeKey), "programme_saved")
}

// findNational looks for a national code in the catalogue.
func (s *Server) findNational(c echo.Context, p programmeEditPage, f form) error {
	var err error
	p.Searched = true
	if p.Found, err = s.bank.FindCatalogue(c.Request().Context(), f.Get("find"), p.School.Kind); err != nil {
		return err
	}
	return s.showProgramme(c, http.StatusOK, p, f)
}

// refuseProgramme shows the form again; see [Server.refuseCourse].
func (s *Server) refuseProgramme(c echo.Context, cause error, p programmeEditPage, f form) error {
	status := f.refusal(s.speaker(c), namedInTables(cause), programmeFields(f)...)
	var refusal *bank.Error
	switch {
	case status == 0:
		return cause
	case errors.As(cause, &refusal) && refusal.Code == bank.Conflict:
		status = http.StatusConflict
		if stamp, known := refusal.Args["Stamp"].(string); known {
			f.Values.Set("stamp", stamp)
		}
	}
	return s.showProgramme(c, status, p, f)
}

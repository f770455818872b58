package web

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/intake"
)

// Who brings files in, and who may look on.
const (
	importStaff = bank.IsRegistrar | bank.IsAdministrator
	importSeers = importStaff | bank.IsAuditor
)

// importsPage lists the files that were brought, and takes another.
type importsPage struct {
	desk
	Kinds     []string
	Templates []string // of the kinds that have one
	Items     []importRow
	Pager     pager
	Limit     int // megabytes
}

// importRow is a file that was brought, and who brought it.
type importRow struct {
	bank.Upload
	Called string
}

// importDesk is the desk of whoever brings files in.
func (s *Server) importDesk(c echo.Context) (desk, error) {
	here := "/admin"
	if actor := actorOf(c); actor.Institution != "" && !actor.Is(bank.IsAdministrator|bank.IsAuditor) {
		here = "/school"
	}
	d, err := s.desk(c, here)
	d.Here, d.Acts = "/imports", actorOf(c).Is(importStaff)
	if done := justDone(c, importDone...); done != "" {
		d.Done = done
	}
	return d, err
}

// importDone are the things that the pages of imports can say were done.
var importDone = []string{"import_undone", "import_dropped"}

func (s *Server) imports(c echo.Context) error { return s.showImports(c, http.StatusOK, form{}) }

func (s *Server) showImports(c echo.Context, status int, f form) error {
	d, err := s.importDesk(c)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), actorOf(c)
	list, err := s.bank.Uploads(ctx, actor, window(c))
	if err != nil {
		return err
	}
	p := importsPage{desk: d, Kinds: s.bank.ImportKinds(actor), Limit: bank.MaxUpload >> 20}
	p.Templates = slices.DeleteFunc(slices.Clone(p.Kinds), func(kind string) bool { return kind == bank.OneRoster })
	p.Form = f
	for _, u := range list.Items {
		called, err := s.bank.Called(ctx, u.By)
		if err != nil {
			return err
		}
		p.Items = append(p.Items, importRow{u, called})
	}
	p.Pager = pagerOf(c, "/imports", len(list.Items), list.Total, nil)
	return s.render(c, status, "imports", p)
}

// importFields are what the form of a new file sends, in the order of the page.
var importFields = []string{"kind", "file", "sheet"}

// bringFile takes a file, and leads to its page.
func (s *Server) bringFile(c echo.Context) error {
	u, err := s.stage(c)
	if err == nil {
		_, err = s.bank.CheckUpload(c.Request().Context(), actorOf(c), u.ID, intake.Staged)
	}
	if err != nil {
		return s.again(c, rowsAsFile(err), importFields, func(status int, f form) error { return s.showImports(c, status, f) })
	}
	return c.Redirect(http.StatusSeeOther, "/imports/"+u.ID)
}

func (s *Server) stage(c echo.Context) (u bank.Upload, err error) {
	header, err := c.FormFile("file")
	if err != nil {
		return u, invalid(bank.FieldError{Field: "file", Code: "required"})
	}
	content, err := readFile(header)
	if err != nil {
		return u, err
	}
	if len(content) == 0 {
		return u, invalid(bank.FieldError{Field: "file", Code: "empty"})
	}
	in := bank.NewUpload{Kind: clean(c.FormValue("kind")), Sheet: clean(c.FormValue("sheet")), Content: content}
	if in.Kind == "" {
		if in.Fits, err = s.kindsOf(c, in); err != nil {
			return u, err
		}
		in.Kind = in.Fits[0]
	}
	return s.bank.StageUpload(c.Request().Context(), actorOf(c), in, intake.Staged)
}

// kindsOf says of which kinds a file can be that the person may bring.
func (s *Server) kindsOf(c echo.Context, in bank.NewUpload) ([]string, error) {
	mine := s.bank.ImportKinds(actorOf(c))
	fits, err := intake.Recognise(bytes.NewReader(in.Content), in.Sheet, mine)
	switch {
	case err != nil:
		return nil, err
	case len(fits) == 0:
		return nil, invalid(bank.FieldError{Field: "kind", Code: "kind_unknown"})
	case !slices.Contains(mine, fits[0]):
		word := s.speaker(c).Say("import.kind_"+fits[0], nil)
		return nil, invalid(bank.FieldError{Field: "kind", Code: "kind_not_yours", Args: map[string]any{"Kind": word}})
	}
	return fits, nil
}

// sayKind reads a file as another kind than it was taken for, and tries it again.
func (s *Server) sayKind(c echo.Context) error {
	id := c.Param("import")
	err := s.bank.SetUploadKind(c.Request().Context(), actorOf(c), id, clean(c.FormValue("kind")), uploadStamp(c), intake.Staged)
	return s.afterChange(c, id, err)
}

// rowsAsFile says of a refusal that names rows or columns of a file that the file is
// what is wrong.
func rowsAsFile(err error) error {
	var refusal *bank.Error
	names := map[string]string{}
	if errors.As(err, &refusal) {
		for _, f := range refusal.Fields {
			if !slices.Contains(importFields, f.Field) {
				names[f.Field] = "file"
			}
		}
	}
	return renamed(err, names)
}

// importTemplate gives an empty file of a kind to fill in.
func (s *Server) importTemplate(c echo.Context) error {
	kind := c.Param("kind")
	if !slices.Contains(bank.Kinds(), kind) {
		return &bank.Error{Code: bank.NotFound, Key: "error.no_page"}
	}
	attach(c, "creditbank-"+kind+".xlsx", attachmentTypes()["xlsx"])
	return intake.WriteTemplate(c.Response(), kind, "xlsx", s.speaker(c).Say)
}

// attach says that what follows is a file to be kept.
func attach(c echo.Context, name, kind string) {
	c.Response().Header().Set(echo.HeaderContentType, kind)
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`"`)
}

// refusedRows gives the rows that were refused, with the reasons in red.
func (s *Server) refusedRows(c echo.Context) error {
	id, say := c.Param("import"), s.speaker(c)
	r, err := s.bank.UploadReport(c.Request().Context(), actorOf(c), id)
	if err != nil {
		return err
	}
	if len(r.Rejected) == 0 {
		return &bank.Error{Code: bank.NotFound, Key: "error.no_page"}
	}
	attach(c, "creditbank-"+id+".xlsx", attachmentTypes()["xlsx"])
	w, err := intake.NewTable(c.Response(), "xlsx")
	if err != nil {
		return err
	}
	header := make([]string, len(r.Header))
	for i, column := range r.Header {
		if header[i] = r.Names[column]; header[i] == "" {
			header[i] = column
		}
	}
	report := bank.ImportReport{Errors: r.Errors, Rejected: r.Rejected, Names: r.Names}
	return intake.WriteRejects(w, header, report, func(e bank.RowError) string { return FieldMessage(say, e.Value, e.Code, e.Args) })
}

// sayColumns takes which column is which, and tries the file again.
func (s *Server) sayColumns(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return unreadable(err)
	}
	columns := map[string]string{}
	u, err := s.bank.Upload(c.Request().Context(), actorOf(c), c.Param("import"))
	if err != nil {
		return err
	}
	for i, name := range u.Header {
		columns[name] = clean(values.Get("column-" + strconv.Itoa(i)))
	}
	err = s.bank.SetUploadColumns(c.Request().Context(), actorOf(c), u.ID, columns, uploadStamp(c))
	return s.afterChange(c, u.ID, err)
}

// mendImport takes troubles that are confirmed, and cells that were mended in place.
func (s *Server) mendImport(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return unreadable(err)
	}
	var troubles []string
	if trouble := clean(c.FormValue("mend")); trouble != "" {
		troubles = append(troubles, trouble)
	}
	id := c.Param("import")
	err = s.bank.MendUpload(c.Request().Context(), actorOf(c), id, troubles, editsOf(values), uploadStamp(c))
	return s.afterChange(c, id, err)
}

// editsOf are the cells of a form: cell:ROW:COLUMN, where they were changed, or are said to
// be blank (blank:ROW:COLUMN): what stands in them may not be shown.
func editsOf(values url.Values) map[int]map[string]string {
	edits := map[int]map[string]string{}
	for name, given := range values {
		parts := strings.SplitN(name, ":", 3)
		if len(parts) != 3 || parts[0] != "cell" {
			continue
		}
		place := ":" + parts[1] + ":" + parts[2]
		if given[0] == values.Get("was"+place) && values.Get("blank"+place) == "" {
			continue
		}
		row, err := strconv.Atoi(parts[1])
		if err != nil {
			continue
		}
		if edits[row] == nil {
			edits[row] = map[string]string{}
		}
		edits[row][parts[2]] = clean(given[0])
	}
	return edits
}

func uploadStamp(c echo.Context) int64 {
	stamp, _ := strconv.ParseInt(c.FormValue("stamp"), 10, 64)
	return stamp
}

// afterChange tries the file again and goes back to its page, which says what was
// refused.
func (s *Server) afterChange(c echo.Context, id string, err error) error {
	if err == nil {
		_, err = s.bank.CheckUpload(c.Request().Context(), actorOf(c), id, intake.Staged)
	}
	return s.backToImport(c, id, err)
}

// backToImport goes back to the page of a file, or shows it with a refusal.
func (s *Server) backToImport(c echo.Context, id string, err error) error {
	if err != nil {
		return s.again(c, rowsAsFile(err), []string{"file"}, func(status int, f form) error { return s.showImport(c, status, f) })
	}
	return c.Redirect(http.StatusSeeOther, "/imports/"+id)
}

// commitImport takes the file in: all of it, or the good rows.
func (s *Server) commitImport(c echo.Context) error {
	id := c.Param("import")
	_, err := s.bank.CommitUpload(c.Request().Context(), actorOf(c), id, uploadStamp(c), c.FormValue("partial") == "1", intake.Staged)
	return s.backToImport(c, id, err)
}

// cancelImport ends the work on a file.
func (s *Server) cancelImport(c echo.Context) error {
	ctx, actor := c.Request().Context(), actorOf(c)
	u, err := s.bank.Upload(ctx, actor, c.Param("import"))
	if err != nil {
		return err
	}
	if j, err := s.bank.Job(ctx, actor, u.Job); err == nil && j.State == bank.JobRunning {
		if err := s.bank.CancelJob(ctx, actor, u.Job); err != nil {
			return err
		}
	}
	return s.backToImport(c, u.ID, nil)
}

func (s *Server) undoImport(c echo.Context) error {
	if err := s.bank.UndoUpload(c.Request().Context(), actorOf(c), c.Param("import")); err != nil {
		return s.backToImport(c, c.Param("import"), err)
	}
	return after(c, "/imports/"+c.Param("import"), "import_undone")
}

func (s *Server) dropImport(c echo.Context) error {
	if err := s.bank.DropUpload(c.Request().Context(), actorOf(c), c.Param("import")); err != nil {
		return s.backToImport(c, c.Param("import"), err)
	}
	return after(c, "/imports", "import_dropped")
}

// refreshEvery is how often a page of work that runs is asked for again, in seconds.
const refreshEvery = "2"

// running is how far the work on a file is.
type running struct {
	Done, Total int64
	Rate        int64         // rows a second; 0: not known yet
	Left        time.Duration // 0: not known yet
	MayCancel   bool
}

func newRunning(j bank.Job) *running {
	r := &running{Done: j.Done, Total: j.Total, MayCancel: j.MayCancel}
	if seconds := j.Updated.Sub(j.Made).Seconds(); seconds > 0 && j.Done > 0 {
		rate := float64(j.Done) / seconds
		r.Rate = int64(rate)
		r.Left = time.Duration(float64(j.Total-j.Done) / rate * float64(time.Second)).Round(time.Second)
	}
	return r
}

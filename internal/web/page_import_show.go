package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/intake"
)

// importPage is a file on its way: how it was read, which column is which, what is
// wrong with it by how it is mended, and what can be done next.
type importPage struct {
	desk
	Upload   bank.Upload
	Called   string
	Running  *running
	Ended    string   // how the last work on it ended, when not well: a state of jobs
	Refusals []string // why it was refused whole
	Columns  []importColumn
	Matched  int // columns that are meant as one of the kind
	Meant    []bank.ColumnInfo
	Chinese  bool
	Missing  []bank.ColumnInfo // columns that must be there and are not
	Notes    []string
	Follow   []faultGroup // what rests on rows that have a fault, and is mended with them
	Groups   []faultGroup
	Good     int // rows that would be taken
	Open     bool
	Kinds    []string // it can be read as one of these instead
	Archive  bool     // of several tables, whose columns are those of a standard
	Refused  bool     // there are rows to be downloaded
}

// importColumn is a column of the file, and which it is taken for.
type importColumn struct {
	Number      int
	Name, Meant string
}

// faultGroup is what is mended in one way: one kind of trouble in one column.
type faultGroup struct {
	Code, Column, Name string
	File               string // of an archive, the part
	Message            string
	Count              int
	Mendable           bool
	Cells              []faultCell // the first of them
	More               int
}

// faultCell is a cell that can be mended in place; one of no column is told alone.
type faultCell struct {
	Row                   int
	Column, Value, Reason string
}

// shownCells is how many cells of a group are shown to be mended in place.
const shownCells = 8

func (s *Server) importOne(c echo.Context) error { return s.showImport(c, http.StatusOK, form{}) }

func (s *Server) showImport(c echo.Context, status int, f form) error {
	d, err := s.importDesk(c)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), actorOf(c)
	u, err := s.bank.Upload(ctx, actor, c.Param("import"))
	if err != nil {
		return err
	}
	p := importPage{desk: d, Upload: u, Chinese: s.speaker(c).Tag == languageTags[0]}
	p.Form = f
	if p.Called, err = s.bank.Called(ctx, u.By); err != nil {
		return err
	}
	if err := s.follow(c, &p); err != nil {
		return err
	}
	if p.Running != nil {
		c.Response().Header().Set("Refresh", refreshEvery)
		return s.render(c, status, "import", p)
	}
	p.Open = d.Acts && u.Staged && (u.State == bank.UploadStaged || u.State == bank.UploadChecked)
	if err := s.explainImport(c, &p); err != nil {
		return err
	}
	return s.render(c, status, "import", p)
}

// follow says how far the last work on the file is, or how it ended.
func (s *Server) follow(c echo.Context, p *importPage) error {
	if p.Upload.Job == "" {
		return nil
	}
	j, err := s.bank.Job(c.Request().Context(), actorOf(c), p.Upload.Job)
	switch {
	case bank.CodeOf(err) == bank.NotFound:
		return nil
	case err != nil:
		return err
	case j.State == bank.JobRunning:
		p.Running = newRunning(j)
	case j.State != bank.JobDone:
		p.Ended = j.State
		p.Refusals = wholeRefusals(s.speaker(c), j.Refusal)
	}
	return nil
}

// wholeRefusals says why a file was refused whole, column by column. Columns that are
// not there are told together: the page asks for them below.
func wholeRefusals(say Speaker, refusal *bank.Error) (reasons []string) {
	if refusal == nil {
		return nil
	}
	missing := false
	for _, f := range refusal.Fields {
		message := FieldMessage(say, f.Value, f.Code, f.Args)
		switch {
		case f.Code == "missing_column":
			missing = true
		case f.Field == intake.WholeFile:
			reasons = append(reasons, message)
		default:
			reasons = append(reasons, say.Say("import.in_column", map[string]any{"Column": f.Field, "Message": message}))
		}
	}
	if missing {
		reasons = append(reasons, say.Say("import.no_columns", nil))
	}
	if len(reasons) == 0 {
		reasons = append(reasons, say.Say(refusal.Key, refusal.Args))
	}
	return reasons
}

// explainImport says which column is which and what is wrong.
func (s *Server) explainImport(c echo.Context, p *importPage) (err error) {
	if p.Archive = p.Upload.Kind == bank.OneRoster; !p.Archive {
		if p.Meant, err = bank.Columns(p.Upload.Kind); err != nil {
			return err
		}
	}
	if p.Open && !p.Archive {
		if p.Form.Values == nil {
			p.Form.Values = url.Values{"kind": {p.Upload.Kind}}
		}
		p.Kinds = slices.DeleteFunc(s.bank.ImportKinds(actorOf(c)), func(kind string) bool { return kind == bank.OneRoster })
	}
	for i, name := range p.Upload.Header {
		p.Columns = append(p.Columns, importColumn{i, name, p.Upload.Columns[name]})
		if p.Upload.Columns[name] != "" {
			p.Matched++
		}
	}
	for _, column := range p.Meant {
		given := slices.ContainsFunc(p.Columns, func(c importColumn) bool { return c.Meant == column.Name })
		if column.Required && !given && !(column.Name == "institution" && p.Upload.Institution != "") {
			p.Missing = append(p.Missing, column)
		}
	}
	r, err := s.bank.UploadReport(c.Request().Context(), actorOf(c), p.Upload.ID)
	if err != nil {
		return err
	}
	say := s.speaker(c)
	for _, n := range r.Notes {
		p.Notes = append(p.Notes, NoteMessage(say, n, r.Names))
	}
	counts := p.Upload.Counts
	for _, g := range groupFaults(say, r) {
		if g.Code == "roster_follows" {
			p.Follow = append(p.Follow, g)
		} else {
			p.Groups = append(p.Groups, g)
		}
	}
	p.Good, p.Refused = counts.New+counts.Updated, len(r.Rejected) > 0
	return nil
}

// groupFaults puts together what is mended in one way, the most frequent first.
func groupFaults(say Speaker, r bank.UploadReport) []faultGroup {
	var groups []faultGroup
	for _, e := range r.Errors {
		i := slices.IndexFunc(groups, func(g faultGroup) bool { return g.Code == e.Code && g.Column == e.Column && g.File == e.File })
		if i < 0 {
			i = len(groups)
			groups = append(groups, faultGroup{Code: e.Code, Column: e.Column, Name: r.Names[e.Column], File: e.File, Mendable: e.Mendable, Message: FieldMessage(say, e.Value, e.Code, e.Args)})
		}
		g := &groups[i]
		if g.Count++; len(g.Cells) < shownCells {
			g.Cells = append(g.Cells, faultCell{e.Row, e.Column, e.Value, FieldMessage(say, e.Value, e.Code, e.Args)})
		}
		g.More = g.Count - len(g.Cells)
	}
	slices.SortStableFunc(groups, func(a, b faultGroup) int { return b.Count - a.Count })
	return groups
}

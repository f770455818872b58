package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// classListPage lists the learners of a school: by class, with what is missing.
type classListPage struct {
	desk
	Rows     []classRow
	Total    int
	Next     string // the cursor of the part that follows
	Asked    bool   // somebody was searched for, or the list is narrowed
	Classes  []schoolClass
	Gaps     []classGap
	MayAdd   bool
	Filtered bool // by class or by what is missing
}

// classRow is a learner with the name of the programme.
type classRow struct {
	bank.ClassRow
	Programme bank.ProgrammeInfo
	Year      int // of entry; 0: not known
}

// schoolClass is a class with its address.
type schoolClass struct {
	bank.SchoolClass
	Info bank.ProgrammeInfo
	URL  string
	Open bool
}

// classGap is how many are without something.
type classGap struct {
	Lack  string
	Count int
	URL   string
	Open  bool
}

// classFilters are what of a list stands in its address: nothing of anybody's person.
func classFilters() []string { return []string{"programme", "entered", "lacks"} }

func classQuery(f form) bank.ClassQuery {
	q := bank.ClassQuery{Programme: f.Get("programme"), Lacks: f.Get("lacks"),
		LearnerQuery: bank.LearnerQuery{Account: f.Get("account"), Name: f.Get("name"), Number: f.Get("number")}}
	if year, known := wholeNumber(f.Get("entered")); known && year < 10000 {
		q.Entered = int(year)
	}
	return q
}

// classList lists them, and takes a search, which is sent as a form so that no name and no
// number stands in an address.
func (s *Server) classList(c echo.Context) error {
	d, err := s.desk(c, "/school/learners")
	if err != nil {
		return err
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), actorOf(c)
	p := classListPage{desk: d, MayAdd: actor.Is(bank.IsRegistrar)}
	p.Form = readFields(c, append(learnerFields(), classFilters()...)...)
	q := classQuery(p.Form)
	p.Filtered = q.Programme != "" || q.Entered != 0 || q.Lacks != ""
	p.Asked = p.Filtered || q.LearnerQuery != (bank.LearnerQuery{})
	found, err := s.bank.ClassList(ctx, actor, q, bank.Window{Cursor: c.FormValue(paramCursor), Limit: partSize(c)})
	if err != nil {
		return err
	}
	p.Total, p.Next = found.Total, found.Next
	for _, r := range found.Items {
		row := classRow{ClassRow: r, Year: yearOf(r.Entered)}
		row.Programme, _ = n.snapshot.ProgrammeHead(transfer.ProgrammeKey{Institution: r.Institution, Code: r.LearnerView.Programme})
		p.Rows = append(p.Rows, row)
	}
	if err := s.classGroups(c, &p, q, n); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "school_learners", p)
}

// classGroups adds the classes and what is missing in the class that is open.
func (s *Server) classGroups(c echo.Context, p *classListPage, q bank.ClassQuery, n *names) error {
	ctx, actor := c.Request().Context(), actorOf(c)
	classes, err := s.bank.SchoolClasses(ctx, actor)
	if err != nil {
		return err
	}
	for _, k := range classes {
		class := schoolClass{SchoolClass: k, Open: k.Entered == q.Entered && (k.Programme == q.Programme || k.Programme == "" && q.Programme == "-")}
		class.Info, _ = n.snapshot.ProgrammeHead(transfer.ProgrammeKey{Institution: actor.Institution, Code: k.Programme})
		class.URL = classAddress(k.Programme, k.Entered, q.Lacks)
		if k.Programme == "" {
			class.URL = classAddress("-", k.Entered, q.Lacks)
		}
		p.Classes = append(p.Classes, class)
	}
	gaps, err := s.bank.LearnerGaps(ctx, actor, q)
	for _, lack := range bank.LearnerLacks() {
		p.Gaps = append(p.Gaps, classGap{Lack: lack, Count: gaps[lack], URL: classAddress(q.Programme, q.Entered, lack), Open: q.Lacks == lack})
	}
	return err
}

func yearOf(d calendar.Day) int {
	if d == calendar.None {
		return 0
	}
	year, _, _ := d.Date()
	return year
}

func classAddress(programme string, entered int, lacks string) string {
	year := ""
	if entered != 0 {
		year = strconv.Itoa(entered)
	}
	return address("/school/learners", nil, "programme", programme, "entered", year, "lacks", lacks)
}

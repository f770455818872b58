package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// courseDesk is what the pages on which courses are kept have in common: a school's
// own, or the standard units of the bank.
type courseDesk struct {
	desk
	At    bank.InstitutionInfo // whose courses; without a code: the bank is no institution yet
	List  string               // address of the list
	Units bool
	May   bool // the person may change something
}

// courseDesk is that of the person of a request.
func (s *Server) courseDesk(c echo.Context) (d courseDesk, n *names, err error) {
	d.Units = deskOf(c) == "/admin"
	d.List = map[bool]string{false: "/school/courses", true: "/admin/units"}[d.Units]
	if d.desk, err = s.desk(c, d.List); err != nil {
		return d, nil, err
	}
	if n, err = s.names(c); err != nil {
		return d, nil, err
	}
	d.At, d.May = d.School, actorOf(c).Is(bank.IsRegistrar)
	if d.Units {
		d.May = d.Acts
		page, err := n.snapshot.Institutions(bank.Filter{Kind: transfer.KindBank}, bank.Window{Limit: 1})
		if err != nil {
			return d, nil, err
		}
		for _, in := range page.Items {
			d.At = in
		}
	}
	return d, n, nil
}

// courseListPage lists the courses of an institution as a table.
type courseListPage struct {
	courseDesk
	Query      bank.CourseQuery
	Columns    []sortColumn
	States     []string
	Categories []string
	Courses    []courseRow
	Total      int
	Pager      pager
	rows       func(context.Context) ([][]string, error)
	Asked      bool
}

// courseRow is a course of the table.
type courseRow struct {
	bank.CourseInfo
	URL string
}

// sortColumn is a heading by which the table can be sorted.
type sortColumn struct {
	Name string
	URL  string
	Sort string // ascending or descending, where it is sorted by this one
}

func courseQuery(c echo.Context, institution string) bank.CourseQuery {
	q := bank.CourseQuery{Institution: institution, Q: clean(c.QueryParam("q")), State: c.QueryParam("state"), Category: clean(c.QueryParam("category")), Sort: c.QueryParam("sort")}
	if !slices.Contains(bank.CourseStates(), q.State) {
		q.State = ""
	}
	return q
}

// courseFilter is a query as it stands in an address.
func courseFilter(q bank.CourseQuery) url.Values {
	return url.Values{"q": {q.Q}, "state": {q.State}, "category": {q.Category}, "sort": {q.Sort}}
}

// sortColumns are the headings; another click on the one that is sorted by turns it round.
func sortColumns(path string, filter url.Values, sorted string, columns []string) []sortColumn {
	list := make([]sortColumn, len(columns))
	for i, name := range columns {
		list[i] = sortColumn{Name: name, URL: address(path, filter, "sort", name)}
		switch sorted {
		case name:
			list[i].Sort, list[i].URL = "ascending", address(path, filter, "sort", "-"+name)
		case "-" + name:
			list[i].Sort = "descending"
		}
	}
	return list
}

// courseList shows the table.
func (s *Server) courseList(c echo.Context) error {
	d, n, err := s.courseDesk(c)
	if err != nil {
		return err
	}
	q := courseQuery(c, d.At.Code)
	page, err := n.snapshot.CourseList(q, window(c), n.today)
	if err != nil {
		return err
	}
	filter := courseFilter(q)
	p := courseListPage{courseDesk: d, Query: q, States: bank.CourseStates(), Categories: n.snapshot.CourseCategories(d.At.Code), Total: page.Total,
		Columns: sortColumns(d.List, filter, q.Sort, bank.CourseSorts()), rows: s.courseFile(page.Items),
		Pager: pagerOf(c, d.List, len(page.Items), page.Total, filter), Asked: q.Q+q.State+q.Category != ""}
	for _, info := range page.Items {
		p.Courses = append(p.Courses, courseRow{info, d.address(info.CourseKey)})
	}
	return s.render(c, http.StatusOK, "school_courses", p)
}

// address is the page of a course at its desk.
func (d courseDesk) address(k transfer.CourseKey) string {
	return d.List + "/" + url.PathEscape(k.Institution+":"+k.Code)
}

// courseNamed is the course that an address names, of the institution of the desk. It
// promises NotFound.
func (d courseDesk) courseNamed(c echo.Context) (transfer.CourseKey, error) {
	name := "course"
	if d.Units {
		name = "unit"
	}
	id, err := pathValue(c, name)
	if err != nil {
		return transfer.CourseKey{}, echo.ErrNotFound
	}
	if code, own := strings.CutPrefix(id, d.At.Code+":"); own && d.At.Code != "" {
		return transfer.CourseKey{Institution: d.At.Code, Code: code}, nil
	}
	return transfer.CourseKey{}, &bank.Error{Code: bank.NotFound, Key: "error.not_found.course", Args: map[string]any{"ID": shortened(id)}}
}

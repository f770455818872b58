package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/intake"
)

// lister is a page on which lists stand. Each can be taken along as a file, with the
// filter of the page, in its order, and all parts of it: the page is asked for part
// after part, so that whoever may see it gets what they would see, and what is noted
// of a look is noted of the file.
type lister interface {
	lists(say Speaker) []listing
}

// listing is a list of a page, or a part of it, as it goes into a file.
type listing struct {
	name  string // of the file; "download.list_" and this is what people call it
	heads []string
	count int // rows of the page; a list without any is not offered
	rows  func(ctx context.Context) ([][]string, error)
	next  string // cursor of the part that follows; empty: it is the last

	// whole gives heads and rows of all parts at once, in place of rows.
	whole func(ctx context.Context, emit func(cells ...string) error) error
}

// listOf is a list whose rows are of one type.
func listOf[R any](say Speaker, name, next string, rows []R, cells func(R) []string) listing {
	l := listing{name: name, count: len(rows), next: next}
	for column := range strings.FieldsSeq(listColumns()[name]) {
		l.heads = append(l.heads, say.Say("listed."+column, nil))
	}
	l.rows = func(context.Context) ([][]string, error) {
		table := make([][]string, len(rows))
		for i, row := range rows {
			table[i] = cells(row)
		}
		return table, nil
	}
	return l
}

// kindList is a list of what a kind of file brings in: its columns are those of the
// kind, so that the file can be brought in again.
func kindList(say Speaker, name, next string, count int, rows func(context.Context) ([][]string, error)) listing {
	l := listing{name: name, count: count, next: next, rows: rows}
	columns, err := bank.Columns(listKinds()[name])
	if err != nil {
		l.rows = func(context.Context) ([][]string, error) { return nil, err }
	}
	for _, c := range columns {
		if say.Chinese() {
			c.Name = c.Zh
		}
		l.heads = append(l.heads, c.Name)
	}
	return l
}

// already are rows that need not be read any more.
func already(rows [][]string) func(context.Context) ([][]string, error) {
	return func(context.Context) ([][]string, error) { return rows, nil }
}

// Names in the address of a file.
const (
	paramFormat = "format"
	paramList   = "list"
)

// downloadFormats are the formats of files, with their types of content.
func downloadFormats() map[string]string {
	return map[string]string{"csv": "text/csv; charset=utf-8", "xlsx": attachmentTypes()["xlsx"]}
}

// download is a page with lists that was asked for: to be seen, or as a file.
type download struct {
	format string // empty: to be seen
	list   string // name of the list that is wanted; empty: the first
	table  intake.TableWriter
	next   string
	taken  bool   // a part came from the page
	spool  *spool // takes the rows, until they are sent; nil: they are sent at once
}

// downloadKey is where a request keeps it.
const downloadKey = "download"

func downloadOf(c echo.Context) *download {
	d, _ := c.Get(downloadKey).(*download)
	return d
}

// listed is a page whose lists can be taken along.
func (s *Server) listed(page echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		d := &download{format: c.FormValue(paramFormat), list: c.FormValue(paramList)}
		c.Set(downloadKey, d)
		if d.format == "" {
			return page(c)
		}
		if downloadFormats()[d.format] == "" {
			return echo.ErrBadRequest
		}
		return s.send(c, d, page)
	}
}

// partSize is how many rows a page shows: more when they go into a file.
func partSize(c echo.Context) int {
	if d := downloadOf(c); d != nil && d.format != "" {
		return bank.FileLimit
	}
	return pageSize
}

func (d *download) parts(c echo.Context, page echo.HandlerFunc) error {
	for first := true; first || d.next != ""; first = false {
		turnTo(c, d.next)
		d.next, d.taken = "", false
		if err := page(c); err != nil || !d.taken {
			return err
		}
	}
	return nil
}

// turnTo makes a request one for the part of a list behind a cursor.
func turnTo(c echo.Context, cursor string) {
	c.QueryParams().Set(paramCursor, cursor)
	c.Request().Form.Set(paramCursor, cursor)
}

var errPartRefused = errors.New("a part of a list was refused")

// take writes what stands on the page into the file, instead of showing it.
func (d *download) take(c echo.Context, lists []listing) error {
	at := slices.IndexFunc(lists, func(l listing) bool { return d.list == "" || l.name == d.list })
	if at < 0 {
		return echo.ErrNotFound
	}
	l, ctx := lists[at], c.Request().Context()
	d.taken, d.next = true, l.next
	if l.whole != nil {
		d.next = ""
		return l.whole(ctx, func(cells ...string) error { return d.write(c, l.name, cells) })
	}
	if !d.begun() {
		if err := d.write(c, l.name, l.heads); err != nil {
			return err
		}
	}
	rows, err := l.rows(ctx)
	for _, cells := range rows {
		if err := d.write(c, l.name, cells); err != nil {
			return err
		}
	}
	return err
}

// begun says whether a row was written.
func (d *download) begun() bool { return d.table != nil || d.spool != nil && d.spool.name != "" }

// write writes a row; with the first one the file begins.
func (d *download) write(c echo.Context, name string, cells []string) (err error) {
	if d.spool != nil {
		return d.spool.put(name, cells)
	}
	if d.table == nil {
		h := c.Response().Header()
		attach(c, name+"."+d.format, downloadFormats()[d.format])
		if h.Get(echo.HeaderCacheControl) == "" {
			h.Set(echo.HeaderCacheControl, "private, no-cache")
		}
		if d.table, err = intake.NewTable(c.Response(), d.format); err != nil {
			return err
		}
	}
	return d.table.Write(cells)
}

// downloadsView is what of a page can be taken along.
type downloadsView struct {
	Action string      // of a list that was searched for by a form; empty: the links lead to all
	Sent   []sentField // and what was sent
	Lists  []downloadLink
}

// downloadLink is a list, with its addresses by format.
type downloadLink struct {
	Name      string // of several on the page
	CSV, XLSX string
}

// downloads are the lists of a page that have something in them.
func (s *Server) downloads(c echo.Context, data any) *downloadsView {
	page, lists := data.(lister)
	if !lists || downloadOf(c) == nil {
		return nil
	}
	v := &downloadsView{}
	all := page.lists(s.speaker(c))
	for _, l := range all {
		if l.count == 0 {
			continue
		}
		link := downloadLink{Name: l.name, CSV: downloadAddress(c, l.name, "csv"), XLSX: downloadAddress(c, l.name, "xlsx")}
		if len(all) == 1 {
			link.Name = ""
		}
		v.Lists = append(v.Lists, link)
	}
	if len(v.Lists) == 0 {
		return nil
	}
	if c.Request().Method == http.MethodPost {
		v.Action = c.Request().URL.EscapedPath()
		for name, values := range c.Request().PostForm {
			if name != paramCursor {
				v.Sent = append(v.Sent, sentField{name, values[0]})
			}
		}
		slices.SortFunc(v.Sent, func(a, b sentField) int { return strings.Compare(a.Name, b.Name) })
	}
	return v
}

// downloadAddress is the address of a page as a file: without the place in the list,
// and without what was just done.
func downloadAddress(c echo.Context, list, format string) string {
	values := url.Values{}
	for name, value := range c.QueryParams() {
		if name != paramCursor && name != "done" {
			values[name] = value
		}
	}
	return address(c.Request().URL.EscapedPath(), values, paramList, list, paramFormat, format)
}

// momentText is an instant as a table sorts it, by the bank's clock; empty for the zero one.
func momentText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return calendar.Of(at).String() + " " + calendar.Clock(at)
}

package web

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// Pairs of schools on the page, and of what is cut to its first lines in a file.
const (
	shownPairs = 20
	listedMost = 5000
)

// shownOrAll is how much of a list that has no further parts a page shows: in a file all
// of it, as far as a file goes.
func shownOrAll(c echo.Context, shown int) int {
	if d := downloadOf(c); d != nil && d.format != "" {
		return listedMost
	}
	return shown
}

// coveragePage shows how well the map serves the learners there are.
type coveragePage struct {
	mapDesk
	Rows    []coverageRow
	Classes []string // keys of the names of the columns
	Total   int
	Picture heatMap
}

// coverageRow is a pair of schools with its cells.
type coverageRow struct {
	From, To bank.InstitutionInfo
	URL      string
	Cells    []coverageCell
	Unserved int
}

type coverageCell struct {
	bank.CoverageCell
	Heat int // 0: nobody is concerned, 1: everybody is served, 2 to 5: more and more are not
}

// heatMap is where the cells of the picture lie.
type heatMap struct {
	Width, Height int
	Heads         []heatText
	Rows          []heatRow
}

type heatText struct {
	X, Y int
	Key  string
}

type heatRow struct {
	coverageRow
	Y     int
	Cells []heatCell
}

type heatCell struct {
	coverageCell
	X   int
	Key string
}

// The measures of the picture.
const (
	heatLabel = 430
	heatWide  = 64
	heatHigh  = 42
	heatHead  = 40
)

// coveragePage shows the page.
func (s *Server) coverage(c echo.Context) error {
	d, err := s.mapDesk(c, "/coverage")
	if err != nil {
		return err
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	found, err := s.bank.Coverage(c.Request().Context(), actorOf(c), bank.CoverageFilter{}, shownOrAll(c, shownPairs))
	if err != nil {
		return err
	}
	p := coveragePage{mapDesk: d, Total: found.Total, Rows: coverageRows(found, n)}
	for _, class := range found.Classes {
		p.Classes = append(p.Classes, classKey(class))
	}
	p.Picture = newHeatMap(p.Rows, p.Classes)
	return s.render(c, http.StatusOK, "map_coverage", p)
}

// classKey is the key of the name of a class of the vocational catalogues.
func classKey(class int) string {
	if class == 0 {
		return "coverage.no_class"
	}
	return fmt.Sprintf("class.v%02d", class)
}

func coverageRows(c bank.Coverage, n *names) []coverageRow {
	most := 1
	for _, p := range c.Pairs {
		for _, cell := range p.Cells {
			most = max(most, cell.Unserved())
		}
	}
	var rows []coverageRow
	for _, p := range c.Pairs {
		row := coverageRow{From: n.institution(p.From), To: n.institution(p.To), URL: pairAddress(p.From, p.To), Unserved: p.Unserved}
		for _, cell := range p.Cells {
			view := coverageCell{CoverageCell: cell}
			switch unserved := cell.Unserved(); {
			case cell.Learners == 0:
			case unserved == 0:
				view.Heat = 1
			default:
				view.Heat = 2 + 3*unserved/most
			}
			row.Cells = append(row.Cells, view)
		}
		rows = append(rows, row)
	}
	return rows
}

func newHeatMap(rows []coverageRow, classes []string) heatMap {
	h := heatMap{Width: heatLabel + heatWide*len(classes), Height: heatHead + heatHigh*len(rows)}
	for i, key := range classes {
		h.Heads = append(h.Heads, heatText{X: heatLabel + heatWide*i + heatWide/2, Y: heatHead - 14, Key: key})
	}
	for i, row := range rows {
		line := heatRow{coverageRow: row, Y: heatHead + heatHigh*i}
		for j, cell := range row.Cells {
			line.Cells = append(line.Cells, heatCell{coverageCell: cell, X: heatLabel + heatWide*j, Key: classes[j]})
		}
		h.Rows = append(h.Rows, line)
	}
	return h
}

// workPage lists what most needs somebody.
type workPage struct {
	mapDesk
	Oldest    []workCase
	OpenCases int
	Flags     int
	FlagsURL  string
	Aged      []workRule
	AgedTotal int
	NoRules   []coverageRow
	Pairs     int
}

// workCase is an evaluation that waits, workRule a rule that is due to be looked at.
type workCase struct {
	bank.Evaluation
	URL, Means string
}

type workRule struct {
	bank.AgedRule
	URL   string
	Owner bank.InstitutionInfo
}

// workShown is how much of each list the page shows.
const workShown = 10

// work shows the page.
func (s *Server) work(c echo.Context) error {
	d, err := s.mapDesk(c, "/work")
	if err != nil {
		return err
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	p := workPage{mapDesk: d, FlagsURL: d.Base + "/changes"}
	for _, step := range []func(echo.Context, *workPage, *names) error{s.oldestCases, s.rulesToReview, s.pairsWithoutRules} {
		if err := step(c, &p, n); err != nil {
			return err
		}
	}
	return s.render(c, http.StatusOK, "map_work", p)
}

// oldestCases are the evaluations that nobody has moved for longest: the end of the
// list that begins with the newest.
func (s *Server) oldestCases(c echo.Context, p *workPage, n *names) error {
	ctx, actor := c.Request().Context(), actorOf(c)
	filter := bank.EvaluationFilter{State: "open"}
	page, err := s.bank.Evaluations(ctx, actor, filter, bank.Window{Limit: 1})
	if err != nil {
		return err
	}
	p.OpenCases = page.Total
	page, err = s.bank.Evaluations(ctx, actor, filter, bank.Window{Limit: workShown, Cursor: strconv.Itoa(max(0, page.Total-workShown))})
	for _, e := range page.Items {
		p.Oldest = append([]workCase{{e, evaluationAddress(e.ID), meaning(s.speaker(c), draftView(e.RuleRef, e.Equivalence, n))}}, p.Oldest...)
	}
	return err
}

// rulesToReview are the rules on whose courses something was changed, and those that
// were published long ago.
func (s *Server) rulesToReview(c echo.Context, p *workPage, n *names) error {
	ctx, actor := c.Request().Context(), actorOf(c)
	flags, err := s.bank.RuleFlags(ctx, actor, bank.Window{Limit: 1})
	if err != nil {
		return err
	}
	p.Flags = flags.Total
	aged, total, err := s.bank.AgedRules(ctx, actor, shownOrAll(c, workShown))
	p.AgedTotal = total
	for _, r := range aged {
		p.Aged = append(p.Aged, workRule{r, ruleAddress(r.RuleRef), n.institution(r.Institution)})
	}
	return err
}

func (s *Server) pairsWithoutRules(c echo.Context, p *workPage, n *names) error {
	found, err := s.bank.Coverage(c.Request().Context(), actorOf(c), bank.CoverageFilter{NoRules: true}, shownOrAll(c, workShown))
	p.NoRules, p.Pairs = coverageRows(found, n), found.Total
	return err
}

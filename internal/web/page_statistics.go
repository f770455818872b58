package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// statisticsPage are the figures of the bank or of a school, each picture with its table.
type statisticsPage struct {
	desk
	bank.Statistics
	Sankey   sankey
	Origins  []acceptedRow
	Deciders []acceptedRow
	Times    []timeRow
	Verified []verifiedRow
	Average  string // share accepted of all
}

// acceptedRow is what one school, or one person, came to.
type acceptedRow struct {
	bank.OutcomesOf
	Name     string
	Share    string  // accepted, in percent
	Length   float64 // of its bar, of 100
	Outcomes []int   // by rung of the ladder
}

// timeRow is how long a school takes.
type timeRow struct {
	bank.TimesToDecision
	Name         string
	Median, Slow string // days
}

// verifiedRow is what became of results beyond courses, or portfolios, of one kind.
type verifiedRow struct {
	bank.VerifiedOf
	Name         string
	Share        string  // accepted, in percent of what is decided; empty: nothing is
	Length       float64 // of its bar, of 100
	Median, Slow string  // days; empty likewise
}

func newVerifiedRow(v bank.VerifiedOf, say Speaker) verifiedRow {
	row := verifiedRow{VerifiedOf: v, Name: say.Say("statistics.portfolios", nil)}
	if v.Kind != bank.KindPriorLearning {
		row.Name = say.Say("attestation.kind."+v.Kind, nil)
	}
	if v.Accepted+v.Refused > 0 {
		row.Share, row.Length = hundredths(v.AcceptedShare()), float64(v.AcceptedShare())/100
		row.Median, row.Slow = days(v.Median), days(v.Slow)
	}
	return row
}

// statistics shows the page.
func (s *Server) statistics(c echo.Context) error {
	p, err := s.newStatisticsPage(c)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "statistics", p)
}

func (s *Server) newStatisticsPage(c echo.Context) (p statisticsPage, err error) {
	if p.desk, err = s.desk(c, deskOf(c)+"/statistics"); err != nil {
		return p, err
	}
	ctx, actor := c.Request().Context(), actorOf(c)
	if p.Base == "/school" {
		p.Statistics, err = s.bank.SchoolStatistics(ctx, actor)
	} else {
		p.Statistics, err = s.bank.BankStatistics(ctx, actor)
	}
	if err != nil {
		return p, err
	}
	n, err := s.names(c)
	if err != nil {
		return p, err
	}
	say := s.speaker(c)
	p.Sankey = newSankey(p.Flows)
	all := bank.OutcomesOf{Counts: map[string]int{}}
	for _, o := range p.Statistics.Origins {
		p.Origins = append(p.Origins, newAcceptedRow(o, schoolName(n, say, o.Who)))
		all.Total += o.Total
		all.Counts[bank.ItemRefused] += o.Counts[bank.ItemRefused]
	}
	p.Average = hundredths(all.Accepted())
	for _, t := range p.Statistics.Times {
		p.Times = append(p.Times, timeRow{t, schoolName(n, say, t.Institution), days(t.Median), days(t.Slow)})
	}
	for _, v := range p.Statistics.Verified {
		p.Verified = append(p.Verified, newVerifiedRow(v, say))
	}
	return p, s.addDecidersTo(c, &p, n)
}

// addDecidersTo names who decided: persons at a school's own desk, schools at that of the bank.
func (s *Server) addDecidersTo(c echo.Context, p *statisticsPage, n *names) error {
	say := s.speaker(c)
	for _, o := range p.Statistics.Deciders {
		name := say.Say("my.bank", nil)
		if p.desk.School.Code == "" && o.Who != "" {
			name = schoolName(n, say, o.Who)
		}
		if p.desk.School.Code != "" {
			called, err := s.bank.Called(c.Request().Context(), o.Who)
			if err != nil {
				return err
			}
			name = called
		}
		p.Deciders = append(p.Deciders, newAcceptedRow(o, name))
	}
	return nil
}

func newAcceptedRow(o bank.OutcomesOf, name string) acceptedRow {
	row := acceptedRow{OutcomesOf: o, Name: name, Share: hundredths(o.Accepted()), Length: float64(o.Accepted()) / 100}
	for _, outcome := range bank.Outcomes() {
		row.Outcomes = append(row.Outcomes, o.Counts[outcome])
	}
	return row
}

// hundredths writes parts of ten thousand as a number of percent.
func hundredths(parts int) string { return strconv.FormatFloat(float64(parts)/100, 'f', -1, 64) }

func days(n float64) string { return strconv.FormatFloat(n, 'f', 1, 64) }

// Ladder are the rungs of decisions, as the columns of a table.
func (p statisticsPage) Ladder() []string { return bank.Outcomes() }

// sankey is a picture of what flows from kinds of schools to others, in units of its own.
type sankey struct {
	Height      int
	Left, Right []sankeyNode
	Bands       []sankeyBand
}

// sankeyNode is a kind of schools on one side.
type sankeyNode struct {
	Kind      string
	Y, Height float64
	Credits   string
}

// sankeyBand is one flow.
type sankeyBand struct{ Path, From, To string }

// The picture in its own units.
const (
	sankeyWidth  = 640
	sankeyNodes  = 140 // where the bands begin, and as far from the other side where they end
	sankeyHeight = 150
	sankeyGap    = 14
	sankeyLeast  = 3 // so that the smallest flow is seen
)

// newSankey lays out the flows: on the left by what was deposited, on the right the same.
func newSankey(flows []bank.Flow) sankey {
	total := 0.0
	for _, f := range flows {
		total += float64(f.Deposited)
	}
	if total == 0 {
		return sankey{}
	}
	high := func(f bank.Flow) float64 { return max(sankeyLeast, sankeyHeight*float64(f.Deposited)/total) }
	p := sankey{}
	left := p.side(&p.Left, flows, high, func(f bank.Flow) string { return f.From })
	right := p.side(&p.Right, flows, high, func(f bank.Flow) string { return f.To })
	for _, f := range flows {
		h, y, to := high(f), left[f.From], right[f.To]
		p.Bands = append(p.Bands, sankeyBand{From: f.From, To: f.To, Path: fmt.Sprintf("M%d %.1fC%d %.1f %d %.1f %d %.1fV%.1fC%d %.1f %d %.1f %d %.1fZ",
			sankeyNodes, y, sankeyWidth/2, y, sankeyWidth/2, to, sankeyWidth-sankeyNodes, to, to+h, sankeyWidth/2, to+h, sankeyWidth/2, y+h, sankeyNodes, y+h)})
		left[f.From], right[f.To] = y+h, to+h
	}
	return p
}

// side stacks the kinds of one side, and gives where the bands of each begin.
func (p *sankey) side(nodes *[]sankeyNode, flows []bank.Flow, high func(bank.Flow) float64, kind func(bank.Flow) string) map[string]float64 {
	var kinds []string
	height, credits := map[string]float64{}, map[string]bank.Flow{}
	for _, f := range flows {
		k := kind(f)
		if !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
		height[k] += high(f)
		sum := credits[k]
		sum.Deposited += f.Deposited
		credits[k] = sum
	}
	at, y := map[string]float64{}, 0.0
	for _, k := range kinds {
		*nodes = append(*nodes, sankeyNode{Kind: k, Y: y, Height: height[k], Credits: credits[k].Deposited.String()})
		at[k] = y
		y += height[k] + sankeyGap
	}
	p.Height = max(p.Height, int(y))
	return at
}

// Middle is where the words of a node stand.
func (n sankeyNode) Middle() float64 { return n.Y + n.Height/2 + 4 }

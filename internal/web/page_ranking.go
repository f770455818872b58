package web

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// rankingView is what results are worth, programme by programme.
type rankingView struct {
	Rows      []rankRow
	AsOf      calendar.Day
	Total     int // programmes that were looked at
	Worth     int // of those, how many give something; -1: more than were counted
	Worthless int // -1: not known on this page
	ShowNone  bool
	Own       bool   // of the learner's own record
	NoneURL   string // shows those that give nothing
	SomeURL   string // leaves them out again
	Filter    filterView
	Pager     pager
	Notices   []notice
}

// rankRow is one programme of a ranking.
type rankRow struct {
	Programme   bank.ProgrammeInfo
	Institution bank.InstitutionInfo
	Standing    transfer.Standing
	Bar         bar
	PlanURL     string
	Pick        string // what a choice of the programme sends; empty: there is none
}

// pager leads to the neighbours of a part of a list.
type pager struct {
	From, To, Total int
	Before, After   string // addresses; empty: none
	Next            string // cursor of what follows; empty: nothing does
}

const pageSize = 20

// newPager tells where a part of a list that begins at start stands.
func newPager(path string, values url.Values, start, shown, total int) pager {
	p := pager{From: start + 1, To: start + shown, Total: total}
	if start > 0 {
		before := ""
		if start > pageSize {
			before = strconv.Itoa(start - pageSize)
		}
		p.Before = address(path, values, paramCursor, before)
	}
	if start+shown < total {
		p.Next = strconv.Itoa(start + shown)
		p.After = address(path, values, paramCursor, p.Next)
	}
	return p
}

// cursorStart is where a part of a list begins. The bank refuses what is no number.
func cursorStart(cursor string) int {
	start, err := strconv.Atoi(cursor)
	if err != nil {
		return 0
	}
	return max(start, 0)
}

// rank asks the bank, with the filters of the address and from its cursor on.
func (s *Server) rank(c echo.Context, q checkQuery) (*rankingView, error) {
	n, err := s.names(c)
	if err != nil {
		return nil, err
	}
	say := s.speaker(c)
	filter, notices := filterOf(q.values).bankFilter(q, newFinder(n.snapshot, n.today), say)
	cursor, more := plainCursor(q.values, say)
	ranking, err := s.ranking(c, q, bank.CheckInput{Records: q.Records, AsOf: q.AsOf, Filter: filter,
		Window: bank.Window{Cursor: cursor, Limit: max(bank.MaxLimit, partSize(c))}})
	if err != nil {
		return nil, err
	}
	v := newRankingView(ranking, q, cursorStart(cursor), newNames(ranking.Snapshot, n.today), partSize(c))
	v.Notices = append(notices, more...)
	v.Filter.SchoolWrong = v.Filter.School != "" && filter.Institution == ""
	return v, nil
}

// ranking asks about the own record, or about what was typed alone.
func (s *Server) ranking(c echo.Context, q checkQuery, in bank.CheckInput) (bank.Ranking, error) {
	if q.own {
		actor := actorOf(c)
		return s.bank.RankLearner(c.Request().Context(), actor, actor.Learner, in)
	}
	return s.bank.Rank(c.Request().Context(), in)
}

// newRankingView shows a part of a ranking, from its cursor on. Programmes that
// give nothing stand at its end; they are left out unless asked for. It shows no more than size.
func newRankingView(r bank.Ranking, q checkQuery, start int, n *names, size int) *rankingView {
	v := &rankingView{AsOf: r.AsOf, Total: r.Total, ShowNone: q.values.Get("none") != "", Own: q.own, Filter: newFilterView(q, n.snapshot),
		NoneURL: address(q.rankPage(), q.values, "none", "1"), SomeURL: address(q.rankPage(), q.values, "none", "", paramCursor, "")}
	v.countWorth(r.Items, start)
	total := r.Total
	if !v.ShowNone && v.Worth >= 0 {
		total = v.Worth
	}
	items := r.Items[:min(len(r.Items), size, max(total-start, 0))]
	carried := q.planPage() + "?" // once: every row leads on with all results
	if along := q.carried().Encode(); along != "" {
		carried += along + "&"
	}
	for _, standing := range items {
		row := newRankRow(standing, carried, n)
		if q.own {
			row.Pick = standing.Programme.Institution + ":" + standing.Programme.Code
		}
		v.Rows = append(v.Rows, row)
	}
	v.Pager = newPager(q.rankPage(), q.values, start, len(items), total)
	return v
}

// countWorth finds where in a ranking the programmes begin that give nothing.
func (v *rankingView) countWorth(items []transfer.Standing, start int) {
	v.Worth, v.Worthless = -1, -1
	at := slices.IndexFunc(items, func(s transfer.Standing) bool { return s.Applied == 0 && s.Transferable == 0 })
	switch {
	case at >= 0:
		v.Worth, v.Worthless = start+at, v.Total-start-at
	case start+len(items) >= v.Total:
		v.Worth, v.Worthless = v.Total, 0
	}
}

func newRankRow(s transfer.Standing, carried string, n *names) rankRow {
	head, _ := n.snapshot.ProgrammeHead(s.Programme)
	return rankRow{Programme: head, Institution: n.institution(s.Programme.Institution), Standing: s,
		Bar:     newBar(s.Required, 0, s.Applied, s.Transferable),
		PlanURL: carried + paramTo + "=" + url.QueryEscape(s.Programme.Institution+":"+s.Programme.Code)}
}

// bar is a picture of how far a requirement is met: its parts one behind the
// other, in thousandths of its length.
type bar struct {
	Earned, Applied, Only                credit.Amount // Only: transferable, but not counting towards the requirement
	Missing, Required                    credit.Amount
	EarnedX, AppliedX, OnlyX, MissingX   int64
	EarnedLong, AppliedLong, OnlyLong, L int64
}

// barLength is the length of a bar in its own units.
const barLength = 1000

func newBar(required, earned, applied, transferable credit.Amount) bar {
	b := bar{Required: required, Earned: earned, Applied: applied, Only: max(0, transferable-applied), L: barLength,
		Missing: max(0, required-earned-applied)}
	whole := int64(max(1, b.Earned+b.Applied+b.Only+b.Missing))
	share := func(a credit.Amount) int64 { return (int64(a)*barLength + whole - 1) / whole }
	b.EarnedLong, b.AppliedLong, b.OnlyLong = share(b.Earned), share(b.Applied), share(b.Only)
	b.AppliedX = b.EarnedLong
	b.OnlyX = b.AppliedX + b.AppliedLong
	b.MissingX = b.OnlyX + b.OnlyLong
	return b
}

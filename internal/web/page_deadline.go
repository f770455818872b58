package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// deadlinePage shows how schools keep their periods, and what is overdue.
type deadlinePage struct {
	desk
	Figures []deadlineRow
	Overdue []overdueRow
	Pager   pager
	Public  bool // everybody sees the figures
}

// deadlineRow is the figures of a school, or of the bank.
type deadlineRow struct {
	bank.OnTime
	School bank.InstitutionInfo // none of the bank
}

// overdueRow is a period that is over.
type overdueRow struct {
	bank.Clock
	School bank.InstitutionInfo
}

// figures are those of all schools with their names.
func (s *Server) figures(c echo.Context) ([]deadlineRow, error) {
	list, err := s.bank.OnTimeFigures(c.Request().Context(), actorOf(c))
	if err != nil {
		return nil, err
	}
	snapshot, err := s.bank.Snapshot(c.Request().Context())
	if err != nil {
		return nil, err
	}
	rows := make([]deadlineRow, len(list))
	for i, f := range list {
		rows[i].OnTime = f
		rows[i].School, _ = snapshot.InstitutionHead(f.Institution)
	}
	return rows, nil
}

// deadlines shows the page to those who answer for the bank.
func (s *Server) deadlines(c echo.Context) error {
	ctx := c.Request().Context()
	d, err := s.desk(c, "/admin/deadlines")
	if err != nil {
		return err
	}
	p := deadlinePage{desk: d}
	if p.Figures, err = s.figures(c); err != nil {
		return err
	}
	if p.Public, err = s.bank.PublicDeadlines(ctx); err != nil {
		return err
	}
	overdue, err := s.bank.OverdueClocks(ctx, actorOf(c), window(c))
	if err != nil {
		return err
	}
	snapshot, err := s.bank.Snapshot(ctx)
	if err != nil {
		return err
	}
	for _, clock := range overdue.Items {
		row := overdueRow{Clock: clock}
		row.School, _ = snapshot.InstitutionHead(clock.Institution)
		p.Overdue = append(p.Overdue, row)
	}
	p.Pager = pagerOf(c, d.Here, len(overdue.Items), overdue.Total, nil)
	return s.render(c, http.StatusOK, "admin_deadlines", p)
}

// publishDeadlines lets everybody see the figures, or no more.
func (s *Server) publishDeadlines(c echo.Context) error {
	if err := s.bank.SetPublicDeadlines(c.Request().Context(), actorOf(c), c.FormValue("public") == "1"); err != nil {
		return err
	}
	return after(c, "/admin/deadlines", "deadlines")
}

// publicDeadlines shows the figures to everybody, if the bank does.
func (s *Server) publicDeadlines(c echo.Context) error {
	public, err := s.bank.PublicDeadlines(c.Request().Context())
	if err != nil {
		return err
	}
	if !public {
		return echo.ErrNotFound
	}
	rows, err := s.figures(c)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "deadlines", deadlinePage{Figures: rows})
}

package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// batchPage says what approving several evaluations together will do, before it does it.
type batchPage struct {
	desk
	Rows []batchRow // that can be approved
	Left []batchRow // that cannot, with the reason
}

// batchRow is one of those that were chosen.
type batchRow struct {
	evaluationRow
	Why      string // it cannot be approved
	Warnings []findingView
	Replaces []findingRule
}

// Supports and Against are how many opinions that hold are for and against.
func (r batchRow) Supports() int { return r.opinions("support") }

// Against are how many opinions that hold are against.
func (r batchRow) Against() int { return r.opinions("oppose") }

func (r batchRow) opinions(which string) (n int) {
	for _, o := range r.Opinions {
		if o.Opinion == which && !o.Over {
			n++
		}
	}
	return n
}

// evaluationBatch looks at what was chosen in the list, and approves it when that was
// agreed to: all of it, or nothing. Each is sent as ID and stamp, so that what has
// changed since is refused.
func (s *Server) evaluationBatch(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return unreadable(err)
	}
	batch := bank.Batch{Text: clean(values.Get("text")), Whole: true, Try: values.Get("do") != "approve"}
	for _, chosen := range values["case"] {
		id, stamp, _ := strings.Cut(chosen, " ")
		batch.Items = append(batch.Items, bank.EvaluationRef{ID: id, Stamp: stamp})
	}
	if len(batch.Items) == 0 {
		f := form{}
		f.fault("cases", s.speaker(c).Say("evaluation.batch_none", nil))
		return s.showEvaluations(c, http.StatusUnprocessableEntity, f)
	}
	report, err := s.bank.ApproveEvaluations(c.Request().Context(), actorOf(c), batch)
	f := readFields(c, "text")
	switch {
	case err != nil && f.refusal(s.speaker(c), err, "text") != 0:
		batch.Try, batch.Text = true, ""
		if report, err = s.bank.ApproveEvaluations(c.Request().Context(), actorOf(c), batch); err != nil {
			return err
		}
		return s.showBatch(c, http.StatusUnprocessableEntity, report, f)
	case err != nil:
		return err
	case report.Written:
		return after(c, "/evaluations", "batch")
	case !batch.Try:
		return s.showBatch(c, http.StatusConflict, report, f)
	}
	return s.showBatch(c, http.StatusOK, report, f)
}

// showBatch shows what approving would come to.
func (s *Server) showBatch(c echo.Context, status int, report bank.BatchReport, f form) error {
	d, err := s.evaluationDesk(c, "/evaluations")
	if err != nil {
		return err
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	p := batchPage{desk: d}
	p.Form = f
	for _, result := range report.Results {
		row, err := s.batchRow(c, result, n)
		switch {
		case err != nil:
			return err
		case row.Why != "":
			p.Left = append(p.Left, row)
		default:
			p.Rows = append(p.Rows, row)
		}
	}
	return s.render(c, status, "evaluation_batch", p)
}

func (s *Server) batchRow(c echo.Context, result bank.BatchResult, n *names) (batchRow, error) {
	say := s.speaker(c)
	row := batchRow{Warnings: findingViews(say, n.snapshot, result.Warnings)}
	if result.Refused != nil {
		row.Why = s.problem(result.Refused, say).Title
	}
	for _, ref := range result.Replaces {
		row.Replaces = append(row.Replaces, findingRule{ref, ruleAddress(ref)})
	}
	e, err := s.bank.Evaluation(c.Request().Context(), actorOf(c), result.ID)
	if bank.CodeOf(err) == bank.NotFound {
		return row, nil
	}
	row.evaluationRow = s.evaluationRow(e, n, say)
	return row, err
}

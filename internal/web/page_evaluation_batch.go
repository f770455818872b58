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
	Rows []evaluationRow
	Left int // of those that were chosen, how many cannot be approved now
}

// evaluationBatch looks at what was chosen in the list, and approves it when that was
// agreed to. Each is sent as ID and stamp: what has changed since is refused.
func (s *Server) evaluationBatch(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return unreadable(err)
	}
	var refs []bank.EvaluationRef
	for _, chosen := range values["case"] {
		id, stamp, _ := strings.Cut(chosen, " ")
		refs = append(refs, bank.EvaluationRef{ID: id, Stamp: stamp})
	}
	if len(refs) == 0 {
		f := form{}
		f.fault("cases", s.speaker(c).Say("evaluation.batch_none", nil))
		return s.showEvaluations(c, http.StatusUnprocessableEntity, f)
	}
	if values.Get("do") != "approve" {
		return s.showBatch(c, http.StatusOK, refs, readFields(c, "text"))
	}
	if _, err := s.bank.ApproveEvaluations(c.Request().Context(), actorOf(c), refs, clean(values.Get("text"))); err != nil {
		return s.again(c, err, []string{"cases", "text"}, func(status int, f form) error { return s.showBatch(c, status, refs, f) })
	}
	return after(c, "/evaluations", "batch")
}

// showBatch shows what was chosen as it is now.
func (s *Server) showBatch(c echo.Context, status int, refs []bank.EvaluationRef, f form) error {
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
	for _, ref := range refs[:min(len(refs), bank.MaxLimit)] {
		e, err := s.bank.Evaluation(c.Request().Context(), actorOf(c), ref.ID)
		if bank.CodeOf(err) == bank.NotFound {
			p.Left++
			continue
		}
		if err != nil {
			return err
		}
		if row := s.evaluationRow(e, n, s.speaker(c)); row.Ticks {
			p.Rows = append(p.Rows, row)
		} else {
			p.Left++
		}
	}
	return s.render(c, status, "evaluation_batch", p)
}

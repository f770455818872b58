package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// whoWorks are the people whose pages start jobs.
const whoWorks = schoolStaff | bank.IsExpert | bankStaff

// jobView is a job as its part of a page, "job" in _job.html, shows it: any page may
// take it in, and is asked for again by itself until the job has ended.
type jobView struct {
	bank.Job
	Rate    int    // done a second; 0: nobody knows yet
	Minutes int    // left, when it is a minute and more
	Seconds int    // left, when it is less
	Why     string // of one that failed: what a person can do about it
	Here    string // the page that takes it in, to be asked for again
	Result  string // address of what it came to; empty: this page has it
}

// jobView says how fast a job is and how long it will take: by what it has done so far.
func (s *Server) jobView(c echo.Context, j bank.Job) jobView {
	v := jobView{Job: j, Here: c.Request().URL.Path}
	if took := j.Updated.Sub(j.Made); took >= time.Second && j.Done > 0 {
		v.Rate = int(float64(j.Done) / took.Seconds())
		left := time.Duration(float64(took) * float64(max(j.Total-j.Done, 0)) / float64(j.Done))
		if v.Minutes = int(left.Round(time.Minute) / time.Minute); left < time.Minute {
			v.Minutes, v.Seconds = 0, int(left/time.Second)
		}
	}
	if j.Refusal != nil {
		v.Why = s.problem(j.Refusal, s.speaker(c)).Title
	}
	return v
}

// jobResults are the pages of what jobs came to, by kind; each ends in the job's number.
func jobResults() map[string]string { return map[string]string{"impact": "/impact/"} }

// jobPage shows how far a job is.
func (s *Server) jobPage(c echo.Context) error {
	j, err := s.bank.Job(c.Request().Context(), actorOf(c), c.Param("job"))
	if err != nil {
		return err
	}
	v := s.jobView(c, j)
	if page := jobResults()[j.Kind]; page != "" && j.State == bank.JobDone {
		v.Result = page + j.ID
	}
	return s.render(c, http.StatusOK, "job", v)
}

// cancelJob ends a job, and goes back to the page that shows it.
func (s *Server) cancelJob(c echo.Context) error {
	id := c.Param("job")
	if err := s.bank.CancelJob(c.Request().Context(), actorOf(c), id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/jobs/"+id)
}

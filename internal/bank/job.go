package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"
)

// Job (作业) is work that goes on after the request that began it was answered:
// [Bank.Job] tells how far it is, and its address stays when the page is closed.
type Job struct {
	ID     string
	Kind   string // what is done: the sentences "job.kind." in the languages
	Object string // what it is done to: the number or code of a thing
	State  string
	By     string // who started it, as Actor.Name

	Institution string // where they were then; empty: the bank

	Done, Total int64 // of whatever it goes through; Total 0: not known yet
	Made        time.Time
	Updated     time.Time // when Done was last told
	Ended       time.Time // zero: it runs

	Result  json.RawMessage // of one that is done
	Refusal *Error          // of one that failed for a reason that a person can act on; the values of its fields are not kept

	MayCancel bool // the actor who asked may end it now
}

// States of a job.
const (
	JobRunning     = "running"
	JobDone        = "done"
	JobFailed      = "failed"
	JobCancelled   = "cancelled"
	JobInterrupted = "interrupted" // the process that did it stopped or died; what it had not finished is not done
)

// jobStart is what startJob makes a job of.
type jobStart struct {
	Kind   string // a word; "job.kind." and this is its sentence
	Object string // number or code of what it is done to; nothing personal
}

// jobLease is how long a job is taken for alive after it last said so.
const jobLease = 2 * time.Minute

// startJob begins work in this process and comes back at once with the number of
// the job; the page /jobs/NUMBER follows it. run gets a context that ends when
// somebody cancels the job or the bank closes, and not with ctx, which may be that
// of a request:
//
//	return b.startJob(ctx, actor, jobStart{Kind: "import", Object: upload}, func(ctx context.Context, p *progress) (any, error) {
//		p.total(int64(len(rows)))
//		for _, row := range rows {
//			if err := p.add(1); err != nil { // somebody cancelled it
//				return nil, err
//			}
//			…
//		}
//		return report, nil
//	})
//
// What run gives is kept as JSON in [Job.Result]. An [*Error] that it gives becomes
// the job's Refusal, which is told in the reader's language; any other error is a
// fault of ours, which the page says in one calm sentence and [Bank.Fault] gets
// whole. Neither may hold anything personal. Progress is in memory: add costs nothing and may be called for every
// row; the database is told twice a second at most. A run that holds the only
// writer, such as an import in [Bank.writeAlone], shows its progress in this
// process all the same.
//
// It promises Unavailable (error.closing) after Close, and the codes of
// [Bank.write]. Whether the actor may is for the caller to ask before.
func (b *Bank) startJob(ctx context.Context, actor Actor, j jobStart, run func(context.Context, *progress) (result any, err error)) (id string, err error) {
	id = newNumber()
	p, err := b.jobs.enter(ctx, id)
	if err != nil {
		return "", err
	}
	if err := b.write(ctx, actor, func(t *tx) error { return t.addJob(id, j) }); err != nil {
		b.jobs.leave(id)
		return "", err
	}
	go b.runJob(actor, id, p, run)
	return id, nil
}

func (t *tx) addJob(id string, j jobStart) error {
	return t.exec(`INSERT INTO job (id, kind, object, started_by, institution, state, done, total, made_at, updated_at, leased_until, cancelled, kept, result, refusal)
		VALUES ($1, $2, $3, $4, $5, 'running', 0, 0, $6, $6, $7, $8, $8, '', '')`, id, j.Kind, j.Object, t.actor.Name, t.actor.Institution, micros(t.now), micros(t.now.Add(jobLease)), false)
}

// Job tells of a job. It promises NotFound for one that is not there, or not for the
// actor to know of: those who answer for the whole bank know of all, the staff of a
// school of what its people started, and everybody of what they started.
func (b *Bank) Job(ctx context.Context, actor Actor, id string) (Job, error) {
	j, err := b.job(ctx, id)
	if err == nil && j.By != actor.Name && !actor.seesAll() && !j.ofColleague(actor) {
		err = notFound("job", id)
	}
	if err != nil {
		return Job{}, err
	}
	j.MayCancel = j.State == JobRunning && j.cancelable(actor)
	return j, nil
}

// ofColleague says whether somebody of the actor's school started it.
func (j *Job) ofColleague(actor Actor) bool {
	return actor.Is(IsRegistrar|IsDecider|IsExpert) && j.Institution != "" && j.Institution == actor.Institution
}

func (j *Job) cancelable(actor Actor) bool {
	return j.By == actor.Name || j.ofColleague(actor) || actor.Is(IsAdministrator|IsOperator)
}

const selectJobs = `SELECT id, kind, object, started_by, institution, state, done, total, made_at, updated_at, leased_until, coalesce(ended_at, 0), result, refusal FROM job`

// job reads a job whoever asks: as the database has it, and of one that runs in this
// process, as it is at this moment. It promises NotFound.
func (b *Bank) job(ctx context.Context, id string) (j Job, err error) {
	p := b.jobs.running(id) // before the row: one that ends meanwhile is told as running once more
	found := false
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		found = true
		j, err = scanJob(rows, b.Now())
		return err
	}, selectJobs+` WHERE id = $1`, id)
	if err == nil && !found {
		err = notFound("job", id)
	}
	if err == nil && p != nil && (j.State == JobRunning || j.State == JobInterrupted) {
		j.State, j.Ended, j.Updated = JobRunning, time.Time{}, b.Now().UTC()
		j.Done, j.Total = p.done.Load(), p.whole.Load()
	}
	return j, err
}

// scanJob reads a row as of now: a job that runs and whose lease is over was interrupted.
func scanJob(rows *sql.Rows, now time.Time) (j Job, err error) {
	var made, updated, leased, ended int64
	var result, refusal string
	err = rows.Scan(&j.ID, &j.Kind, &j.Object, &j.By, &j.Institution, &j.State, &j.Done, &j.Total, &made, &updated, &leased, &ended, &result, &refusal)
	if err != nil {
		return j, err
	}
	if j.State == JobRunning && leased <= micros(now) {
		j.State, ended = JobInterrupted, leased
	}
	j.Made, j.Updated = time.UnixMicro(made).UTC(), time.UnixMicro(updated).UTC()
	if ended != 0 {
		j.Ended = time.UnixMicro(ended).UTC()
	}
	if result != "" {
		j.Result = json.RawMessage(result)
	}
	j.Refusal, err = readRefusal(refusal)
	return j, err
}

// CancelJob ends a job, soon: the page tells when it has. One that has ended stays
// as it is. What it wrote before stays, unless it writes all or nothing. It
// promises NotFound as [Bank.Job] does, Denied for an auditor, and the codes of [Bank.write].
func (b *Bank) CancelJob(ctx context.Context, actor Actor, id string) error {
	j, err := b.Job(ctx, actor, id)
	switch {
	case err != nil:
		return err
	case !j.cancelable(actor):
		return &Error{Code: Denied, Key: "error.role"}
	case j.State != JobRunning:
		return nil
	}
	if p := b.jobs.running(id); p != nil {
		p.stop(errJobCancelled)
		return nil
	}
	return b.write(ctx, actor, func(t *tx) error {
		return t.exec(`UPDATE job SET cancelled = $1 WHERE id = $2 AND state = 'running'`, true, id)
	})
}

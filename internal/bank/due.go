package bank

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// dueTask is something that has to be done when its time has come, whoever asks. It
// does what is due now and may be broken off at any point: what is done is noted in
// the write that did it.
type dueTask struct {
	name string
	run  func(context.Context, *Bank) error
}

// dueTasks lists them.
func dueTasks() []dueTask {
	return []dueTask{
		{"remind", remindClocks},
		{"escalate", escalateClocks},
		{"uploads", sweepUploads},
		{"conditions", endConditions},
		{"covered", passCovered},
		{"validity", expireOver},
		{"ending", remindOver},
		{"records", remindEnding},
	}
}

// dueLease is for how long a process has the tasks to itself; it says so again before
// each of them.
const dueLease = 5 * time.Minute

// RunDue does what is due: reminders, escalations and the other tasks of the table.
// One process does so at a time; while another does, nothing happens. A task that
// fails keeps the others from nothing; all that failed is in the error.
func (b *Bank) RunDue(ctx context.Context) error {
	var failed []error
	for _, task := range dueTasks() {
		mine, err := b.takeLease(ctx, "due", dueLease)
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		if !mine {
			return errors.Join(failed...)
		}
		if err := task.run(ctx, b); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(append(failed, b.dropLease(ctx, "due"))...)
}

// takeLease says whether this process has something to itself from now on, for so long.
func (b *Bank) takeLease(ctx context.Context, name string, long time.Duration) (mine bool, err error) {
	err = b.write(ctx, Operator("clock"), func(t *tx) error {
		mine = true
		err := t.each(func(rows *sql.Rows) error {
			var holder string
			var until int64
			err := rows.Scan(&holder, &until)
			mine = holder == b.process || until <= micros(t.now)
			return err
		}, `SELECT holder, until_at FROM lease WHERE name = $1`, name)
		if err != nil || !mine {
			return err
		}
		return t.exec(`INSERT INTO lease (name, holder, until_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET holder = $2, until_at = $3`,
			name, b.process, micros(t.now.Add(long)))
	})
	return mine, err
}

// dropLease lets others have it, also when ctx is over.
func (b *Bank) dropLease(ctx context.Context, name string) error {
	return b.write(context.WithoutCancel(ctx), Operator("clock"), func(t *tx) error {
		return t.exec(`DELETE FROM lease WHERE name = $1 AND holder = $2`, name, b.process)
	})
}

// inBatches does something a batch a write, so that nobody waits long, until nothing
// is left of it.
func (b *Bank) inBatches(ctx context.Context, do func(*tx) (done int, err error)) error {
	for {
		done := 0
		err := b.write(ctx, Operator("clock"), func(t *tx) (err error) {
			done, err = do(t)
			return err
		})
		if err != nil || done == 0 {
			return err
		}
	}
}

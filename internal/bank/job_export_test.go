package bank

import "context"

// JobTest is what the work of a job is told and tells in a test.
type JobTest struct{ p *progress }

// Total is total of the progress.
func (j JobTest) Total(n int64) { j.p.total(n) }

// Add is add of the progress.
func (j JobTest) Add(n int64) error { return j.p.add(n) }

// StartJob is startJob.
func (b *Bank) StartJob(ctx context.Context, actor Actor, kind, object string, run func(context.Context, JobTest) (any, error)) (string, error) {
	return b.startJob(ctx, actor, jobStart{Kind: kind, Object: object}, func(ctx context.Context, p *progress) (any, error) { return run(ctx, JobTest{p}) })
}

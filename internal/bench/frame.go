package bench

import (
	"context"
	"fmt"
	"math"
	"slices"
	"syscall"
	"time"
)

// Series are the ratios of interleaved pairs A B A B …: what the peer took over
// what the bank took, or the other way round.
type Series struct {
	Ratios    []float64
	A, B      []float64 // seconds, or whatever both sides are measured in
	Disturbed string    // why the run was disturbed; empty: it was not
}

// timed is one side of a pair. It gives what it took, in seconds.
type timed func() (float64, error)

// wall measures what work takes on the clock.
func wall(work func() error) timed {
	return func() (float64, error) {
		began := time.Now()
		err := work()
		return time.Since(began).Seconds(), err
	}
}

// cpu measures what work takes of the processor, in this process: the load of the
// machine does not lengthen it. It is for work that uses one processor.
func cpu(work func() error) timed {
	return func() (float64, error) {
		began := usage(syscall.RUSAGE_SELF)
		err := work()
		return usage(syscall.RUSAGE_SELF) - began, err
	}
}

// clock says how the sides of pairs are measured, and so what disturbs them.
type clock int

const (
	byWall clock = iota // disturbed by whoever else works
	byCPU               // disturbed by the host alone
)

// clockStep is the least that anything takes: the processor's clock counts in millionths.
const clockStep = 1e-6

// interleave measures pairs in turn, after one turn of each that does not count.
// The ratio of a pair is B over A.
func interleave(ctx context.Context, by clock, pairs int, a, b timed) (Series, error) {
	for _, side := range []timed{a, b} {
		if _, err := side(); err != nil {
			return Series{}, err
		}
	}
	return interleaveWarm(ctx, by, pairs, a, b)
}

// interleaveWarm is interleave for sides that have no warm state.
func interleaveWarm(ctx context.Context, by clock, pairs int, a, b timed) (Series, error) {
	return interleaveBeside(ctx, by, pairs, nil, a, b)
}

// interleaveBeside is interleaveWarm for work that programs do which we have
// started and which go on: what they take of the processor is not foreign.
func interleaveBeside(ctx context.Context, by clock, pairs int, ours func() float64, a, b timed) (Series, error) {
	var s Series
	watch := newWatchBeside(ours)
	for range pairs {
		tookA, err := a()
		if err != nil {
			return s, err
		}
		tookB, err := b()
		if err != nil {
			return s, err
		}
		s.add(tookA, tookB)
		if err := ctx.Err(); err != nil {
			return s, err
		}
	}
	s.Disturbed = watch.disturbed(by)
	s.judgeSpread()
	return s, nil
}

// add takes up a pair. The ratio is B over A.
func (s *Series) add(tookA, tookB float64) {
	tookA, tookB = max(tookA, clockStep), max(tookB, clockStep)
	s.A, s.B, s.Ratios = append(s.A, tookA), append(s.B, tookB), append(s.Ratios, tookB/tookA)
}

// judgeSpread lets a run say nothing whose pairs differ too much.
func (s *Series) judgeSpread() {
	if spread := s.spread(); s.Disturbed == "" && spread > mostSpread {
		s.Disturbed = fmt.Sprintf("the pairs differ by a factor of %.1f, more than %.1f", spread, mostSpread)
	}
}

// mostSpread is how far the pairs of a run may lie apart, the highest ratio over
// the lowest, before the run says nothing.
const mostSpread = 2.5

func (s Series) spread() float64 {
	if len(s.Ratios) == 0 || slices.Min(s.Ratios) <= 0 {
		return math.Inf(1)
	}
	return slices.Max(s.Ratios) / slices.Min(s.Ratios)
}

// median is the middle of the values, the mean of the two middle ones of an even number.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// quantile is the smallest value that so much of all values does not exceed.
func quantile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	at := int(math.Ceil(share*float64(len(sorted)))) - 1
	return sorted[max(0, min(at, len(sorted)-1))]
}

// exponent is the power with which a cost grows when its cause is doubled.
func exponent(ratio float64) float64 { return math.Log2(ratio) }

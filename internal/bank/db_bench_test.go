package bank_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// BenchmarkWriteAlone is one caller on an idle bank.
func BenchmarkWriteAlone(b *testing.B) { benchmarkWrites(b, 1) }

// BenchmarkWrite64 is sixty-four callers, each of whom waits for its answer.
func BenchmarkWrite64(b *testing.B) { benchmarkWrites(b, 64) }

// benchmarkWrites times writes of one line and reports how many shared a commit.
func benchmarkWrites(b *testing.B, callers int) {
	run := func(b *testing.B, dsn string) {
		credit, err := bank.Open(ctx, dsn)
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = credit.Close() }()
		before := credit.Load()
		b.ResetTimer()
		var wait sync.WaitGroup
		var begun atomic.Int64
		for range callers {
			wait.Go(func() {
				for n := begun.Add(1); n <= int64(b.N); n = begun.Add(1) {
					if err := credit.Write(ctx, line(fmt.Sprint(n))); err != nil {
						b.Error(err)
					}
				}
			})
		}
		wait.Wait()
		b.StopTimer()
		after := credit.Load()
		if got := len(credit.Notes(b)); got != b.N {
			b.Errorf("%d are kept, want %d", got, b.N)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
		b.ReportMetric(float64(after.Writes-before.Writes)/float64(max(1, after.Commits-before.Commits)), "writes/commit")
	}
	b.Run("sqlite", func(b *testing.B) { run(b, "sqlite:"+filepath.Join(b.TempDir(), "bank.db")) })
	b.Run("postgres", func(b *testing.B) { run(b, testbed.Postgres(b)) })
}

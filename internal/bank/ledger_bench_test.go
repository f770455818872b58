package bank_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
)

// onBothBench is a bank on either database for a benchmark.
func onBothBench(b *testing.B, bench func(b *testing.B, open *bank.Bank)) {
	b.Run("sqlite", func(b *testing.B) {
		bench(b, little(b, opened(b, "sqlite:"+filepath.Join(b.TempDir(), "bank.db"), filepath.Join(b.TempDir(), "key"))))
	})
	b.Run("postgres", func(b *testing.B) {
		bench(b, little(b, opened(b, testbed.Postgres(b), filepath.Join(b.TempDir(), "key"))))
	})
}

// manyRows is a file of n good results.
func manyRows(prefix string, n int) string {
	var file strings.Builder
	file.WriteString(recordsHeader)
	for i := range n {
		file.WriteString(row(learnA, fmt.Sprintf("%s-%d", prefix, i), "80"))
	}
	return file.String()
}

// BenchmarkDeposit64 is a single deposit, asked for by 64 callers at once.
func BenchmarkDeposit64(b *testing.B) {
	onBothBench(b, func(b *testing.B, open *bank.Bank) {
		var next atomic.Int64
		var wait sync.WaitGroup
		b.ReportAllocs()
		for range 64 {
			wait.Go(func() {
				for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
					if _, err := open.Deposit(ctx, operator, learnA, []bank.DepositRecord{result(fmt.Sprint(n))}, bank.Why{}); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		wait.Wait()
	})
}

// BenchmarkImportRecords is 10,000 results from a file, booked.
func BenchmarkImportRecords(b *testing.B) {
	onBothBench(b, func(b *testing.B, open *bank.Bank) {
		for n := range b.N {
			if r := textIn(b, open, "records", manyRows(fmt.Sprint(n), 10_000)); r.New != 10_000 {
				b.Fatal(r.New, r.Errors[:1])
			}
		}
	})
}

// BenchmarkVerify is the whole verification of 20,000 entries.
func BenchmarkVerify(b *testing.B) {
	onBothBench(b, func(b *testing.B, open *bank.Bank) {
		textIn(b, open, "records", manyRows("", 20_000))
		b.ResetTimer()
		for range b.N {
			wantSound(b, open)
		}
	})
}

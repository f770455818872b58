package bench

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"

	"creditbank/internal/bank"
	"creditbank/internal/credit"
	"creditbank/internal/ledger"
)

// hashing is B3: what salting, hashing and the tree of as many results take of the
// processor by themselves, beside the import without them.
func (r *run) hashing(size importSize, whole float64) error {
	row := Row{ID: "B3", What: fmt.Sprintf("hashing and tree of %d results", size.results), Beside: "the import without them", Unit: "of its time", Must: atMost(0.12), Aim: atMost(0.04)}
	tree := &ledger.Tree{} // of an empty log
	watch := newWatch()
	taken := 0.0
	for done := 0; done < size.results; done += hashedAtOnce {
		results := hashable(done, min(done+hashedAtOnce, size.results), size.learners)
		seconds, err := cpu(func() error {
			hashResults(tree, results)
			return nil
		})()
		if err != nil {
			return err
		}
		taken += seconds
	}
	if tree.Size() != int64(size.results) {
		row.fault("the tree has %d of %d leaves", tree.Size(), size.results)
	}
	share := taken / (whole - taken)
	row.note("%s for digests with salt, canonical bytes, leaves and nodes, by themselves, of %s of the processor; what the nodes take in the database is left with the import", took(taken), took(whole))
	r.add(row.of(Series{Ratios: []float64{share}, Disturbed: watch.disturbed(byCPU)}))
	return nil
}

// hashedAtOnce is how many results are made before they are hashed, which alone counts.
const hashedAtOnce = 10_000

// hashedResult is a result as it is hashed: the cells of its content, and its entry.
type hashedResult struct {
	cells []string
	entry ledger.Entry
}

// hashable makes results, from one number up to another.
func hashable(from, to, learners int) []hashedResult {
	var list []hashedResult
	for n := from; n < to; n++ {
		d := depositOf(int64(n))
		account := accountName(n % learners)
		list = append(list, hashedResult{[]string{account, d.Institution, d.Reference, d.Kind, d.Course, d.Grade, d.Scale, d.Credits, d.CompletedOn},
			ledger.Entry{Number: int64(n), Batch: int64(n), Kind: ledger.Deposit, Debit: ledger.IssuerOf(d.Institution), Credit: ledger.AvailableOf(account),
				Amount: 4 * credit.Amount(100), Record: ledger.Record{Institution: d.Institution, Reference: d.Reference}, Actor: "operator", At: 1_795_000_000_000_000}})
	}
	return list
}

// hashResults does to results what an import hashes of them, with sixteen salts drawn at
// once as it does.
func hashResults(tree *ledger.Tree, results []hashedResult) {
	const saltSize, drawn = 16, 16
	content, salts := make([]byte, 0, 256), make([]byte, drawn*saltSize)
	for i := range results {
		if i%drawn == 0 {
			_, _ = rand.Read(salts)
		}
		salt := salts[i%drawn*saltSize:][:saltSize]
		r := &results[i]
		content = content[:0]
		for _, text := range r.cells {
			content = append(append(content, text...), 0)
		}
		r.entry.Digest = ledger.DigestOf(salt, content)
		tree.Append(r.entry.Leaf())
	}
}

// importMemory is B4: the most that an import takes beside the process before it, and
// what a quarter of the file takes.
func (r *run) importMemory(size importSize) error {
	row := Row{ID: "B4", What: fmt.Sprintf("memory of an import of %d results", size.results), Beside: "the process before it", Unit: "MB", Must: atMost(150), Aim: atMost(80)}
	quarter, err := r.memoryOf(size.results/4, size.learners, "csv")
	if err != nil {
		r.add(row.lacking(err.Error()))
		return nil
	}
	whole, err := r.memoryOf(size.results, size.learners, "csv")
	if err != nil {
		return err
	}
	row.note("a quarter of the file takes %s MB: %s MB more for each further 100,000 results", figure(quarter), figure((whole-quarter)/(0.75*float64(size.results))*1e5))
	r.add(row.of(Series{Ratios: []float64{whole}}))
	return r.workbookMemory(min(size.results, mostInWorkbook), size.learners)
}

// mostInWorkbook is how many results the workbook has of which the memory is measured.
const mostInWorkbook = 100_000

// workbookMemory is B4 of a workbook, which is packed and has to be read as a whole.
func (r *run) workbookMemory(results, learners int) error {
	row := Row{ID: "B4 XLSX", What: fmt.Sprintf("memory of a workbook of %d results", results), Beside: "the process before it", Unit: "MB", Must: atMost(150), Aim: atMost(80)}
	most, err := r.memoryOf(results, learners, "xlsx")
	if err == nil {
		r.add(row.of(Series{Ratios: []float64{most}}))
	}
	return err
}

// memoryOf is how many megabytes more of the machine the process had at most.
func (r *run) memoryOf(results, learners int, format string) (most float64, err error) {
	path, err := r.resultFile(results, learners, format)
	if err != nil {
		return 0, err
	}
	at := r.file(fmt.Sprintf("memory-%d-%s", results, format))
	b, err := openSchool(r.ctx, at, learners, bank.Options{})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, b.Close(), removeStore(at)) }()
	runtime.GC()
	debug.FreeOSMemory()
	const forgetPeak = "5" // proc(5): the peak begins anew at what the process has now
	if err := os.WriteFile("/proc/self/clear_refs", []byte(forgetPeak), 0o600); err != nil {
		return 0, err
	}
	before, err := statusOf("VmRSS:")
	if err != nil {
		return 0, err
	}
	if err := bringIn(r.ctx, b, path, results); err != nil {
		return 0, err
	}
	peak, err := statusOf("VmHWM:")
	return peak - before, err
}

var errNoFigure = errors.New("the machine does not say what a process takes")

// statusOf is a figure of /proc/self/status in megabytes.
func statusOf(name string) (float64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, found := bytes.Cut(text, []byte(name))
	fields := bytes.Fields(rest)
	if !found || len(fields) == 0 {
		return 0, errNoFigure
	}
	kilobytes, err := strconv.ParseFloat(string(fields[0]), 64)
	return kilobytes / 1024, err
}

package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"creditbank/internal/bank"
	"creditbank/internal/intake"
)

// Import measures files of results that are brought in against what databases take
// from the same files. The error is of the machine or the program; what was missed or
// wrong stands in the report.
func Import(ctx context.Context, o Options) (Report, error) {
	return measure(ctx, o, "import", (*run).importSteps)
}

// importSize is what a scale comes to for imports.
type importSize struct {
	results  int
	learners int
	pairs    int
}

func (s Scale) importSize() importSize {
	switch s {
	case Full:
		return importSize{results: 1_000_000, learners: 20_000, pairs: 3}
	case CI:
		return importSize{results: 100_000, learners: 2_000, pairs: 3}
	}
	return importSize{results: 400, learners: 20, pairs: 2}
}

// importSteps are the measurements of imports, in their order.
func (r *run) importSteps() []step {
	size := r.options.Scale.importSize()
	return []step{
		{"B4: memory", func() error { return r.importMemory(size) }},
		{"B1, B3: SQLite", func() error { return r.importOnSQLite(size) }},
		{"B2: PostgreSQL", func() error { return r.importOnPostgres(size) }},
	}
}

// resultFile writes results as a school sends them, as csv or xlsx, and gives its path.
func (r *run) resultFile(results, learners int, format string) (path string, err error) {
	path = filepath.Join(r.options.Dir, fmt.Sprintf("results-%d.%s", results, format))
	file, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	table, err := intake.NewTable(file, format)
	if err != nil {
		return "", err
	}
	rows := recordRows(results, learners)
	if err := table.Write(rows.Header); err != nil {
		return "", err
	}
	for row := range rows.Rows {
		if err := table.Write(row); err != nil {
			return "", err
		}
	}
	return path, table.Flush()
}

// bringIn takes a file of results in, as the command line does: read, recognised,
// validated, booked, hashed and durable.
func bringIn(ctx context.Context, b *bank.Bank, path string, results int) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	table, err := intake.Open(file, "records", "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, table.Close()) }()
	report, err := b.Import(ctx, benchActor(), bank.Import{Kind: "records", Header: table.Header(), Rows: table.Rows()})
	if err == nil && (report.New != results || !report.Written) {
		err = fmt.Errorf("%d of %d results were taken, %d refused", report.New, results, report.Refused)
	}
	return err
}

// newImporter makes a turn: an empty bank with the school, of which only the import
// counts. What it takes of the processor goes to used, if that is there.
func (r *run) newImporter(at func(turn int) store, path string, size importSize, row *Row, used *[]float64) timed {
	turn := 0
	return func() (float64, error) {
		turn++
		b, err := openSchool(r.ctx, at(turn), size.learners, bank.Options{LedgerKeyFile: at(turn).key, PersonalKeyFile: at(turn).personal})
		if err != nil {
			return 0, err
		}
		var seconds float64
		worked, err := cpu(func() (err error) {
			seconds, err = wall(func() error { return bringIn(r.ctx, b, path, size.results) })()
			return err
		})()
		if used != nil {
			*used = append(*used, worked)
		}
		if turn == 1 && err == nil {
			err = checkImport(r.ctx, b, size.results, row)
		}
		return seconds, errors.Join(err, b.Close())
	}
}

// checkImport finds out whether what was brought in is there, and proven.
func checkImport(ctx context.Context, b *bank.Bank, results int, row *Row) error {
	report, err := b.Verify(ctx, bank.VerifyInput{})
	if err == nil && (report.Finding != nil || report.Entries != int64(results) || report.Records != int64(results)) {
		row.fault("%d entries of %d results, finding %v", report.Entries, report.Records, report.Finding)
	}
	return err
}

// importOnSQLite is B1, and B3 of the same runs.
func (r *run) importOnSQLite(size importSize) error {
	path, err := r.resultFile(size.results, size.learners, "csv")
	if err != nil {
		return err
	}
	row := Row{ID: "B1", What: fmt.Sprintf("%d results from CSV into SQLite", size.results), Beside: "sqlite3 .import of the file into the same indexed table", Unit: "of its rate", Must: atLeast(0.5), Aim: atLeast(0.8)}
	var at store
	var used []float64
	ours := r.newImporter(func(turn int) store {
		next := r.file(fmt.Sprintf("import-%d", turn))
		if next.path != at.path && at.path != "" {
			_ = removeStore(at) // only room is lost when it stays
		}
		at = next
		return at
	}, path, size, &row, &used)
	peer, how := r.sqlitePeer(path, size.results, &row)
	pairs, err := interleaveWarm(r.ctx, byWall, size.pairs, ours, peer)
	if err != nil {
		return err
	}
	row.note("%s results a second, the peer %s, %s; both flush what they wrote to the disk, ours in the log, which is carried into the file beside what comes after. Ours are parsed, validated, valued, booked in the ledger, salted and hashed; the peer copies the cells",
		figure(float64(size.results)/median(pairs.A)), figure(float64(size.results)/median(pairs.B)), how)
	r.add(row.of(pairs))
	return r.hashing(size, median(used))
}

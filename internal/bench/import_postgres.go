package bench

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/cluster"
)

// importOnPostgres is B2.
func (r *run) importOnPostgres(size importSize) (err error) {
	row := Row{ID: "B2", What: fmt.Sprintf("%d results from CSV into PostgreSQL", size.results), Beside: "COPY of the same rows into the same tables", Unit: "of its rate", Must: atLeast(0.5), Aim: atLeast(0.8)}
	if missing := cluster.Missing(); missing != "" {
		r.add(row.lacking(missing))
		return nil
	}
	path, err := r.resultFile(size.results, size.learners, "csv")
	if err != nil {
		return err
	}
	server, err := cluster.Start(cluster.Durable())
	if err != nil {
		r.add(row.lacking(err.Error()))
		return nil
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	p := &rowPeer{run: r, server: server, size: size, row: &row}
	if err := p.prepare(); err != nil {
		return err
	}
	var failed error
	ours := r.newImporter(func(turn int) store {
		p.imported = fmt.Sprintf("import%d", turn)
		at, err := p.database(p.imported)
		failed = errors.Join(failed, err)
		return at
	}, path, size, &row, nil)
	pairs, err := interleaveBeside(r.ctx, byWall, size.pairs, server.CPU, ours, p.turn)
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	cells, err := p.cells(path)
	if err != nil {
		return err
	}
	rate := func(seconds float64) string { return figure(float64(size.results) / seconds) }
	row.note("%s results a second, COPY of what was written for them %s; of the cells of the file, into a table without references and conditions, %s", rate(median(pairs.A)), rate(median(pairs.B)), rate(cells))
	r.add(row.of(pairs))
	return nil
}

// bookedTables are those that results are written to, in an order in which they can be.
var bookedTables = []string{"record", "entry", "ledger_node"}

// rowPeer copies the rows that an import has written into a bank that has all that they
// refer to and no results yet: table after table, in one transaction.
type rowPeer struct {
	*run
	server   *cluster.Cluster
	size     importSize
	row      *Row
	made     map[string]store
	imported string // database of the bank whose rows they are
	turns    int
}

// prepare makes the bank without results.
func (p *rowPeer) prepare() error {
	p.made = map[string]store{}
	at, err := p.database(peerDatabase)
	if err != nil {
		return err
	}
	b, err := openSchool(p.ctx, at, p.size.learners, bank.Options{LedgerKeyFile: at.key, PersonalKeyFile: at.personal})
	if err != nil {
		return err
	}
	return b.Close()
}

// database is a new one, or the one that has the name already.
func (p *rowPeer) database(name string) (store, error) {
	if at, done := p.made[name]; done {
		return at, nil
	}
	address, err := p.server.NewDatabase(name)
	p.made[name] = store{driver: "pgx", source: address, bank: address, key: filepath.Join(p.options.Dir, name+"-key"), personal: filepath.Join(p.options.Dir, name+"-personal-key")}
	return p.made[name], err
}

func (p *rowPeer) script() string { return filepath.Join(p.options.Dir, "rows.sql") }

// turn is one copy; what is before it and after it does not count.
func (p *rowPeer) turn() (seconds float64, err error) {
	p.turns++
	if p.turns == 1 {
		if err := p.write(); err != nil {
			return 0, err
		}
	}
	name := fmt.Sprintf("%s%d", peerDatabase, p.turns)
	if _, err := p.server.CopyDatabase(name, peerDatabase); err != nil {
		return 0, err
	}
	file, err := os.Open(p.script())
	if err != nil {
		return 0, err
	}
	seconds, err = wall(func() error { return p.server.Script(name, file) })()
	if err = errors.Join(err, file.Close()); err != nil {
		return 0, err
	}
	var count strings.Builder
	err = p.server.Dump(name, `COPY (SELECT count(*) FROM record JOIN entry USING (institution, reference)) TO STDOUT`, &count)
	if strings.TrimSpace(count.String()) != strconv.Itoa(p.size.results) {
		p.row.fault("the peer has %q of %d rows", count.String(), p.size.results)
	}
	return seconds, err
}

// write makes the script that copies what was imported.
func (p *rowPeer) write() (err error) {
	file, err := os.Create(p.script())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	all := bufio.NewWriter(file)
	fmt.Fprintln(all, "BEGIN;")
	for _, table := range bookedTables {
		fmt.Fprintf(all, "COPY %s FROM STDIN;\n", table)
		if err := p.server.Dump(p.imported, `COPY `+table+` TO STDOUT`, all); err != nil {
			return err
		}
		fmt.Fprintln(all, `\.`)
	}
	fmt.Fprintln(all, "COMMIT;")
	return all.Flush()
}

// cells is how many seconds the cells of the file alone take, into a bare table.
func (p *rowPeer) cells(path string) (float64, error) {
	if err := p.server.Feed(peerDatabase, `DROP TABLE IF EXISTS bare; `+bareResults("bare"), nil); err != nil {
		return 0, err
	}
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	seconds, err := wall(func() error {
		return p.server.Feed(peerDatabase, `COPY bare FROM STDIN WITH (FORMAT csv, HEADER)`, file)
	})()
	return seconds, errors.Join(err, file.Close())
}

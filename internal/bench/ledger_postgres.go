package bench

import (
	"database/sql"
	"fmt"
	"path/filepath"

	"creditbank/internal/cluster"
)

// slower is by how much a turn is shorter on PostgreSQL, where every statement
// crosses a connection.
const slower = 3

// onPostgres is D6: a PostgreSQL server of our own that keeps what it
// acknowledges, with a database for each of the two banks.
func (r *run) onPostgres(size ledgerSize) (err error) {
	row := Row{ID: "D6", What: "PostgreSQL, 64 callers over HTTP", Beside: "one transaction a request, same program", Unit: "×", Must: atLeast(2), Aim: atLeast(4)}
	size.deposits, size.single = size.deposits/slower, size.single/slower
	if missing := cluster.Missing(); missing != "" {
		r.add(row.lacking(missing))
		return nil
	}
	server, err := cluster.Start(cluster.Durable())
	if err != nil {
		r.add(row.lacking(err.Error()))
		return nil
	}
	defer func() { err = firstOf(err, server.Stop()) }()
	grouped, err := r.siteOn(server, "grouped", size, together)
	if err != nil {
		return err
	}
	defer func() { err = firstOf(err, grouped.close()) }()
	single, err := r.siteOn(server, "single", size, oneByOne)
	if err != nil {
		return err
	}
	defer func() { err = firstOf(err, single.close()) }()
	return r.besideSingle(size, row.ID, row.What, server.CPU, grouped, single)
}

// siteOn is a bank in a new database of the server.
func (r *run) siteOn(server *cluster.Cluster, name string, size ledgerSize, writesPerCommit int) (*site, error) {
	address, err := server.NewDatabase(name)
	if err != nil {
		return nil, err
	}
	if err := keepsAll(address); err != nil {
		return nil, err
	}
	at := store{driver: "pgx", source: address, bank: address, key: filepath.Join(r.options.Dir, name+"-postgres-key"),
		personal: filepath.Join(r.options.Dir, name+"-postgres-personal-key")}
	return openSite(r.ctx, at, size, writesPerCommit)
}

// keepsAll fails when the server could lose what it acknowledged.
func keepsAll(address string) error {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var value string
		if err := db.QueryRow("SHOW " + setting).Scan(&value); err != nil || value != "on" {
			return fmt.Errorf("the server's %s is %q: %w", setting, value, err)
		}
	}
	return nil
}

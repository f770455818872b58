package main

import "creditbank/internal/bank"

// mapFlags say where the compiled map is kept.
type mapFlags struct {
	MapFile string `name:"map-file" env:"CREDITBANK_MAP_FILE" placeholder:"PATH|off" help:"File that keeps the compiled map; else beside the SQLite file, for PostgreSQL in the user's cache. off: none."`
}

// keepMap makes the bank start from the kept map and, where it serves, keep what
// it compiles.
func (f mapFlags) keepMap(b *bank.Bank, dsn string, write bool) {
	switch f.MapFile {
	case "off":
	case "":
		b.KeepMap(bank.MapPath(dsn), write)
	default:
		b.KeepMap(f.MapFile, write)
	}
}

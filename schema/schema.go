// Package schema holds the database migrations: forward only, each run in a
// transaction of its own, in the order of their names, and recorded by name.
// A file NNNN_x.sql is one text for both databases; where the DDL must differ
// there are NNNN_x.sqlite.sql and NNNN_x.postgres.sql. Released files are never edited.
package schema

import "embed"

// FS holds the migrations.
//
//go:embed *.sql
var FS embed.FS

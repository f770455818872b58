package testbed

import (
	"fmt"
	"strings"
	"testing"

	"creditbank/internal/cluster"
)

// Postgres is the address (postgres://…) of a fresh and empty database in
// C.UTF-8, dropped when the test ends. All tests of a process share one cluster,
// which listens on 127.0.0.1 only and forgets everything when the machine
// crashes (fsync is off). Its user is a superuser. See [Require].
func Postgres(t testing.TB) string {
	t.Helper()
	return database(t, (*servers).empty)
}

// PostgresLike is a database as fill makes it of an empty one. It does so for the
// first test of the process that asks; all get copies, which take a third of the
// time. They ask with the same fill, which leaves nobody connected.
func PostgresLike(t testing.TB, fill func(address string) error) string {
	t.Helper()
	return database(t, func(s *servers, name string) (string, error) { return s.like(name, fill) })
}

func database(t testing.TB, make func(s *servers, name string) (string, error)) string {
	t.Helper()
	Require(t, "postgres")
	c, name, address, err := started.database(make)
	if err != nil {
		t.Fatalf("testbed: %v", err)
	}
	t.Cleanup(func() {
		if err := c.Drop(name); err != nil {
			t.Errorf("testbed: %v", err)
		}
	})
	return address
}

// database makes a database, and first the cluster if there is none.
func (s *servers) database(make func(s *servers, name string) (string, error)) (c *cluster.Cluster, name, address string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.postgres == nil && s.failed == nil {
		s.postgres, s.failed = cluster.Start(cluster.Forgetful())
	}
	if s.failed != nil {
		return nil, "", "", s.failed
	}
	s.databases++
	name = fmt.Sprintf("test_%d", s.databases)
	address, err = make(s, name)
	return s.postgres, name, address, err
}

func (s *servers) empty(name string) (string, error) { return s.postgres.NewDatabase(name) }

// modelDatabase is the one that others are copies of.
const modelDatabase = "model"

func (s *servers) like(name string, fill func(address string) error) (string, error) {
	if !s.model {
		address, err := s.empty(modelDatabase)
		if err == nil {
			err = fill(address)
		}
		if err != nil {
			return "", err
		}
		s.model = true
	}
	return s.postgres.CopyDatabase(name, modelDatabase)
}

// personalKey is a master key of no bank but those of tests.
const personalKey = "PERSONAL+KEY+CMLavYINEmQKWAowdHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUuY3J5cHRvLnRpbmsuQWVzR2NtS2V5EiIaIA0HPB9LIhoeBkQbePPxfKoWgOdYAH6X0jQAFTq2wN1pGAEQARjC2r2CDSAB"

// PersonalKey is the master key that a bank at an address is opened with: one on
// PostgreSQL, empty for a SQLite file, beside which the bank makes its own.
func PersonalKey(dsn string) string {
	if strings.HasPrefix(dsn, "postgres") {
		return personalKey
	}
	return ""
}

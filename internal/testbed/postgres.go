package testbed

import (
	"fmt"
	"testing"

	"creditbank/internal/cluster"
)

// Postgres is the address (postgres://…) of a fresh and empty database in
// C.UTF-8, dropped when the test ends. All tests of a process share one cluster,
// which listens on 127.0.0.1 only and forgets everything when the machine
// crashes (fsync is off). Its user is a superuser. See [Require].
func Postgres(t testing.TB) string {
	t.Helper()
	Require(t, "postgres")
	c, name, address, err := started.database()
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

// database makes an empty database, and first the cluster if there is none.
func (s *servers) database() (c *cluster.Cluster, name, address string, err error) {
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
	address, err = s.postgres.NewDatabase(name)
	return s.postgres, name, address, err
}

package cluster

import (
	"os"
	"strings"
	"testing"
)

func TestParseStat(t *testing.T) {
	const line = "42 (a ) name) S 7 42 42 0 -1 4194560 600 900 0 0 31 12 500 60 20 0 1 0 100 0"
	if parent, own, ended := parseStat(line); parent != "7" || own != 43 || ended != 560 {
		t.Errorf("got %s %d %d", parent, own, ended)
	}
	if parent, own, ended := parseStat("42 (short) S"); parent != "" || own != 0 || ended != 0 {
		t.Errorf("got %s %d %d", parent, own, ended)
	}
}

// A durable server says so, counts what it takes, and leaves nothing.
func TestDurableServer(t *testing.T) {
	if missing := Missing(); missing != "" {
		if strings.Contains(os.Getenv("CREDITBANK_TEST_REQUIRE"), "postgres") {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	c, err := Start(Durable())
	if err != nil {
		t.Fatal(err)
	}
	before := c.CPU()
	if _, err := c.NewDatabase("one"); err != nil {
		t.Error(err)
	}
	if after := c.CPU(); after <= 0 || after < before {
		t.Errorf("%v seconds of CPU, then %v", before, after)
	}
	if err := c.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(c.folder); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", c.folder, err)
	}
}

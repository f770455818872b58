package ledger_test

import (
	"bytes"
	"errors"
	"testing"

	"creditbank/internal/ledger"
)

func TestTilePaths(t *testing.T) {
	for _, c := range []struct {
		path string
		tile ledger.Tile
	}{
		{"tile/0/000", ledger.Tile{Level: 0, Number: 0, Width: 256}},
		{"tile/0/x001/x234/067", ledger.Tile{Level: 0, Number: 1234067, Width: 256}},
		{"tile/1/000.p/17", ledger.Tile{Level: 1, Number: 0, Width: 17}},
		{"tile/63/000", ledger.Tile{Level: 63, Number: 0, Width: 256}},
		{"tile/entries/x273/999.p/112", ledger.Tile{Level: ledger.Entries, Number: 273999, Width: 112}},
	} {
		got, err := ledger.ParseTilePath(c.path)
		if err != nil || got != c.tile {
			t.Errorf("%s: got %v, %v, want %v", c.path, got, err, c.tile)
		}
		if got := c.tile.Path(); got != c.path {
			t.Errorf("%v: got %s, want %s", c.tile, got, c.path)
		}
	}
}

func TestBadTilePaths(t *testing.T) {
	for _, path := range []string{
		"", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "/tile/0/000", "tile/0/000/", "tile//0/000",
		"tile/-1/000", "tile/+0/000", "tile/00/000", "tile/64/000", "tile/0/-01", "tile/0/x000/001", "tile/0/001/002", "tile/0/x001", "tile/0/X001/002",
		"tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p", "tile/0/000.p/-1", "tile/0/000.p/1/2",
		"tile/data/000", "tile/8/0/000", "tile/entries", "tile/entries/", "tile/entries/0/000", "tile/Entries/000", "tile/0/../000", "tile/0/%30%30%30",
		"tile/0/x999/x999/x999/x999/x999/x999/x999/999", "tiles/0/000", "tile/0/000\n", "tile/0/٠٠٠",
	} {
		if got, err := ledger.ParseTilePath(path); err == nil || !errors.Is(err, ledger.BadForm) {
			t.Errorf("%q: got %v, %v, want bad_form", path, got, err)
		}
	}
}

func TestTileWithin(t *testing.T) {
	for _, c := range []struct {
		path string
		size int64
		want bool
	}{
		{"tile/0/000", 256, true}, {"tile/0/000", 255, false}, {"tile/0/000.p/255", 255, true}, {"tile/0/000.p/255", 254, false},
		{"tile/0/000.p/3", 70000, true}, {"tile/0/273.p/112", 70000, true}, {"tile/0/273.p/113", 70000, false}, {"tile/1/001.p/17", 70000, true},
		{"tile/1/000", 70000, true}, {"tile/2/000.p/1", 70000, true}, {"tile/2/000.p/2", 70000, false}, {"tile/63/000", 70000, false},
		{"tile/entries/000.p/1", 0, false}, {"tile/entries/000", 256, true}, {"tile/entries/001.p/1", 256, false},
		{"tile/0/x009/x223/x372/x036/x854/x775/807", 1 << 62, false},
	} {
		tile, err := ledger.ParseTilePath(c.path)
		if err != nil {
			t.Fatal(err)
		}
		if got := tile.Within(c.size); got != c.want {
			t.Errorf("%s within %d: %t, want %t", c.path, c.size, got, c.want)
		}
	}
}

func TestBundle(t *testing.T) {
	entries := everyKind(300)[:ledger.TileWidth]
	var bundle []byte
	for i := range entries {
		bundle = ledger.AppendBundle(bundle, entries[i].Append(nil))
	}
	got, err := ledger.SplitBundle(bundle)
	if err != nil || len(got) != len(entries) {
		t.Fatalf("%d entries, %v, want %d", len(got), err, len(entries))
	}
	for i := range got {
		if want := entries[i].Append(nil); !bytes.Equal(got[i], want) {
			t.Errorf("entry %d is %q, want %q", i, got[i], want)
		}
	}
	for name, bad := range map[string][]byte{
		"half a length": append(bytes.Clone(bundle[:0]), 0), "cut": bundle[:len(bundle)-1], "one too many": ledger.AppendBundle(bundle, []byte("x")),
	} {
		if _, err := ledger.SplitBundle(bad); !errors.Is(err, ledger.BadForm) {
			t.Errorf("%s: %v, want bad_form", name, err)
		}
	}
}

// A tile that is shorter than asked for, or cannot be read, gives no proof.
func TestTileReaderRefuses(t *testing.T) {
	s := keep(t, everyKind(300))
	key := ledger.Tile{Level: 0, Number: 1}
	s.tiles[key] = s.tiles[key][:ledger.HashSize]
	if _, err := ledger.ProveExtends(200, 312, s.reader()); !errors.Is(err, ledger.OutsideTree) {
		t.Errorf("got %v, want outside_of_log", err)
	}
	broken := errors.New("broken")
	if _, err := ledger.LoadTree(312, ledger.TileReader(func(ledger.Tile) ([]byte, error) { return nil, broken })); !errors.Is(err, broken) {
		t.Errorf("got %v, want what the reader said", err)
	}
}

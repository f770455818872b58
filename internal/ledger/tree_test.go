package ledger_test

import (
	"bytes"
	"testing"

	"creditbank/internal/ledger"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"
)

// sizes are where the tree's shape changes: powers of two, ends of tiles.
var sizes = []int64{1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 1000, 65535, 65536, 65537, 70000}

// leaves are hashes that differ; their contents do not matter to the tree.
func leaves(n int64) []ledger.Hash {
	list := make([]ledger.Hash, n)
	for i := range list {
		list[i] = ledger.LeafOf([]byte{byte(i), byte(i >> 8), byte(i >> 16)})
	}
	return list
}

// storedHashes keeps every hash of a tree as tlog itself does.
type storedHashes []ledger.Hash

func (s storedHashes) ReadHashes(indexes []int64) ([]ledger.Hash, error) {
	out := make([]ledger.Hash, len(indexes))
	for i, at := range indexes {
		out[i] = s[at]
	}
	return out, nil
}

func byTlog(t *testing.T, list []ledger.Hash) storedHashes {
	var s storedHashes
	for i, leaf := range list {
		hashes, err := tlog.StoredHashesForRecordHash(int64(i), leaf, s)
		if err != nil {
			t.Fatal(err)
		}
		s = append(s, hashes...)
	}
	return s
}

// One tree grows over all sizes, is stored at each, taken up again from what
// was stored, and has at each the root and the tiles that tlog computes.
func TestTreeIsThatOfTlog(t *testing.T) {
	list := leaves(70000)
	want := byTlog(t, list)
	s := &store{tiles: map[ledger.Tile][]byte{}}
	tree := &ledger.Tree{}
	for _, size := range sizes {
		tree.Append(list[tree.Size():size]...)
		s.put(tree.Tiles())
		root, err := tlog.TreeHash(size, want)
		if err != nil {
			t.Fatal(err)
		}
		if got := tree.Head(); got.N != size || got.Hash != root {
			t.Fatalf("size %d: head %v, want %v", size, got, root)
		}
		compareTiles(t, s, size, want)
		if tree, err = ledger.LoadTree(size, s.reader()); err != nil {
			t.Fatal(err)
		}
		if got := tree.Head(); got.Hash != root {
			t.Fatalf("size %d: taken up again it has root %v, want %v", size, got, root)
		}
		if got := tree.Tiles(); len(got) != 0 {
			t.Errorf("size %d: %d tiles to write after nothing was added", size, len(got))
		}
	}
}

func compareTiles(t *testing.T, s *store, size int64, want storedHashes) {
	t.Helper()
	for _, tile := range tlog.NewTiles(ledger.TileHeight, 0, size) {
		data, err := tlog.ReadTileData(tile, want)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.tiles[ledger.Tile{Level: tile.L, Number: tile.N}]; !bytes.Equal(got, data) {
			t.Fatalf("size %d: tile %s is not as tlog has it (%d bytes, want %d)", size, tile.Path(), len(got), len(data))
		}
	}
}

func TestTreeOfNothing(t *testing.T) {
	if got, want := (&ledger.Tree{}).Head().Hash, ledger.Hash(rfc6962.DefaultHasher.EmptyRoot()); got != want {
		t.Errorf("root %v, want %v", got, want)
	}
}

// A write that fails leaves the tree it was cloned from as it was.
func TestCloneGrowsAlone(t *testing.T) {
	list := leaves(600)
	tree := &ledger.Tree{}
	tree.Append(list[:300]...)
	before := tree.Head()
	other := tree.Clone()
	other.Append(list[300:]...)
	if tree.Head() != before {
		t.Error("the clone's leaves changed the head of the tree")
	}
	tree.Append(list[300:]...)
	if tree.Head() != other.Head() {
		t.Error("the same leaves give another head after a clone")
	}
	mine, others := tree.Tiles(), other.Tiles()
	for i := range mine {
		if mine[i].Tile != others[i].Tile || !bytes.Equal(mine[i].Hashes, others[i].Hashes) {
			t.Errorf("tile %v differs from the clone's %v", mine[i].Tile, others[i].Tile)
		}
	}
}

// Inclusion and consistency proofs hold by another implementation of RFC 6962.
func TestProofsHoldElsewhere(t *testing.T) {
	s := keep(t, everyKind(700), sizes[:9]...)
	key := signer(t, "elsewhere")
	keys := keysOf(t, ledger.Key{Public: key.Public()})
	newest := s.heads[len(s.heads)-1]
	text := signed(t, key, newest)
	c, err := keys.Open(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int64{0, 1, 254, 255, 256, 511, 711} {
		p, err := ledger.Prove(s.entries[n].Append(nil), n, c, text, s.reader())
		if err != nil {
			t.Fatal(err)
		}
		leaf := rfc6962.DefaultHasher.HashLeaf([]byte(p.Entry))
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(n), uint64(newest.N), leaf, plain(p.Hashes), newest.Hash[:]); err != nil {
			t.Errorf("entry %d: %v", n, err)
		}
	}
	for _, older := range s.heads {
		hashes, err := ledger.ProveExtends(older.N, newest.N, s.reader())
		if err != nil {
			t.Fatal(err)
		}
		if err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(older.N), uint64(newest.N), plain(hashes), older.Hash[:], newest.Hash[:]); err != nil {
			t.Errorf("size %d to %d: %v", older.N, newest.N, err)
		}
		if err := ledger.Extends(older, newest, hashes); err != nil {
			t.Errorf("size %d to %d: %v", older.N, newest.N, err)
		}
		if at, err := ledger.HeadAt(older.N, s.reader()); err != nil || at != older {
			t.Errorf("head at %d: %v, %v, want %v", older.N, at, err, older)
		}
	}
}

func plain(hashes []ledger.Hash) [][]byte {
	var out [][]byte
	for _, h := range hashes {
		out = append(out, bytes.Clone(h[:]))
	}
	return out
}

func TestExtendsRefuses(t *testing.T) {
	s := keep(t, everyKind(40), 10)
	older, newer := s.heads[0], s.heads[1]
	hashes, err := ledger.ProveExtends(older.N, newer.N, s.reader())
	if err != nil {
		t.Fatal(err)
	}
	other := older
	other.Hash[3] ^= 1
	wantFault(t, ledger.Extends(other, newer, hashes), ledger.NotProven, ledger.None, "hashes")
	wantFault(t, ledger.Extends(older, newer, hashes[1:]), ledger.NotProven, ledger.None, "hashes")
	wantFault(t, ledger.Extends(newer, older, hashes), ledger.OutsideTree, ledger.None, "size")
	wantFault(t, ledger.Extends(newer, ledger.Head{N: newer.N}, nil), ledger.NotProven, ledger.None, "hashes")
	wantFault(t, ledger.Extends(ledger.Head{}, newer, hashes), ledger.NotProven, ledger.None, "hashes")
	if err := ledger.Extends(ledger.Head{}, newer, nil); err != nil {
		t.Errorf("a log does not extend the empty one: %v", err)
	}
	if _, err := ledger.ProveExtends(5, 4, s.reader()); err == nil {
		t.Error("a smaller log is proven to extend a larger one")
	}
	_, err = ledger.HeadAt(newer.N+1, s.reader())
	wantFault(t, err, ledger.OutsideTree, ledger.None, "tile")
}

package ledger

import (
	"bytes"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// Tree is the growing end of the log, all that appending needs: the roots of
// the full subtrees and the unfinished tile of each level. It takes some
// 16 KB whatever the size of the log. A Tree is one caller's at a time; a Clone
// is what a write that may fail works on.
type Tree struct {
	size  int64
	nodes []Hash   // root of each full subtree, the largest first: one per bit of size (RFC 6962, section 2.1)
	edge  [][]byte // hashes of the unfinished tile of each level
	ready []StoredTile
	told  int64 // size at the last Tiles
}

// StoredTile is a tile and its hashes, 32 bytes each, as they are stored and served.
type StoredTile struct {
	Tile
	Hashes []byte
}

// LoadTree takes up the log of a size from its stored hashes: one read of the
// hashes at its end. Whether they are those that were signed is seen by
// comparing Head with the last checkpoint.
func LoadTree(size int64, stored HashReader) (*Tree, error) {
	if size < 0 {
		return nil, fault(None, OutsideTree, "size")
	}
	indexes := subtrees(size)
	count := len(indexes)
	for level := 0; size>>(level*TileHeight) > 0; level++ {
		whole := size >> (level * TileHeight)
		for n := whole &^ (TileWidth - 1); n < whole; n++ {
			indexes = append(indexes, tlog.StoredHashIndex(level*TileHeight, n))
		}
	}
	hashes, err := stored.ReadHashes(indexes)
	if err != nil {
		return nil, err
	}
	if len(hashes) != len(indexes) {
		return nil, fault(None, OutsideTree, "hashes")
	}
	t := &Tree{size: size, nodes: hashes[:count:count], told: size}
	hashes = hashes[count:]
	for level := 0; size>>(level*TileHeight) > 0; level++ {
		width := int(size >> (level * TileHeight) & (TileWidth - 1))
		t.edge = append(t.edge, joined(hashes[:width]))
		hashes = hashes[width:]
	}
	return t, nil
}

// subtrees are the places of the roots of the full subtrees, the largest first.
func subtrees(size int64) []int64 {
	var indexes []int64
	for at, left := int64(0), size; left > 0; {
		level := bits.Len64(uint64(left)) - 1
		indexes = append(indexes, tlog.StoredHashIndex(level, at>>level))
		at += 1 << level
		left -= 1 << level
	}
	return indexes
}

func joined(hashes []Hash) []byte {
	data := make([]byte, 0, TileWidth*HashSize)
	for i := range hashes {
		data = append(data, hashes[i][:]...)
	}
	return data
}

// Append adds leaves.
func (t *Tree) Append(leaves ...Hash) {
	for i := range leaves {
		t.push(0, leaves[i])
	}
}

// appendTile adds a full tile of leaves whose root is known. The size is a
// multiple of TileWidth.
func (t *Tree) appendTile(leaves []byte, root Hash) {
	t.keep(0, t.size+TileWidth-1, leaves)
	t.push(TileHeight, root)
}

// push adds the root of a full subtree of a level, and the roots of all
// greater ones that it completes. The size is a multiple of the subtree's.
func (t *Tree) push(level int, h Hash) {
	size := t.size + 1<<level
	for n := t.size >> level; ; n >>= 1 {
		if level%TileHeight == 0 {
			t.keep(level/TileHeight, n, h[:])
		}
		if n&1 == 0 {
			break
		}
		last := len(t.nodes) - 1
		h = tlog.NodeHash(t.nodes[last], h)
		t.nodes = t.nodes[:last]
		level++
	}
	t.nodes = append(t.nodes, h)
	t.size = size
}

// keep adds hashes to the unfinished tile of a level; n is the place in the
// level of the last of them. A tile that is full waits for Tiles.
func (t *Tree) keep(level int, n int64, hashes []byte) {
	if level == len(t.edge) {
		t.edge = append(t.edge, nil)
	}
	if t.edge[level] == nil {
		t.edge[level] = make([]byte, 0, TileWidth*HashSize)
	}
	t.edge[level] = append(t.edge[level], hashes...)
	if len(t.edge[level]) == TileWidth*HashSize {
		t.ready = append(t.ready, StoredTile{Tile{level, n >> TileHeight, TileWidth}, t.edge[level]})
		t.edge[level] = nil
	}
}

// Size is the number of leaves.
func (t *Tree) Size() int64 { return t.size }

// Head is the size and the root hash, the hash of nothing when there are no leaves.
func (t *Tree) Head() Head {
	if t.size == 0 {
		empty, _ := tlog.TreeHash(0, nil) // reads no hash, so it cannot fail
		return Head{Hash: empty}
	}
	last := len(t.nodes) - 1
	root := t.nodes[last]
	for i := last - 1; i >= 0; i-- {
		root = tlog.NodeHash(t.nodes[i], root)
	}
	return Head{N: t.size, Hash: root}
}

// Tiles gives the tiles that have grown since the last call, or since LoadTree:
// what is to be written together with the entries. Full tiles come first, in the order in which they were
// completed, then the unfinished ones. Their bytes are the caller's.
func (t *Tree) Tiles() []StoredTile {
	tiles := t.ready
	t.ready = nil
	for level, hashes := range t.edge {
		if t.size>>(level*TileHeight) > t.told>>(level*TileHeight) && len(hashes) > 0 {
			number := t.size >> (level*TileHeight + TileHeight)
			tiles = append(tiles, StoredTile{Tile{level, number, len(hashes) / HashSize}, bytes.Clone(hashes)})
		}
	}
	t.told = t.size
	return tiles
}

// Clone is a tree that grows on its own.
func (t *Tree) Clone() *Tree {
	other := *t
	other.nodes = slices.Clone(t.nodes)
	other.ready = slices.Clone(t.ready)
	other.edge = make([][]byte, len(t.edge))
	for level, hashes := range t.edge {
		other.edge[level] = append(make([]byte, 0, TileWidth*HashSize), hashes...)
	}
	return &other
}

// rootOf is the root over a full tile of leaves.
func rootOf(leaves []byte) Hash {
	var row [TileWidth]Hash
	for i := range row {
		row[i] = Hash(leaves[i*HashSize : i*HashSize+HashSize])
	}
	for width := TileWidth / 2; width > 0; width /= 2 {
		for i := range width {
			row[i] = tlog.NodeHash(row[2*i], row[2*i+1])
		}
	}
	return row[0]
}

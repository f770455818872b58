package ledger

import (
	"encoding/binary"
	"math"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// The shape of tiles, fixed by C2SP tlog-tiles.
const (
	TileHeight = 8               // levels of the tree in a tile
	TileWidth  = 1 << TileHeight // hashes in a full tile, entries in a full bundle
	Entries    = -1              // level of a tile that is a bundle of entries
	maxLevel   = 63              // highest level that a path may name
)

// Tile names up to 256 neighbouring hashes of one level of the tree, every
// eighth level having tiles, or, at level Entries, as many entries.
type Tile struct {
	Level  int   // 0 for leaves, 1 for the roots of full tiles of level 0 and so on; or Entries
	Number int64 // which of its level, from 0
	Width  int   // hashes or entries in it, 1 to TileWidth
}

// Path is the tile's address below the log's (C2SP tlog-tiles):
// tile/0/x001/234, tile/1/000.p/17, tile/entries/000.
func (t Tile) Path() string {
	path := tlog.Tile{H: TileHeight, L: t.Level, N: t.Number, W: t.Width}.Path()
	if t.Level == Entries {
		return "tile/entries/" + strings.TrimPrefix(path, "tile/8/data/")
	}
	return "tile/" + strings.TrimPrefix(path, "tile/8/")
}

// ParseTilePath reads what Path writes and nothing else: no other number of
// digits, no level above 63, no partial width outside 1 to 255. The error is BadForm.
func ParseTilePath(path string) (Tile, error) {
	rest, ok := strings.CutPrefix(path, "tile/")
	if entries, is := strings.CutPrefix(rest, "entries/"); is {
		rest = "data/" + entries
	}
	read, err := tlog.ParseTilePath("tile/8/" + rest)
	t := Tile{read.L, read.N, read.W}
	if !ok || err != nil || t.Level > maxLevel || t.Path() != path {
		return Tile{}, badForm("tile")
	}
	return t, nil
}

// Within says whether a tree of a size has this tile, or a wider one that
// begins with it.
func (t Tile) Within(size int64) bool {
	level := max(t.Level, 0)
	if level*TileHeight >= 63 || t.Number < 0 || t.Number > math.MaxInt64>>TileHeight || t.Width < 1 || t.Width > TileWidth {
		return false
	}
	return size>>(level*TileHeight)-t.Number<<TileHeight >= int64(t.Width)
}

// first is the number of the first entry below the i-th hash of the tile.
func (t Tile) first(i int) int64 {
	return (t.Number<<TileHeight + int64(i)) << (max(t.Level, 0) * TileHeight)
}

// TileReader reads hashes of the tree out of tiles. read is asked for a tile
// by level and number and gives all bytes that are stored of it; Width says
// how many hashes are needed at least. Fewer are OutsideTree. What read gives is
// believed: a proof made from it is checked against a signed head by whoever gets it.
func TileReader(read func(Tile) ([]byte, error)) HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]Hash, error) {
		stored := map[Tile][]byte{}
		hashes := make([]Hash, len(indexes))
		for i, index := range indexes {
			var err error
			if hashes[i], err = hashFrom(stored, read, index); err != nil {
				return nil, err
			}
		}
		return hashes, nil
	})
}

// hashFrom reads one hash, and each tile once.
func hashFrom(stored map[Tile][]byte, read func(Tile) ([]byte, error), index int64) (Hash, error) {
	at := tlog.TileForIndex(TileHeight, index)
	key := Tile{Level: at.L, Number: at.N}
	data, ok := stored[key]
	if !ok {
		var err error
		if data, err = read(Tile{at.L, at.N, at.W}); err != nil {
			return Hash{}, err
		}
		stored[key] = data
	}
	if len(data) < at.W*HashSize {
		return Hash{}, fault(None, OutsideTree, Tile{at.L, at.N, at.W}.Path())
	}
	return tlog.HashFromTile(at, data[:at.W*HashSize], index)
}

// AppendBundle adds an entry's canonical bytes to a bundle: two bytes of
// length, high one first, and the bytes (C2SP tlog-tiles, Log entries).
func AppendBundle(to, entry []byte) []byte {
	to = binary.BigEndian.AppendUint16(to, uint16(len(entry))) // no entry is longer than maxEntry
	return append(to, entry...)
}

// SplitBundle gives the entries of a bundle of up to 256. The error is BadForm.
func SplitBundle(bundle []byte) ([][]byte, error) {
	var entries [][]byte
	for len(bundle) > 0 {
		if len(bundle) < 2 || len(entries) == TileWidth {
			return nil, badForm("bundle")
		}
		size := int(binary.BigEndian.Uint16(bundle))
		if len(bundle) < 2+size {
			return nil, badForm("bundle")
		}
		entries = append(entries, bundle[2:2+size:2+size])
		bundle = bundle[2+size:]
	}
	return entries, nil
}

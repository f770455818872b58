package ledger_test

import (
	"errors"
	"slices"
	"testing"

	"creditbank/internal/ledger"
)

// logged is a log of three tiles and a bit, with heads inside of tiles, at
// their ends and at its own.
func logged(t testing.TB) *store { return keep(t, everyKind(1000), 100, 256, 300, 512, 1000) }

func TestVerifyAsStored(t *testing.T) {
	s := logged(t)
	head, err := s.verify()
	if err != nil || head != s.heads[len(s.heads)-1] {
		t.Errorf("got %v, %v, want %v", head, err, s.heads[len(s.heads)-1])
	}
}

func TestVerifyNothing(t *testing.T) {
	if head, err := keep(t, nil).verify(); err != nil || head.N != 0 {
		t.Errorf("got %v, %v", head, err)
	}
}

// rebuild writes the tiles that go with the entries as they are, as somebody
// with the whole database in hand would; heads kept outside stay.
func (s *store) rebuild(t testing.TB) {
	heads := s.heads
	*s = *keep(t, s.entries)
	s.heads = heads
}

func renumber(entries []ledger.Entry) {
	for i := range entries {
		entries[i].Batch += int64(i) - entries[i].Number
		entries[i].Number = int64(i)
	}
}

// Every way of tampering with what is stored is found, and the first bad entry
// is named: exactly when the tree was left as it was, and after the last head
// that still holds when it was rewritten too.
func TestTampering(t *testing.T) {
	for _, c := range []struct {
		name   string
		tamper func(*store)
		code   ledger.Code
		number int64
		forged ledger.Code // when the tiles are made to fit
		after  int64
	}{
		{"amount", func(s *store) { s.entries[277].Amount++ }, ledger.LeafDiffers, 277, ledger.HeadDiffers, 256},
		{"other learner", func(s *store) { s.entries[277].Credit.Owner = "10009999" }, ledger.LeafDiffers, 277, ledger.HeadDiffers, 256},
		{"other date", func(s *store) { s.entries[600].At -= 86_400_000_000 }, ledger.LeafDiffers, 600, ledger.HeadDiffers, 512},
		{"other reason", func(s *store) { s.entries[9].Reason = "" }, ledger.LeafDiffers, 9, ledger.HeadDiffers, 0},
		{"other digest", func(s *store) { s.entries[0].Digest[0] ^= 1 }, ledger.LeafDiffers, 0, ledger.HeadDiffers, 0},
		{"other actor", func(s *store) { s.entries[1011].Actor = "u8" }, ledger.LeafDiffers, 1011, ledger.HeadDiffers, 1000},
		{"removed", func(s *store) { s.entries = slices.Delete(s.entries, 400, 401) }, ledger.Gap, 400, ledger.Gap, 400},
		{"removed and renumbered", func(s *store) { s.entries = slices.Delete(s.entries, 400, 401); renumber(s.entries) }, ledger.LeafDiffers, 400, ledger.HeadDiffers, 300},
		{"inserted", func(s *store) { s.entries = slices.Insert(s.entries, 513, s.entries[513]) }, ledger.Repeated, 513, ledger.Repeated, 513},
		{"inserted and renumbered", func(s *store) { s.entries = slices.Insert(s.entries, 513, s.entries[20]); renumber(s.entries) }, ledger.LeafDiffers, 513, ledger.HeadDiffers, 512},
		{"swapped", func(s *store) { s.entries[300], s.entries[301] = s.entries[301], s.entries[300] }, ledger.Gap, 300, ledger.Gap, 300},
		{"swapped and renumbered", func(s *store) {
			s.entries[310], s.entries[311] = s.entries[311], s.entries[310]
			renumber(s.entries)
		}, ledger.LeafDiffers, 310, ledger.HeadDiffers, 300},
		{"end cut off", func(s *store) { s.entries = s.entries[:1003] }, ledger.Truncated, 1003, ledger.Truncated, 1003},
		{"cut off at the end of a tile", func(s *store) { s.entries = s.entries[:768] }, ledger.Truncated, 768, ledger.Truncated, 768},
		{"all gone", func(s *store) { s.entries = nil }, ledger.Truncated, 0, ledger.Truncated, 0},
		{"added", func(s *store) {
			e := s.entries[500]
			e.Number, e.Batch = 1012, 1012
			s.entries = append(s.entries, e)
		}, ledger.Unlogged, 1012, "", 0},
		{"out of bounds", func(s *store) { s.entries[700].Amount = -1 }, ledger.OutOfRange, 700, ledger.OutOfRange, 700},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := logged(t)
			c.tamper(s)
			_, err := s.verify()
			wantFault(t, err, c.code, c.number, "")
			s.rebuild(t)
			_, err = s.verify()
			if c.forged == "" { // after the last head nothing outside vouches
				if err != nil {
					t.Errorf("made to fit: %v", err)
				}
				return
			}
			wantFault(t, err, c.forged, c.after, "")
		})
	}
}

func TestTamperingWithTheTree(t *testing.T) {
	for _, c := range []struct {
		name   string
		tile   ledger.Tile
		change func([]byte) []byte
		code   ledger.Code
		number int64
		field  string
	}{
		{"leaf", ledger.Tile{Level: 0, Number: 1}, flip(32 * 7), ledger.LeafDiffers, 263, "tile/0/001"},
		{"leaf of the last tile", ledger.Tile{Level: 0, Number: 3}, flip(0), ledger.LeafDiffers, 768, "tile/0/003.p/244"},
		{"node", ledger.Tile{Level: 1, Number: 0}, flip(32*2 + 31), ledger.NodeDiffers, 512, "tile/1/000.p/3"},
		{"node gone", ledger.Tile{Level: 1, Number: 0}, func(b []byte) []byte { return b[:64] }, ledger.Unlogged, 512, "tile/1/000.p/3"},
		{"tile gone", ledger.Tile{Level: 0, Number: 2}, func([]byte) []byte { return nil }, ledger.Unlogged, 512, "tile/0/002"},
		{"leaf too many", ledger.Tile{Level: 0, Number: 3}, func(b []byte) []byte { return append(b, b[:32]...) }, ledger.Truncated, 1012, "tile/0/003"},
		{"node too many", ledger.Tile{Level: 1, Number: 0}, func(b []byte) []byte { return append(b, b[:32]...) }, ledger.Truncated, 1012, "tile/1/000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := logged(t)
			s.tiles[c.tile] = c.change(slices.Clone(s.tiles[c.tile]))
			_, err := s.verify()
			wantFault(t, err, c.code, c.number, c.field)
		})
	}
}

func flip(at int) func([]byte) []byte {
	return func(b []byte) []byte { b[at] ^= 1; return b }
}

// A node of level 1 is held against the stored one when its tile is full, too.
func TestTamperingHigherUp(t *testing.T) {
	s := keep(t, everyKind(70000))
	key := ledger.Tile{Level: 1, Number: 0}
	s.tiles[key] = flip(32 * 200)(slices.Clone(s.tiles[key]))
	_, err := s.verify()
	wantFault(t, err, ledger.NodeDiffers, 200*256, "tile/1/000")
}

// What is stored beside the fields is held against them.
func TestVerifyBytesAndLeaf(t *testing.T) {
	entries := everyKind(20)
	feed := func(change func(*ledger.Line)) error {
		v := ledger.NewVerifier(ledger.Expected{})
		for i := range entries {
			leaf := entries[i].Leaf()
			line := ledger.Line{Entry: entries[i], Bytes: entries[i].Append(nil), Leaf: &leaf}
			if i == 13 {
				change(&line)
			}
			if err := v.Add(line); err != nil {
				break
			}
		}
		_, err := v.Close()
		return err
	}
	if err := feed(func(*ledger.Line) {}); err != nil {
		t.Error(err)
	}
	wantFault(t, feed(func(l *ledger.Line) { l.Bytes[40]++ }), ledger.BytesDiffer, 13, "bytes")
	wantFault(t, feed(func(l *ledger.Line) { l.Leaf[0]++ }), ledger.LeafDiffers, 13, "leaf")
	wantFault(t, feed(func(l *ledger.Line) { l.Entry.Amount++; l.Bytes = nil }), ledger.LeafDiffers, 13, "leaf")
}

// A forged head that was stored among the bank's own is found as well, and so
// is one of a size that no log has.
func TestVerifyHeads(t *testing.T) {
	s := logged(t)
	s.heads[2].Hash[5] ^= 1
	_, err := s.verify()
	wantFault(t, err, ledger.HeadDiffers, 256, "checkpoint 300")
	s = logged(t)
	s.heads = append(s.heads, ledger.Head{N: -1})
	_, err = s.verify()
	wantFault(t, err, ledger.OutsideTree, ledger.None, "checkpoint")
	s = logged(t)
	s.heads = append(s.heads, ledger.Head{N: 5000})
	_, err = s.verify()
	wantFault(t, err, ledger.Truncated, 1012, "checkpoint")
}

// The same finding comes again, and an error of reading comes through.
func TestVerifierKeepsItsError(t *testing.T) {
	broken := errors.New("broken")
	v := ledger.NewVerifier(ledger.Expected{Tile: func(ledger.Tile) ([]byte, error) { return nil, broken }})
	var err error
	for range 3 {
		for _, e := range everyKind(20_000) {
			if err = v.Add(ledger.Line{Entry: e}); err != nil {
				break
			}
		}
	}
	if !errors.Is(err, broken) {
		t.Errorf("Add: %v, want what the reader said", err)
	}
	if _, err := v.Close(); !errors.Is(err, broken) {
		t.Errorf("Close: %v, want what the reader said", err)
	}
}

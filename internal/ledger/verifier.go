package ledger

import (
	"bytes"
	"cmp"
	"runtime"
	"slices"
	"strconv"
)

// Line is one entry as the bank stores it.
type Line struct {
	Entry Entry
	Bytes []byte // stored canonical bytes; nil where the bank stores the fields alone
	Leaf  *Hash  // stored leaf hash; nil where the tiles alone hold it
}

// Expected is what the entries are held against.
type Expected struct {
	// Heads are those that checkpoints signed, the bank's own and any kept outside, in any order.
	Heads []Head
	// Tile gives all bytes stored of a tile, none when there is none, whatever
	// Width asks for. Nil: stored hashes are not checked.
	Tile func(Tile) ([]byte, error)
}

// Verifier recomputes the log from its entries, fed in order of their numbers,
// and finds the first that is wrong: fields against bounds and kinds,
// canonical bytes, leaf hashes, every stored tile, every head. Hashing is
// spread over the processors, a few thousand entries at a time; memory does not grow
// with the ledger. Where records stand and what balances are is for Books,
// or over a large ledger for Trail and Tally.
type Verifier struct {
	expected Expected
	tree     *Tree
	head     int   // first of expected.Heads that is not reached
	good     int64 // size of the last head that was as it should be
	next     *chunk
	pending  []*chunk
	spare    []*chunk
	err      error
}

// NewVerifier starts at the empty log.
func NewVerifier(expected Expected) *Verifier {
	expected.Heads = slices.Clone(expected.Heads)
	slices.SortStableFunc(expected.Heads, func(a, b Head) int { return cmp.Compare(a.N, b.N) })
	return &Verifier{expected: expected, tree: &Tree{}}
}

// Add takes the next entry. An error is the first finding (a *Fault), or that of
// Expected.Tile, and is given again by every later call; it may be about an
// entry some thousand lines before this one. Bytes and Leaf are kept for that
// long and must not be changed.
func (v *Verifier) Add(line Line) error {
	if v.err != nil {
		return v.err
	}
	if v.next == nil {
		v.next = v.chunk()
	}
	v.next.lines = append(v.next.lines, line)
	if len(v.next.lines) == chunkLines {
		v.dispatch()
		if len(v.pending) > runtime.GOMAXPROCS(0) {
			v.collect()
		}
	}
	return v.err
}

// Close waits for what is under way and gives the head of the whole log. The
// error is that of Add, or a finding about the end: Truncated when a tile or
// head covers more entries than there are.
func (v *Verifier) Close() (Head, error) {
	if v.next != nil && v.err == nil {
		v.dispatch()
	}
	for len(v.pending) > 0 {
		v.collect()
	}
	if v.err == nil {
		v.err = v.end()
	}
	return v.tree.Head(), v.err
}

// chunk gives room for lines, used before if there is some.
func (v *Verifier) chunk() *chunk {
	start := v.tree.Size()
	for _, c := range v.pending {
		start += int64(len(c.lines))
	}
	if n := len(v.spare); n > 0 {
		c := v.spare[n-1]
		v.spare = v.spare[:n-1]
		*c = chunk{start: start, lines: c.lines[:0], leaves: c.leaves[:0], roots: c.roots[:0]}
		return c
	}
	return &chunk{start: start, lines: make([]Line, 0, chunkLines), leaves: make([]byte, 0, chunkLines*HashSize)}
}

func (v *Verifier) dispatch() {
	v.next.done = make(chan struct{})
	go v.next.hash()
	v.pending = append(v.pending, v.next)
	v.next = nil
}

// collect waits for the oldest chunk and adds it to the tree.
func (v *Verifier) collect() {
	c := v.pending[0]
	v.pending = v.pending[1:]
	<-c.done
	for i := 0; i < c.blocks() && v.err == nil; i++ {
		v.err = v.block(c.block(i))
	}
	if v.err == nil && c.fault != nil {
		v.err = c.fault
	}
	v.spare = append(v.spare, c)
}

// block adds leaves, a tile of them or what there is of one, up to the first that
// is not as stored. root is that of a full tile.
func (v *Verifier) block(leaves []byte, root *Hash) error {
	if err := v.heads(); err != nil {
		return err
	}
	at := Tile{0, v.tree.Size() >> TileHeight, len(leaves) / HashSize}
	same, finding, err := v.compare(at, leaves)
	if err != nil {
		return err
	}
	if root != nil && finding == nil && !v.headWithin(TileWidth) {
		v.tree.appendTile(leaves, *root)
	} else if err := v.appendEach(leaves[:same*HashSize]); err != nil {
		return err
	}
	if finding != nil {
		return finding
	}
	return v.inner()
}

// headWithin says whether a head lies before the last of the next entries.
func (v *Verifier) headWithin(entries int64) bool {
	return v.head < len(v.expected.Heads) && v.expected.Heads[v.head].N < v.tree.Size()+entries
}

// appendEach adds leaves one by one and holds the tree against the heads on the way.
func (v *Verifier) appendEach(leaves []byte) error {
	for ; len(leaves) > 0; leaves = leaves[HashSize:] {
		v.tree.Append(Hash(leaves[:HashSize]))
		if err := v.heads(); err != nil {
			return err
		}
	}
	return nil
}

// heads holds the tree against the heads of its size.
func (v *Verifier) heads() error {
	for ; v.head < len(v.expected.Heads) && v.expected.Heads[v.head].N <= v.tree.Size(); v.head++ {
		want := v.expected.Heads[v.head]
		if want.N < v.tree.Size() {
			return &Fault{None, OutsideTree, "checkpoint", strconv.FormatInt(want.N, 10), ""} // a negative size
		}
		if got := v.tree.Head(); got != want {
			return &Fault{v.good, HeadDiffers, "checkpoint " + strconv.FormatInt(want.N, 10), got.Hash.String(), want.Hash.String()}
		}
		v.good = want.N
	}
	return nil
}

// inner holds the tiles above the leaves that were just completed against the stored ones.
func (v *Verifier) inner() error {
	for _, t := range v.tree.ready {
		if t.Level == 0 {
			continue // compared before it was added
		}
		if _, finding, err := v.compare(t.Tile, t.Hashes); err != nil {
			return err
		} else if finding != nil {
			return finding
		}
	}
	v.tree.ready = v.tree.ready[:0]
	return nil
}

// end holds the last heads and the unfinished tiles against the end of the log.
func (v *Verifier) end() error {
	if err := v.heads(); err != nil {
		return err
	}
	size := v.tree.Size()
	if v.head < len(v.expected.Heads) {
		want := v.expected.Heads[v.head].N
		return &Fault{size, Truncated, "checkpoint", strconv.FormatInt(size, 10), strconv.FormatInt(want, 10)}
	}
	for level := 0; level == 0 || size>>(level*TileHeight) > 0; level++ {
		if err := v.endOf(level); err != nil {
			return err
		}
	}
	return nil
}

// endOf holds the unfinished tile of a level, which may be empty, against the
// stored one: the same hashes, and no more of them.
func (v *Verifier) endOf(level int) error {
	var hashes []byte
	if level < len(v.tree.edge) {
		hashes = v.tree.edge[level]
	}
	t := Tile{level, v.tree.Size() >> (level*TileHeight + TileHeight), len(hashes) / HashSize}
	if _, finding, err := v.compare(t, hashes); err != nil {
		return err
	} else if finding != nil {
		return finding
	}
	if v.expected.Tile == nil {
		return nil
	}
	stored, err := v.expected.Tile(t)
	if err == nil && len(stored) > len(hashes) {
		return &Fault{v.tree.Size(), Truncated, t.Path(), strconv.Itoa(t.Width), strconv.Itoa(len(stored) / HashSize)}
	}
	return err
}

// compare holds a tile against what is stored of it: how many hashes agree
// before the first that does not, and what is wrong with that one.
func (v *Verifier) compare(t Tile, hashes []byte) (int, *Fault, error) {
	if v.expected.Tile == nil {
		return t.Width, nil, nil
	}
	stored, err := v.expected.Tile(t)
	if err != nil {
		return 0, nil, err
	}
	if bytes.HasPrefix(stored, hashes) {
		return t.Width, nil, nil
	}
	i := 0
	for at := 0; at+HashSize <= len(stored) && Hash(stored[at:at+HashSize]) == Hash(hashes[at:at+HashSize]); at += HashSize {
		i++
	}
	return i, v.unlike(t, i, stored, hashes), nil
}

// unlike says what is wrong with the i-th hash of a stored tile.
func (v *Verifier) unlike(t Tile, i int, stored, hashes []byte) *Fault {
	at := i * HashSize
	f := &Fault{t.first(i), LeafDiffers, t.Path(), "", Hash(hashes[at : at+HashSize]).String()}
	switch {
	case len(stored) < at+HashSize:
		f.Code = Unlogged
		return f
	case t.Level > 0:
		f.Code = NodeDiffers
	}
	f.Got = Hash(stored[at : at+HashSize]).String()
	return f
}

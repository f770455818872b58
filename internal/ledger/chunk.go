package ledger

import (
	"bytes"
	"strconv"
)

// chunkLines is how many entries are hashed at a time: whole tiles, enough of
// them that handing them over costs nothing, few enough for a small memory.
const chunkLines = 8 * TileWidth

// chunk is a run of lines and what one processor makes of them.
type chunk struct {
	start  int64 // number that the first line should have
	lines  []Line
	leaves []byte // hashes of the lines up to the first that is wrong
	roots  []Hash // of the full tiles of leaves
	fault  *Fault
	done   chan struct{}
}

// hash fills leaves and roots, and fault when a line is wrong by itself.
func (c *chunk) hash() {
	defer close(c.done)
	form := make([]byte, 0, maxEntry)
	for i := range c.lines {
		line := &c.lines[i]
		if c.fault = line.check(c.start + int64(i)); c.fault != nil {
			break
		}
		form = line.Entry.Append(form[:0])
		leaf := LeafOf(form)
		if c.fault = line.compare(form, leaf); c.fault != nil {
			break
		}
		c.leaves = append(c.leaves, leaf[:]...)
	}
	for at := 0; at+TileWidth*HashSize <= len(c.leaves); at += TileWidth * HashSize {
		c.roots = append(c.roots, rootOf(c.leaves[at:]))
	}
}

// blocks is how many tiles, the last of them perhaps unfinished, the leaves make.
func (c *chunk) blocks() int {
	return (len(c.leaves) + TileWidth*HashSize - 1) / (TileWidth * HashSize)
}

// block is the i-th of them, with its root when it is full.
func (c *chunk) block(i int) ([]byte, *Hash) {
	leaves := c.leaves[i*TileWidth*HashSize:]
	if i < len(c.roots) {
		return leaves[:TileWidth*HashSize], &c.roots[i]
	}
	return leaves, nil
}

// check holds a line against its place and the rules of one entry.
func (l *Line) check(number int64) *Fault {
	switch got := l.Entry.Number; {
	case got > number:
		return &Fault{number, Gap, "number", strconv.FormatInt(got, 10), strconv.FormatInt(number, 10)}
	case got < number:
		return &Fault{got, Repeated, "number", strconv.FormatInt(got, 10), strconv.FormatInt(number, 10)}
	}
	if err := l.Entry.Check(); err != nil {
		return err.(*Fault) // Check promises it
	}
	return nil
}

// compare holds what is stored beside the fields against them.
func (l *Line) compare(form []byte, leaf Hash) *Fault {
	switch {
	case l.Bytes != nil && !bytes.Equal(l.Bytes, form):
		return &Fault{l.Entry.Number, BytesDiffer, "bytes", string(l.Bytes), string(form)}
	case l.Leaf != nil && *l.Leaf != leaf:
		return &Fault{l.Entry.Number, LeafDiffers, "leaf", l.Leaf.String(), leaf.String()}
	}
	return nil
}

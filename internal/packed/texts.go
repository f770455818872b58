package packed

import (
	"encoding/binary"
	"unsafe"
)

// stride is how many texts share one anchor: with it a text costs its own bytes,
// one for its length and a quarter of one for the anchor.
const stride = 16

// Texts is a numbered list of texts.
type Texts struct {
	anchors []uint32 // where every stride-th text begins
	bytes   []byte   // of each text: its length as a varint, then itself
	count   []uint32 // one number: how many texts there are
}

// Append adds a text to the end of the list and gives its number.
func (t *Texts) Append(text string) uint32 {
	if t.count == nil {
		t.count = []uint32{0}
	}
	n := t.count[0]
	if n%stride == 0 {
		t.anchors = append(t.anchors, uint32(len(t.bytes)))
	}
	t.bytes = append(binary.AppendUvarint(t.bytes, uint64(len(text))), text...)
	t.count[0]++
	return n
}

// Len is the number of texts.
func (t *Texts) Len() int {
	if t.count == nil {
		return 0
	}
	return int(t.count[0])
}

// At is the text of a number that Append gave. It shares the memory of the list.
func (t *Texts) At(n uint32) string {
	b := t.bytes[t.anchors[n/stride]:]
	for range n % stride {
		length, used := length(b)
		b = b[used+length:]
	}
	length, used := length(b)
	return unsafe.String(unsafe.SliceData(b[used:]), length)
}

func length(b []byte) (length, used int) {
	if b[0] < 0x80 {
		return int(b[0]), 1
	}
	n, used := binary.Uvarint(b)
	return int(n), used
}

// Put appends the list to what is written.
func (t *Texts) Put(w *Writer) {
	Put(w, t.anchors)
	Put(w, t.bytes)
	Put(w, t.count)
}

// Take reads the list that Put wrote.
func (t *Texts) Take(r *Reader) {
	t.anchors, t.bytes, t.count = Take[uint32](r), Take[byte](r), Take[uint32](r)
}

// Size is the memory that the list takes, in bytes.
func (t *Texts) Size() int { return Size(t.anchors) + Size(t.bytes) }

// Index is a list of different texts that is being made: each has one number.
type Index struct {
	Texts Texts
	at    map[string]uint32
}

// NewIndex begins with the empty text, whose number is 0.
func NewIndex() *Index {
	x := &Index{at: map[string]uint32{}}
	x.Number("")
	return x
}

// Number is the number of a text, the next one if it was not there.
func (x *Index) Number(text string) uint32 {
	if n, known := x.at[text]; known {
		return n
	}
	n := x.Texts.Append(text)
	x.at[text] = n
	return n
}

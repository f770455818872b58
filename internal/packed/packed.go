// Package packed keeps large tables small: rows of one size and texts that lie in
// memory as they lie in a file, so that a table is written by copying it and read
// without being built again.
//
// What is written is for the machine and the program that wrote it: a file of
// another byte order, of other rows or with a damaged byte is refused.
package packed

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"reflect"
	"unsafe"
)

// ErrUnreadable says that bytes are not what a [Writer] of this program made.
var ErrUnreadable = errors.New("packed: not written by this program, or damaged")

// order is a number whose bytes tell the order in which the machine keeps them.
const order uint64 = 0x0102_0304_0506_0708

// align is the alignment of every table.
const align = 8

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Writer collects tables. The zero value is empty and ready.
type Writer struct {
	bytes  []byte
	layout uint32 // checksum of the kinds of rows, in their order
}

// NewWriter begins with room for size bytes.
func NewWriter(size int) *Writer {
	w := &Writer{bytes: make([]byte, 0, size+4*align)}
	w.bytes = binary.NativeEndian.AppendUint64(w.bytes, order)
	return w
}

// Put appends a table. Rows must be of a fixed size, without pointers: numbers,
// and arrays and structs of them. Anything else is a mistake of the program, and panics.
func Put[T any](w *Writer, rows []T) {
	w.layout = layoutOf[T](w.layout)
	w.bytes = binary.NativeEndian.AppendUint64(w.bytes, uint64(len(rows)))
	w.bytes = append(w.bytes, bytesOf(rows)...)
	for len(w.bytes)%align != 0 {
		w.bytes = append(w.bytes, 0)
	}
}

// Bytes are all tables and what tells whether they can be read again.
func (w *Writer) Bytes() []byte {
	w.bytes = binary.NativeEndian.AppendUint32(w.bytes, w.layout)
	return binary.NativeEndian.AppendUint32(w.bytes, crc32.Checksum(w.bytes, castagnoli))
}

// Reader takes tables in the order in which they were put. It holds the first
// error; tables after it are empty.
type Reader struct {
	bytes  []byte
	layout uint32
	wanted uint32
	err    error
}

// NewReader reads what a [Writer] gave. The tables share the memory of b, which
// nobody may change afterwards.
func NewReader(b []byte) *Reader {
	r := &Reader{}
	if len(b) < 2*align || binary.NativeEndian.Uint64(b) != order {
		r.err = ErrUnreadable
		return r
	}
	end := len(b) - 4
	if crc32.Checksum(b[:end], castagnoli) != binary.NativeEndian.Uint32(b[end:]) {
		r.err = ErrUnreadable
		return r
	}
	if uintptr(unsafe.Pointer(unsafe.SliceData(b)))%align != 0 {
		b = append(make([]byte, 0, len(b)), b...)
	}
	r.wanted = binary.NativeEndian.Uint32(b[end-4:])
	r.bytes = b[align : end-4]
	return r
}

// Take is the next table, which must have been put with the same kind of rows.
func Take[T any](r *Reader) []T {
	r.layout = layoutOf[T](r.layout)
	if r.err != nil || len(r.bytes) < align {
		r.err = ErrUnreadable
		return nil
	}
	n := binary.NativeEndian.Uint64(r.bytes)
	r.bytes = r.bytes[align:]
	var row T
	size := uint64(unsafe.Sizeof(row))
	if n > uint64(len(r.bytes))/size {
		r.err = ErrUnreadable
		return nil
	}
	if n == 0 {
		return nil
	}
	rows := unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(r.bytes))), n)
	r.bytes = r.bytes[min(uint64(len(r.bytes)), (n*size+align-1)/align*align):]
	return rows
}

// Close says whether all tables were there, and nothing else. It promises
// [ErrUnreadable].
func (r *Reader) Close() error {
	if r.err == nil && (len(r.bytes) != 0 || r.layout != r.wanted) {
		r.err = ErrUnreadable
	}
	return r.err
}

// Size is the memory that a table takes, in bytes.
func Size[T any](rows []T) int { return len(bytesOf(rows)) }

func bytesOf[T any](rows []T) []byte {
	var row T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(rows))), len(rows)*int(unsafe.Sizeof(row)))
}

// layoutOf adds the kind of a table's rows to a checksum, so that a program with
// other rows does not take them for its own.
func layoutOf[T any](sum uint32) uint32 {
	kind := reflect.TypeFor[T]()
	return crc32.Update(sum, castagnoli, fmt.Appendf(nil, "%s;", shape(kind)))
}

// shape spells out a kind of rows.
func shape(kind reflect.Type) string {
	switch kind.Kind() {
	case reflect.Struct:
		text := kind.Name() + "{"
		for i := range kind.NumField() {
			f := kind.Field(i)
			text += fmt.Sprintf("%s@%d:%s ", f.Name, f.Offset, shape(f.Type))
		}
		return text + "}"
	case reflect.Array:
		return fmt.Sprintf("[%d]%s", kind.Len(), shape(kind.Elem()))
	case reflect.Bool, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return kind.Kind().String()
	}
	panic("packed: rows of " + kind.String() + " have no fixed size")
}

package packed_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/packed"
)

type pair struct {
	a int32
	b uint64
}

func TestTablesComeBack(t *testing.T) {
	numbers, pairs := []uint16{1, 2, 3}, []pair{{-1, 7}, {5, 1 << 40}}
	w := packed.NewWriter(0)
	packed.Put(w, numbers)
	packed.Put(w, []int32{})
	packed.Put(w, pairs)
	for _, shift := range []int{0, 1, 3} { // tables are aligned wherever the bytes lie
		kept := append(make([]byte, shift, 1000), w.Bytes()...)[shift:]
		r := packed.NewReader(kept)
		if got := packed.Take[uint16](r); !slices.Equal(got, numbers) {
			t.Errorf("got %v, want %v", got, numbers)
		}
		if got := packed.Take[int32](r); len(got) != 0 {
			t.Errorf("got %v, want none", got)
		}
		if got := packed.Take[pair](r); !slices.Equal(got, pairs) {
			t.Errorf("got %v, want %v", got, pairs)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		w = packed.NewWriter(0)
		packed.Put(w, numbers)
		packed.Put(w, []int32{})
		packed.Put(w, pairs)
	}
}

// Other rows than were put are not taken for them, though they have the same size.
func TestOtherRowsAreRefused(t *testing.T) {
	w := packed.NewWriter(0)
	packed.Put(w, []pair{{1, 2}})
	r := packed.NewReader(w.Bytes())
	packed.Take[[2]uint64](r)
	if err := r.Close(); !errors.Is(err, packed.ErrUnreadable) {
		t.Errorf("got %v", err)
	}
}

func TestTablesLeftOverAreRefused(t *testing.T) {
	w := packed.NewWriter(0)
	packed.Put(w, []int32{1})
	packed.Put(w, []int32{2})
	r := packed.NewReader(w.Bytes())
	packed.Take[int32](r)
	if err := r.Close(); !errors.Is(err, packed.ErrUnreadable) {
		t.Errorf("got %v", err)
	}
}

func TestRowsWithPointersAreAMistake(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a text in a row was taken")
		}
	}()
	packed.Put(packed.NewWriter(0), []struct{ s string }{{"x"}})
}

func TestTexts(t *testing.T) {
	var list []string
	for i := range 100 {
		list = append(list, strings.Repeat("会x", i*3%77))
	}
	var texts packed.Texts
	for i, s := range list {
		if n := texts.Append(s); int(n) != i {
			t.Fatalf("number %d, want %d", n, i)
		}
	}
	w := packed.NewWriter(texts.Size())
	texts.Put(w)
	var back packed.Texts
	r := packed.NewReader(w.Bytes())
	back.Take(r)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for i, s := range list {
		if texts.At(uint32(i)) != s || back.At(uint32(i)) != s {
			t.Errorf("text %d: %q and %q, want %q", i, texts.At(uint32(i)), back.At(uint32(i)), s)
		}
	}
}

func TestIndexNumbersEachTextOnce(t *testing.T) {
	x := packed.NewIndex()
	if x.Number("") != 0 || x.Number("a") != 1 || x.Number("b") != 2 || x.Number("a") != 1 || x.Texts.Len() != 3 {
		t.Error("numbers are not kept")
	}
}

func FuzzReader(f *testing.F) {
	w := packed.NewWriter(0)
	packed.Put(w, []pair{{1, 2}})
	f.Add(w.Bytes())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := packed.NewReader(b)
		packed.Take[pair](r)
		_ = r.Close()
	})
}

func TestSetGivesItsNumbersInOrder(t *testing.T) {
	s := packed.NewSet(200)
	for _, n := range []int32{199, 0, 64, 63, 0, 130} {
		s.Add(n)
	}
	if got := slices.Collect(s.All()); !slices.Equal(got, []int32{0, 63, 64, 130, 199}) {
		t.Errorf("got %v", got)
	}
	s.Clear()
	if got := slices.Collect(s.All()); len(got) != 0 {
		t.Errorf("got %v, want none", got)
	}
}

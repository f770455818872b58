package bank

import (
	"cmp"
	"container/heap"
	"encoding/binary"
	"iter"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// rounds brings results into the order in which they lie in the database, further than
// one part of a file reaches. Of those that it holds it gives the next in that order, and
// goes through all learners time after time, so that a page of the table is written once
// for many results though their file goes from learner to learner. A round has about
// twice as many results as are held: replacement selection (Knuth, The Art of Computer
// Programming 3, 5.4.1), by parts that are sorted in themselves. The zero value is ready.
type rounds struct {
	now   sortedResults            // what is still to come in this round
	next  sortedResults            // what is before the last that was given
	last  keyed[recordKey, Record] // given
	room  [2][]byte                // for packing
	given []deposited              // room for what is given
}

// take takes results in.
func (r *rounds) take(added []keyed[recordKey, Record]) {
	now, next := r.room[0][:0], r.room[1][:0]
	for _, i := range byLearner(added) {
		if k := &added[i]; compareByLearner(k, &r.last) < 0 {
			next = packResult(next, k)
		} else {
			now = packResult(now, k)
		}
	}
	r.now.add(string(now))
	r.next.add(string(next))
	r.room = [2][]byte{now, next}
}

// give gives so many of the results that it holds, some at a time; what it gives is valid
// until the next.
func (r *rounds) give(results int) iter.Seq[[]deposited] {
	return func(yield func([]deposited) bool) {
		some := r.given
		for ; results > 0; results -= len(some) {
			some = some[:0]
			for range min(results, bookedAhead) {
				some = append(some, deposited{keyed: r.pop()})
			}
			r.given = some
			if !yield(some) {
				return
			}
		}
	}
}

func (r *rounds) pop() keyed[recordKey, Record] {
	if len(r.now) == 0 {
		r.now, r.next = r.next, nil
	}
	first := r.now[0]
	r.last = first.head
	if first.read() {
		heap.Fix(&r.now, 0)
	} else {
		heap.Pop(&r.now)
	}
	return r.last
}

// byLearner is the order in which results lie in the database: by learner, then by key.
// In it, those that come together touch its pages one after the other.
func byLearner(added []keyed[recordKey, Record]) []int32 {
	order := make([]int32, len(added))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return compareByLearner(&added[a], &added[b]) })
	return order
}

func compareByLearner(a, b *keyed[recordKey, Record]) int {
	return cmp.Or(cmp.Compare(a.value.Learner, b.value.Learner), compareRecords(a.key, b.key))
}

// sortedResults are runs of results, a heap by their first.
type sortedResults []*packedResults

// Len is for heap, as are the next four.
func (s sortedResults) Len() int           { return len(s) }
func (s sortedResults) Less(i, j int) bool { return compareByLearner(&s[i].head, &s[j].head) < 0 }
func (s sortedResults) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *sortedResults) Push(run any)      { *s = append(*s, run.(*packedResults)) }
func (s *sortedResults) Pop() any {
	last := len(*s) - 1
	run := (*s)[last]
	(*s)[last] = nil
	*s = (*s)[:last]
	return run
}

// add adds a run of packed results, which may be empty.
func (s *sortedResults) add(data string) {
	run := &packedResults{rest: data}
	if run.read() {
		heap.Push(s, run)
	}
}

// packedResults are results in a third of the room that they take as values.
type packedResults struct {
	head keyed[recordKey, Record] // the first
	rest string                   // the others
}

// read reads the next to the head; false: there is none.
func (p *packedResults) read() bool {
	if p.rest == "" {
		return false
	}
	p.head = keyed[recordKey, Record]{
		recordKey{p.text(), p.text()},
		Record{
			Learner: p.text(), Kind: p.text(), Course: p.text(), Title: p.text(), Grade: p.text(), Scale: p.text(), Term: p.text(),
			Score: credit.Score(p.number()), Passed: p.number() == 1, Credits: credit.Amount(p.number()), Hours: credit.Hours(p.number()),
			Level: int(p.number()), Completed: calendar.Day(p.number()), ValidTo: calendar.Day(p.number()),
		},
	}
	return true
}

// packResult appends a result as [packedResults.read] reads it.
func packResult(to []byte, k *keyed[recordKey, Record]) []byte {
	v := &k.value
	for _, text := range [...]string{k.key.Institution, k.key.Reference, v.Learner, v.Kind, v.Course, v.Title, v.Grade, v.Scale, v.Term} {
		to = append(binary.AppendVarint(to, int64(len(text))), text...)
	}
	passed := int64(0)
	if v.Passed {
		passed = 1
	}
	for _, number := range [...]int64{int64(v.Score), passed, int64(v.Credits), int64(v.Hours), int64(v.Level), int64(v.Completed), int64(v.ValidTo)} {
		to = binary.AppendVarint(to, number)
	}
	return to
}

func (p *packedResults) text() string {
	length := p.number()
	text := p.rest[:length]
	p.rest = p.rest[length:]
	return text
}

func (p *packedResults) number() int64 {
	number, _ := binary.ReadVarint(p) // what was packed here is whole
	return number
}

// ReadByte is for binary.
func (p *packedResults) ReadByte() (byte, error) {
	first := p.rest[0]
	p.rest = p.rest[1:]
	return first, nil
}

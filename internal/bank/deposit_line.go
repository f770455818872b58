package bank

import "slices"

// depositLine books the results of a file in a goroutine of its own, where it sorts,
// values and hashes them, while those before are written: neither waits for the other.
type depositLine struct {
	*tx
	worth *values
	log   *journal // the goroutine's, until it has ended
	parts chan linePart
	rows  *runner[bookedRows]
	held  int // results that were handed over and are not asked for yet
	owed  int // how many times rows are still to come of those asked for
	ended bool
}

// heldResults is how many results wait for others of their learners.
const heldResults = 100_000

// linePart is results that are handed over, and how many are asked for, with what values
// all that were handed over so far.
type linePart struct {
	worth *values
	added []keyed[recordKey, Record]
	asked int
}

// depositLine begins one. It has to be broken off, also after its end.
func (t *tx) depositLine() (*depositLine, error) {
	log, worth, err := t.importBooking()
	if err != nil {
		return nil, err
	}
	l := &depositLine{tx: t, worth: worth, log: log, parts: make(chan linePart, 1)}
	l.rows = running(l.book)
	return l, nil
}

// book books what is handed over, until nothing more comes.
func (l *depositLine) book(yield func(bookedRows) bool) {
	var waiting rounds
	for part := range l.parts {
		for added := range slices.Chunk(part.added, importPart) {
			waiting.take(added)
		}
		for some := range waiting.give(part.asked) {
			part.worth.value(some)
			if !yield(l.log.bookSome(some, nil)) {
				return
			}
		}
	}
}

// take hands new results over, and writes those that were asked for before: the
// goroutine has taken these up by then, so that nobody waits to hand anything over.
func (l *depositLine) take(added []keyed[recordKey, Record]) (err error) {
	if l.worth, err = l.worth.prepared(added); err != nil {
		return err
	}
	before := l.owed
	l.held += len(added)
	l.ask(added, max(0, l.held-heldResults))
	for range before {
		if err := l.writeNext(); err != nil {
			return err
		}
	}
	return nil
}

// ask hands results over and asks for so many of those held.
func (l *depositLine) ask(added []keyed[recordKey, Record], results int) {
	select {
	case l.parts <- linePart{l.worth, added, results}:
	case <-l.rows.ended:
		l.breakOff() // which panics, as the booking did
	}
	l.held -= results
	l.owed += (results + bookedAhead - 1) / bookedAhead
}

func (l *depositLine) writeNext() error {
	l.owed--
	rows, more := l.rows.next()
	if !more {
		l.breakOff() // which panics, as the booking did
	}
	return rows.insert(l.tx)
}

// end writes all that is left.
func (l *depositLine) end() error {
	l.ask(nil, l.held)
	for l.owed > 0 {
		if err := l.writeNext(); err != nil {
			return err
		}
	}
	l.breakOff()
	l.db.tree.after = l.log.tree
	return nil
}

// breakOff lets go of what is not written. After the end it does nothing.
func (l *depositLine) breakOff() {
	if l.ended {
		return
	}
	l.ended = true
	close(l.parts)
	l.rows.end()
}

package bank

// depositLine books the results of a file in a goroutine of its own, where it sorts,
// values and hashes them, while those before are written: neither waits for the other.
type depositLine struct {
	*tx
	worth *values
	log   *journal // the goroutine's, until it has ended
	parts chan linePart
	rows  *runner[bookedRows]
	owed  int // how many times rows are still to come of what was handed over
	ended bool
}

// linePart is results that are handed over, with what values them.
type linePart struct {
	worth *values
	added []keyed[recordKey, Record]
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
	for part := range l.parts {
		for rows := range l.log.bookApart(part.worth.all(part.added), nil) {
			if !yield(rows) {
				return
			}
		}
	}
}

// take hands new results over, and writes those that were handed over before: the
// goroutine has taken these up by then, so that nobody waits to hand anything over.
func (l *depositLine) take(added []keyed[recordKey, Record]) (err error) {
	if l.worth, err = l.worth.prepared(added); err != nil {
		return err
	}
	before := l.owed
	l.parts <- linePart{l.worth, added}
	l.owed += (len(added) + bookedAhead - 1) / bookedAhead
	for range before {
		if err := l.writeNext(); err != nil {
			return err
		}
	}
	return nil
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

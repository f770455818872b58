package transfer

import "creditbank/internal/calendar"

// comparison is a learner before a map and before what a change makes of it.
// Programmes and institutions have the same numbers in both.
type comparison struct{ before, after side }

// side is a learner before one of the two maps.
type side struct{ *field }

func (m *Map) side(records []Record, asOf calendar.Day) side {
	l := m.learner(records, asOf)
	l.memory = m.takeMemory()
	l.sortTouched()
	return side{l.field(nil)}
}

func (s side) close() {
	s.release()
	s.m.giveMemory(s.memory)
}

// moves looks at the programmes of one institution. What was worked out for it is
// forgotten then: for a whole country it would be too much.
func (c *comparison) moves(institution int32) (moves []Move) {
	for _, s := range []side{c.before, c.after} {
		place := s.place()
		defer func() {
			delete(s.stocks, institution)
			s.back(place)
		}()
	}
	for _, n := range c.after.m.offeredBy(institution) {
		if m, moved := c.move(n); moved {
			moves = append(moves, m)
		}
	}
	return moves
}

// move is what happens to one programme. It is planned for on both sides unless the
// same plans are possible there, or the best of one side is found to be that of the
// other.
func (c *comparison) move(n int32) (m Move, moved bool) {
	if c.before.of(n) == (worth{}) && c.after.of(n) == (worth{}) {
		return m, false
	}
	b, a := c.before.weighed(n), c.after.weighed(n)
	defer b.back(b.since)
	defer a.back(a.since)
	pair(b, a)
	if len(b.alone)+len(a.alone) == 0 && b.allows(a) && a.allows(b) {
		return m, false
	}
	first, second := b, a
	if len(b.alone) == 0 {
		first, second = a, b // nothing can be better than with all the items
	}
	first.plan(nil)
	if first.proven && first.allows(second) {
		if len(second.alone) == 0 && second.holds(first) {
			return m, false // nothing goes beyond what there is on the first side, and its best plan is one here
		}
		second.lower(first.best)
	}
	second.plan(first.plannedTwins())
	m = Move{Programme: c.after.m.programmeKey(n), Before: b.standing(), After: a.standing()}
	return m, m.Applied() != 0 || m.Transferable() != 0
}

package transfer

import (
	"cmp"
	"iter"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// Triggers lists the courses without a result in one of which a change makes no
// difference to anybody; false: everyone may see one.
func (v *Variant) Triggers() ([]CourseKey, bool) {
	if v.triggers == nil {
		return nil, false
	}
	keys := make([]CourseKey, 0, len(v.triggers))
	for key := range v.triggers {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, compareCourses)
	return keys, true
}

// Move is what a change does to a learner's standing in one programme.
type Move struct {
	Programme     ProgrammeKey
	Before, After Standing
}

// Moves lists the programmes in which the change gives the records other credits,
// by programme code.
func (v *Variant) Moves(records []Record, asOf calendar.Day) []Move {
	if v.triggers != nil && !slices.ContainsFunc(records, func(r Record) bool { return v.triggers[r.CourseKey] }) {
		return nil
	}
	c := comparison{v.before.side(records, asOf), v.after.side(records, asOf)}
	defer c.before.close()
	defer c.after.close()
	var moves []Move
	for at := range v.after.institutions[:len(v.after.institutions)-1] {
		moves = append(moves, c.moves(int32(at))...)
	}
	slices.SortFunc(moves, func(a, b Move) int { return compareProgrammes(a.Programme, b.Programme) })
	return moves
}

// Applied is by how much more counts towards the programme afterwards.
func (m Move) Applied() credit.Amount { return m.After.Applied - m.Before.Applied }

// Transferable is by how much more is awarded afterwards.
func (m Move) Transferable() credit.Amount { return m.After.Transferable - m.Before.Transferable }

// Gains says whether the learner is better off in the programme: with more applied,
// or with as much applied and more transferable. Every other move is a loss.
func (m Move) Gains() bool { return cmp.Or(m.Applied(), m.Transferable()) > 0 }

// MainMove is the move that matters most to a learner: that of their own programme,
// else the one that changes most of what is applied, then of what is transferable; a
// loss before a gain, then by programme code. own may be empty; there is at least one move.
func MainMove(own ProgrammeKey, moves []Move) Move {
	for _, m := range moves {
		if m.Programme == own {
			return m
		}
	}
	return slices.MinFunc(moves, func(a, b Move) int {
		return cmp.Or(
			cmp.Compare(extent(b.Applied()), extent(a.Applied())),
			cmp.Compare(extent(b.Transferable()), extent(a.Transferable())),
			compareBools(a.Gains(), b.Gains()),
			compareProgrammes(a.Programme, b.Programme),
		)
	})
}

func extent(a credit.Amount) credit.Amount { return max(a, -a) }

// Tally counts learners who are better or worse off, and the credits.
type Tally struct {
	Gaining, Losing int           // learners
	Gained, Lost    credit.Amount // applied
	More, Fewer     credit.Amount // transferable
}

// Add counts a move of one more learner.
func (t *Tally) Add(m Move) {
	t.Gaining += bit(m.Gains())
	t.Losing += bit(!m.Gains())
	t.Gained += max(m.Applied(), 0)
	t.Lost += max(-m.Applied(), 0)
	t.More += max(m.Transferable(), 0)
	t.Fewer += max(-m.Transferable(), 0)
}

// Impact adds up what a change does to many learners.
type Impact struct {
	Learners   int                    // looked at
	Own        Tally                  // in the programmes in which learners are enrolled
	Main       Tally                  // by the main move of each learner: see [MainMove]
	Gaining    int                    // learners who are better off in some programme
	Losing     int                    // learners who are worse off in some programme; may be among those who gain in another
	Programmes map[ProgrammeKey]Tally // those that move for anybody
}

// Impact looks at every learner's records. Nobody is enrolled anywhere.
func (v *Variant) Impact(learners iter.Seq[[]Record], asOf calendar.Day) Impact {
	var sum Impact
	for records := range learners {
		sum.Add(ProgrammeKey{}, v.Moves(records, asOf))
	}
	return sum
}

// Add counts one more learner, who is enrolled in own, which may be empty.
func (i *Impact) Add(own ProgrammeKey, moves []Move) {
	i.Learners++
	if len(moves) == 0 {
		return
	}
	if i.Programmes == nil {
		i.Programmes = map[ProgrammeKey]Tally{}
	}
	gains, loses := false, false
	for _, m := range moves {
		t := i.Programmes[m.Programme]
		t.Add(m)
		i.Programmes[m.Programme] = t
		if m.Programme == own {
			i.Own.Add(m)
		}
		gains, loses = gains || m.Gains(), loses || !m.Gains()
	}
	i.Main.Add(MainMove(own, moves))
	i.Gaining += bit(gains)
	i.Losing += bit(loses)
}

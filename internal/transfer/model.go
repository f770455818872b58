package transfer

import (
	"slices"

	"math"

	"creditbank/internal/credit"
)

// model is the choice of a plan as an integer programme: a column for each item,
// taken or not, and one for each group, the credits applied in it. Every row is
// a sum that may not exceed its limit. Credits are counted in the largest unit
// of which all of them are multiples.
type model struct {
	items   []*item
	columns []column
	limits  []int64 // by row
	hard    int     // so many rows at the beginning say what a plan is
	own     int     // so many rows at the beginning are no cuts
	salt    uint32  // chooses among relaxations worth the same, see nudge
	mass    int64   // no less than all limits and all factors, times their column's upper, together
	groups  []int   // by column after the items: the group it stands for
	unit    credit.Amount
	memory  *memory
}

// column is one variable, from 0 to upper.
type column struct {
	upper int64
	terms []term
}

// term is what one unit of a column adds to a row.
type term struct {
	row    int
	factor int64
}

func newModel(s *search) *model {
	items := s.exchange.items
	m := &model{memory: s.memory, items: items, columns: s.memory.columns.take(len(items) + len(s.needs))[:len(items)], unit: unitOf(s.needs, items)}
	for j := range items {
		m.columns[j] = column{upper: 1, terms: s.memory.terms.take(usualTerms)[:0]}
	}
	limits := make([]int64, len(s.limits))
	for c, limit := range s.limits {
		limits[c] = int64(limit / m.unit)
	}
	for _, clique := range s.exchange.cliques(limits, int64(m.unit)) {
		row := m.addRow(1)
		for _, j := range clique {
			m.add(j, row, 1)
		}
	}
	m.addCaps(limits)
	m.hard = len(m.limits)
	m.addGroups(s)
	return m
}

// usualTerms are the rows that most items are in.
const usualTerms = 12

// unitOf is the greatest common divisor of all credits that can be added or applied.
func unitOf(needs []credit.Amount, items []*item) credit.Amount {
	var unit credit.Amount
	for _, need := range needs {
		unit = divisor(unit, need)
	}
	for _, it := range items {
		for _, a := range it.awards {
			unit = divisor(unit, a.credits)
		}
	}
	return max(unit, 1)
}

func divisor(a, b credit.Amount) credit.Amount {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func (m *model) addRow(limit int64) int {
	m.limits = append(m.limits, limit)
	m.mass += max(limit, -limit)
	return len(m.limits) - 1
}

func (m *model) add(column, row int, factor int64) {
	if factor != 0 {
		m.columns[column].terms = append(m.columns[column].terms, term{row, factor})
		m.mass += max(factor, -factor) * m.columns[column].upper
	}
}

func (m *model) addCaps(limits []int64) {
	rows := make([]int, len(limits))
	for c, limit := range limits {
		rows[c] = m.addRow(limit)
	}
	for j, it := range m.items {
		for _, u := range it.uses {
			m.add(j, rows[u.cap], int64(u.amount/m.unit))
		}
	}
}

// addGroups adds the credits applied in each group: no more than it needs, and
// no more than the items award in it.
func (m *model) addGroups(s *search) {
	rows := make([]int, len(s.needs))
	for g, need := range s.needs {
		if need == 0 {
			continue
		}
		rows[g] = m.addRow(0)
		m.columns = append(m.columns, column{upper: int64(need / m.unit)})
		m.groups = append(m.groups, g)
		m.add(len(m.columns)-1, rows[g], 1)
	}
	for j, it := range m.items {
		for _, a := range it.byGroup {
			if s.needs[a.group] > 0 {
				m.add(j, rows[a.group], -int64(a.amount/m.unit))
			}
		}
	}
}

// scale is the fineness of multipliers: they are whole numbers of 1/scale.
const scale = 1 << 20

// bounds are the columns' limits at a place in the search.
type bounds struct{ low, high []int64 }

// prove is an upper limit on what any choice within the bounds is worth, by weak
// duality: with whatever multipliers of the rows that are not negative, the
// limits times the multipliers plus the best of each column by itself. All of it
// is in whole numbers, so it holds however the multipliers were found. The second
// value is what each column adds for each unit, the multipliers deducted.
func (m *model) prove(values []int64, multipliers []int64, b bounds) (limit int64, reduced []int64) {
	reduced = make([]int64, len(m.columns))
	var sum int64
	for i, y := range multipliers {
		sum += y * m.limits[i]
	}
	for j := range m.columns {
		r := values[j] * scale
		for _, t := range m.columns[j].terms {
			r -= multipliers[t.row] * t.factor
		}
		reduced[j] = r
		sum += max(r*b.low[j], r*b.high[j])
	}
	return sum, reduced
}

// wholeMultipliers rounds multipliers to whole numbers of 1/scale, none so large
// that the sums of prove could overflow with values that are roomy.
func (m *model) wholeMultipliers(y []float64) []int64 {
	largest := float64(1 << 61 / (m.mass + 1))
	whole := make([]int64, len(y))
	for i, v := range y {
		if v > 0 {
			whole[i] = int64(math.Min(math.Round(v*scale), largest))
		}
	}
	return whole
}

// roomy says whether the values are so small that prove cannot overflow by them.
func (m *model) roomy(values []int64) bool {
	room := int64(1 << 61 / scale)
	for j, v := range values {
		upper := max(m.columns[j].upper, 1)
		if v = max(v, -v); v > room/upper {
			return false
		}
		room -= v * upper
	}
	return true
}

// floorScale is the largest whole number not above a number of 1/scale.
func floorScale(a int64) int64 { return a >> 20 }

// floorDiv is the largest whole number not above a ÷ b.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// nudge is a little more that an item is worth to the guide: different for every item, so
// that few choices are worth the same to it and it does not run in circles among
// them. It leans to the credits that are judged next.
func (m *model) nudge(j int) float64 {
	if j >= len(m.items) {
		return 0
	}
	return float64(1e-5*float64(m.items[j].total/m.unit)) + float64(1e-4*float64((uint32(j)+1+m.salt<<16)*2654435761>>8)/(1<<24))
}

// dropCuts leaves the rows that say what is asked.
func (m *model) dropCuts() {
	m.limits = m.limits[:m.own]
	for j := range m.columns {
		c := &m.columns[j]
		c.terms = slices.DeleteFunc(c.terms, func(t term) bool { return t.row >= m.own })
	}
}

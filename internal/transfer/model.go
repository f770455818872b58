package transfer

import (
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
	groups  []int   // by column after the items: the group it stands for
	unit    credit.Amount
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

func newModel(s *search, items []*item) *model {
	m := &model{items: items, columns: make([]column, len(items)), unit: unitOf(s, items)}
	for j := range items {
		m.columns[j].upper = 1
	}
	addChoices(m, func(it *item) []int { return it.records })
	addChoices(m, func(it *item) []int32 { return it.targets })
	addChoices(m, func(it *item) []*rule { return []*rule{it.trial.rule} })
	m.addCaps(s)
	m.addGroups(s)
	return m
}

// unitOf is the greatest common divisor of all credits that can be added or applied.
func unitOf(s *search, items []*item) credit.Amount {
	var unit credit.Amount
	for _, need := range s.needs {
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

// addChoices adds a row for everything that several items want and one may have.
func addChoices[K comparable](m *model, wants func(*item) []K) {
	var order []K
	columns := map[K][]int{}
	for j, it := range m.items {
		for _, key := range wants(it) {
			if columns[key] == nil {
				order = append(order, key)
			}
			columns[key] = append(columns[key], j)
		}
	}
	for _, key := range order {
		if len(columns[key]) > 1 {
			row := m.addRow(1)
			for _, j := range columns[key] {
				m.add(j, row, 1)
			}
		}
	}
}

func (m *model) addRow(limit int64) int {
	m.limits = append(m.limits, limit)
	return len(m.limits) - 1
}

func (m *model) add(column, row int, factor int64) {
	if factor != 0 {
		m.columns[column].terms = append(m.columns[column].terms, term{row, factor})
	}
}

func (m *model) addCaps(s *search) {
	rows := make([]int, len(s.limits))
	for c, limit := range s.limits {
		rows[c] = m.addRow(int64(limit / m.unit))
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

// wholeMultipliers rounds multipliers to whole numbers of 1/scale.
func wholeMultipliers(y []float64) []int64 {
	whole := make([]int64, len(y))
	for i, v := range y {
		if v > 0 {
			whole[i] = int64(math.Min(math.Round(v*scale), 1<<34))
		}
	}
	return whole
}

// floorScale is the largest whole number not above a number of 1/scale.
func floorScale(a int64) int64 { return a >> 20 }

// fit takes items in order, as far as the rows that only ever add up allow.
func (m *model) fit(order []int) []int {
	sums := make([]int64, len(m.limits))
	var list []int
	for _, j := range order {
		if !m.fits(sums, j) {
			continue
		}
		for _, t := range m.columns[j].terms {
			sums[t.row] += max(t.factor, 0)
		}
		list = append(list, j)
	}
	return list
}

func (m *model) fits(sums []int64, j int) bool {
	for _, t := range m.columns[j].terms {
		if t.factor > 0 && sums[t.row]+t.factor > m.limits[t.row] {
			return false
		}
	}
	return true
}

// order puts one item first, then those of a choice, then all others.
func (m *model) order(first int, choice []int) []int {
	order := append(make([]int, 0, len(m.items)+len(choice)+1), first)
	order = append(order, choice...)
	seen := make([]bool, len(m.items))
	for _, j := range order {
		seen[j] = true
	}
	for j := range m.items {
		if !seen[j] {
			order = append(order, j)
		}
	}
	return order
}

package bank

import "slices"

// fit is how well a row fits a kind of file as its header.
type fit struct {
	named   int // cells that are columns by their names in the contract
	called  int // cells that are columns by what schools call them
	foreign int // cells that are none
	missing int // columns that must be there and are not
}

// score weighs a fit: a column that is called by its name says more than one that is
// called otherwise, and what is missing or foreign speaks against the kind.
func (f fit) score() int { return 4*f.named + 3*f.called - 3*f.foreign - 4*f.missing }

// Recognise says of which kind a table is, by the rows at its top, one of which is the
// header: the kinds that fit best, several when the names of the columns do not say
// more, and none when no row names columns of any. Kinds that are at hand for whoever
// asks go before others that fit as well.
func Recognise(rows [][]string, atHand []string) []string {
	var best []string
	highest := 0
	for _, k := range kinds() {
		for _, row := range rows {
			score := k.fit(row).score()
			switch {
			case score <= 0 || score < highest:
			case score > highest:
				highest, best = score, []string{k.name}
			case !slices.Contains(best, k.name):
				best = append(best, k.name)
			}
		}
	}
	mine := slices.DeleteFunc(slices.Clone(best), func(kind string) bool { return !slices.Contains(atHand, kind) })
	if len(mine) > 0 {
		return mine
	}
	return best
}

// fit holds a row against the columns of a kind. A school's file need not name the
// school.
func (k kind) fit(row []string) (f fit) {
	found := map[string]bool{}
	for _, guess := range []func(string) string{k.columnNamed, k.columnCalled} {
		for _, cell := range row {
			if column := guess(cell); column != "" && !found[column] && !slices.Contains(rejectColumns[:], column) {
				found[column] = true
				if k.columnNamed(cell) == column {
					f.named++
				} else {
					f.called++
				}
			}
		}
	}
	for _, cell := range row {
		if cell != "" && !slices.Contains(rejectColumns[:], cell) {
			f.foreign++
		}
	}
	f.foreign -= f.named + f.called
	for _, c := range k.columns {
		if c.Required && !found[c.Name] && c.Name != "institution" {
			f.missing++
		}
	}
	return f
}

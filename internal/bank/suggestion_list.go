package bank

import (
	"context"
	"database/sql"
)

// mostCodes is how many programmes of a course are looked at: one that stands in more
// plans is of no field.
const mostCodes = 8

// nationalWays is what the national lists give to suggestions: which programmes lead to
// which, and which courses each is taught with.
type nationalWays struct {
	onward map[[2]string]bool         // from the one code to the other
	taught map[string]map[string]bool // by folded name of a course, the codes of programmes
	names  map[string]string          // of programmes, by code
	fields map[string]specialties     // by folded name of a course, the classes that it is taught in
}

// Weights of what the lists say beside the titles, of 1.
const (
	wayWeight    = 0.06 // one programme leads to the other
	taughtWeight = 0.06 // and both are taught with courses of these names
	// mostFields is in how many classes a course may be taught to say something of where
	// it belongs: English is taught in all.
	mostFields = 3
)

// nationalWays reads the lists.
func (b *Bank) nationalWays(ctx context.Context) (*nationalWays, error) {
	w := &nationalWays{onward: map[[2]string]bool{}, taught: map[string]map[string]bool{}, names: map[string]string{}, fields: map[string]specialties{}}
	read := b.reading(ctx)
	err := read(func(rows *sql.Rows) error {
		var from, fromName, to, toName string
		err := rows.Scan(&from, &fromName, &to, &toName)
		w.onward[[2]string{from, to}], w.names[from], w.names[to] = true, fromName, toName
		return err
	}, `SELECT from_code, from_name, to_code, to_name FROM catalogue_way WHERE to_code <> ''`)
	if err != nil {
		return nil, err
	}
	return w, read(func(rows *sql.Rows) error {
		var programme, name string
		err := rows.Scan(&programme, &name)
		name = Fold(name)
		if w.taught[name] == nil {
			w.taught[name] = map[string]bool{}
		}
		w.taught[name][programme] = true
		w.fields[name] |= specialtiesOf(programme)
		return err
	}, `SELECT programme_code, course_name FROM catalogue_course`)
}

// field is the classes that a course of a name belongs to, as far as the lists say it.
func (w *nationalWays) field(title string) specialties {
	set := w.fields[Fold(title)]
	if set.count() > mostFields {
		return 0
	}
	return set
}

// count is how many classes are in a set.
func (s specialties) count() (n int) {
	for ; s != 0; s &= s - 1 {
		n++
	}
	return n
}

// NationalWay is a way of the national lists (接续专业) from the programme of one course to that
// of the other.
type NationalWay struct {
	FromCode, FromName string
	ToCode, ToName     string
	Taught             bool // the lists name both courses for these programmes
}

// way is the way between the programmes in whose plans two courses stand; the zero value:
// there is none. Where there are several, one whose lists name both courses.
func (g *suggester) way(source, target int32) (found NationalWay) {
	for _, from := range g.codesOf[source] {
		for _, to := range g.codesOf[target] {
			if !g.ways.onward[[2]string{from, to}] || found.Taught {
				continue
			}
			taught := g.ways.taught[Fold(g.names[source])][from] && g.ways.taught[Fold(g.names[target])][to]
			if found.FromCode == "" || taught {
				found = NationalWay{from, g.ways.names[from], to, g.ways.names[to], taught}
			}
		}
	}
	return found
}

// weight is what a way adds to the likeness of two courses.
func (w NationalWay) weight() (more float64) {
	if w.FromCode != "" {
		more = wayWeight
	}
	if w.Taught {
		more += taughtWeight
	}
	return more
}

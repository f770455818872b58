package bench

import (
	"os"
	"path/filepath"
	"slices"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// start sets the start of a bank from the file in which it keeps its map beside
// one that reads its rules from SQLite and compiles them.
func (r *run) start() error {
	row := Row{ID: "E5", What: "start from the kept file", Beside: "compiling from SQLite", Unit: "×", Must: atLeast(30), Aim: atLeast(80)}
	c := r.country(Medium)
	path := filepath.Join(r.options.Dir, "country.db")
	if err := c.fillBank(r.ctx, "sqlite:"+path); err != nil {
		return err
	}
	kept := filepath.Join(r.options.Dir, "country.map")
	m, err := r.startBank(path, kept, true)
	if err != nil {
		return err
	}
	loaded, err := r.startBank(path, kept, false)
	if err != nil {
		return err
	}
	file, err := os.Stat(kept)
	if err != nil {
		return err
	}
	r.sameMaps(c, m, loaded, &row)
	start := func(kept string) timed {
		return cpu(func() error { _, err := r.startBank(path, kept, false); return err })
	}
	s, err := interleaveWarm(r.ctx, byCPU, r.size.pairs, start(kept), start(""))
	if err != nil {
		return err
	}
	row.note("%s from the kept file (%s MB), %s compiled from the bank's file, with all names and what finds them; processor time", took(median(s.A)),
		figure(float64(file.Size())/1e6), took(median(s.B)))
	r.add(row.of(s))
	return nil
}

// startBank opens a bank and waits for its map: from the kept file where one is
// named, else compiled, and then written there if write says so.
func (r *run) startBank(path, kept string, write bool) (*transfer.Map, error) {
	b, err := bank.Open(r.ctx, "sqlite:"+path)
	if err != nil {
		return nil, err
	}
	b.KeepMap(kept, write)
	s, err := b.Snapshot(r.ctx)
	if closed := b.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	return s.Map, nil
}

// sameMaps holds the maps by way of the bank and of the kept file against the one
// that the facts give: the same size, the same rankings.
func (r *run) sameMaps(c *Country, banked, kept *transfer.Map, row *Row) {
	facts := transfer.Compile(c.Facts())
	for name, m := range map[string]*transfer.Map{"bank's": banked, "kept": kept} {
		if m.Size() != facts.Size() {
			row.fault("the %s map serves %d rules, not %d", name, m.Size(), facts.Size())
		}
		for n := range 3 {
			ask := transfer.Ask{Records: c.Learner(n), AsOf: AsOf(), Top: top}
			if !slices.Equal(m.Rank(ask).Standings, facts.Rank(ask).Standings) {
				row.fault("learner %d: the %s map ranks otherwise", n, name)
			}
		}
	}
}

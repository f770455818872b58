package bench

import (
	"os"
	"path/filepath"
	"slices"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// start sets the start of a bank, which reads its rules from SQLite and compiles
// them, beside the start from a map that was kept.
func (r *run) start() error {
	row := Row{ID: "E5", What: "start from a kept map", Beside: "compiling from SQLite", Unit: "×", Must: atLeast(30), Aim: atLeast(80)}
	c := r.country(Medium)
	path := filepath.Join(r.options.Dir, "country.db")
	if err := c.fillBank(r.ctx, "sqlite:"+path); err != nil {
		return err
	}
	m, err := r.startCompiling(path)
	if err != nil {
		return err
	}
	kept := filepath.Join(r.options.Dir, "country.map")
	if err := os.WriteFile(kept, m.AppendBinary(nil), 0o600); err != nil {
		return err
	}
	loaded, err := startKept(kept)
	if err != nil {
		return err
	}
	r.sameMaps(c, m, loaded, &row)
	s, err := interleaveWarm(r.ctx, byCPU, r.size.pairs,
		cpu(func() error { _, err := startKept(kept); return err }), cpu(func() error { _, err := r.startCompiling(path); return err }))
	if err != nil {
		return err
	}
	row.note("%s from the kept map (%s MB), %s from the bank's file with all its names; processor time", took(median(s.A)), figure(float64(m.Bytes())/1e6), took(median(s.B)))
	r.add(row.of(s))
	return nil
}

// startCompiling opens a bank and waits for its map.
func (r *run) startCompiling(path string) (*transfer.Map, error) {
	b, err := bank.Open(r.ctx, "sqlite:"+path)
	if err != nil {
		return nil, err
	}
	s, err := b.Snapshot(r.ctx)
	if closed := b.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	return s.Map, nil
}

// startKept opens a map that was kept.
func startKept(path string) (*transfer.Map, error) {
	kept, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return transfer.Load(kept)
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

package bank_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/testbed"
	"creditbank/seeds"
)

// order is the order in which the real rule sets are loaded.
var order = []string{"institutions", "courses", "programmes", "groups", "plans", "equivalences"}

var realSets = []string{"assist_smc_ucsd", "nj_rutgers", "rpi_2024_12", "texas"}

func TestSeedsLoadAndLoadTwice(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		seeded(t, b)
		for _, f := range seeds.Files() {
			data, err := seeds.FS.ReadFile(f.Name)
			if err != nil {
				t.Fatal(err)
			}
			r := take(t, b, f.Kind, parseTable(t, data))
			if r.Unchanged != r.Rows || r.Written {
				t.Errorf("%s again: %+v, want all unchanged and nothing written", f.Name, r)
			}
		}
	})
}

func TestRealSetsImportWhole(t *testing.T) {
	shared := testbed.Shared(t)
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		for _, set := range realSets {
			for _, kind := range order {
				tab := parseTable(t, readFile(t, filepath.Join(shared, "data", "equivalences", set, kind+".csv")))
				r := take(t, b, kind, tab)
				if r.Refused > 0 || r.Rows != len(tab.rows) || r.New+r.Unchanged+r.Updated != r.Rows {
					t.Fatalf("%s %s: %+v", set, kind, r)
				}
			}
		}
	})
}

// Each set alone: all rows new; again: all unchanged; shuffled: the same export.
func TestRealSetsAlone(t *testing.T) {
	shared := testbed.Shared(t)
	for _, set := range realSets {
		t.Run(set, func(t *testing.T) {
			onBoth(t, func(t *testing.T, b *bank.Bank) {
				folder := filepath.Join(shared, "data", "equivalences", set)
				for _, kind := range order {
					tab := parseTable(t, readFile(t, filepath.Join(folder, kind+".csv")))
					if r := take(t, b, kind, tab); r.New != len(tab.rows) || r.New != r.Rows {
						t.Fatalf("first %s: %+v", kind, r)
					}
					if r := take(t, b, kind, tab); r.Unchanged != len(tab.rows) || r.Unchanged != r.Rows {
						t.Fatalf("second %s: %+v", kind, r)
					}
				}
				sameShuffled(t, b, folder)
			})
		})
	}
}

func sameShuffled(t *testing.T, b *bank.Bank, folder string) {
	t.Helper()
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "shuffled.db")
	other := open(t, dsn)
	random := rand.New(rand.NewPCG(1, 2))
	for _, kind := range order {
		tab := parseTable(t, readFile(t, filepath.Join(folder, kind+".csv")))
		random.Shuffle(len(tab.rows), func(i, j int) { tab.rows[i], tab.rows[j] = tab.rows[j], tab.rows[i] })
		take(t, other, kind, tab)
		if export(t, b, kind) != export(t, other, kind) {
			t.Errorf("%s: shuffled rows give another export", kind)
		}
	}
}

// Every list comes in as it is published, whole; again it changes nothing.
func TestNationalListsImportWhole(t *testing.T) {
	shared := testbed.Shared(t)
	type published struct {
		kind, file string
		rows, same int // same: how many stand there twice
	}
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		for _, list := range []published{
			{"catalogue", "voc_programmes.csv", 1490, 0}, {"regions", "regions_gbt2260_2023.csv", 3348, 0}, {"catalogue-intros", "voc_programme_intros.csv", 1256, 0},
			{"catalogue-courses", "voc_programme_courses.csv", 17170, 0}, {"articulation", "voc_articulation.csv", 5429, 1},
			{"occupations", "voc_programme_occupations.csv", 1167, 0}, {"level-certificates", "skill_level_certificates.csv", 360, 0},
			{"schools", "hei_2025.csv", 2919, 0}, {"code-sets", "jyt1001_code_sets.csv", 261, 0}, {"codes", "jyt1001_codes.csv", 3343, 19},
		} {
			tab := parseTable(t, readFile(t, filepath.Join(shared, "codelists", list.file)))
			if got := bank.Recognise([][]string{tab.header}, nil); !slices.Equal(got, []string{list.kind}) {
				t.Errorf("%s is taken for %v", list.file, got)
			}
			if r := take(t, b, list.kind, tab); r.New != list.rows-list.same || r.Unchanged != list.same || r.Rows != list.rows || r.Refused > 0 {
				t.Errorf("%s: %d rows, %d new, %d unchanged, %+v", list.kind, r.Rows, r.New, r.Unchanged, r.Errors[:min(3, len(r.Errors))])
			}
			if r := take(t, b, list.kind, tab); r.Unchanged != list.rows || r.Written {
				t.Errorf("%s again: %d unchanged", list.kind, r.Unchanged)
			}
		}
	})
}

// What was imported comes out again, and comes in again without a change.
func TestExportComesInAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		seeded(t, b)
		for _, kind := range bank.Kinds() {
			out := export(t, b, kind)
			if r := text(t, b, kind, out); r.Unchanged != r.Rows {
				t.Errorf("%s: %+v", kind, r)
			}
		}
	})
}

// PostgreSQL counts anew what stands in its tables once much came in: lists are planned by it.
func TestManyRowsAreCounted(t *testing.T) {
	dsn := testbed.Postgres(t)
	b, raw := open(t, dsn), rawOf(t, dsn)
	counted := func() (columns int) {
		if err := raw.QueryRow(`SELECT count(*) FROM pg_stats WHERE tablename = 'region'`).Scan(&columns); err != nil {
			t.Fatal(err)
		}
		return columns
	}
	if n := counted(); n > 0 {
		t.Fatalf("%d columns of regions are counted in an empty bank", n)
	}
	var rows strings.Builder
	rows.WriteString("code,name,kind\n")
	for n := range 10_000 {
		fmt.Fprintf(&rows, "%02d%04d,地区,province\n", 11+n/10_000, n)
	}
	text(t, b, "regions", rows.String())
	if counted() == 0 {
		t.Error("after 10,000 regions nothing is counted")
	}
}

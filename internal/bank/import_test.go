package bank_test

import (
	"math/rand/v2"
	"path/filepath"
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

func TestNationalListsImportWhole(t *testing.T) {
	shared := testbed.Shared(t)
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		for kind, want := range map[string]struct {
			file string
			rows int
		}{"catalogue": {"voc_programmes.csv", 1490}, "regions": {"regions_gbt2260_2023.csv", 3348}} {
			tab := parseTable(t, readFile(t, filepath.Join(shared, "codelists", want.file)))
			if r := take(t, b, kind, tab); r.New != want.rows || r.Rows != want.rows {
				t.Errorf("%s: %+v", kind, r)
			}
			if r := take(t, b, kind, tab); r.Unchanged != want.rows {
				t.Errorf("%s again: %+v", kind, r)
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

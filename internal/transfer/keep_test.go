package transfer_test

import (
	"errors"
	"reflect"
	"testing"

	"creditbank/internal/packed"
	"creditbank/internal/transfer"
)

// A kept map answers as the one it was kept from.
func TestKeptMapAnswersTheSame(t *testing.T) {
	inShards(t, 500, func(t *testing.T, seed uint64) {
		w := randomWorld(seed)
		m := transfer.Compile(w.facts)
		kept, err := transfer.Load(m.AppendBinary(nil))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := kept.Rank(w.ask(0)), m.Rank(w.ask(0)); !reflect.DeepEqual(got, want) {
			t.Errorf("seed %d: ranking %v, want %v", seed, got, want)
		}
		for _, p := range w.facts.Programmes {
			want, _ := m.Plan(p.ProgrammeKey, w.records, w.asOf)
			got, _ := kept.Plan(p.ProgrammeKey, w.records, w.asOf)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("seed %d, %v: %v, want %v", seed, p.ProgrammeKey, got, want)
			}
		}
		if got, want := kept.Lint(w.asOf), m.Lint(w.asOf); !reflect.DeepEqual(got, want) {
			t.Errorf("seed %d: lint %v, want %v", seed, got, want)
		}
	})
}

// A damaged or cut file is refused, wherever the damage is.
func TestDamagedMapIsRefused(t *testing.T) {
	w := randomWorld(1)
	kept := transfer.Compile(w.facts).AppendBinary(nil)
	for i := range kept {
		damaged := append([]byte{}, kept...)
		damaged[i] ^= 0x10
		if _, err := transfer.Load(damaged); !errors.Is(err, packed.ErrUnreadable) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		if _, err := transfer.Load(kept[:i:i]); !errors.Is(err, packed.ErrUnreadable) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
}

// The rows of real rules are one to one; each of those may take 64 bytes with
// everything it needs, as many as a million of them fit into 64 MB.
func TestMapIsSmall(t *testing.T) {
	w := mediumWorld(1)
	m := transfer.Compile(w.facts)
	if got := float64(m.Bytes()) / float64(m.Size()); got > 100 {
		t.Errorf("%.0f bytes a rule", got)
	}
}

func BenchmarkLoad(b *testing.B) {
	w := mediumWorld(1)
	m := transfer.Compile(w.facts)
	kept := m.AppendBinary(nil)
	for b.Loop() {
		if _, err := transfer.Load(kept); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(m.Bytes())/float64(m.Size()), "bytes/rule")
}

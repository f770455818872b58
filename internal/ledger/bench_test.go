package ledger_test

import (
	"testing"

	"creditbank/internal/ledger"
)

const million = 1_000_000

// BenchmarkLeaf is the canonical bytes and the hash of one entry.
func BenchmarkLeaf(b *testing.B) {
	entries := everyKind(1000)
	b.ReportAllocs()
	b.SetBytes(int64(len(entries[500].Append(nil))))
	for i := range b.N {
		entries[i%1000].Leaf()
	}
}

// BenchmarkTree is one leaf added to the tree, with the tiles taken at every 1000th.
func BenchmarkTree(b *testing.B) {
	list := leaves(1000)
	tree := &ledger.Tree{}
	b.ReportAllocs()
	for i := range b.N {
		tree.Append(list[i%1000])
		if i%1000 == 999 {
			tree.Tiles()
		}
	}
}

// BenchmarkCommit is what a commit of 20 entries costs beside the entries: a
// copy of the tree, 20 leaves, the tiles to write, the signed head.
func BenchmarkCommit(b *testing.B) {
	list := leaves(20)
	tree := &ledger.Tree{}
	tree.Append(leaves(70_000)...)
	tree.Tiles()
	key := signer(b, "a")
	b.ReportAllocs()
	for b.Loop() {
		next := tree.Clone()
		next.Append(list...)
		next.Tiles()
		if _, err := key.Sign(next.Head(), ledger.Head{}); err != nil {
			b.Fatal(err)
		}
		tree = next
	}
}

// BenchmarkVerifyMillion is the first pass over a million entries: bytes,
// leaves, tiles, head.
func BenchmarkVerifyMillion(b *testing.B) {
	s := keep(b, everyKind(million)[:million])
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.verify(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(million*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

// BenchmarkTrailMillion is the second pass, by record.
func BenchmarkTrailMillion(b *testing.B) {
	entries := everyKind(million)[:million]
	b.ReportAllocs()
	for b.Loop() {
		var trail ledger.Trail
		for i := 12; i < million; i++ { // from there on each record has one entry
			if err := trail.Follow(&entries[i]); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkTallyMillion is the second pass, by learner.
func BenchmarkTallyMillion(b *testing.B) {
	entries := everyKind(million)[12:million]
	b.ReportAllocs()
	for b.Loop() {
		tally, owner := ledger.NewTally(), ""
		for i := range entries {
			if entries[i].Credit.Owner != owner {
				owner = entries[i].Credit.Owner
				tally.Begin(owner)
			}
			if err := tally.Post(&entries[i]); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkProof is one inclusion proof out of stored tiles, and its check.
func BenchmarkProof(b *testing.B) {
	s := keep(b, everyKind(70_000))
	key := signer(b, "a")
	keys := keysOf(b, ledger.Key{Public: key.Public()})
	text := signed(b, key, s.heads[0])
	c, err := keys.Open(text)
	if err != nil {
		b.Fatal(err)
	}
	form := s.entries[1234].Append(nil)
	b.Run("make", func(b *testing.B) {
		for b.Loop() {
			if _, err := ledger.Prove(form, 1234, c, text, s.reader()); err != nil {
				b.Fatal(err)
			}
		}
	})
	p, err := ledger.Prove(form, 1234, c, text, s.reader())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := p.Check(keys); err != nil {
				b.Fatal(err)
			}
		}
	})
}

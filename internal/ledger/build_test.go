package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strconv"
	"strings"
	"testing"

	"creditbank/internal/credit"
	"creditbank/internal/ledger"
)

// journal writes entries as a bank would: numbers, batches, time.
type journal struct {
	entries []ledger.Entry
}

// begin is the start of an entry that begins a batch or, joined, goes on with the last one.
func (j *journal) begin(kind ledger.Kind, from, to ledger.Account, amount credit.Amount, r ledger.Record, joined bool) *ledger.Entry {
	number := int64(len(j.entries))
	e := ledger.Entry{
		Number: number, Batch: number, Kind: kind, Debit: from, Credit: to, Amount: amount, Record: r,
		Actor: "u7", At: 1_790_000_000_000_000 + number, Cause: ledger.Cause{Kind: "import", ID: "12"},
	}
	if joined {
		last := j.entries[number-1]
		e.Batch, e.At = last.Batch, last.At
	}
	j.entries = append(j.entries, e)
	return &j.entries[number]
}

// back reverses an entry.
func (j *journal) back(number int64, joined bool) *ledger.Entry {
	was := j.entries[number]
	e := j.begin(ledger.Reverse, was.Credit, was.Debit, was.Amount, was.Record, joined)
	e.Reverses, e.Reason = number, "issuer_correction"
	return e
}

const school = "4150000001"

func result(n int) ledger.Record {
	return ledger.Record{Institution: school, Reference: "R" + strconv.Itoa(n)}
}

func learner(n int) string { return strconv.Itoa(10_000_000 + n) }

// everyKind is a ledger with each kind of entry in it and n deposits after them.
func everyKind(n int) []ledger.Entry {
	j := &journal{}
	a, b := learner(1), learner(2)
	applied := ledger.AppliedAt(a, "4150000002", "510203")
	j.begin(ledger.Deposit, ledger.IssuerOf(school), ledger.AvailableOf(a), 400, result(1), false)
	j.begin(ledger.Hold, ledger.AvailableOf(a), ledger.HeldOf(a), 400, result(1), false)
	j.begin(ledger.Release, ledger.HeldOf(a), ledger.AvailableOf(a), 400, result(1), false)
	j.begin(ledger.Hold, ledger.AvailableOf(a), ledger.HeldOf(a), 400, result(1), false)
	j.begin(ledger.Convert, ledger.HeldOf(a), ledger.InConversion(), 400, result(1), false)
	j.begin(ledger.Convert, ledger.InConversion(), applied, 350, result(1), true)
	j.begin(ledger.Redeem, applied, ledger.RedeemedAt(a, "4150000002", "510203"), 350, result(1), false)
	j.begin(ledger.Deposit, ledger.IssuerOf(school), ledger.AvailableOf(a), 0, result(2), false)
	j.begin(ledger.Expire, ledger.AvailableOf(a), ledger.ExpiredOf(a), 0, result(2), false)
	j.back(8, false)
	j.begin(ledger.Deposit, ledger.IssuerOf(school), ledger.AvailableOf(a), 250, result(3), false)
	j.begin(ledger.Merge, ledger.AvailableOf(a), ledger.AvailableOf(b), 250, result(3), false)
	for i := range n {
		j.begin(ledger.Deposit, ledger.IssuerOf(school), ledger.AvailableOf(learner(i/30)), credit.Amount(i%900), result(100+i), false)
	}
	return j.entries
}

// store is a ledger as a bank keeps it: rows, tiles, a checkpoint.
type store struct {
	entries []ledger.Entry
	tiles   map[ledger.Tile][]byte
	heads   []ledger.Head
}

func (s *store) tile(t ledger.Tile) ([]byte, error) {
	t.Width = 0
	return s.tiles[t], nil
}

func (s *store) reader() ledger.HashReader { return ledger.TileReader(s.tile) }

func (s *store) put(tiles []ledger.StoredTile) {
	for _, t := range tiles {
		key := t.Tile
		key.Width = 0
		s.tiles[key] = t.Hashes
	}
}

// keep stores entries with a head after each of the given sizes and at the end.
func keep(t testing.TB, entries []ledger.Entry, sizes ...int64) *store {
	t.Helper()
	s := &store{entries: entries, tiles: map[ledger.Tile][]byte{}}
	tree, err := ledger.LoadTree(0, s.reader())
	if err != nil {
		t.Fatal(err)
	}
	for i := range entries {
		tree.Append(entries[i].Leaf())
		for _, size := range sizes {
			if tree.Size() == size {
				s.heads = append(s.heads, tree.Head())
			}
		}
	}
	s.put(tree.Tiles())
	s.heads = append(s.heads, tree.Head())
	return s
}

// verify is what a bank does to verify.
func (s *store) verify() (ledger.Head, error) {
	v := ledger.NewVerifier(ledger.Expected{Heads: s.heads, Tile: s.tile})
	for i := range s.entries {
		if v.Add(ledger.Line{Entry: s.entries[i]}) != nil {
			break
		}
	}
	return v.Close()
}

const origin = "bank.example/api/v1/ledger"

// secretOf makes a secret key out of a word, the same every time.
func secretOf(t testing.TB, word string) string {
	t.Helper()
	seed := sha256.Sum256([]byte(word))
	secret, _, err := ledger.GenerateKey(bytes.NewReader(seed[:]), origin)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// signer is the signer with the key made out of a word.
func signer(t testing.TB, word string) *ledger.Signer {
	t.Helper()
	s, err := ledger.NewSigner(secretOf(t, word))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func keysOf(t testing.TB, list ...ledger.Key) *ledger.Keys {
	t.Helper()
	keys, err := ledger.NewKeys(list...)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func signed(t testing.TB, s *ledger.Signer, head ledger.Head) []byte {
	t.Helper()
	text, err := s.Sign(head, ledger.Head{})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// wantFault holds an error against the code, number and field of a finding. A
// field that is "" is not compared.
func wantFault(t testing.TB, err error, code ledger.Code, number int64, field string) {
	t.Helper()
	var f *ledger.Fault
	if !errors.As(err, &f) {
		t.Errorf("got %v, want a fault %s", err, code)
		return
	}
	if f.Code != code || f.Number != number || field != "" && !strings.HasPrefix(f.Field, field) || !errors.Is(err, code) {
		t.Errorf("got %v, want entry %d: %s: %s", err, number, field, code)
	}
}

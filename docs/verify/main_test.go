package main

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"creditbank/internal/ledger"
)

// bank makes what a bank of ten entries gives out: its keys, the signed
// checkpoints of five and of all, a proof of entry 3, a proof of consistency.
func bank(t *testing.T) (keys, older, newer, proof, consistency string) {
	t.Helper()
	first, _, err := ledger.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 32)), "bank.example/ledger")
	check(t, err)
	second, _, err := ledger.GenerateKey(bytes.NewReader(make([]byte, 32)), "bank.example/ledger")
	check(t, err)
	old, err := ledger.NewSigner(first)
	check(t, err)
	young, err := ledger.NewSigner(second)
	check(t, err)
	known, err := ledger.NewKeys(ledger.Key{Public: old.Public()}, ledger.Key{From: 6, Public: young.Public()})
	check(t, err)
	var tree ledger.Tree
	var entries [][]byte
	var heads []ledger.Head
	for n := range int64(10) {
		e := ledger.Entry{
			Number: n, Batch: n, Kind: ledger.Deposit, Debit: ledger.IssuerOf("x"), Credit: ledger.AvailableOf("学"), Amount: 400,
			Record: ledger.Record{Institution: "x", Reference: "<&> \u2028"}, Actor: "u", At: 1,
		}
		entries = append(entries, e.Append(nil))
		tree.Append(e.Leaf())
		heads = append(heads, tree.Head())
	}
	tiles := tree.Tiles()
	stored := ledger.TileReader(func(ledger.Tile) ([]byte, error) { return tiles[0].Hashes, nil })
	signedOlder, err := old.Sign(heads[4], ledger.Head{})
	check(t, err)
	signedNewer, err := young.Sign(heads[9], ledger.Head{N: 3, Hash: heads[2].Hash})
	check(t, err)
	c, err := known.Open(signedNewer)
	check(t, err)
	p, err := ledger.Prove(entries[3], 3, c, signedNewer, stored)
	check(t, err)
	hashes, err := ledger.ProveExtends(5, 10, stored)
	check(t, err)
	return known.String(), string(signedOlder), string(signedNewer), written(t, p), written(t, ledger.Consistency{From: 5, To: 10, Hashes: hashes})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func written(t *testing.T, v any) string {
	t.Helper()
	form, err := json.Marshal(v)
	check(t, err)
	return string(form)
}

func TestWhatHolds(t *testing.T) {
	keys, older, newer, proof, consistency := bank(t)
	said, err := verify([]string{keys, proof})
	if err != nil || !strings.HasPrefix(said, "entry 3 is in the log of size 10:\ncreditbank-entry/1\nnumber 3\n") {
		t.Errorf("got %q, %v", said, err)
	}
	said, err = verify([]string{keys, older, newer, consistency})
	if err != nil || said != "the log of size 10 continues the log of size 5\n" {
		t.Errorf("got %q, %v", said, err)
	}
}

func TestWhatDoesNotHold(t *testing.T) {
	keys, older, newer, proof, consistency := bank(t)
	lines := strings.SplitAfter(keys, "\n")
	for name, text := range map[string][]string{
		"nothing":                {},
		"no proof":               {keys, ""},
		"another amount":         {keys, strings.Replace(proof, "amount 400", "amount 500", 1)},
		"another index":          {keys, strings.Replace(proof, `"index":3`, `"index":4`, 1)},
		"another size":           {keys, strings.Replace(proof, `ledger\n10\n`, `ledger\n11\n`, 1)},
		"retired key":            {lines[0], proof},
		"key not yet in force":   {strings.Replace(lines[1], "6 ", "11 ", 1), proof},
		"no keys":                {"", proof},
		"unsigned":               {keys, strings.Replace(proof, `\n\n`, `\n`, 1)},
		"the wrong way round":    {keys, newer, older, consistency},
		"consistency of nothing": {keys, older, newer, "{}"},
		"older of another log":   {keys, strings.Replace(older, "bank", "tank", 1), newer, consistency},
		"older with other root":  {keys, otherRoot(older), newer, consistency},
		"older not a checkpoint": {keys, "", newer, consistency},
	} {
		if said, err := verify(text); err == nil {
			t.Errorf("%s: holds: %q", name, said)
		}
	}
}

// otherRoot changes the first character of the root of a checkpoint of size 5.
func otherRoot(checkpoint string) string {
	return regexp.MustCompile(`\n5\n.`).ReplaceAllStringFunc(checkpoint, func(begin string) string {
		if strings.HasSuffix(begin, "A") {
			return "\n5\nB"
		}
		return "\n5\nA"
	})
}

// The program stays short enough to be read before it is believed.
func TestIsShort(t *testing.T) {
	text, err := os.ReadFile("main.go")
	check(t, err)
	if lines := bytes.Count(text, []byte("\n")); lines > 70 {
		t.Errorf("%d lines, want 70 at most", lines)
	}
}

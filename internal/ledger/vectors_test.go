package ledger_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"creditbank/internal/credit"
	"creditbank/internal/ledger"
)

// The page that states the forms is held against the program: what it says is
// what is read from it here.
const page = "../../docs/ledger-format.md"

func pageText(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fence gives the contents of the fenced block after a mark in the page.
func fence(t testing.TB, text, mark string) string {
	t.Helper()
	found := regexp.MustCompile("(?s)" + regexp.QuoteMeta(mark) + ".*?\n```[a-z]*\n(.*?)```\n").FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("the page has no block after %q", mark)
	}
	return found[1]
}

// fields are an entry as the page writes it in JSON.
type fields struct {
	Number, Batch, Amount, Reverses, At int64
	Kind, Reason, Actor, Digest         string
	Debit, Credit                       struct{ Place, Owner, Institution, Programme string }
	Record                              ledger.Record
	Cause                               ledger.Cause
}

func (f fields) entry(t testing.TB) ledger.Entry {
	t.Helper()
	kind, err := ledger.ParseKind(f.Kind)
	if err != nil {
		t.Fatal(err)
	}
	account := func(a struct{ Place, Owner, Institution, Programme string }) ledger.Account {
		for p := ledger.Issuer; p <= ledger.Expired; p++ {
			if p.String() == a.Place {
				return ledger.Account{Place: p, Owner: a.Owner, Institution: a.Institution, Programme: a.Programme}
			}
		}
		t.Fatalf("no place %q", a.Place)
		return ledger.Account{}
	}
	digest, err := hex.DecodeString(f.Digest)
	if err != nil {
		t.Fatal(err)
	}
	var d ledger.Hash
	copy(d[:], digest)
	return ledger.Entry{
		Digest: d, Number: f.Number, Batch: f.Batch, Kind: kind, Debit: account(f.Debit), Credit: account(f.Credit), Amount: credit.Amount(f.Amount),
		Record: f.Record, Reverses: f.Reverses, Reason: f.Reason, Actor: f.Actor, At: f.At, Cause: f.Cause,
	}
}

// vectors are the entries of the page, in order: fields, canonical bytes, leaf.
func vectors(t testing.TB) (entries []ledger.Entry, forms, leaves []string) {
	t.Helper()
	blocks := regexp.MustCompile("(?s)```json\n(\\{\"number\".*?)```\n\n```text\n(.*?)```\n\nLeaf: `([0-9a-f]{64})`").FindAllStringSubmatch(pageText(t), -1)
	if len(blocks) < 6 {
		t.Fatalf("the page has %d vectors, want at least 6", len(blocks))
	}
	for _, block := range blocks {
		var f fields
		read := json.NewDecoder(strings.NewReader(block[1]))
		read.DisallowUnknownFields()
		if err := read.Decode(&f); err != nil {
			t.Fatalf("%s: %v", block[1], err)
		}
		entries, forms, leaves = append(entries, f.entry(t)), append(forms, block[2]), append(leaves, block[3])
	}
	return entries, forms, leaves
}

func TestVectorsOfThePage(t *testing.T) {
	entries, forms, leaves := vectors(t)
	for i := range entries {
		if err := entries[i].Check(); err != nil {
			t.Errorf("vector %d: %v", i, err)
		}
		if got := string(entries[i].Append(nil)); got != forms[i] {
			t.Errorf("vector %d is written\n%s\nthe page has\n%s", i, got, forms[i])
		}
		byHand := sha256.Sum256([]byte("\x00" + forms[i]))
		if got := hex.EncodeToString(byHand[:]); got != leaves[i] || entries[i].Leaf() != ledger.Hash(byHand) {
			t.Errorf("vector %d has the leaf %s by hand and %s here, the page has %s", i, got, entries[i].Leaf(), leaves[i])
		}
		if got, err := ledger.ParseEntry([]byte(forms[i])); err != nil || got != entries[i] {
			t.Errorf("vector %d is read as %+v, %v, want %+v", i, got, err, entries[i])
		}
	}
	if _, err := replay(entries); err != nil {
		t.Errorf("the vectors are not a ledger: %v", err)
	}
}

func TestRootsOfThePage(t *testing.T) {
	entries, _, _ := vectors(t)
	s := keep(t, entries, 1, 2, 3, 4, 5)
	rows := regexp.MustCompile("\\| (\\d+) \\| `([0-9A-Za-z+/=]{44})` \\|").FindAllStringSubmatch(pageText(t), -1)
	if len(rows) != len(s.heads)+1 {
		t.Fatalf("the page has %d roots, want %d", len(rows), len(s.heads)+1)
	}
	heads := append([]ledger.Head{(&ledger.Tree{}).Head()}, s.heads...)
	for i, row := range rows {
		if size, err := strconv.ParseInt(row[1], 10, 64); err != nil || size != heads[i].N || row[2] != heads[i].Hash.String() {
			t.Errorf("size %s has root %s on the page, want %d %s", row[1], row[2], heads[i].N, heads[i].Hash)
		}
	}
}

func TestSignedFormsOfThePage(t *testing.T) {
	text := pageText(t)
	entries, forms, _ := vectors(t)
	s := keep(t, entries, 3)
	key := pageSigner(t, text)
	keys, err := ledger.ParseKeys(fence(t, text, "<!-- keys -->"))
	if err != nil {
		t.Fatal(err)
	}
	if got := "0 " + key.Public() + "\n"; got != keys.String() {
		t.Errorf("the key of the page is %swant %s", keys, got)
	}
	checkpoint := fence(t, text, "<!-- checkpoint -->")
	if got := string(signed(t, key, s.heads[1])); got != checkpoint {
		t.Errorf("the checkpoint is\n%s\nthe page has\n%s", got, checkpoint)
	}
	p, err := ledger.ParseProof([]byte(fence(t, text, "<!-- proof -->")))
	if err != nil {
		t.Fatal(err)
	}
	if e, c, err := p.Check(keys); err != nil || e != entries[2] || c.Head != s.heads[1] || p.Entry != forms[2] || p.Checkpoint != checkpoint {
		t.Errorf("the proof of the page gives %+v %v, %v", e, c, err)
	}
	if got := fence(t, text, "<!-- tlog-proof -->"); got != p.Text() {
		t.Errorf("the proof's text is\n%s\nthe page has\n%s", p.Text(), got)
	}
	consistency, err := ledger.ParseConsistency([]byte(fence(t, text, "<!-- consistency -->")))
	if err != nil {
		t.Fatal(err)
	}
	if err := consistency.Check(s.heads[0], s.heads[1]); err != nil {
		t.Error(err)
	}
}

// pageSigner is the signer with the secret key that the page gives away.
func pageSigner(t testing.TB, text string) *ledger.Signer {
	t.Helper()
	s, err := ledger.NewSigner(strings.TrimSpace(fence(t, text, "<!-- secret -->")))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The page lists every code, with the words that stand beside it in the program.
func TestCodesOfThePage(t *testing.T) {
	source, err := os.ReadFile("fault.go")
	if err != nil {
		t.Fatal(err)
	}
	text := pageText(t)
	codes := regexp.MustCompile(`Code = "(\w+)" +// (.*)`).FindAllStringSubmatch(string(source), -1)
	if len(codes) < 40 {
		t.Fatalf("%d codes, want at least 40", len(codes))
	}
	for _, code := range codes {
		if row := "| `" + code[1] + "` | " + code[2] + " |\n"; !strings.Contains(text, row) {
			t.Errorf("the page lacks %s", row)
		}
	}
}

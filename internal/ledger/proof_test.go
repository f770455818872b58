package ledger_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"creditbank/internal/ledger"

	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
)

func TestCheckpointIsReadElsewhere(t *testing.T) {
	s := keep(t, everyKind(30))
	key := signer(t, "a")
	verifier, err := note.NewVerifier(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	audit := ledger.Head{N: 12, Hash: ledger.LeafOf([]byte("a"))}
	text, err := key.Sign(s.heads[0], audit)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := keysOf(t, ledger.Key{Public: key.Public()}).Open(text); err != nil || c.Head != s.heads[0] || c.Audit != audit {
		t.Errorf("read as %+v, %v", c, err)
	}
	got, _, opened, err := log.ParseCheckpoint(text, origin, verifier)
	if err != nil || got.Origin != origin || got.Size != uint64(s.heads[0].N) || !bytes.Equal(got.Hash, s.heads[0].Hash[:]) || len(opened.Sigs) != 1 {
		t.Errorf("got %+v, %v, want %v", got, err, s.heads[0])
	}
}

// Keys that follow each other verify the sizes of their time and no others.
func TestKeyRotation(t *testing.T) {
	first, second, third := signer(t, "first"), signer(t, "second"), signer(t, "third")
	keys := keysOf(t, ledger.Key{From: 0, Public: first.Public()}, ledger.Key{From: 11, Public: second.Public()}, ledger.Key{From: 21, Public: third.Public()})
	again, err := ledger.ParseKeys(keys.String())
	if err != nil || again.String() != keys.String() || strings.Count(keys.String(), "\n") != 3 {
		t.Fatalf("keys are read back as %v, %v", again, err)
	}
	for _, c := range []struct {
		by   *ledger.Signer
		size int64
		want ledger.Code
	}{
		{first, 0, ""}, {first, 10, ""}, {first, 11, ledger.RetiredKey}, {first, 500, ledger.RetiredKey},
		{second, 10, ledger.RetiredKey}, {second, 11, ""}, {second, 20, ""}, {second, 21, ledger.RetiredKey},
		{third, 20, ledger.RetiredKey}, {third, 21, ""}, {third, 1 << 50, ""}, {signer(t, "strange"), 10, ledger.UnknownKey},
	} {
		head := ledger.Head{N: c.size, Hash: ledger.LeafOf([]byte{1})}
		got, err := again.Open(signed(t, c.by, head))
		if c.want == "" && (err != nil || got.Head != head || got.Origin != origin) {
			t.Errorf("size %d: got %v, %v, want %v", c.size, got, err, head)
		}
		if c.want != "" && !errors.Is(err, c.want) {
			t.Errorf("size %d: got %v, want %s", c.size, err, c.want)
		}
	}
}

func TestBadKeys(t *testing.T) {
	a, b := signer(t, "a").Public(), signer(t, "b").Public()
	_, other, err := ledger.GenerateKey(bytes.NewReader(make([]byte, 64)), "other.example")
	if err != nil {
		t.Fatal(err)
	}
	for name, form := range map[string]string{
		"none": "", "no size": a + "\n", "negative": "-1 " + a + "\n", "same size": "5 " + a + "\n5 " + b + "\n", "falling": "5 " + a + "\n4 " + b + "\n", "twice": "0 " + a + "\n5 " + a + "\n",
		"another log": "0 " + a + "\n5 " + other + "\n", "cut": "0 " + a[:len(a)-3] + "\n", "another name": "0 x" + a + "\n", "empty line": "0 " + a + "\n\n",
	} {
		if keys, err := ledger.ParseKeys(form); !errors.Is(err, ledger.BadKey) {
			t.Errorf("%s: got %v, %v, want bad_key", name, keys, err)
		}
	}
	for _, secret := range []string{"", "PRIVATE+KEY+x", a, "PRIVATE+KEY+" + a} {
		if _, err := ledger.NewSigner(secret); !errors.Is(err, ledger.BadKey) {
			t.Errorf("secret %q: %v, want bad_key", secret, err)
		}
	}
	for _, name := range []string{"", "two words", "a+b"} {
		if _, _, err := ledger.GenerateKey(bytes.NewReader(make([]byte, 64)), name); !errors.Is(err, ledger.BadKey) {
			t.Errorf("origin %q: %v, want bad_key", name, err)
		}
	}
}

// Keys of any bytes are read back: base64 may contain the plus that parts them.
func TestManyKeys(t *testing.T) {
	for i := range 200 {
		signer(t, "key "+string(rune('0'+i)))
	}
}

func TestBadCheckpoints(t *testing.T) {
	key := signer(t, "a")
	keys := keysOf(t, ledger.Key{Public: key.Public()})
	good := string(signed(t, key, ledger.Head{N: 7, Hash: ledger.LeafOf(nil)}))
	for name, c := range map[string]struct {
		form string
		want ledger.Code
	}{
		"empty":          {"", ledger.BadForm},
		"another size":   {strings.Replace(good, "\n7\n", "\n8\n", 1), ledger.BadSign},
		"another origin": {"x" + good, ledger.BadSign},
		"cut":            {good[:len(good)-1], ledger.BadForm},
		"unsigned":       {good[:strings.Index(good, "—")], ledger.BadForm},
		"huge":           {good + strings.Repeat("x", 1<<21), ledger.BadForm},
	} {
		if _, err := keys.Open([]byte(c.form)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	head, audit := origin+"\n7\n"+ledger.Hash{}.String()+"\n", "audit 3 "+ledger.Hash{}.String()+"\n"
	for _, text := range []string{origin + "\n07\n" + ledger.Hash{}.String() + "\n", origin + "\n+7\n" + ledger.Hash{}.String() + "\n", origin + "\n-7\n" + ledger.Hash{}.String() + "\n", origin + "\n7\n", origin + "\n7\nAAAA\n", origin + "\n7\n" + ledger.Hash{}.String()[:43] + "B\n", "\n7\n" + ledger.Hash{}.String() + "\n", "a\n7\n" + ledger.Hash{}.String() + "\n",
		head + "audit 3\n", head + "audit 03 " + ledger.Hash{}.String() + "\n", head + "audit 0 " + ledger.Hash{}.String() + "\n", head + audit + audit, head + "x\n" + audit, head + "audit 3 AAAA\n"} {
		if _, err := keys.Open(signText(t, text)); err == nil {
			t.Errorf("%q is taken for a checkpoint", text)
		}
	}
	for _, text := range []string{head + "extension\n", head + audit, head + audit + "extension\nan audit 3\n"} {
		if c, err := keys.Open(signText(t, text)); err != nil || (c.Audit.N == 3) != strings.Contains(text, audit) {
			t.Errorf("a checkpoint with further lines is read as %+v, %v", c, err)
		}
	}
}

// signText signs any text with the key of signer "a".
func signText(t *testing.T, text string) []byte {
	t.Helper()
	s, err := note.NewSigner(secretOf(t, "a"))
	if err != nil {
		t.Fatal(err)
	}
	form, err := note.Sign(&note.Note{Text: text}, s)
	if err != nil {
		t.Fatal(err)
	}
	return form
}

// A proof goes through JSON and through the text of other tools, and any
// change of it is refused.
func TestProof(t *testing.T) {
	s := keep(t, everyKind(30))
	key := signer(t, "a")
	keys := keysOf(t, ledger.Key{Public: key.Public()})
	text := signed(t, key, s.heads[0])
	c, err := keys.Open(text)
	if err != nil {
		t.Fatal(err)
	}
	for n := range s.entries {
		p, err := ledger.Prove(s.entries[n].Append(nil), int64(n), c, text, s.reader())
		if err != nil {
			t.Fatal(err)
		}
		form, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		read, err := ledger.ParseProof(form)
		if err != nil {
			t.Fatal(err)
		}
		if e, at, err := read.Check(keys); err != nil || e != s.entries[n] || at != c {
			t.Errorf("entry %d: got %+v %v, %v", n, e, at, err)
		}
		other, err := ledger.ParseProofText(p.Text(), []byte(p.Entry))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := other.Check(keys); err != nil {
			t.Errorf("entry %d by its text: %v", n, err)
		}
	}
	_, err = ledger.Prove(nil, c.Head.N, c, text, s.reader())
	wantFault(t, err, ledger.OutsideTree, ledger.None, "index")
	s.entries[7].Amount++
	_, err = ledger.Prove(s.entries[7].Append(nil), 7, c, text, s.reader())
	wantFault(t, err, ledger.NotProven, 7, "hashes")
}

func TestForgedProofs(t *testing.T) {
	s := keep(t, everyKind(30))
	key := signer(t, "a")
	keys := keysOf(t, ledger.Key{Public: key.Public()})
	text := signed(t, key, s.heads[0])
	c, err := keys.Open(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct {
		name   string
		change func(*ledger.Proof)
		want   ledger.Code
	}{
		{"another amount", func(p *ledger.Proof) { p.Entry = strings.Replace(p.Entry, "amount 8", "amount 9", 1) }, ledger.NotProven},
		{"another index", func(p *ledger.Proof) { p.Index++ }, ledger.OutsideTree},
		{"another entry", func(p *ledger.Proof) { p.Entry, p.Index = string(s.entries[21].Append(nil)), 21 }, ledger.NotProven},
		{"another size", func(p *ledger.Proof) { p.Size++ }, ledger.OutsideTree},
		{"a hash less", func(p *ledger.Proof) { p.Hashes = p.Hashes[1:] }, ledger.NotProven},
		{"a hash more", func(p *ledger.Proof) { p.Hashes = append(p.Hashes, p.Hashes[0]) }, ledger.NotProven},
		{"another hash", func(p *ledger.Proof) { p.Hashes[2][9] ^= 4 }, ledger.NotProven},
		{"another key", func(p *ledger.Proof) { p.Checkpoint = string(signed(t, signer(t, "b"), c.Head)) }, ledger.UnknownKey},
		{"another head", func(p *ledger.Proof) {
			p.Checkpoint = string(signed(t, key, ledger.Head{N: c.Head.N, Hash: ledger.LeafOf(nil)}))
		}, ledger.NotProven},
		{"not an entry", func(p *ledger.Proof) { p.Entry = "give 4 credits\n" }, ledger.BadForm},
	} {
		p, err := ledger.Prove(s.entries[20].Append(nil), 20, c, text, s.reader())
		if err != nil {
			t.Fatal(err)
		}
		f.change(&p)
		if e, _, err := p.Check(keys); !errors.Is(err, f.want) {
			t.Errorf("%s: got %+v, %v, want %s", f.name, e, err, f.want)
		}
	}
}

func TestBadProofForms(t *testing.T) {
	for _, form := range []string{
		"", "[]", "{", `{"entry":"x"} {}`, `{"entry":"x","more":1}`, `{"hashes":["AAAA"]}`, `{"index":1.5}`, `{"hashes":[` + strings.Repeat(`"`+ledger.Hash{}.String()+`",`, 64) + `"` + ledger.Hash{}.String() + `"]}`,
	} {
		if p, err := ledger.ParseProof([]byte(form)); !errors.Is(err, ledger.BadForm) {
			t.Errorf("%s: got %+v, %v, want bad_form", form, p, err)
		}
		if c, err := ledger.ParseConsistency([]byte(form)); !errors.Is(err, ledger.BadForm) && !strings.HasPrefix(form, `{"hashes"`) {
			t.Errorf("%s: got %+v, %v, want bad_form", form, c, err)
		}
		if p, err := ledger.ParseProofText(form, nil); !errors.Is(err, ledger.BadForm) {
			t.Errorf("%s: got %+v, %v, want bad_form", form, p, err)
		}
	}
}

package ledger_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"creditbank/internal/credit"
	"creditbank/internal/ledger"
)

// What is read as an entry is the form of that entry: no two forms are read
// as one, and none that Check refuses is read.
func FuzzParseEntry(f *testing.F) {
	_, forms, _ := vectors(f)
	for _, form := range forms {
		f.Add([]byte(form))
	}
	f.Fuzz(func(t *testing.T, form []byte) {
		e, err := ledger.ParseEntry(form)
		if err != nil {
			return
		}
		if err := e.Check(); err != nil {
			t.Errorf("%q is read as an entry that is refused: %v", form, err)
		}
		if got := e.Append(nil); !bytes.Equal(got, form) {
			t.Errorf("%q is read as the entry of %q", form, got)
		}
	})
}

// Any entry that Check passes has a form that is read back as it was.
func FuzzEntry(f *testing.F) {
	f.Add("4150000001", "R-1", "10000017", "4150000002", "510203", "a b", "u:7", "import", "12", int64(400), byte(1))
	f.Add("-", "%2D", "a@b:c", "\n", "\x00", "", "-", "application", ":", int64(0), byte(6))
	f.Fuzz(func(t *testing.T, institution, reference, owner, at, programme, reason, actor, kind, id string, amount int64, which byte) {
		list := everyKind(0)
		e := list[int(which)%len(list)]
		e.Record = ledger.Record{Institution: institution, Reference: reference}
		for _, a := range []*ledger.Account{&e.Debit, &e.Credit} {
			if a.Owner != "" {
				a.Owner = owner
			}
			if a.Programme != "" {
				a.Institution, a.Programme = at, programme
			} else if a.Institution != "" {
				a.Institution = institution
			}
		}
		e.Reason, e.Actor, e.Cause.Kind, e.Cause.ID, e.Amount = reason, actor, kind, id, credit.Amount(amount)
		if e.Check() != nil {
			return
		}
		if got, err := ledger.ParseEntry(e.Append(nil)); err != nil || got != e {
			t.Errorf("%+v is read back as %+v, %v", e, got, err)
		}
	})
}

func FuzzParseAccount(f *testing.F) {
	for _, form := range []string{"issuer:4150000001", "applied:1@2:3", "conversion", "available:%2D", "held:a%40b"} {
		f.Add(form)
	}
	f.Fuzz(func(t *testing.T, form string) {
		if a, err := ledger.ParseAccount(form); err == nil && a.String() != form {
			t.Errorf("%q is read as %q", form, a)
		}
	})
}

func FuzzParseTilePath(f *testing.F) {
	for _, path := range []string{"tile/0/x001/x234/067", "tile/1/000.p/17", "tile/entries/000.p/255", "tile/63/000"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		tile, err := ledger.ParseTilePath(path)
		if err != nil {
			return
		}
		if tile.Path() != path || tile.Number < 0 || tile.Width < 1 || tile.Width > ledger.TileWidth || tile.Level < ledger.Entries || tile.Level > 63 {
			t.Errorf("%q is read as %+v, %q", path, tile, tile.Path())
		}
		tile.Within(1 << 40)
	})
}

func FuzzSplitBundle(f *testing.F) {
	f.Add(ledger.AppendBundle(ledger.AppendBundle(nil, []byte("one")), []byte("two")))
	f.Fuzz(func(t *testing.T, bundle []byte) {
		entries, err := ledger.SplitBundle(bundle)
		if err != nil {
			return
		}
		var again []byte
		for _, entry := range entries {
			again = ledger.AppendBundle(again, entry)
		}
		if !bytes.Equal(again, bundle) {
			t.Errorf("%q is read as %q", bundle, entries)
		}
	})
}

// No proof that was not made by the bank is accepted, whatever its bytes: one
// that passes is about the entry it is really about.
func FuzzProof(f *testing.F) {
	text := pageText(f)
	entries, forms, _ := vectors(f)
	keys, err := ledger.ParseKeys(fence(f, text, "<!-- keys -->"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(fence(f, text, "<!-- proof -->")))
	f.Add([]byte(`{"entry":"","index":0,"size":1,"hashes":[],"checkpoint":""}`))
	f.Fuzz(func(t *testing.T, form []byte) {
		p, err := ledger.ParseProof(form)
		if err != nil {
			return
		}
		if again, err := json.Marshal(p); err != nil {
			t.Errorf("%q cannot be written again: %v", again, err)
		}
		if e, _, err := p.Check(keys); err == nil && (e != entries[e.Number] || p.Entry != forms[e.Number]) {
			t.Errorf("%q proves an entry that is not in the log: %+v", form, e)
		}
	})
}

func FuzzProofText(f *testing.F) {
	f.Add(fence(f, pageText(f), "<!-- tlog-proof -->"))
	f.Fuzz(func(t *testing.T, form string) {
		if p, err := ledger.ParseProofText(form, nil); err == nil && p.Text() != form {
			t.Errorf("%q is read as %q", form, p.Text())
		}
	})
}

// Only the checkpoint that the key has signed is opened, with whatever
// signatures of others.
func FuzzOpen(f *testing.F) {
	text := pageText(f)
	keys, err := ledger.ParseKeys(fence(f, text, "<!-- keys -->"))
	if err != nil {
		f.Fatal(err)
	}
	good := fence(f, text, "<!-- checkpoint -->")
	want, err := keys.Open([]byte(good))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(good))
	f.Add([]byte(good + "— witness.example AAAAAAAA\n"))
	f.Fuzz(func(t *testing.T, form []byte) {
		if got, err := keys.Open(form); err == nil && got != want {
			t.Errorf("%q is opened as %v", form, got)
		}
	})
}

func FuzzParseKeys(f *testing.F) {
	f.Add(fence(f, pageText(f), "<!-- keys -->"))
	f.Fuzz(func(t *testing.T, form string) {
		keys, err := ledger.ParseKeys(form)
		if err != nil {
			return
		}
		if again, err := ledger.ParseKeys(keys.String()); err != nil || again.String() != keys.String() {
			t.Errorf("%q is read back as %v, %v", form, again, err)
		}
	})
}

func FuzzParseConsistency(f *testing.F) {
	f.Add([]byte(fence(f, pageText(f), "<!-- consistency -->")))
	f.Fuzz(func(t *testing.T, form []byte) {
		c, err := ledger.ParseConsistency(form)
		if err != nil {
			return
		}
		_ = c.Check(ledger.Head{N: 3}, ledger.Head{N: 6}) // must not panic
	})
}

package ledger_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"creditbank/internal/ledger"
)

// auditVectors are the audit rows of the page, with their forms and links.
func auditVectors(t *testing.T) (rows []ledger.AuditRow, forms []string, links []ledger.Hash) {
	t.Helper()
	blocks := regexp.MustCompile("(?s)```json\n(\\{\"number\"[^`]*?)```\n\n```text\n(creditbank-audit.*?)```\n\nLink: `([0-9a-f]{64})`").FindAllStringSubmatch(pageText(t), -1)
	if len(blocks) < 3 {
		t.Fatalf("the page has %d audit rows, want at least 3", len(blocks))
	}
	for _, block := range blocks {
		var row ledger.AuditRow
		read := json.NewDecoder(strings.NewReader(block[1]))
		read.DisallowUnknownFields()
		if err := read.Decode(&row); err != nil {
			t.Fatalf("%s: %v", block[1], err)
		}
		link, err := hex.DecodeString(block[3])
		if err != nil {
			t.Fatal(err)
		}
		rows, forms, links = append(rows, row), append(forms, block[2]), append(links, ledger.Hash(link))
	}
	return rows, forms, links
}

func TestAuditVectorsOfThePage(t *testing.T) {
	rows, forms, links := auditVectors(t)
	var before ledger.Hash
	for i := range rows {
		if got := string(rows[i].Append(nil)); got != forms[i] {
			t.Errorf("row %d is written\n%s\nthe page has\n%s", i+1, got, forms[i])
		}
		byHand := ledger.Hash(sha256.Sum256(append(before[:], forms[i]...)))
		if got := rows[i].Chain(before); got != byHand || got != links[i] {
			t.Errorf("row %d has the link %x by hand and %x here, the page has %x", i+1, byHand[:], got[:], links[i][:])
		}
		before = links[i]
	}
	v := ledger.NewAuditVerifier([]ledger.Head{{N: int64(len(rows)), Hash: before}, {}})
	for i := range rows {
		if err := v.Add(&rows[i], links[i]); err != nil {
			t.Fatal(err)
		}
	}
	if head, err := v.Close(); err != nil || head != (ledger.Head{N: int64(len(rows)), Hash: before}) {
		t.Errorf("the chain ends at %v, %v", head, err)
	}
	signed, err := ledger.ParseKeys(fence(t, pageText(t), "<!-- keys -->"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := signed.Open([]byte(fence(t, pageText(t), "<!-- audit-checkpoint -->")))
	if err != nil || c.Audit != (ledger.Head{N: int64(len(rows)), Hash: before}) {
		t.Errorf("the checkpoint of the page signs %v, %v", c.Audit, err)
	}
}

// No two rows have the same bytes, whatever stands in their texts.
func TestAuditRowsDiffer(t *testing.T) {
	seen := map[string]bool{}
	texts := []string{"", "-", "a", "a\nrole b", "%2D", "\n"}
	for _, a := range texts {
		for _, b := range texts {
			for _, c := range texts {
				seen[string((&ledger.AuditRow{Actor: a, Role: b, Purpose: c}).Append(nil))] = true
			}
		}
	}
	if want := len(texts) * len(texts) * len(texts); len(seen) != want {
		t.Errorf("%d forms of %d rows", len(seen), want)
	}
}

// kept is an audit log of ten rows.
func kept() (rows []ledger.AuditRow, links []ledger.Hash) {
	var link ledger.Hash
	for n := range int64(10) {
		row := ledger.AuditRow{Number: n + 1, At: n, Actor: "u:1", Action: "look", Subject: "L"}
		link = row.Chain(link)
		rows, links = append(rows, row), append(links, link)
	}
	return rows, links
}

// relink makes the links fit, as somebody does who can write everything but has no key.
func relink(rows []ledger.AuditRow, links []ledger.Hash) {
	var link ledger.Hash
	for i := range rows {
		link = rows[i].Chain(link)
		links[i] = link
	}
}

func TestAuditTampering(t *testing.T) {
	for _, c := range []struct {
		name  string
		do    func(rows *[]ledger.AuditRow, links *[]ledger.Hash)
		code  ledger.Code
		field string
	}{
		{"nothing", func(*[]ledger.AuditRow, *[]ledger.Hash) {}, "", ""},
		{"changed", func(r *[]ledger.AuditRow, _ *[]ledger.Hash) { (*r)[3].Actor = "u:2" }, ledger.LinkDiffers, "audit 4"},
		{"link", func(_ *[]ledger.AuditRow, l *[]ledger.Hash) { (*l)[9][0]++ }, ledger.LinkDiffers, "audit 10"},
		{"removed", func(r *[]ledger.AuditRow, l *[]ledger.Hash) {
			*r, *l = slices.Delete(*r, 4, 5), slices.Delete(*l, 4, 5)
		}, ledger.AuditGap, "audit 5"},
		{"changed and relinked", func(r *[]ledger.AuditRow, l *[]ledger.Hash) { (*r)[5].Subject = "M"; relink(*r, *l) }, ledger.AuditHeadDiffers, "audit 5-8"},
		{"swapped and relinked", func(r *[]ledger.AuditRow, l *[]ledger.Hash) {
			(*r)[0].At, (*r)[1].At = (*r)[1].At, (*r)[0].At
			relink(*r, *l)
		}, ledger.AuditHeadDiffers, "audit 1-4"},
		{"cut", func(r *[]ledger.AuditRow, l *[]ledger.Hash) { *r, *l = (*r)[:6], (*l)[:6] }, ledger.AuditTruncated, "audit 7"},
		{"cut after what was signed", func(r *[]ledger.AuditRow, l *[]ledger.Hash) { *r, *l = (*r)[:9], (*l)[:9] }, "", ""},
	} {
		rows, links := kept()
		v := ledger.NewAuditVerifier([]ledger.Head{{N: 8, Hash: links[7]}, {}, {N: 4, Hash: links[3]}})
		c.do(&rows, &links)
		var err error
		for i := range rows {
			if err = v.Add(&rows[i], links[i]); err != nil {
				break
			}
		}
		if err == nil {
			_, err = v.Close()
		}
		if c.code == "" && err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if c.code != "" {
			wantFault(t, err, c.code, ledger.None, c.field)
		}
	}
}

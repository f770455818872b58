package ledger

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Proof shows that an entry is in the signed log (inclusion proof, RFC 6962,
// section 2.1.1). It stands by itself: with the bank's public key it is
// checked without the bank. Its JSON is what a transcript carries.
type Proof struct {
	Entry      string `json:"entry"`      // canonical bytes, which are text
	Index      int64  `json:"index"`      // number of the entry
	Size       int64  `json:"size"`       // size of the log that the checkpoint signs
	Hashes     []Hash `json:"hashes"`     // from the leaf's neighbour up to the root's child, in base64
	Checkpoint string `json:"checkpoint"` // signed checkpoint
}

// Prove makes the proof for the entry with these canonical bytes in the log
// that a signed checkpoint is about, from the tree that is stored. The error is
// OutsideTree when the checkpoint does not cover the entry, NotProven when the
// entry or the tree is not what was signed, or that of stored.
func Prove(entry []byte, index int64, c Checkpoint, signed []byte, stored HashReader) (Proof, error) {
	if index < 0 || index >= c.Head.N {
		return Proof{}, fault(None, OutsideTree, "index")
	}
	hashes, err := tlog.ProveRecord(c.Head.N, index, stored)
	if err != nil {
		return Proof{}, err
	}
	if tlog.CheckRecord(hashes, c.Head.N, c.Head.Hash, index, LeafOf(entry)) != nil {
		return Proof{}, fault(index, NotProven, "hashes")
	}
	return Proof{string(entry), index, c.Head.N, hashes, string(signed)}, nil
}

// Check checks the proof with the log's keys and gives the entry and the
// checkpoint it is proven by. The error is that of Keys.Open or of ParseEntry,
// OutsideTree when the numbers do not agree with each other, or NotProven.
func (p Proof) Check(keys *Keys) (Entry, Checkpoint, error) {
	c, err := keys.Open([]byte(p.Checkpoint))
	if err != nil {
		return Entry{}, Checkpoint{}, err
	}
	e, err := ParseEntry([]byte(p.Entry))
	if err != nil {
		return Entry{}, Checkpoint{}, err
	}
	if p.Size != c.Head.N || p.Index != e.Number || p.Index < 0 || p.Index >= p.Size {
		return Entry{}, Checkpoint{}, fault(None, OutsideTree, "index")
	}
	if tlog.CheckRecord(p.Hashes, p.Size, c.Head.Hash, p.Index, LeafOf([]byte(p.Entry))) != nil {
		return Entry{}, Checkpoint{}, fault(None, NotProven, "hashes")
	}
	return e, c, nil
}

// maxProof is longer than the JSON of any proof.
const maxProof = 2 * maxNote

// ParseProof reads the JSON of a proof and nothing more: no other members, no
// hash that is not 32 bytes. The error is BadForm. It checks nothing: Check does.
func ParseProof(form []byte) (Proof, error) {
	var p Proof
	if !readJSON(form, &p) || len(p.Hashes) > 64 {
		return Proof{}, badForm("proof")
	}
	return p, nil
}

// proofLine begins the textual form of a proof.
const proofLine = "c2sp.org/tlog-proof@v1\n"

// Text is the proof without the entry, as other tools read it (C2SP tlog-proof).
func (p Proof) Text() string {
	var form strings.Builder
	form.WriteString(proofLine + "index " + strconv.FormatInt(p.Index, 10) + "\n")
	for _, h := range p.Hashes {
		form.WriteString(h.String() + "\n")
	}
	form.WriteString("\n" + p.Checkpoint)
	return form.String()
}

// ParseProofText reads what Text writes and takes up the entry, whose
// canonical bytes it does not carry. Extra data, which nothing vouches for, is
// refused. The error is BadForm.
func ParseProofText(form string, entry []byte) (Proof, error) {
	rest, ok := strings.CutPrefix(form, proofLine+"index ")
	head, signed, whole := strings.Cut(rest, "\n\n")
	lines := strings.Split(head, "\n")
	index, err := strconv.ParseInt(lines[0], 10, 64)
	if !ok || !whole || err != nil || len(lines) > 65 {
		return Proof{}, badForm("proof")
	}
	p := Proof{Entry: string(entry), Index: index, Hashes: make([]Hash, len(lines)-1), Checkpoint: signed}
	for i, line := range lines[1:] {
		if p.Hashes[i], ok = parseHash(line); !ok {
			return Proof{}, badForm("proof")
		}
	}
	text, _, _ := strings.Cut(signed, "\n\n")
	c, err := parseCheckpoint(text + "\n")
	if err != nil || p.Text() != form {
		return Proof{}, badForm("proof")
	}
	p.Size = c.Head.N
	return p, nil
}

// Consistency shows that the log of one size is the beginning of the log of
// another: the answer of /ledger/consistency.
type Consistency struct {
	From   int64  `json:"from"`
	To     int64  `json:"to"`
	Hashes []Hash `json:"hashes"`
}

// Check checks it between two heads that were signed. The error is
// OutsideTree when the sizes are others, or that of Extends.
func (c Consistency) Check(older, newer Head) error {
	if c.From != older.N || c.To != newer.N {
		return fault(None, OutsideTree, "size")
	}
	return Extends(older, newer, slices.Clone(c.Hashes))
}

// ParseConsistency reads the JSON of a consistency proof and nothing more. The
// error is BadForm.
func ParseConsistency(form []byte) (Consistency, error) {
	var c Consistency
	if !readJSON(form, &c) || len(c.Hashes) > 128 {
		return Consistency{}, badForm("consistency")
	}
	return c, nil
}

// readJSON reads one JSON document without unknown members and with nothing after it.
func readJSON(form []byte, to any) bool {
	if len(form) > maxProof || !json.Valid(form) {
		return false
	}
	read := json.NewDecoder(bytes.NewReader(form))
	read.DisallowUnknownFields()
	return read.Decode(to) == nil
}

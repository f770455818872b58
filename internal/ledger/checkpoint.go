package ledger

import (
	"encoding/base64"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is a head of a named log, the text that is signed: three lines,
// the log's origin, its size, its root in base64 (C2SP tlog-checkpoint), and an
// extension line with the number of rows of the audit log and the link of the last.
type Checkpoint struct {
	Origin string // the log's name: its address without scheme, bank.example/api/v1/ledger
	Head   Head
	Audit  Head // size 0: nothing is said of the audit log, and there is no line
}

// auditMark begins the line about the audit log.
const auditMark = "audit "

// String is the text that is signed.
func (c Checkpoint) String() string {
	text := c.Origin + "\n" + strconv.FormatInt(c.Head.N, 10) + "\n" + c.Head.Hash.String() + "\n"
	if c.Audit.N > 0 {
		text += auditMark + strconv.FormatInt(c.Audit.N, 10) + " " + c.Audit.Hash.String() + "\n"
	}
	return text
}

// parseCheckpoint reads the text of a checkpoint. Lines after the third are
// allowed when they are not empty, and are ignored, as the form has it, but for
// one about the audit log, which comes first among them.
func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	end := len(lines) - 1
	if end < 3 || lines[end] != "" {
		return Checkpoint{}, badForm("checkpoint")
	}
	for _, line := range lines[:end] {
		if line == "" {
			return Checkpoint{}, badForm("checkpoint")
		}
	}
	c := Checkpoint{Origin: lines[0]}
	good := parseHead(lines[1], lines[2], &c.Head)
	if about, marked := strings.CutPrefix(lines[3], auditMark); marked {
		size, link, _ := strings.Cut(about, " ")
		good = good && parseHead(size, link, &c.Audit)
	}
	rest, same := strings.CutPrefix(text, strings.TrimSuffix(c.String(), "\n"))
	if !good || !same || strings.Contains(rest, "\n"+auditMark) {
		return Checkpoint{}, badForm("checkpoint")
	}
	return c, nil
}

// parseHead reads a size and a hash in base64.
func parseHead(size, hash string, to *Head) bool {
	n, err := strconv.ParseInt(size, 10, 64)
	root, ok := parseHash(hash)
	*to = Head{N: n, Hash: root}
	return err == nil && n >= 0 && ok
}

// parseHash reads a hash in base64 as it is written, with no bit to spare.
func parseHash(s string) (Hash, bool) {
	data, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(data) != HashSize || len(s) != base64.StdEncoding.EncodedLen(HashSize) {
		return Hash{}, false
	}
	return Hash(data), true
}

// Extends checks that a newer head continues an older one: nothing of it was
// rewritten (consistency proof, RFC 6962, section 2.1.2). The error is OutsideTree when newer is smaller,
// else NotProven. Every log extends the empty one, and itself, by no hashes.
func Extends(older, newer Head, hashes []Hash) error {
	switch {
	case older.N < 0 || newer.N < older.N:
		return fault(None, OutsideTree, "size")
	case older.N == 0 || older.N == newer.N:
		same := older.N == 0 || older.Hash == newer.Hash
		if len(hashes) != 0 || !same {
			return fault(None, NotProven, "hashes")
		}
		return nil
	}
	if tlog.CheckTree(hashes, newer.N, newer.Hash, older.N, older.Hash) != nil {
		return fault(None, NotProven, "hashes")
	}
	return nil
}

// ProveExtends gives the hashes that Extends asks for, from the tree that is
// stored. The error is OutsideTree when 0 ≤ older ≤ newer does not hold, or that of stored.
func ProveExtends(older, newer int64, stored HashReader) ([]Hash, error) {
	switch {
	case older < 0 || newer < older:
		return nil, fault(None, OutsideTree, "size")
	case older == 0 || older == newer:
		return []Hash{}, nil
	}
	return tlog.ProveTree(newer, older, stored)
}

// HeadAt is the head that the log had at a smaller size, from the tree that is
// stored. The error is that of stored, OutsideTree for a negative size.
func HeadAt(size int64, stored HashReader) (Head, error) {
	if size < 0 {
		return Head{}, fault(None, OutsideTree, "size")
	}
	root, err := tlog.TreeHash(size, stored)
	return Head{N: size, Hash: root}, err
}

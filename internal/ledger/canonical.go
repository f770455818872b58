package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// firstLine names the form and its version. Another form gets another line.
const firstLine = "creditbank-entry/1"

// fieldNames are the lines after the first, in their order.
var fieldNames = [...]string{"number", "batch", "kind", "debit", "credit", "amount", "record", "digest", "reverses", "reason", "actor", "at", "cause"}

// Append writes the entry's canonical bytes: fourteen lines, each a name, a
// space and a value (docs/ledger-format.md). An entry that passes Check has
// exactly one such form and no other entry has the same.
func (e *Entry) Append(to []byte) []byte {
	to = append(to, firstLine...)
	to = strconv.AppendInt(append(to, "\nnumber "...), e.Number, 10)
	to = strconv.AppendInt(append(to, "\nbatch "...), e.Batch, 10)
	to = append(append(to, "\nkind "...), e.Kind.String()...)
	to = e.Debit.append(append(to, "\ndebit "...))
	to = e.Credit.append(append(to, "\ncredit "...))
	to = strconv.AppendInt(append(to, "\namount "...), int64(e.Amount), 10)
	to = appendText(append(to, "\nrecord "...), e.Record.Institution)
	to = appendText(append(to, ':'), e.Record.Reference)
	to = appendDigest(append(to, "\ndigest "...), e.Digest)
	to = append(to, "\nreverses "...)
	if e.Kind == Reverse {
		to = strconv.AppendInt(to, e.Reverses, 10)
	} else {
		to = append(to, absent...)
	}
	to = appendText(append(to, "\nreason "...), e.Reason)
	to = appendText(append(to, "\nactor "...), e.Actor)
	to = strconv.AppendInt(append(to, "\nat "...), e.At, 10)
	to = append(to, "\ncause "...)
	if e.Cause == (Cause{}) {
		return append(to, absent+"\n"...)
	}
	to = appendText(to, e.Cause.Kind)
	to = appendText(append(to, ':'), e.Cause.ID)
	return append(to, '\n')
}

func appendDigest(to []byte, d Hash) []byte {
	if d == (Hash{}) {
		return append(to, absent...)
	}
	return hex.AppendEncode(to, d[:])
}

// DigestOf is what a deposit says of its result without telling it: SHA-256 over
// a salt of the result's own and the content, each behind its length as a
// varint. Whoever holds salt and content can show that neither was changed since;
// without the salt, which goes when the result is erased, nobody can guess the content.
func DigestOf(salt, content []byte) Hash {
	var room [512]byte
	whole := room[:0]
	for _, part := range [...][]byte{salt, content} {
		whole = append(binary.AppendUvarint(whole, uint64(len(part))), part...)
	}
	return Hash(sha256.Sum256(whole))
}

// Leaf is the hash of the entry in the tree: SHA-256 over a zero byte and the
// canonical bytes (RFC 6962, section 2.1).
func (e *Entry) Leaf() Hash {
	var room [512]byte
	return tlog.RecordHash(e.Append(room[:0]))
}

// LeafOf is the hash in the tree of an entry's canonical bytes.
func LeafOf(entry []byte) Hash { return tlog.RecordHash(entry) }

// maxEntry is longer than any canonical form: eleven texts of 80 characters of
// at most four bytes each, and the lines around them.
const maxEntry = 4096

// ParseEntry reads canonical bytes and nothing else: what Append writes for an
// entry that passes Check. The error is BadForm, or the fault of Check.
func ParseEntry(form []byte) (Entry, error) {
	if len(form) > maxEntry {
		return Entry{}, badForm("entry")
	}
	values, ok := splitLines(string(form))
	if !ok {
		return Entry{}, badForm("entry")
	}
	e, field := readEntry(values)
	if field != "" {
		return Entry{}, badForm(field)
	}
	if err := e.Check(); err != nil {
		return Entry{}, err
	}
	if !bytes.Equal(e.Append(make([]byte, 0, len(form))), form) {
		return Entry{}, badForm("entry")
	}
	return e, nil
}

// splitLines gives the values of the lines after the first, without their names.
func splitLines(form string) (values [len(fieldNames)]string, ok bool) {
	rest, ok := strings.CutPrefix(form, firstLine+"\n")
	for i, name := range fieldNames {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		var named bool
		values[i], named = strings.CutPrefix(line, name+" ")
		ok = ok && named
	}
	return values, ok && rest == ""
}

// readEntry reads the values, and names the first that cannot be read.
// That a value is written as Append would is for the caller to check.
func readEntry(values [len(fieldNames)]string) (e Entry, field string) {
	var err error
	next := 0
	take := func(read func(value string) error) {
		if field == "" {
			if err = read(values[next]); err != nil {
				field = fieldNames[next]
			}
		}
		next++
	}
	take(readInt(&e.Number))
	take(readInt(&e.Batch))
	take(func(s string) error { e.Kind, err = ParseKind(s); return err })
	take(func(s string) error { e.Debit, err = ParseAccount(s); return err })
	take(func(s string) error { e.Credit, err = ParseAccount(s); return err })
	take(readInt((*int64)(&e.Amount)))
	take(readPair(&e.Record.Institution, &e.Record.Reference))
	take(func(s string) error {
		if s == absent {
			return nil
		}
		_, err := hex.Decode(e.Digest[:], []byte(s[:min(len(s), 2*len(e.Digest))]))
		return err
	})
	take(func(s string) error {
		if s == absent {
			return nil
		}
		return readInt(&e.Reverses)(s)
	})
	take(readOne(&e.Reason))
	take(readOne(&e.Actor))
	take(readInt(&e.At))
	take(func(s string) error {
		if s == absent {
			return nil
		}
		return readPair(&e.Cause.Kind, &e.Cause.ID)(s)
	})
	return e, field
}

func readInt(to *int64) func(string) error {
	return func(s string) (err error) { *to, err = strconv.ParseInt(s, 10, 64); return err }
}

func readOne(to *string) func(string) error {
	return func(s string) error {
		if !readAll([]string{s}, to) {
			return BadForm
		}
		return nil
	}
}

func readPair(one, other *string) func(string) error {
	return func(s string) error {
		before, after, _ := strings.Cut(s, ":")
		if !readAll([]string{before, after}, one, other) {
			return BadForm
		}
		return nil
	}
}

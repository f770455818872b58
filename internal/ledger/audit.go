package ledger

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"strconv"
)

// AuditRow is one row of the audit log: who did what, when, about whom, from
// where and why. It holds accounts, codes and numbers of logins, nothing personal.
type AuditRow struct {
	Number      int64  // from 1, without gaps
	At          int64  // microseconds since 1970 in UTC
	Actor       string // number of the login or token, or operator
	Role        string // what the actor was, with a space between several
	Institution string // of the actor; may be empty
	Origin      string // network the request came from; may be empty
	Action      string // a word
	Object      string // what it was done to; may be empty
	Subject     string // account of the learner it is about; empty: none
	Detail      string // may be empty
	Purpose     string // may be empty
}

// auditLine names the form of an audit row and its version.
const auditLine = "creditbank-audit/1"

// Append writes the canonical bytes of the row: twelve lines, each a name, a
// space and a value (docs/ledger-format.md). No other row has the same.
func (r *AuditRow) Append(to []byte) []byte {
	to = append(to, auditLine...)
	to = strconv.AppendInt(append(to, "\nnumber "...), r.Number, 10)
	to = strconv.AppendInt(append(to, "\nat "...), r.At, 10)
	for _, field := range [...]struct{ name, text string }{
		{"actor", r.Actor}, {"role", r.Role}, {"institution", r.Institution}, {"origin", r.Origin}, {"action", r.Action},
		{"object", r.Object}, {"subject", r.Subject}, {"detail", r.Detail}, {"purpose", r.Purpose},
	} {
		to = append(append(append(to, '\n'), field.name...), ' ')
		to = appendText(to, field.text)
	}
	return append(to, '\n')
}

// Chain is the link of the row: SHA-256 over the link of the row before, 32 zero
// bytes for the first, and the canonical bytes. So it vouches for all rows up to this one.
func (r *AuditRow) Chain(before Hash) Hash {
	var room [1024]byte
	return sha256.Sum256(r.Append(append(room[:0], before[:]...)))
}

// AuditVerifier recomputes the audit log from its rows, fed in order of their
// numbers, and finds the first that is wrong. Its memory does not grow with the log.
type AuditVerifier struct {
	heads []Head // that checkpoints signed, not reached yet
	at    Head   // of the rows so far
	good  int64  // size of the last head that was as it should be
}

// NewAuditVerifier starts at the empty log. The heads are those that checkpoints
// signed, in any order; one of size 0 says nothing.
func NewAuditVerifier(heads []Head) *AuditVerifier {
	heads = slices.DeleteFunc(slices.Clone(heads), func(h Head) bool { return h.N <= 0 })
	slices.SortStableFunc(heads, func(a, b Head) int { return cmp.Compare(a.N, b.N) })
	return &AuditVerifier{heads: heads}
}

// Add takes the next row and the link that is stored with it. The error is the
// first finding: AuditGap, LinkDiffers or AuditHeadDiffers.
func (v *AuditVerifier) Add(r *AuditRow, stored Hash) error {
	want := v.at.N + 1
	if r.Number != want {
		return &Fault{None, AuditGap, auditField(want), strconv.FormatInt(r.Number, 10), strconv.FormatInt(want, 10)}
	}
	v.at = Head{N: want, Hash: r.Chain(v.at.Hash)}
	if stored != v.at.Hash {
		return &Fault{None, LinkDiffers, auditField(want), stored.String(), v.at.Hash.String()}
	}
	for ; len(v.heads) > 0 && v.heads[0].N == want; v.heads = v.heads[1:] {
		if signed := v.heads[0]; signed != v.at {
			return &Fault{None, AuditHeadDiffers, auditField(v.good+1) + "-" + strconv.FormatInt(want, 10), v.at.Hash.String(), signed.Hash.String()}
		}
		v.good = want
	}
	return nil
}

// Close gives the head of the whole log. The error is AuditTruncated when a
// checkpoint covers more rows than there are.
func (v *AuditVerifier) Close() (Head, error) {
	if n := len(v.heads); n > 0 {
		return v.at, &Fault{None, AuditTruncated, auditField(v.at.N + 1), strconv.FormatInt(v.at.N, 10), strconv.FormatInt(v.heads[n-1].N, 10)}
	}
	return v.at, nil
}

// auditField is how a finding names a row.
func auditField(number int64) string { return "audit " + strconv.FormatInt(number, 10) }

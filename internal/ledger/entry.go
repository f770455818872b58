package ledger

import "creditbank/internal/credit"

// Kind is what an entry books. The zero value is no kind.
type Kind uint8

// The kinds, and between which accounts each books.
const (
	Deposit Kind = iota + 1 // 存入: issuer → available
	Hold                    // 冻结: available → held
	Release                 // 解冻: held → available
	Convert                 // 转换: held → conversion, then conversion → applied
	Redeem                  // 兑换: applied → redeemed
	Reverse                 // 冲正: any of the others with its two accounts swapped
	Expire                  // 失效: available → expired
	Merge                   // 合并: available of one learner → available of another
)

var kindNames = [...]string{"", "deposit", "hold", "release", "convert", "redeem", "reverse", "expire", "merge"}

// String is the kind's word in the canonical form, "" for none.
func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		return ""
	}
	return kindNames[k]
}

// ParseKind reads the word that String writes; the error is Unknown.
func ParseKind(word string) (Kind, error) {
	for k := Deposit; k <= Merge; k++ {
		if kindNames[k] == word {
			return k, nil
		}
	}
	return 0, fault(None, Unknown, "kind")
}

// Record names one result of a learner: the institution that issued it and
// the issuer's own number for it. The pair is unique in the bank.
type Record struct {
	Institution string
	Reference   string
}

// Cause is what an entry was made for: an application, an import.
type Cause struct {
	Kind string // a word: application, import, request; empty when there is none
	ID   string // its number
}

// Entry is one booking. It is never edited: a wrong one is reversed.
//
// A record moves wholly: Amount is all that stands in the debit account for
// it. Zero is an amount: a certificate without credits of its own is held and
// used up like any other result, and a conversion may award nothing. Only the
// second line of a conversion changes the amount, to what the record is worth
// in the programme.
type Entry struct {
	Number   int64         // place in the ledger and index of its leaf, from 0, without gaps
	Batch    int64         // number of the first entry of the batch it belongs to
	Kind     Kind          // what it books
	Debit    Account       // where from
	Credit   Account       // where to
	Amount   credit.Amount // hundredths of a credit, from 0 to credit.MaxAmount
	Record   Record        // what is moved
	Digest   Hash          // of a deposit: what the result says, salted ([DigestOf]); zero: not taken
	Reverses int64         // number of the entry that a Reverse undoes; 0 in every other kind
	Reason   string        // a code or a few words without personal data; may be empty
	Actor    string        // who booked it: a login's number or an API client, never a name
	At       int64         // when, in microseconds since 1970-01-01 UTC
	Cause    Cause         // what for; may be empty
}

// route is one way of a kind from place to place.
type route struct {
	kind     Kind
	from, to Place
}

// fits says whether a kind books between two places.
func fits(r route) bool {
	switch r {
	case route{Deposit, Issuer, Available}, route{Hold, Available, Held}, route{Release, Held, Available},
		route{Convert, Held, Conversion}, route{Convert, Conversion, Applied}, route{Redeem, Applied, Redeemed},
		route{Expire, Available, Expired}, route{Merge, Available, Available}:
		return true
	}
	if r.kind != Reverse {
		return false
	}
	for k := Deposit; k <= Merge; k++ {
		if k != Reverse && fits(route{k, r.to, r.from}) {
			return true
		}
	}
	return false
}

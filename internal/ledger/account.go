package ledger

import "strings"

// Place is what an account is for. The zero value is no place.
type Place uint8

// The places. A learner has the four in the middle, and Applied and Redeemed
// once for each programme. Issuer and Conversion are the bank's own and may be
// negative; a learner's never are.
const (
	Issuer     Place = iota + 1 // what an institution has issued
	Available                   // free to be used
	Held                        // frozen by an application
	Conversion                  // between two programmes; its balance is the bank's credit-loss figure
	Applied                     // counts in a programme
	Redeemed                    // a diploma was issued on it
	Expired                     // its validity has ended
)

var placeNames = [...]string{"", "issuer", "available", "held", "conversion", "applied", "redeemed", "expired"}

// String is the place's word in the canonical form, "" for none.
func (p Place) String() string {
	if int(p) >= len(placeNames) {
		return ""
	}
	return placeNames[p]
}

// parts says which texts an account of the place carries.
func (p Place) parts() (owner, programme bool) {
	switch p {
	case Available, Held, Expired:
		return true, false
	case Applied, Redeemed:
		return true, true
	}
	return false, false
}

// Account is where entries go from and to. Its form, String, is the place
// followed by what it carries:
//
//	issuer:INSTITUTION    available:OWNER    held:OWNER    expired:OWNER
//	conversion            applied:OWNER@INSTITUTION:PROGRAMME    redeemed:OWNER@INSTITUTION:PROGRAMME
//
// Owner is the learner's account number, never a name or an identity number.
// Two accounts are the same when they are equal.
type Account struct {
	Place       Place
	Owner       string // learner's account number
	Institution string // institution's code: of Issuer, Applied and Redeemed
	Programme   string // programme's code: of Applied and Redeemed
}

// IssuerOf is the account of what an institution has issued.
func IssuerOf(institution string) Account { return Account{Place: Issuer, Institution: institution} }

// AvailableOf is what a learner is free to use.
func AvailableOf(owner string) Account { return Account{Place: Available, Owner: owner} }

// HeldOf is what a learner's applications have frozen.
func HeldOf(owner string) Account { return Account{Place: Held, Owner: owner} }

// InConversion is the bank's own account between two programmes.
func InConversion() Account { return Account{Place: Conversion} }

// AppliedAt is what counts for a learner in a programme.
func AppliedAt(owner, institution, programme string) Account {
	return Account{Applied, owner, institution, programme}
}

// RedeemedAt is what a learner's diploma of a programme was issued on.
func RedeemedAt(owner, institution, programme string) Account {
	return Account{Redeemed, owner, institution, programme}
}

// ExpiredOf is what a learner has lost by the end of its validity.
func ExpiredOf(owner string) Account { return Account{Place: Expired, Owner: owner} }

// String is the account's form, in canonical bytes and wherever it is stored.
func (a Account) String() string {
	var room [128]byte
	return string(a.append(room[:0]))
}

func (a Account) append(to []byte) []byte {
	to = append(to, a.Place.String()...)
	owner, programme := a.Place.parts()
	if owner {
		to = appendText(append(to, ':'), a.Owner)
	}
	if programme {
		to = appendText(append(to, '@'), a.Institution)
		return appendText(append(to, ':'), a.Programme)
	}
	if a.Place == Issuer {
		return appendText(append(to, ':'), a.Institution)
	}
	return to
}

// ParseAccount reads the form that String writes and nothing else; the error
// is BadForm. What it reads is complete: no part is missing or too long.
func ParseAccount(form string) (Account, error) {
	word, rest, _ := strings.Cut(form, ":")
	a := Account{Place: placeOf(word)}
	var ok bool
	switch owner, programme := a.Place.parts(); {
	case programme:
		before, target, _ := strings.Cut(rest, "@")
		institution, code, _ := strings.Cut(target, ":")
		ok = readAll([]string{before, institution, code}, &a.Owner, &a.Institution, &a.Programme)
	case owner:
		ok = readAll([]string{rest}, &a.Owner)
	case a.Place == Issuer:
		ok = readAll([]string{rest}, &a.Institution)
	default:
		ok = a.Place == Conversion
	}
	if code, _ := a.check(); !ok || code != "" || a.String() != form {
		return Account{}, badForm("account")
	}
	return a, nil
}

func placeOf(word string) Place {
	for p := Issuer; p <= Expired; p++ {
		if placeNames[p] == word {
			return p
		}
	}
	return 0
}

func readAll(forms []string, to ...*string) bool {
	for i, form := range forms {
		text, ok := readText(form)
		if !ok {
			return false
		}
		*to[i] = text
	}
	return true
}

// check says what is wrong with the account itself, and with which part.
func (a Account) check() (Code, string) {
	if a.Place < Issuer || a.Place > Expired {
		return Unknown, "place"
	}
	owner, programme := a.Place.parts()
	for _, part := range [...]struct {
		text, name string
		carried    bool
	}{{a.Owner, "owner", owner}, {a.Institution, "institution", programme || a.Place == Issuer}, {a.Programme, "programme", programme}} {
		if !part.carried && part.text != "" {
			return Needless, part.name
		}
		if code := checkText(part.text, part.carried); code != "" {
			return code, part.name
		}
	}
	return "", ""
}

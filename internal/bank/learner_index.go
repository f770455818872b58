package bank

import (
	"context"
	"database/sql"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// The fields of a learner that the blind index finds.
const (
	indexID     = "id_number"
	indexSchool = "school_number"
	indexName   = "name"
	indexPhone  = "phone"
	indexEmail  = "email"
)

func indexColumns() []string { return []string{"learner", "field", "digest"} }

// indexRows adds the digests of a learner, one of each field that is given.
func (t *tx) indexRows(rows [][]any, account string, p Person) ([][]any, error) {
	keys, err := t.sealing()
	if err != nil {
		return nil, err
	}
	for _, f := range indexed(p) {
		if f.text == "" {
			continue
		}
		digest, err := keys.Blind(f.field, f.text)
		if err != nil {
			return nil, err
		}
		rows = append(rows, []any{account, f.field, digest})
	}
	return rows, nil
}

// indexedField is a text in the form in which it is compared.
type indexedField struct{ field, text string }

func indexed(p Person) []indexedField {
	fields := []indexedField{{indexSchool, normalNumber(p.SchoolNumber)}, {indexName, normalName(p.Name)}, {indexPhone, normalPhone(p.Phone)}, {indexEmail, Fold(p.Email)}}
	if p.IDNumber != "" {
		fields = append(fields, indexedField{indexID, normalID(p.IDType, p.IDNumber)})
	}
	return fields
}

// normalNumber makes one of the ways in which people write a number: without
// blanks, in narrow characters, letters capital.
func normalNumber(s string) string {
	return strings.ToUpper(strings.Join(strings.Fields(norm.NFKC.String(s)), ""))
}

// normalID is the number of a document with its type: two types may have one number.
func normalID(idType, number string) string { return idType + " " + normalNumber(number) }

// idTypes are the documents whose number a learner may have.
func idTypes() []string {
	return []string{ResidentID, "passport", "hk_macao_permit", "taiwan_permit", "residence_permit", "other"}
}

// numberUsed says whether another account has a number of this person.
func (t *tx) numberUsed(account string, p Person) (used bool, err error) {
	rows, err := t.indexRows(nil, account, Person{IDType: p.IDType, IDNumber: p.IDNumber, SchoolNumber: p.SchoolNumber})
	for _, row := range rows {
		if err == nil {
			err = t.each(func(*sql.Rows) error { used = true; return nil },
				`SELECT 1 FROM learner_index WHERE learner <> $1 AND field = $2 AND digest = $3`, row...)
		}
	}
	return used, err
}

// accountsOf finds the accounts that somebody may mean who says a number: the account
// itself, or one whose document or school number it is. More than one is possible:
// documents of two kinds may have one number.
func (b *Bank) accountsOf(ctx context.Context, number string) (accounts []string, err error) {
	digests, err := b.blindNumbers(number)
	if err != nil {
		return nil, err
	}
	args := []any{number}
	for _, digest := range digests {
		args = append(args, digest)
	}
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		var account string
		err := rows.Scan(&account)
		accounts = append(accounts, account)
		return err
	}, `SELECT account FROM learner WHERE account = $1 AND erased_at IS NULL
		UNION SELECT learner FROM learner_index WHERE digest IN ($2, $3, $4, $5, $6, $7, $8) ORDER BY account`, args...)
	return accounts, err
}

// blindNumbers are the digests of a number of which nobody said what it is of: of a
// school number, and of each document.
func (b *Bank) blindNumbers(number string) ([][]byte, error) {
	school, err := b.blind(indexSchool, normalNumber(number))
	digests := [][]byte{school}
	for _, idType := range idTypes() {
		if err != nil {
			return nil, err
		}
		var digest []byte
		digest, err = b.blind(indexID, normalID(idType, number))
		digests = append(digests, digest)
	}
	return digests, err
}

// dots makes one of the characters that people write between the parts of a name.
var dots = strings.NewReplacer("•", "·", "・", "·", "･", "·", "．", "·", "‧", "·", "⋅", "·")

// normalName makes one of the ways in which people write a name: the dots between
// its parts, blanks around and between them, capital letters.
func normalName(s string) string {
	return strings.Join(strings.Fields(Fold(dots.Replace(s))), " ")
}

// normalPhone is a number without what people put between its digits, and without
// the prefix of China.
func normalPhone(s string) string {
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t-()", r) {
			return -1
		}
		return r
	}, norm.NFKC.String(s))
	for _, prefix := range []string{"+86", "0086"} {
		if rest, found := strings.CutPrefix(digits, prefix); found {
			return rest
		}
	}
	return digits
}

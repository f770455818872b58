package bank

import (
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

package bank

import (
	"context"
	"database/sql"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Lengths of a login name, in characters.
const (
	leastLoginName = 2
	mostLoginName  = 60
)

// handle is the digest by which a login name is found.
func (b *Bank) handle(name string) ([]byte, error) { return b.blind("login.name", Fold(name)) }

// loginNameFault is the code of what is wrong with a login name: it begins with a
// letter, so that it is never an ID number of a resident.
func loginNameFault(name string) string {
	length := utf8.RuneCountInString(name)
	first, _ := utf8.DecodeRuneInString(name)
	strange := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) && !strings.ContainsRune("._-@+", r)
	}
	switch {
	case name == "":
		return "required"
	case length > mostLoginName:
		return "too_long"
	case length < leastLoginName || !utf8.ValidString(name) || !unicode.IsLetter(first) || strings.ContainsFunc(name, strange):
		return "login_name"
	}
	return ""
}

// takeLoginName checks a new login name and gives its digest. It promises Invalid,
// naming the field, also when somebody has it, or has an account or a number like it.
func (b *Bank) takeLoginName(ctx context.Context, field, name string) (handle []byte, err error) {
	if fault := loginNameFault(strings.TrimSpace(name)); fault != "" {
		return nil, invalidField(field, "", fault, map[string]any{"Limit": mostLoginName})
	}
	if handle, err = b.handle(name); err != nil {
		return nil, err
	}
	account, err := b.accountOf(ctx, name)
	if err == nil && account != "" {
		err = nameTaken(field)
	}
	return handle, err
}

func nameTaken(field string) error { return invalidField(field, "", "login_taken", nil) }

// refuseTaken refuses a login name that another login has, inside the write that takes it.
func (t *tx) refuseTaken(field string, handle []byte, login string) error {
	taken := false
	err := t.each(func(*sql.Rows) error { taken = true; return nil }, `SELECT 1 FROM login WHERE handle = $1 AND id <> $2`, handle, login)
	if err == nil && taken {
		err = nameTaken(field)
	}
	return err
}

// accountOf finds the account of a learner by what a learner knows of it: the
// account itself, an ID number or a school number. Empty when nobody has it, or
// two people have it as numbers of different documents.
func (b *Bank) accountOf(ctx context.Context, number string) (account string, err error) {
	number = norm.NFKC.String(strings.TrimSpace(number))
	if number == "" || !utf8.ValidString(number) || strings.ContainsRune(number, 0) {
		return "", nil
	}
	accounts, err := b.accountsOf(ctx, number)
	if err != nil || len(accounts) != 1 {
		return "", err
	}
	return accounts[0], nil
}

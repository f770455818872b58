package bank

import (
	"context"
	"database/sql"
	"strings"
	"unicode/utf8"

	"creditbank/internal/calendar"
)

// LearnerView is a learner as others see one: the name whole, the day of birth left
// out, numbers, phone and address masked.
type LearnerView struct {
	Account string
	Learner
	MergedInto string // the account it was merged into
}

const selectViews = `SELECT l.account, coalesce(l.institution, ''), coalesce(l.programme, ''), coalesce(l.entered_on, -2147483648), l.sealed,
	coalesce(m.into_account, '') FROM learner l LEFT JOIN learner_merge m ON m.account = l.account WHERE l.erased_at IS NULL`

// personScope is the condition under which an actor sees who a learner is, and its
// arguments $1 to $3: those who answer for the whole bank, the learner's own school's
// people and systems, and the learner.
const personScope = ` AND ($1 OR l.institution = $2 OR l.account = $3)`

func (a Actor) personScope() []any {
	school := ""
	if a.Is(IsRegistrar | IsDecider | IsSystem) {
		school = a.Institution
	}
	return []any{a.seesAll(), school, a.Learner}
}

// readPerson reads who a learner is, whole. It promises Denied, and NotFound for one
// of whom the actor may not know.
func (b *Bank) readPerson(ctx context.Context, actor Actor, account string) (v LearnerView, err error) {
	if err := actor.allow(MayRead); err != nil {
		return v, err
	}
	known := false
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		known = true
		v, err = b.scanView(rows)
		return err
	}, selectViews+personScope+` AND l.account = $4`, append(actor.personScope(), account)...)
	if err == nil && !known {
		err = notFound("learner", account)
	}
	return v, err
}

// scanView reads a learner whole.
func (b *Bank) scanView(rows *sql.Rows) (v LearnerView, err error) {
	var sealed []byte
	if err := rows.Scan(&v.Account, &v.Institution, &v.Programme, &v.Entered, &sealed, &v.MergedInto); err != nil {
		return v, err
	}
	v.Person, err = openPerson(v.Account, sealed, b.unseal)
	return v, err
}

// ViewLearner says who a learner is, masked, and notes the look. It promises Denied,
// NotFound for a learner of whom the actor may not know or who was erased, and
// Unavailable (error.personal_no_key).
func (b *Bank) ViewLearner(ctx context.Context, actor Actor, account string) (LearnerView, error) {
	v, err := b.readPerson(ctx, actor, account)
	if err != nil {
		return LearnerView{}, err
	}
	if err := b.look(ctx, actor, account, "person", ""); err != nil {
		return LearnerView{}, err
	}
	v.Person = v.Masked()
	return v, nil
}

// RevealLearner says who a learner is, whole, once the look and its purpose, of 5 to
// 200 characters, are noted; the learner sees both. It promises the codes of
// [Bank.ViewLearner], and Invalid naming purpose, also for one that repeats what is
// personal of the learner: the audit log holds nothing personal.
func (b *Bank) RevealLearner(ctx context.Context, actor Actor, account, purpose string) (Person, error) {
	if err := checkReason("purpose", purpose); err != nil {
		return Person{}, err
	}
	v, err := b.readPerson(ctx, actor, account)
	if err != nil {
		return Person{}, err
	}
	if v.in(purpose) {
		return Person{}, invalidField("purpose", "", "personal", nil)
	}
	if err := b.look(ctx, actor, account, "numbers", strings.TrimSpace(purpose)); err != nil {
		return Person{}, err
	}
	return v.Person, nil
}

// in says whether a text repeats what is personal.
func (p Person) in(text string) bool {
	plain, number := normalName(text), normalNumber(text)
	for _, s := range []string{normalName(p.Name), Fold(p.Email)} {
		if utf8.RuneCountInString(s) > 1 && strings.Contains(plain, s) {
			return true
		}
	}
	for _, s := range []string{p.IDNumber, p.SchoolNumber, p.Phone} {
		if s != "" && strings.Contains(number, normalNumber(s)) {
			return true
		}
	}
	return false
}

// Masked is a person as others may see one without saying why: the name, and of
// numbers as much as a person needs to recognise them.
func (p Person) Masked() Person {
	p.IDNumber, p.SchoolNumber, p.Phone = maskNumber(p.IDNumber), maskSchoolNumber(p.SchoolNumber), maskPhone(p.Phone)
	p.Email, p.Born = maskEmail(p.Email), calendar.None
	return p
}

// mask leaves so many characters at both ends, and nothing of a text that would be
// half shown by it.
func mask(s string, head, tail int) string {
	runes := []rune(s)
	if len(runes) < 2*(head+tail) && len(runes) < 18 {
		head, tail = 0, 0
	}
	return string(runes[:head]) + strings.Repeat("*", len(runes)-head-tail) + string(runes[len(runes)-tail:])
}

// maskNumber leaves the region and the end of an identity number (000000********0016)
// and the ends of others.
func maskNumber(s string) string {
	if utf8.RuneCountInString(s) == 18 {
		return mask(s, 6, 4)
	}
	return mask(s, 1, 2)
}

// maskSchoolNumber masks what follows the letter as the identity number that it mostly is.
func maskSchoolNumber(s string) string {
	if len(s) < 2 {
		return mask(s, 0, 0)
	}
	return s[:1] + maskNumber(s[1:])
}

func maskPhone(s string) string { return mask(s, 3, 2) }

func maskEmail(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return mask(s, 0, 0)
	}
	return mask(s[:at], 1, 0) + s[at:]
}

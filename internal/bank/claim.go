package bank

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"database/sql"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"creditbank/internal/calendar"
	"creditbank/internal/code"
)

// A claim code: letters and digits that nobody mistakes for each other, 31 to the
// power of 10 of them, ten tries, thirty days.
const (
	claimAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
	claimLength   = 10
	claimTries    = 10
	claimLife     = 30 * 24 * time.Hour
)

// guardianAge is the age in years under which a guardian agrees for a learner (PIPL, article 31).
const guardianAge = 14

// ClaimCode makes the code with which a learner claims the account, or comes in
// again after the password was lost; an earlier one is void. It is told this once,
// as XXXXX-XXXXX, to the registrars of the learner's school and to the operator. It
// promises Denied and NotFound.
func (b *Bank) ClaimCode(ctx context.Context, actor Actor, account string) (code string, expires time.Time, err error) {
	if err := actor.need(IsOperator | IsRegistrar); err != nil {
		return "", time.Time{}, err
	}
	plain := newClaimCode()
	digest, err := b.blind("claim.code", account+" "+plain)
	if err != nil {
		return "", time.Time{}, err
	}
	err = b.write(ctx, actor, func(t *tx) error {
		if err := t.needPupil(account); err != nil {
			return err
		}
		expires = t.now.Add(claimLife)
		err := t.exec(`INSERT INTO claim_code (learner, digest, tries_left, made_by, made_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (learner) DO UPDATE SET digest = excluded.digest, tries_left = excluded.tries_left, made_by = excluded.made_by,
			made_at = excluded.made_at, expires_at = excluded.expires_at`,
			account, digest, claimTries, actor.Name, micros(t.now), micros(expires))
		if err != nil {
			return err
		}
		return t.note(note{Action: "claim.code", Subject: account})
	})
	if err != nil {
		return "", time.Time{}, err
	}
	return plain[:claimLength/2] + "-" + plain[claimLength/2:], expires, nil
}

// newClaimCode draws characters evenly.
func newClaimCode() string {
	var code strings.Builder
	for drawn := make([]byte, 1); code.Len() < claimLength; {
		_, _ = rand.Read(drawn) // it never fails (crypto/rand)
		if n := int(drawn[0]); n < 256/len(claimAlphabet)*len(claimAlphabet) {
			code.WriteByte(claimAlphabet[n%len(claimAlphabet)])
		}
	}
	return code.String()
}

// plainClaimCode reads a code as people write it: small letters, blanks and dashes anywhere, full width.
func plainClaimCode(code string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(claimAlphabet, r) {
			return r
		}
		return -1
	}, strings.ToUpper(norm.NFKC.String(code)))
}

// needPupil lets through the learner's own school and the operator. It promises NotFound.
func (t *tx) needPupil(account string) error {
	known := false
	err := t.each(func(*sql.Rows) error { known = true; return nil },
		`SELECT 1 FROM learner l WHERE account = $1 AND ($2 = '' OR institution = $2) AND erased_at IS NULL AND NOT EXISTS (SELECT 1 FROM learner_merge m WHERE m.account = l.account)`,
		account, t.actor.Institution)
	if err == nil && (!known || t.actor.Institution == "" && !t.actor.Is(IsOperator)) {
		err = notFound("learner", account)
	}
	return err
}

// Claim is what a learner says to come in for the first time, or again.
type Claim struct {
	Number   string // ID number, school number or account
	Code     string
	Password string // the new one
	Guardian string // name of the guardian who agrees, for a learner under fourteen
	Consent  bool   // agreed to what ConsentAccount says
}

// claimed is a claim whose number and code belong together.
type claimed struct {
	account string
	digest  []byte
	login   string // there already: the code mends it
	guessed
}

// Claim makes the login of a learner, or sets a new password for the one there and
// ends its sessions and second factors. The code is used up; of several at once one
// succeeds. [Bank.Enter] lets the learner in.
//
// It promises Invalid naming number, code, password, consent or guardian;
// Unauthenticated (error.claim) for a number and a code that do not belong together,
// for whatever reason; and TooMany as SignIn does, counted by number.
func (b *Bank) Claim(ctx context.Context, origin string, in Claim) (login string, err error) {
	if err := in.check(); err != nil {
		return "", err
	}
	c, err := b.tryClaim(ctx, origin, in)
	if err != nil {
		return "", err
	}
	l, err := b.person(ctx, c.account)
	if err != nil {
		return "", err
	}
	known := []string{c.account, l.IDNumber, l.SchoolNumber, l.Phone, l.Name, l.Email}
	if err := needPassword("password", in.Password, known...); err != nil {
		return "", err
	}
	guardian := strings.TrimSpace(in.Guardian)
	switch young := under(l.birth(), b.Today(), guardianAge); {
	case !young:
		guardian = ""
	case nameFault(guardian) != "":
		return "", invalidField("guardian", "", nameFault(guardian), map[string]any{"Limit": nameLength})
	}
	hash, err := b.hasher.HashPassword(ctx, plainPassword(in.Password))
	if err != nil {
		return "", err
	}
	if login = c.login; login == "" {
		login = newNumber()
	}
	actor := Actor{Name: personName(login), Login: login, Learner: c.account, Roles: IsLearner, Origin: origin}
	err = b.write(ctx, actor, func(t *tx) error { return t.claim(c, login, hash, guardian) })
	if err != nil {
		return "", err
	}
	return login, nil
}

// check finds what is wrong with a claim whoever makes it.
func (in Claim) check() error {
	var faults []FieldError
	if strings.TrimSpace(in.Number) == "" {
		faults = append(faults, FieldError{Field: "number", Code: "required"})
	}
	if len(plainClaimCode(in.Code)) != claimLength {
		faults = append(faults, FieldError{Field: "code", Code: "claim_code"})
	}
	if !in.Consent {
		faults = append(faults, FieldError{Field: "consent", Code: "consent"})
	}
	if fault := passwordFault(plainPassword(in.Password), []string{in.Number}); fault != "" {
		faults = append(faults, FieldError{Field: "password", Code: fault, Args: map[string]any{"Min": leastPassword, "Limit": mostPassword}})
	}
	if len(faults) > 0 {
		return invalidFields(faults)
	}
	return nil
}

// birth is the day on which somebody was born, as given or as the ID number or the
// school number says it; none when nothing does.
func (p Person) birth() calendar.Day {
	if p.Born != calendar.None {
		return p.Born
	}
	if id, err := code.ParseID(p.IDNumber); p.IDType == ResidentID && err == nil {
		return id.Birth()
	}
	if student, err := code.ParseStudent(p.SchoolNumber); err == nil {
		return student.Birth()
	}
	return calendar.None
}

// under says whether somebody is younger than so many years; of an unknown birth nobody is.
func under(born, today calendar.Day, years int) bool {
	return born != calendar.None && today < born.AddYears(years)
}

// tryClaim holds a code against a number, and counts the try by both.
func (b *Bank) tryClaim(ctx context.Context, origin string, in Claim) (c claimed, err error) {
	c.account, err = b.accountOf(ctx, in.Number)
	if err != nil {
		return c, err
	}
	subject := "account " + c.account
	if c.account == "" {
		subject = "number " + Fold(in.Number)
	}
	if c.guessed, err = b.guessed("claim", subject, c.account); err != nil {
		return c, err
	}
	if c.digest, err = b.blind("claim.code", c.account+" "+plainClaimCode(in.Code)); err != nil {
		return c, err
	}
	if _, err := b.try(ctx, visitorFrom(origin), c.guessed); err != nil {
		return c, err
	}
	right := false
	err = b.write(ctx, visitorFrom(origin), func(t *tx) (err error) {
		if c.login, right, err = t.tryCode(c); err == nil && right {
			err = t.forgive(c.guessed)
		}
		return err
	})
	if err == nil && !right {
		err = errClaim()
	}
	return c, err
}

func errClaim() error { return &Error{Code: Unauthenticated, Key: "error.claim"} }

// tryCode compares, and takes a try from the code when it is wrong.
func (t *tx) tryCode(c claimed) (login string, right bool, err error) {
	known := false
	err = t.each(func(rows *sql.Rows) error {
		var digest []byte
		known = true
		err := rows.Scan(&digest)
		right = subtle.ConstantTimeCompare(digest, c.digest) == 1
		return err
	}, `SELECT digest FROM claim_code WHERE learner = $1 AND tries_left > 0 AND expires_at > $2`, c.account, micros(t.now))
	if err != nil || !known {
		return "", false, err
	}
	if !right {
		return "", false, t.exec(`UPDATE claim_code SET tries_left = tries_left - 1 WHERE learner = $1`, c.account)
	}
	if login, err = t.loginOfLearner(c.account); err != nil || login == "" {
		return "", right, err
	}
	h, err := reading(t.each).holder(login)
	return login, !h.disabled, err
}

func (t *tx) loginOfLearner(account string) (login string, err error) {
	err = t.each(func(rows *sql.Rows) error { return rows.Scan(&login) }, `SELECT id FROM login WHERE learner = $1`, account)
	return login, err
}

// claim uses the code up and makes or mends the login. It promises Unauthenticated
// when another was quicker.
func (t *tx) claim(c claimed, login, hash, guardian string) error {
	there, right, err := t.tryCode(c)
	switch {
	case err != nil:
		return err
	case !right || there != c.login:
		return errClaim()
	}
	if err := t.exec(`DELETE FROM claim_code WHERE learner = $1`, c.account); err != nil {
		return err
	}
	if c.login == "" {
		err = t.addLogin(newcomer{id: login, learner: c.account, password: hash})
	} else if err = t.clearWays(login); err == nil {
		err = t.setPassword(login, hash)
	}
	if err != nil {
		return err
	}
	if err := t.consent(c.account, ConsentAccount, guardian); err != nil {
		return err
	}
	return t.note(note{Action: "claim.use", Object: login, Subject: c.account})
}

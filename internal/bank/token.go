package bank

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"creditbank/internal/calendar"
)

// Scopes are what a token allows, as a set.
type Scopes uint8

// The scopes. A school deposits only results that it issued itself, reads the
// accounts of its own learners and, of any account, the results it issued, and
// works on its own part of the map: courses, and equivalences that concern it.
const (
	MayDeposit Scopes = 1 << iota
	MayRead
	MayMap
	MayApply // for the school's own learners, and decide what the school is asked
)

// ScopeNames lists the names of the scopes, as the command line and the API say them.
func ScopeNames() []string { return []string{"deposit", "read", "map", "apply"} }

// Names lists the scopes of the set.
func (s Scopes) Names() []string {
	var names []string
	for i, name := range ScopeNames() {
		if s&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Token lets a school's system act in the school's name. Its secret is not kept.
type Token struct {
	ID          string // what entries and logs name: api:ID
	Institution string
	Name        string // for people: which system it is
	Scopes      Scopes
	Expires     calendar.Day // the last day on which it is taken
	Revoked     bool
	MadeBy      string       // the actor; empty of one from before this was kept
	Used        calendar.Day // the last day on which it was; None: never
}

// NewToken is what a token is made of, as typed.
type NewToken struct {
	Name        string
	Institution string
	Scopes      []string // names; none: all but apply
	Expires     string   // a date; empty: a year from today
}

// tokenMark begins every secret, so that people and scanners know one when they see it.
const tokenMark = "creditbank_"

// AddToken makes a token and gives its secret, which is told this once: the bank
// keeps its SHA-256 alone. It is for administrators and the operator. It promises
// Denied, and Invalid, naming name, institution, scope or expires.
func (b *Bank) AddToken(ctx context.Context, actor Actor, in NewToken) (made Token, secret string, err error) {
	if err := actor.need(IsAdministrator | IsOperator); err != nil {
		return Token{}, "", err
	}
	made, faults := b.readToken(in)
	if len(faults) > 0 {
		return Token{}, "", invalidFields(faults)
	}
	made.ID, made.MadeBy, made.Used = newNumber(), actor.Name, calendar.None
	random, _ := newSecret()
	secret = tokenMark + made.ID + "_" + random
	err = b.write(ctx, actor, func(t *tx) error { return t.addToken(made, secretDigest(secret)) })
	if err != nil {
		return Token{}, "", err
	}
	return made, secret, nil
}

// readToken reads what was typed, and names all that is wrong with it.
func (b *Bank) readToken(in NewToken) (made Token, faults []FieldError) {
	fault := func(field, value, code string, args map[string]any) {
		faults = append(faults, FieldError{Field: field, Value: value, Code: code, Args: args})
	}
	made = Token{Institution: strings.TrimSpace(in.Institution), Name: strings.TrimSpace(in.Name)}
	if code := nameFault(made.Name); code != "" {
		fault("name", "", code, map[string]any{"Limit": nameLength})
	}
	if made.Institution == "" {
		fault("institution", "", "required", nil)
	}
	var unknown string
	if made.Scopes, unknown = readScopes(in.Scopes); made.Scopes == 0 {
		fault("scope", unknown, "choice", map[string]any{"Choices": strings.Join(ScopeNames(), ", ")})
	}
	var code string
	if made.Expires, code = readExpiry(in.Expires, b.Today()); code != "" {
		fault("expires", in.Expires, code, nil)
	}
	return made, faults
}

// nameFault is the code of what is wrong with a name, empty when nothing is.
func nameFault(name string) string {
	return textFault(name, nameLength)
}

// readScopes makes a set of names, of none all but apply, which acts for learners; or
// gives the name that is none. Who applies reads what becomes of it.
func readScopes(names []string) (set Scopes, unknown string) {
	if len(names) == 0 {
		return MayDeposit | MayRead | MayMap, ""
	}
	for _, name := range names {
		at := slices.Index(ScopeNames(), strings.TrimSpace(name))
		if at < 0 {
			return 0, name
		}
		set |= 1 << at
	}
	if set&MayApply != 0 {
		set |= MayRead
	}
	return set, ""
}

// readExpiry reads the last day of a token, or says what is wrong with it.
func readExpiry(text string, today calendar.Day) (day calendar.Day, fault string) {
	if text == "" {
		return today.AddYears(1), ""
	}
	day, err := calendar.Parse(text)
	switch {
	case err != nil:
		return day, "date"
	case day < today:
		return day, "past"
	}
	return day, ""
}

func (t *tx) addToken(made Token, digest []byte) error {
	known := false
	err := t.each(func(rows *sql.Rows) error { known = true; return nil }, `SELECT 1 FROM institution WHERE code = $1`, made.Institution)
	if err != nil {
		return err
	}
	if !known {
		return invalidField("institution", made.Institution, "unknown_institution", nil)
	}
	err = t.exec(`INSERT INTO token (id, institution, name, may_deposit, may_read, may_map, may_apply, digest, expires_on, made_at, made_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		made.ID, made.Institution, made.Name, made.Scopes&MayDeposit != 0, made.Scopes&MayRead != 0, made.Scopes&MayMap != 0, made.Scopes&MayApply != 0,
		digest, made.Expires, micros(t.now), made.MadeBy)
	if err != nil {
		return err
	}
	return t.audit("token.add", made.ID, made.Institution)
}

// RevokeToken ends a token at once and for good; once more changes nothing. It is
// for administrators and the operator, and promises Denied and NotFound.
func (b *Bank) RevokeToken(ctx context.Context, actor Actor, id string) error {
	if err := actor.need(IsAdministrator | IsOperator); err != nil {
		return err
	}
	defer b.tokens.forget() // also when it is not known what became of the commit
	return b.write(ctx, actor, func(t *tx) error {
		known, revoked := false, false
		err := t.each(func(rows *sql.Rows) error {
			known = true
			return rows.Scan(&revoked)
		}, `SELECT revoked_at IS NOT NULL FROM token WHERE id = $1`, id)
		switch {
		case err != nil:
			return err
		case !known:
			return notFound("token", id)
		case revoked:
			return nil
		}
		if err := t.exec(`UPDATE token SET revoked_at = $1 WHERE id = $2`, micros(t.now), id); err != nil {
			return err
		}
		return t.audit("token.revoke", id, "")
	})
}

const selectTokens = `SELECT id, institution, name, may_deposit, may_read, may_map, may_apply, digest, expires_on, revoked_at IS NOT NULL, made_by, coalesce(used_on, -2147483648) FROM token`

func scanToken(rows *sql.Rows) (t Token, digest []byte, err error) {
	var may [4]bool // in the order of the scopes
	err = rows.Scan(&t.ID, &t.Institution, &t.Name, &may[0], &may[1], &may[2], &may[3], &digest, &t.Expires, &t.Revoked, &t.MadeBy, &t.Used)
	for i, does := range may {
		if does {
			t.Scopes |= 1 << i
		}
	}
	return t, digest, err
}

// Tokens lists all tokens, also those that are over, in the order in which they
// were made. It is for administrators, auditors and the operator, and promises Denied.
func (b *Bank) Tokens(ctx context.Context, actor Actor) ([]Token, error) {
	if err := actor.need(IsAdministrator | IsAuditor | IsOperator); err != nil {
		return nil, err
	}
	var list []Token
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		t, _, err := scanToken(rows)
		list = append(list, t)
		return err
	}, selectTokens+` ORDER BY made_at, id`)
	return list, err
}

// Authenticate gives the actor whose token has this secret. It promises
// Unauthenticated for any other text, and for a token that is over: revoked by
// this process, at once; by another, within a second.
func (b *Bank) Authenticate(ctx context.Context, secret string) (Actor, error) {
	digest := sha256.Sum256([]byte(secret))
	found, known, changes := b.tokens.get(digest)
	if !known {
		asked := time.Now()
		var err error
		if found, err = b.findToken(ctx, secret, digest); err != nil {
			return Actor{}, err
		}
		b.tokens.put(digest, found, asked, changes)
	}
	if found.Expires < b.Today() {
		return Actor{}, refusedToken()
	}
	if !known && found.Used < b.Today() {
		if err := b.noteUse(ctx, found.ID); err != nil {
			return Actor{}, err
		}
	}
	return Actor{Name: "api:" + found.ID, Roles: IsSystem, Institution: found.Institution, Scopes: found.Scopes}, nil
}

// noteUse keeps the day on which a token was used. When nothing can be written at
// the moment, a later request of the day notes it.
func (b *Bank) noteUse(ctx context.Context, id string) error {
	err := b.write(ctx, Actor{Name: "api:" + id}, func(t *tx) error {
		return t.exec(`UPDATE token SET used_on = $1 WHERE id = $2 AND (used_on IS NULL OR used_on < $1)`, calendar.Of(t.now), id)
	})
	if code := CodeOf(err); code == Unavailable || code == TooMany {
		return nil
	}
	return err
}

func refusedToken() error { return &Error{Code: Unauthenticated, Key: "error.token"} }

// findToken reads the token that has this secret and is not revoked. It promises
// Unauthenticated.
func (b *Bank) findToken(ctx context.Context, secret string, given [sha256.Size]byte) (found Token, err error) {
	rest, marked := strings.CutPrefix(secret, tokenMark)
	id, _, whole := strings.Cut(rest, "_")
	if !marked || !whole || !utf8.ValidString(id) || strings.ContainsRune(id, 0) {
		return Token{}, refusedToken()
	}
	same := false
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		var digest []byte
		var err error
		found, digest, err = scanToken(rows)
		same = subtle.ConstantTimeCompare(digest, given[:]) == 1
		return err
	}, selectTokens+` WHERE id = $1`, id)
	if err == nil && (!same || found.Revoked) {
		err = refusedToken()
	}
	return found, err
}

package bank

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"creditbank/internal/calendar"
)

// Share is a learner's leave to see the record, for a time: a school's, or that
// of whoever has a link.
type Share struct {
	ID          string       `json:"id"`
	Institution string       `json:"institution,omitempty"` // that may see; empty: whoever has the link
	Whole       bool         `json:"whole"`                 // the whole record
	Issuers     []string     `json:"issuers,omitempty"`     // otherwise, the results of these
	Note        string       `json:"note,omitempty"`        // the learner's own word for it
	Made        time.Time    `json:"made"`
	Until       calendar.Day `json:"until"`              // the last day
	Withdrawn   time.Time    `json:"withdrawn,omitzero"` // zero: it is not
	Openings    []Opening    `json:"openings,omitempty"` // of a link, the last first
}

// Runs says whether the leave holds on a day.
func (s Share) Runs(today calendar.Day) bool { return s.Withdrawn.IsZero() && today <= s.Until }

// Opening is a day on which somebody opened a link.
type Opening struct {
	Day     calendar.Day `json:"day"`
	Network string       `json:"network"` // from where: /24 of IPv4, /48 of IPv6
	Times   int          `json:"times"`
	First   time.Time    `json:"first"`
	Last    time.Time    `json:"last"`
}

// NewShare is a leave as it is asked for.
type NewShare struct {
	Institution string   // empty: whoever has the link
	Issuers     []string // whose results; none: the whole record
	Until       string   // the last day, a date; empty: 30 days from today
	Note        string
	Agreed      bool // to others seeing it: without it there is no leave
}

// The limits of a leave: how long without asking and how long at most, how many at
// a time, and how long the learner's word for it.
const (
	shareDays  = 30
	shareYears = 1
	maxShares  = 50
	shareNote  = 80
	shareTerms = 1 // version of the text that a learner agrees to with it
)

// AddShare gives a school leave to see the learner's own record, or makes a link.
// The link's secret is told this once: the bank keeps its SHA-256 alone. It
// promises Invalid, naming institution, issuers, until, note or agreed; Denied for whoever
// is no learner and (error.share_guardian) under fourteen without a guardian's
// consent; Conflict (error.share_many).
func (b *Bank) AddShare(ctx context.Context, actor Actor, in NewShare) (made Share, secret string, err error) {
	account, err := b.own(ctx, actor)
	if err != nil {
		return Share{}, "", err
	}
	if err := b.mayShare(ctx, account); err != nil {
		return Share{}, "", err
	}
	made, faults := b.readShare(in)
	if len(faults) > 0 {
		return Share{}, "", invalidFields(faults)
	}
	made.ID = newNumber()
	var digest []byte
	if made.Institution == "" {
		secret, digest = newSecret()
	}
	err = b.write(ctx, actor, func(t *tx) error {
		made.Made = t.now
		return t.addShare(account, made, digest)
	})
	if err != nil {
		return Share{}, "", err
	}
	return made, secret, nil
}

// readShare reads what was typed, and names all that is wrong with it.
func (b *Bank) readShare(in NewShare) (made Share, faults []FieldError) {
	fault := func(field, value, code string, args map[string]any) {
		faults = append(faults, FieldError{Field: field, Value: value, Code: code, Args: args})
	}
	made = Share{Institution: strings.TrimSpace(in.Institution), Note: strings.TrimSpace(in.Note)}
	for _, issuer := range in.Issuers {
		if issuer = strings.TrimSpace(issuer); issuer != "" && !slices.Contains(made.Issuers, issuer) {
			made.Issuers = append(made.Issuers, issuer)
		}
	}
	slices.Sort(made.Issuers)
	made.Whole = len(made.Issuers) == 0
	if code := lineFault(made.Note, shareNote); code != "" {
		fault("note", "", code, map[string]any{"Limit": shareNote})
	}
	if !in.Agreed {
		fault("agreed", "", "share_agreed", nil)
	}
	today := b.Today()
	made.Until = today + shareDays
	if in.Until == "" {
		return made, faults
	}
	until, err := calendar.Parse(in.Until)
	last := today.AddYears(shareYears)
	switch {
	case err != nil:
		fault("until", in.Until, "date", nil)
	case until <= today || until > last:
		fault("until", in.Until, "day_range", map[string]any{"Low": (today + 1).String(), "High": last.String()})
	}
	made.Until = until
	return made, faults
}

// lineFault is the code of what is wrong with a text of one line that may be
// empty; "" when nothing is.
func lineFault(text string, limit int) string {
	switch {
	case text == "":
		return ""
	case strings.ContainsAny(text, "\r\n\t"):
		return "control_character"
	case utf8.RuneCountInString(text) > limit:
		return "too_long"
	}
	return nameFault(text)
}

func (t *tx) addShare(account string, made Share, digest []byte) error {
	if err := t.fitShare(account, made); err != nil {
		return err
	}
	sealed, err := t.sealText("share.note", made.ID, made.Note)
	if err != nil {
		return err
	}
	err = t.exec(`INSERT INTO share (learner, id, institution, digest, whole, note, terms, made_at, until_on) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		account, made.ID, textOrNil(made.Institution), digest, made.Whole, sealed, shareTerms, micros(t.now), made.Until)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, issuer := range made.Issuers {
		rows = append(rows, []any{account, made.ID, issuer})
	}
	if err := t.insert("share_issuer", []string{"learner", "share", "institution"}, rows); err != nil {
		return err
	}
	return t.note(note{Action: "share.add", Object: made.ID, Subject: account, Detail: made.Institution})
}

// sealText seals a text that may be empty: nothing is kept then.
func (t *tx) sealText(kind, row, text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	return t.seal(kind, row, []byte(text))
}

// unsealText opens what sealText gave.
func (b *Bank) unsealText(kind, row string, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	text, err := b.unseal(kind, row, sealed)
	return string(text), err
}

// fitShare holds a leave against the account: to whom, of whose results, how many.
func (t *tx) fitShare(account string, made Share) error {
	var own string
	known, running := false, 0
	err := t.each(func(rows *sql.Rows) error { return rows.Scan(&own, &known, &running) },
		`SELECT coalesce(l.institution, ''), EXISTS (SELECT 1 FROM institution i WHERE i.code = $2),
			(SELECT count(*) FROM share s WHERE s.learner = l.account AND s.withdrawn_at IS NULL AND s.until_on >= $3)
		FROM learner l WHERE l.account = $1`, account, made.Institution, calendar.Of(t.now))
	switch {
	case err != nil:
		return err
	case made.Institution != "" && !known:
		return invalidField("institution", made.Institution, "unknown_institution", nil)
	case made.Institution != "" && made.Institution == own:
		return invalidField("institution", made.Institution, "own_school", nil)
	case running >= maxShares:
		return &Error{Code: Conflict, Key: "error.share_many", Args: map[string]any{"Limit": maxShares}}
	}
	issuers, err := issuersOf(t.each, account)
	if err != nil {
		return err
	}
	for _, issuer := range made.Issuers {
		if !slices.Contains(issuers, issuer) {
			return invalidField("issuers", issuer, "no_result_of", nil)
		}
	}
	return nil
}

// issuersOf lists the institutions that issued results of an account.
func issuersOf(read reading, account string) (issuers []string, err error) {
	err = read(func(rows *sql.Rows) error {
		var issuer string
		err := rows.Scan(&issuer)
		issuers = append(issuers, issuer)
		return err
	}, `SELECT DISTINCT institution FROM record WHERE learner = $1 ORDER BY institution`, account)
	return issuers, err
}

// WithdrawShare ends a leave of the learner's own at once and for good; once more
// changes nothing. It promises Denied and NotFound.
func (b *Bank) WithdrawShare(ctx context.Context, actor Actor, id string) error {
	account, err := b.own(ctx, actor)
	if err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		known, withdrawn := false, false
		err := t.each(func(rows *sql.Rows) error {
			known = true
			return rows.Scan(&withdrawn)
		}, `SELECT withdrawn_at IS NOT NULL FROM share WHERE learner = $1 AND id = $2`, account, id)
		switch {
		case err != nil:
			return err
		case !known:
			return notFound("share", id)
		case withdrawn:
			return nil
		}
		if err := t.exec(`UPDATE share SET withdrawn_at = $1 WHERE learner = $2 AND id = $3`, micros(t.now), account, id); err != nil {
			return err
		}
		return t.note(note{Action: "share.withdraw", Object: id, Subject: account})
	})
}

// Shares lists what leave the learner has given, the newest first, with who opened
// the links. It promises Denied.
func (b *Bank) Shares(ctx context.Context, actor Actor) ([]Share, error) {
	account, err := b.own(ctx, actor)
	if err != nil {
		return nil, err
	}
	return b.sharesOf(ctx, account)
}

func (b *Bank) sharesOf(ctx context.Context, account string) ([]Share, error) {
	list, places := []Share{}, map[string]int{}
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		s, err := b.scanShare(rows)
		places[s.ID] = len(list)
		list = append(list, s)
		return err
	}, selectShares+` WHERE learner = $1 ORDER BY made_at DESC, id`, account)
	if err != nil {
		return nil, err
	}
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		var id, issuer string
		err := rows.Scan(&id, &issuer)
		if at, known := places[id]; known {
			list[at].Issuers = append(list[at].Issuers, issuer)
		}
		return err
	}, `SELECT share, institution FROM share_issuer WHERE learner = $1 ORDER BY share, institution`, account)
	if err != nil {
		return nil, err
	}
	return list, b.openingsOf(ctx, account, func(id string, o Opening) {
		if at, known := places[id]; known {
			list[at].Openings = append(list[at].Openings, o)
		}
	})
}

const selectShares = `SELECT id, coalesce(institution, ''), whole, note, made_at, until_on, coalesce(withdrawn_at, 0) FROM share`

func (b *Bank) scanShare(rows *sql.Rows) (Share, error) {
	var s Share
	var note []byte
	var made, withdrawn int64
	if err := rows.Scan(&s.ID, &s.Institution, &s.Whole, &note, &made, &s.Until, &withdrawn); err != nil {
		return s, err
	}
	s.Made, s.Withdrawn = fromMicros(made), fromMicros(withdrawn)
	var err error
	s.Note, err = b.unsealText("share.note", s.ID, note)
	return s, err
}

func (b *Bank) openingsOf(ctx context.Context, account string, take func(share string, o Opening)) error {
	return b.db.each(ctx, func(rows *sql.Rows) error {
		var id string
		var o Opening
		var first, last int64
		err := rows.Scan(&id, &o.Day, &o.Network, &o.Times, &first, &last)
		o.First, o.Last = fromMicros(first), fromMicros(last)
		take(id, o)
		return err
	}, `SELECT share, day, network, times, first_at, last_at FROM share_opening WHERE learner = $1 ORDER BY last_at DESC, network`, account)
}

// MyIssuers lists the institutions that issued results of the learner who asks. It
// promises Denied.
func (b *Bank) MyIssuers(ctx context.Context, actor Actor) ([]string, error) {
	account, err := b.own(ctx, actor)
	if err != nil {
		return nil, err
	}
	return issuersOf(b.reading(ctx), account)
}

package bank

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// Agreement (互认协议) is a version of a set of rules that schools sign together. Once
// all have signed it is frozen: the learners who enter in its years keep its rules.
type Agreement struct {
	ID          string // ID@VERSION
	Code        string
	Version     int
	State       string // one of [AgreementStates]
	Institution string // which school drafted this version
	By          string
	Changed     time.Time
	Frozen      time.Time    // when the last of them signed
	Replaced    calendar.Day // when a later version was signed by all; calendar.None: it is the last
	Parties     []AgreementParty
	Content     AgreementContent
	Text        []byte // the content as it is signed; none of a draft
	Hash        string // SHA-256 of Text in hexadecimal
	Stamp       string
	May         []string // what the asking actor may do now, of [AgreementActs]
}

// AgreementParty is a school that signs.
type AgreementParty struct {
	Institution string
	Signed      time.Time
	By          string
}

// AgreementContent is what is signed, as JSON without blanks in this order of fields.
// It says all that the promise hangs on by itself.
type AgreementContent struct {
	Agreement string            `json:"agreement"`
	Version   int               `json:"version"`
	Name      string            `json:"name"`
	From      calendar.Day      `json:"entered_from"` // the promise is to those who enter from this day
	To        calendar.Day      `json:"entered_to"`   // until this one
	Parties   []AgreementSchool `json:"parties"`
	Rules     []AgreementRule   `json:"rules"`
	Text      string            `json:"text"`
}

// AgreementSchool is a school as the content names it.
type AgreementSchool struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	NameEn string `json:"name_en,omitempty"`
}

// AgreementRule is a version of a rule: what is studied beside what is recognised.
type AgreementRule struct {
	Equivalence string            `json:"equivalence"`
	Version     int               `json:"version"`
	Programme   string            `json:"programme,omitempty"` // of the receiving school; empty: all
	From        calendar.Day      `json:"valid_from"`          // of the completion date, as calendar.None: open
	To          calendar.Day      `json:"valid_to"`
	Validity    int               `json:"validity_years,omitempty"` // 0: the policy's
	Sources     []AgreementCourse `json:"sources"`
	Targets     []AgreementCourse `json:"targets"`
}

// Ref names the version.
func (r AgreementRule) Ref() transfer.RuleRef {
	return transfer.RuleRef{Code: r.Equivalence, Version: r.Version}
}

// AgreementCourse is a course of a rule with its credits and hours on the day on
// which the content was made. A target may be a group, which has a code alone.
type AgreementCourse struct {
	Institution string        `json:"institution"`
	Course      string        `json:"course,omitempty"`
	Group       string        `json:"group,omitempty"`
	Name        string        `json:"name,omitempty"`
	NameEn      string        `json:"name_en,omitempty"`
	Credits     credit.Amount `json:"credits"`         // of a target: what it awards, by credit_mode
	Hours       string        `json:"hours,omitempty"` // of the course
	MinGrade    string        `json:"min_grade,omitempty"`
	MaxGrade    string        `json:"max_grade,omitempty"`
	Mode        string        `json:"credit_mode,omitempty"`
	Exemption   bool          `json:"exemption,omitempty"`
}

// States of an agreement.
const (
	AgreementDrafted   = "draft"     // 起草: of the school that writes it alone
	AgreementOpen      = "open"      // 待签: what is to be signed stands
	AgreementSigned    = "signed"    // 生效
	AgreementReplaced  = "replaced"  // 被替代: by a later version; its promise stays
	AgreementWithdrawn = "withdrawn" // 撤回
	AgreementDeclined  = "declined"  // 未签: a school does not want it
)

// AgreementStates lists the states in the order of their life.
func AgreementStates() []string {
	return []string{AgreementDrafted, AgreementOpen, AgreementSigned, AgreementReplaced, AgreementWithdrawn, AgreementDeclined}
}

// AgreementActs lists what somebody may do with an agreement.
func AgreementActs() []string {
	return []string{"edit", "offer", "sign", "decline", "withdraw", "amend"}
}

// agreementKey names a version.
type agreementKey struct {
	code    string
	version int
}

func (k agreementKey) id() string { return k.code + "@" + strconv.Itoa(k.version) }

// readAgreementKey reads CODE or CODE@VERSION; version 0 is the last.
func readAgreementKey(id string) (agreementKey, bool) {
	code, version, found := strings.Cut(id, "@")
	if !found {
		return agreementKey{code: code}, true
	}
	n, err := strconv.Atoi(version)
	return agreementKey{code, n}, err == nil && n > 0
}

// text is the content as it is signed, with its hash.
func (c AgreementContent) text() (text []byte, hash string, err error) {
	text, err = json.Marshal(c)
	sum := sha256.Sum256(text)
	return text, hex.EncodeToString(sum[:]), err
}

// agreements reads versions that a condition lets through, the parties of each and
// the content of those that have one.
func (read reading) agreements(condition string, args ...any) (list []*Agreement, err error) {
	at := map[agreementKey]*Agreement{}
	err = read(func(rows *sql.Rows) error {
		a := &Agreement{}
		var changed, frozen, edits int64
		var content string
		c := &a.Content
		if err := rows.Scan(&a.Code, &a.Version, &c.Name, &c.Text, &c.From, &c.To, &a.State, &a.Institution, &a.By, &changed, &edits, &content, &a.Hash, &frozen, &a.Replaced); err != nil {
			return err
		}
		a.Changed, a.Frozen, a.Stamp = fromMicros(changed), fromMicros(frozen), strconv.FormatInt(edits, 10)
		a.ID = agreementKey{a.Code, a.Version}.id()
		list, at[agreementKey{a.Code, a.Version}] = append(list, a), a
		if content == "" {
			return nil
		}
		a.Text = []byte(content)
		return json.Unmarshal(a.Text, &a.Content)
	}, `SELECT id, version, name, text, entered_from, entered_to, state, institution, drafted_by, changed_at, edits, coalesce(content, ''), coalesce(hash, ''),
		coalesce(frozen_at, 0), coalesce(replaced_on, -2147483648) FROM agreement`+condition, args...)
	if err != nil {
		return nil, err
	}
	for key, a := range at {
		if err := read.agreementParties(key, a); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (read reading) agreementParties(key agreementKey, a *Agreement) error {
	return read(func(rows *sql.Rows) error {
		var p AgreementParty
		var signed int64
		err := rows.Scan(&p.Institution, &signed, &p.By)
		p.Signed = fromMicros(signed)
		a.Parties = append(a.Parties, p)
		return err
	}, `SELECT institution, coalesce(signed_at, 0), coalesce(signed_by, '') FROM agreement_party WHERE agreement = $1 AND version = $2 ORDER BY institution`, key.code, key.version)
}

// agreement reads one version that the actor may know of: everybody those that were
// signed by all, the schools that sign those that are open, the school that writes
// its drafts. It promises NotFound.
func (read reading) agreement(actor Actor, id string) (*Agreement, error) {
	key, well := readAgreementKey(id)
	if !well {
		return nil, notFound("agreement", id)
	}
	list, err := read.agreements(` WHERE id = $1 ORDER BY version DESC`, key.code)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		if (key.version == a.Version || key.version == 0) && a.seenBy(actor) {
			return a, nil
		}
	}
	return nil, notFound("agreement", id)
}

func (a *Agreement) seenBy(actor Actor) bool {
	switch a.State {
	case AgreementSigned, AgreementReplaced:
		return true
	case AgreementDrafted:
		return actor.seesAll() || actor.Is(rolesOfSchool) && actor.Institution == a.Institution
	}
	return actor.seesAll() || actor.Is(rolesOfSchool) && a.party(actor.Institution) != nil
}

func (a *Agreement) party(institution string) *AgreementParty {
	i := slices.IndexFunc(a.Parties, func(p AgreementParty) bool { return p.Institution == institution })
	if i < 0 {
		return nil
	}
	return &a.Parties[i]
}

// may lists what an actor may do with it now: schools write and amend, their deciders sign.
func (a *Agreement) may(actor Actor) (acts []string) {
	staff := actor.Is(IsRegistrar|IsDecider) && actor.Institution != ""
	writes := staff && actor.Institution == a.Institution
	party := a.party(actor.Institution)
	unsigned := party != nil && party.Signed.IsZero() && actor.Is(IsDecider)
	for _, act := range []struct {
		name string
		may  bool
	}{
		{"edit", writes && (a.State == AgreementDrafted || a.State == AgreementOpen)},
		{"offer", writes && a.State == AgreementDrafted},
		{"sign", unsigned && a.State == AgreementOpen},
		{"decline", unsigned && a.State == AgreementOpen && !writes},
		{"withdraw", writes && (a.State == AgreementDrafted || a.State == AgreementOpen)},
		{"amend", staff && party != nil && a.State == AgreementSigned},
	} {
		if act.may {
			acts = append(acts, act.name)
		}
	}
	return acts
}

// Agreement gives one: CODE@VERSION, or CODE for the last version that the actor may
// know of. A draft has the content that it would have today. It promises NotFound.
func (b *Bank) Agreement(ctx context.Context, actor Actor, id string) (Agreement, error) {
	a, err := b.reading(ctx).agreement(actor, id)
	if err != nil {
		return Agreement{}, err
	}
	if a.May = a.may(actor); a.Text == nil {
		err = b.fillContent(ctx, a)
	}
	return *a, err
}

// Agreements lists what all schools have signed, the last first; those of a school
// when one is named.
func (b *Bank) Agreements(ctx context.Context, institution string) ([]Agreement, error) {
	condition, args := ` WHERE state = 'signed'`, []any(nil)
	if institution != "" {
		condition, args = condition+` AND EXISTS (SELECT 1 FROM agreement_party p WHERE p.agreement = id AND p.version = agreement.version AND p.institution = $1)`, []any{institution}
	}
	list, err := b.reading(ctx).agreements(condition+` ORDER BY frozen_at DESC, id`, args...)
	return valuesOf(list), err
}

// SchoolAgreements lists all versions that the actor's school writes or signs, the
// last changed first. It promises Denied.
func (b *Bank) SchoolAgreements(ctx context.Context, actor Actor) ([]Agreement, error) {
	if err := actor.need(rolesOfSchool); err != nil {
		return nil, err
	}
	list, err := b.reading(ctx).agreements(` WHERE institution = $1 OR EXISTS (SELECT 1 FROM agreement_party p
		WHERE p.agreement = id AND p.version = agreement.version AND p.institution = $1) ORDER BY changed_at DESC, id, version`, actor.Institution)
	list = slices.DeleteFunc(list, func(a *Agreement) bool { return !a.seenBy(actor) })
	for _, a := range list {
		a.May = a.may(actor)
	}
	return valuesOf(list), err
}

func valuesOf[T any](list []*T) []T {
	values := make([]T, len(list))
	for i, v := range list {
		values[i] = *v
	}
	return values
}

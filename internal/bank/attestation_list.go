package bank

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
)

// AttestationFilter says which of the attestations that an actor may see are listed.
type AttestationFilter struct {
	State string // one of [AttestationStates], "waiting" (the default: on which something is to be done) or "all"
	Kind  string // one of [AttestationKinds]; empty: all
}

// AttestationFilters lists what State may be.
func AttestationFilters() []string { return append([]string{"waiting", "all"}, AttestationStates()...) }

// attestationScope is which attestations a an actor sees, with its arguments $1 to $4.
func attestationScope(actor Actor) (where string, args []any) {
	school, mentor, expert := "", "", ""
	if actor.Is(IsRegistrar|IsDecider) || actor.Is(IsSystem) && actor.Scopes&MayDeposit != 0 {
		school, mentor = actor.Institution, actor.Institution
	}
	if actor.Is(IsExpert) {
		expert, mentor = actor.Login, actor.Institution
	}
	return `($1 OR ($2 <> '' AND (a.handler = $2 OR a.institution = $2)) OR ($3 <> '' AND a.expert = $3)
		OR ($4 <> '' AND a.way = 'log' AND (a.handler = $4 OR a.institution = $4)))`, []any{actor.seesAll(), school, expert, mentor}
}

// Attestations lists those that an actor may see, without logs and files: those that
// wait longest first, of others the newest. It promises Denied, and Invalid naming
// state, kind or cursor.
func (b *Bank) Attestations(ctx context.Context, actor Actor, f AttestationFilter, w Window) (Page[Attestation], error) {
	page := Page[Attestation]{}
	if !actor.Is(IsRegistrar | IsDecider | IsExpert | IsAdministrator | IsAuditor | IsSystem | IsOperator) {
		return page, &Error{Code: Denied, Key: "error.role"}
	}
	if f.State == "" {
		f.State = "waiting"
	}
	if !slices.Contains(AttestationFilters(), f.State) {
		return page, invalidField("state", f.State, "choice", map[string]any{"Choices": strings.Join(AttestationFilters(), ", ")})
	}
	if _, known := attestationKind(f.Kind); f.Kind != "" && !known {
		return page, invalidField("kind", f.Kind, "choice", map[string]any{"Choices": strings.Join(attestationKindNames(), ", ")})
	}
	start, limit, err := w.part()
	if err != nil {
		return page, err
	}
	where, args := attestationScope(actor)
	where = ` WHERE ` + where + ` AND ($5 = 'all' OR a.state = $5 OR $5 = 'waiting' AND a.state IN ` + attestationWaits + `) AND ($6 = '' OR a.kind = $6)`
	args = append(args, f.State, f.Kind)
	read := b.reading(ctx)
	if err := read(func(rows *sql.Rows) error { return rows.Scan(&page.Total) }, `SELECT count(*) FROM attestation a`+where, args...); err != nil {
		return page, err
	}
	page.Items, err = readAttestations(read, b.unseal, where+` ORDER BY CASE WHEN a.state IN `+attestationWaits+` THEN a.made_at ELSE -a.made_at END, a.id
		LIMIT `+strconv.Itoa(limit)+` OFFSET `+strconv.Itoa(start), args...)
	if err != nil {
		return page, err
	}
	if start+limit < page.Total {
		page.Next = strconv.Itoa(start + limit)
	}
	return page, b.nameAttesters(ctx, actor, page.Items)
}

// nameAttesters says whose they are, once the looks are noted.
func (b *Bank) nameAttesters(ctx context.Context, actor Actor, list []Attestation) error {
	for i := range list {
		a := &list[i]
		if err := b.look(ctx, actor, a.Account, "attestation", ""); err != nil {
			return err
		}
		person, err := b.person(ctx, a.Account)
		if err != nil && CodeOf(err) != NotFound {
			return err
		}
		a.Name, a.May = person.Name, a.may(actor)
	}
	return nil
}

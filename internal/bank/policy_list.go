package bank

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// PolicyVersion is a dated version of a policy, or of a cap.
type PolicyVersion struct {
	transfer.Place
	From  calendar.Day
	Until calendar.Day // the day before the next version begins; calendar.None: there is none

	IsCap  bool
	Policy Policy           // unless it is a cap
	Kind   transfer.CapKind // of a cap
	Key    string           // of a cap: the group, kind or institution
	Cap    Cap
}

// InForce says whether the version is the one that holds on a day.
func (v *PolicyVersion) InForce(day calendar.Day) bool {
	return v.From <= day && (v.Until == calendar.None || day <= v.Until)
}

// PolicyVersions lists the versions of policies and caps, of the whole bank or those
// of one institution and its programmes: by place, policies before caps, of each the
// newest first. It promises Denied, and Invalid for a foreign cursor.
func (b *Bank) PolicyVersions(ctx context.Context, actor Actor, institution string, w Window) (Page[PolicyVersion], error) {
	if err := actor.need(IsAdministrator | IsAuditor | IsOperator); err != nil {
		return Page[PolicyVersion]{}, err
	}
	start, limit, err := w.part()
	if err != nil {
		return Page[PolicyVersion]{}, err
	}
	list, err := b.policyVersions(ctx, institution)
	page := Page[PolicyVersion]{Total: len(list), Items: list[min(start, len(list)):min(start+limit, len(list))]}
	if end := start + len(page.Items); end < page.Total {
		page.Next = strconv.Itoa(end)
	}
	return page, err
}

func (b *Bank) policyVersions(ctx context.Context, institution string) (list []PolicyVersion, err error) {
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		k, v, err := scanPolicy(rows)
		list = append(list, PolicyVersion{Place: k.Place, From: k.From, Policy: v})
		return err
	}, selectPolicies+` WHERE $1 = '' OR institution = $1`, institution)
	if err != nil {
		return nil, err
	}
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		k, v, err := scanCap(rows)
		list = append(list, PolicyVersion{Place: k.Place, From: k.From, IsCap: true, Kind: k.Kind, Key: k.Key, Cap: v})
		return err
	}, selectCaps+` WHERE $1 = '' OR institution = $1`, institution)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b PolicyVersion) int {
		return cmp.Or(comparePolicies(&a, &b), cmp.Compare(b.From, a.From))
	})
	for i := range list {
		if list[i].Until = calendar.None; i > 0 && comparePolicies(&list[i-1], &list[i]) == 0 {
			list[i].Until = list[i-1].From - 1
		}
	}
	return list, nil
}

// comparePolicies orders what can have versions: those of the bank first.
func comparePolicies(a, b *PolicyVersion) int {
	return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Institution, b.Institution), cmp.Compare(a.Programme, b.Programme),
		compareFlags(a.IsCap, b.IsCap), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key))
}

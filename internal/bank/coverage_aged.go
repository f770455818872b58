package bank

import (
	"cmp"
	"context"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// AgedRule is a published rule that nobody has looked at for long.
type AgedRule struct {
	transfer.RuleRef
	Institution string
	Since       calendar.Day
}

// reviewYears is after how many years a rule is due to be looked at again.
const reviewYears = 3

// AgedRules lists the rules in force that were published longest ago, three years or
// more, of the school of the actor, or all for administrators and auditors; at most
// most of them. It promises Denied.
func (b *Bank) AgedRules(ctx context.Context, actor Actor, most int) (list []AgedRule, total int, err error) {
	const whole = IsAdministrator | IsAuditor | IsOperator
	if err := actor.need(whole | IsRegistrar | IsDecider); err != nil {
		return nil, 0, err
	}
	s, err := b.Snapshot(ctx)
	if err != nil {
		return nil, 0, err
	}
	today := b.Today()
	own, known := s.Map.InstitutionNumber(actor.Institution)
	for n := range int32(s.Map.Size()) {
		since := s.Map.RuleSince(n)
		by := s.Map.RuleInstitution(n)
		if since == calendar.None || since.AddYears(reviewYears) > today || !s.Map.RuleGrants(n, today) || !actor.Is(whole) && (!known || by != own) {
			continue
		}
		list = append(list, AgedRule{s.Map.RefAt(n), s.Map.InstitutionAt(by).Code, since})
	}
	slices.SortFunc(list, func(a, b AgedRule) int {
		return cmp.Or(cmp.Compare(a.Since, b.Since), transfer.CompareRefs(a.RuleRef, b.RuleRef))
	})
	return list[:min(most, len(list))], len(list), nil
}

package bank

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"creditbank/internal/transfer"
)

// ApplicationOffer is what a learner can ask for in one programme today: the best
// plan, and what ties with its items.
type ApplicationOffer struct {
	transfer.Case              // the question and its answer, as it would be frozen
	Snapshot      *Snapshot    // the map it was answered on, for names
	References    []string     // the issuer's reference of each result, for the first of Records; those behind are what was given already
	Items         []OfferItem  // of the plan
	Running       *Application // of the learner for this programme: a draft, or submitted; nil: none
}

// OfferItem is an item that can be asked for.
type OfferItem struct {
	Key string // names it in drafts: CODE@VERSION, of all its rules
	transfer.Item
	Instead []OfferItem // of an item of the plan: what is worth the same and can be asked for in its place
}

// itemKey names an item by its rules.
func itemKey(rule transfer.RuleRef, via []transfer.RuleRef) string {
	key := fmt.Sprintf("%s@%d", rule.Code, rule.Version)
	for _, v := range via {
		key += fmt.Sprintf(" %s@%d", v.Code, v.Version)
	}
	return key
}

// OfferApplication says what the learner can ask for in a programme: for the learner,
// or a system of the learner's school with the scope apply. account is empty for the
// learner's own. It promises Denied, and NotFound for the account and the programme.
func (b *Bank) OfferApplication(ctx context.Context, actor Actor, account string, to transfer.ProgrammeKey) (ApplicationOffer, error) {
	account, err := b.applicant(ctx, actor, account)
	if err != nil {
		return ApplicationOffer{}, err
	}
	offer, err := b.offer(ctx, account, to)
	if err != nil {
		return offer, err
	}
	for i := range offer.Items {
		offer.Items[i].Instead = offer.ties(i)
	}
	running, err := b.runningApplication(ctx, account, to)
	if err == nil && running.ID != "" {
		offer.Running = &running
	}
	return offer, err
}

// offer freezes what is asked of the current map, with what agreements promise to the
// learner, and without what ties.
func (b *Bank) offer(ctx context.Context, account string, to transfer.ProgrammeKey) (ApplicationOffer, error) {
	s, err := b.Snapshot(ctx)
	if err != nil {
		return ApplicationOffer{}, err
	}
	o, q := ApplicationOffer{Snapshot: s}, &question{snapshot: s, asOf: b.Today()}
	if q.records, o.References, err = recordsOf(b.reading(ctx), account, b.Today()); err != nil {
		return o, err
	}
	promised, err := b.promises(ctx, account)
	if err != nil {
		return o, err
	}
	if err := q.keep(ctx, b, promised); err != nil {
		return o, err
	}
	given, err := givenBefore(b.reading(ctx), account)
	if err != nil {
		return o, err
	}
	known := false
	if o.Case, known = q.mapOf(to).Freeze(to, q.records, q.asOf); !known {
		return o, notFound("programme", to.Institution+":"+to.Code)
	}
	if before := given[to]; len(before) > 0 {
		o.Case = freezeAgain(o.Case, before)
	}
	for _, item := range o.Answer.Items {
		o.Items = append(o.Items, OfferItem{Key: itemKey(item.Rule, item.Via), Item: item})
	}
	return o, nil
}

// mostTies is how many equivalences are tried in the place of one item.
const mostTies = 12

// ties are the items that can stand in the place of the i-th, with the same two numbers.
func (o *ApplicationOffer) ties(i int) (ties []OfferItem) {
	tried := map[string]bool{}
	for _, n := range o.Answer.NotChosen {
		key := itemKey(n.Rule, n.Via)
		if n.Reason.Code != transfer.BetterElsewhere || n.Reason.Other != o.Items[i].Rule || tried[key] || len(tried) == mostTies {
			continue
		}
		tried[key] = true
		keys := o.keys()
		keys[i] = key
		c, fits := o.only(keys)
		if !fits || c.Answer.Applied != o.Answer.Applied || c.Answer.Transferable != o.Answer.Transferable {
			continue
		}
		at := slices.IndexFunc(c.Answer.Items, func(item transfer.Item) bool { return itemKey(item.Rule, item.Via) == key })
		ties = append(ties, OfferItem{Key: key, Item: c.Answer.Items[at]})
	}
	return ties
}

// keys are those of the plan.
func (o *ApplicationOffer) keys() []string {
	keys := make([]string, len(o.Items))
	for i, item := range o.Items {
		keys[i] = item.Key
	}
	return keys
}

// only asks the same with no rules but those of the keys, and says whether all of
// them can be had together.
func (o *ApplicationOffer) only(keys []string) (transfer.Case, bool) {
	named := map[string]bool{}
	for _, key := range keys {
		for rule := range strings.SplitSeq(key, " ") {
			named[rule] = true
		}
	}
	facts := o.Facts
	facts.Rules = slices.DeleteFunc(slices.Clone(o.Facts.Rules), func(r transfer.Rule) bool { return !named[itemKey(r.RuleRef, nil)] })
	c, known := transfer.Compile(facts).Freeze(o.To, o.Records, o.AsOf)
	if !known || len(c.Answer.Items) != len(keys) {
		return c, false
	}
	for _, item := range c.Answer.Items {
		if !slices.Contains(keys, itemKey(item.Rule, item.Via)) {
			return c, false
		}
	}
	return c, true
}

// choose gives what the keys ask for: the items, and the question without all other
// rules, nil when they are the whole plan. It promises Invalid, naming items, for a key
// that is not offered and for those that cannot be had together.
func (o *ApplicationOffer) choose(keys []string) ([]transfer.Item, *transfer.Case, error) {
	plan := o.keys()
	if len(keys) == 0 && len(plan) == 0 {
		return nil, nil, invalidField("items", "", "nothing_to_apply", nil)
	}
	if same(keys, plan) {
		return o.Answer.Items, nil, nil
	}
	for i, key := range keys {
		if !slices.Contains(plan, key) && !o.offers(key) {
			return nil, nil, invalidField(fmt.Sprintf("items[%d]", i), key, "not_offered", nil)
		}
	}
	c, fits := o.only(keys)
	if !fits {
		return nil, nil, invalidField("items", "", "not_together", nil)
	}
	return c.Answer.Items, &c, nil
}

// offers says whether a key names what ties with an item of the plan.
func (o *ApplicationOffer) offers(key string) bool {
	for i := range o.Items {
		if slices.ContainsFunc(o.ties(i), func(t OfferItem) bool { return t.Key == key }) {
			return true
		}
	}
	return false
}

// same says whether two lists have the same elements, in whatever order.
func same(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}

// refsOf names the results that an item takes.
func (o *ApplicationOffer) refsOf(item transfer.Item) []RecordRef {
	refs := make([]RecordRef, len(item.Records))
	for i, r := range item.Records {
		refs[i] = RecordRef{Institution: o.Records[r].Institution, Reference: o.References[r]}
	}
	return refs
}

// allRefs names all results of the question, without what was given before.
func (o *ApplicationOffer) allRefs() []RecordRef {
	refs := make([]RecordRef, len(o.References))
	for i, reference := range o.References {
		refs[i] = RecordRef{Institution: o.Records[i].Institution, Reference: reference}
	}
	return refs
}

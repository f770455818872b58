package bank

import (
	"slices"

	"creditbank/internal/calendar"
)

// allow says what the actor may do with the application today, as the methods will
// judge it in their writes.
func (a *Application) allow(actor Actor, as stake, today calendar.Day) {
	for n := range a.Items {
		a.Items[n].MayAppeal = as == applies && a.appealable(&a.Items[n], today)
	}
	a.May = []string{}
	for _, m := range []struct {
		action string
		may    bool
	}{
		{"edit", as == applies && a.State == ApplicationDraft},
		{"submit", as == applies && a.State == ApplicationDraft},
		{"discard", as == applies && a.State == ApplicationDraft},
		{"attach", as == applies && (a.State == ApplicationDraft || a.State == ApplicationSubmitted)},
		{"withdraw", as == applies && a.State == ApplicationSubmitted},
		{"appeal", slices.ContainsFunc(a.Items, func(i ApplicationItem) bool { return i.MayAppeal })},
		{"withdraw_appeal", as == applies && a.State == ApplicationAppealed},
	} {
		if m.may {
			a.May = append(a.May, m.action)
		}
	}
	if actor.Learner == "" || actor.Learner != a.Learner {
		a.allowStaff(actor, as)
	}
}

// allowStaff is what may be done by those who decide: never about an own application.
func (a *Application) allowStaff(actor Actor, as stake) {
	person := !actor.Is(IsSystem)
	waits := a.State == ApplicationSubmitted || a.State == ApplicationAppealed
	revoked := slices.ContainsFunc(a.Consequences, func(c Consequence) bool { return c.State == ConsequenceOpen })
	decided := as == judgesIt && a.State == ApplicationDecided
	for _, m := range []struct {
		action string
		may    bool
	}{
		{"assign", person && waits && (as == judgesIt || as == handles)},
		{"decide", as == judgesIt && a.State == ApplicationSubmitted},
		{"meet", as == judgesIt && (a.State == ApplicationDecided || a.State == ApplicationAppealed) && a.anyItem(func(i ApplicationItem) bool { return i.State == ItemConditional })},
		{"decide_appeal", a.mayDecideAppeal(actor, as) == nil},
		{"consequence", decided && person && revoked},
		{"redeem", decided && person && !revoked && a.Redeemed.IsZero() && a.anyItem(func(i ApplicationItem) bool { return favours(i.State) })},
	} {
		if m.may {
			a.May = append(a.May, m.action)
		}
	}
}

func (a *Application) anyItem(is func(ApplicationItem) bool) bool {
	return slices.ContainsFunc(a.Items, is)
}

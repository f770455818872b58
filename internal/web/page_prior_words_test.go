package web

import (
	"slices"

	"creditbank/internal/bank"
)

// priorKeys are the sentences of prior learning that are made of a prefix and a code.
func priorKeys() []string {
	keys := []string{"error.not_found.prior_learning", "look.prior_learning", "look.application", "desk.prior", "prior.state.waiting"}
	add := func(prefix string, codes ...string) { keys = append(keys, prefixed(prefix, slices.Clone(codes))...) }
	add("error.prior.", bank.PriorReasons()...)
	add("prior.state.", bank.PriorStates()...)
	add("prior.now.", bank.PriorStates()[1:]...)
	add("prior.seen_", bank.PriorSeenBy()...)
	add("prior.round_", "1", "2", "3")
	add("prior.met_", "full", "half", "less")
	add("prior.show_", "overdue", "mine")
	add("prior.done_", priorDone...)
	add("desk.done_", priorDeskDone...)
	return keys
}

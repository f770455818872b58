package web

import "creditbank/internal/bank"

// priorKeys are the sentences of prior learning that are made of a prefix and a code.
func priorKeys() []string {
	keys := []string{"error.not_found.prior_learning", "look.prior_learning", "look.application"}
	for _, reason := range bank.PriorReasons() {
		keys = append(keys, "error.prior."+reason)
	}
	return keys
}

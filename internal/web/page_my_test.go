package web

import "creditbank/internal/bank"

// ownDataKeys are the keys of sentences about a learner's own data that are made of
// a prefix and a code.
func ownDataKeys() []string {
	keys := []string{"error.not_found.consent", "place.withdrawn", "consent.account"}
	for prefix, codes := range map[string][]string{
		"retention":  {"opening", "share", "correction", "request", "invitation", "code", "session", "attempt", "message", "letter", "job"},
		"my.field":   bank.CorrectionFields(),
		"correction": {bank.CorrectionOpen, bank.CorrectionAccepted, bank.CorrectionRefused, bank.CorrectionWithdrawn},
		"erasure":    {bank.ProposalOpen, bank.ProposalApproved, bank.ProposalRefused, bank.ProposalWithdrawn, bank.ProposalEnded},
		"entry":      {"deposit", "hold", "release", "convert", "redeem", "reverse", "expire", "merge"},
		"look":       {"account", "records", "statement", "entry", "check", "correction", "person", "numbers", "file", "impact"},
	} {
		for _, code := range codes {
			keys = append(keys, prefix+"."+code)
		}
	}
	return keys
}

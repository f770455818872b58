package web

// ownDataKeys are the keys of sentences about a learner's own data that are made of
// a prefix and a code.
func ownDataKeys() []string {
	keys := []string{"error.not_found.consent", "consent.account.title.1", "consent.account.text.1"}
	for _, what := range []string{"opening", "share", "correction", "invitation", "code", "session", "attempt"} {
		keys = append(keys, "retention."+what)
	}
	return keys
}

package web

// jobKeys are the keys of sentences about jobs and what they come to that are made of
// a prefix and a code.
func jobKeys() []string {
	return []string{"error.not_found.job", "error.not_found.impact"}
}

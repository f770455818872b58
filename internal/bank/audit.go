package bank

// audit notes who did what. It holds no personal data: accounts and codes only.
func (t *tx) audit(action, object, detail string) error {
	return t.exec(`INSERT INTO audit (seq, at, actor, action, object, detail)
		SELECT coalesce(max(seq), 0) + 1, $1, $2, $3, $4, $5 FROM audit`,
		micros(t.now), t.actor.Name, action, object, detail)
}

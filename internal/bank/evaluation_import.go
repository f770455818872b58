package bank

// evaluateImported gives the versions that an import wrote their evaluations, and
// brings those of what it published up to date.
func (w *ruleWriter) evaluateImported() error {
	if len(w.heads)+len(w.publish) == 0 {
		return nil
	}
	err := w.exec(`INSERT INTO evaluation (equivalence, version, state, origin, why, proposed_by, institution, round, made_at, moved_at, answer, reasons, condition, preview)
		SELECT e.code, e.version, e.state, 'import', '', $1, $2, 1, e.created_at, coalesce(e.published_at, e.created_at), '', '', '', '' FROM equivalence e
		WHERE NOT EXISTS (SELECT 1 FROM evaluation v WHERE v.equivalence = e.code AND v.version = e.version)`, w.actor.Name, w.actor.Institution)
	if err != nil {
		return err
	}
	return w.settleImported()
}

// settleImported has the evaluations of what is published say so.
func (w *ruleWriter) settleImported() error {
	if len(w.publish) == 0 {
		return nil
	}
	for _, query := range []string{
		`UPDATE evaluation SET state = 'published', moved_at = $1 WHERE state IN ('draft', 'submitted', 'returned', 'ready', 'refused', 'withdrawn')
			AND EXISTS (SELECT 1 FROM equivalence e WHERE e.code = evaluation.equivalence AND e.version = evaluation.version AND e.state = 'published')`,
		`UPDATE evaluation SET state = 'superseded', moved_at = $1 WHERE state = 'published'
			AND EXISTS (SELECT 1 FROM equivalence e WHERE e.code = evaluation.equivalence AND e.version > evaluation.version AND e.state = 'published')`,
	} {
		if err := w.exec(query, micros(w.now)); err != nil {
			return err
		}
	}
	return nil
}

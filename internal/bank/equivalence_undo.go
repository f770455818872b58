package bank

import "creditbank/internal/transfer"

// ruleUndo is what an undoing of imported rules needs: the drafts that were written.
type ruleUndo struct{ Rules []ruleUndone }

type ruleUndone struct {
	transfer.RuleRef
	Print string       // of the content that was written
	Was   *Equivalence // what the draft said before; nil: it came new
}

// undoRules withdraws the drafts that an import brought, and makes those that it changed
// what they were, as long as nobody did anything with them: their judging goes on record.
func undoRules(t *tx, _ string, text []byte) error {
	var log ruleUndo
	if err := readUndo(text, &log); err != nil {
		return err
	}
	w := ruleWriter{importRun: &importRun{tx: t}}
	for _, rule := range log.Rules {
		e, err := reading(t.each).evaluation(t.actor, rule.RuleRef)
		switch {
		case err != nil:
			return err
		case e.State != EvaluationDrafted || e.Equivalence.fingerprint() != rule.Print:
			return &Error{Code: Conflict, Key: "error.undo_changed"}
		case rule.Was == nil:
			err = t.actOnEvaluation(e, EvaluationAct{Action: actWithdraw, Stamp: e.Stamp})
		default:
			if err = t.dropDraft(rule.RuleRef); err == nil {
				w.add(rule.RuleRef, rule.Was)
			}
		}
		if err != nil {
			return err
		}
	}
	return w.flushVersions()
}

package bank

// The periods of an application: see clockTable. The whole one runs from the submission
// until somebody has decided, and goes on while there is an appeal.
const (
	clockSchool       = "application.school"
	clockWhole        = "application.whole"
	clockAppealSchool = "appeal.school"
	clockAppealBank   = "appeal.bank"
)

// tellLearner sends a message to whoever's application it is.
func (t *tx) tellLearner(a *Application, kind string) error {
	return t.tellAbout(a, recipient{Learner: a.Learner}, kind, "/my/applications/")
}

// tellSchool sends a message to people of the receiving school.
func (t *tx) tellSchool(a *Application, kind string, roles Roles) error {
	return t.tellAbout(a, recipient{Institution: a.To.Institution, Roles: roles}, kind, "/school/applications/")
}

func (t *tx) tellAbout(a *Application, to recipient, kind, page string) error {
	return t.send(message{To: to, Kind: kind, Object: pageOf(page, a.ID),
		Args: map[string]string{"Application": a.ID, "Institution": a.To.Institution, "Programme": a.To.Code}})
}

// beginClocks starts the periods of an application that was submitted.
func (t *tx) beginClocks(a *Application) error {
	if _, err := t.startClock(clockWhole, a.ID, "", a.Learner); err != nil {
		return err
	}
	_, err := t.startClock(clockSchool, a.ID, a.To.Institution, a.Learner)
	return err
}

// endClocks stops all that runs for an application.
func (t *tx) endClocks(id string) error {
	for _, kind := range []string{clockSchool, clockWhole, clockAppealSchool, clockAppealBank} {
		if err := t.stopClock(kind, id); err != nil {
			return err
		}
	}
	return nil
}

// beginAppealClock starts the period for an answer to an appeal; the whole one goes on.
func (t *tx) beginAppealClock(a *Application, level int) error {
	if err := t.resumeClock(clockWhole, a.ID); err != nil {
		return err
	}
	if level == AppealToBank {
		_, err := t.startClock(clockAppealBank, a.ID, "", a.Learner)
		return err
	}
	_, err := t.startClock(clockAppealSchool, a.ID, a.To.Institution, a.Learner)
	return err
}

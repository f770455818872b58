package bank

import (
	"net/url"
	"slices"
	"strings"

	"creditbank/internal/calendar"
)

// evaluationClock is a period of an evaluation: of which kind, and for whom.
type evaluationClock struct{ kind, institution string }

// wantedClocks are the periods that run in a state: for each school and the experts of
// each school whose opinion is missing, and for the bank when it is to decide.
func (e *evaluationRow) wantedClocks(state string) (list []evaluationClock) {
	if state == EvaluationReady {
		return []evaluationClock{{"evaluation.bank", ""}}
	}
	if state != EvaluationSubmitted {
		return nil
	}
	for _, o := range e.missing() {
		c := evaluationClock{"evaluation.receiving", o.Institution}
		switch o.Side {
		case "sending":
			c.kind = "evaluation.sending"
		case "expert":
			c.kind = "evaluation.expert"
		}
		if !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

// settleClocks starts the periods that a state asks for, lets those run on that ran,
// and ends the others.
func (t *tx) settleClocks(e *evaluationRow, state string) error {
	running, err := reading(t.each).clocks(` WHERE object = $1 AND kind LIKE 'evaluation.%' AND stopped_at IS NULL`, e.ID)
	if err != nil {
		return err
	}
	wanted := e.wantedClocks(state)
	for _, c := range running {
		at := slices.Index(wanted, evaluationClock{c.Kind, c.Institution})
		if at >= 0 {
			wanted = slices.Delete(wanted, at, at+1)
			continue
		}
		if err := t.stopClockOf(c.Kind, e.ID, c.Institution); err != nil {
			return err
		}
	}
	for _, c := range wanted {
		if _, err := t.startClock(c.kind, e.ID, c.institution, ""); err != nil {
			return err
		}
	}
	return nil
}

// evaluationDues reads until when those have to act who have to.
func (read reading) evaluationDues(list []*evaluationRow) error {
	at := map[string]*evaluationRow{}
	var ids []string
	for _, e := range list {
		e.Due = calendar.None
		if e.State == EvaluationSubmitted || e.State == EvaluationReady {
			at[e.ID] = e
			ids = append(ids, e.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	condition, args := among(` WHERE kind LIKE 'evaluation.%%' AND stopped_at IS NULL AND object IN (%s)`, ids)
	running, err := read.clocks(condition, args...)
	for _, c := range running {
		at[c.Object].due(c)
	}
	return err
}

// due notes a period that runs.
func (e *evaluationRow) due(c Clock) {
	if e.Due == calendar.None || c.Due < e.Due {
		e.Due = c.Due
	}
	for i := range e.Opinions {
		o := &e.Opinions[i]
		expert := c.Kind == "evaluation.expert"
		if o.Institution == c.Institution && (o.Login != "") == expert && (o.Opinion == "" || o.Over) {
			o.Due = c.Due
		}
	}
}

// page is the address of an evaluation.
func (e *evaluationRow) page() string { return "/evaluations/" + url.PathEscape(e.ID) }

// tell tells those who have to act after a step, or want to know of it.
func (t *tx) tell(e *evaluationRow, s EvaluationStep) error {
	for _, n := range e.notices(s) {
		n.Object = e.page()
		n.Args = map[string]string{"ID": e.ID}
		if err := t.send(n); err != nil {
			return err
		}
	}
	return nil
}

// notices are the messages that follow from a step.
func (e *evaluationRow) notices(s EvaluationStep) (list []message) {
	add := func(kind string, to ...recipient) {
		for _, r := range to {
			list = append(list, message{To: r, Kind: kind})
		}
	}
	entered := func(state string) bool { return s.To == state && e.State != state }
	switch {
	case s.Action == actAssign || s.Action == actReassign:
		asked := s.Subject[strings.LastIndexByte(s.Subject, ' ')+1:]
		add("evaluation_expert", recipient{Login: asked})
	case entered(EvaluationSubmitted):
		add("evaluation_opinion", e.silent()...)
	case entered(EvaluationReturned):
		add("evaluation_returned", e.proposer())
	case s.Action == actSuspend || s.Action == actResume || s.Action == actEnd:
		add("evaluation_halt", recipient{Roles: IsAdministrator})
	case s.Action == actConfirm:
		add("evaluation_halted", e.schools()...)
	}
	switch {
	case entered(EvaluationReady):
		add("evaluation_ready", recipient{Roles: IsAdministrator})
	case s.Action == actApprove:
		add("evaluation_published", e.schools()...)
	case s.Action == actRefuse:
		add("evaluation_refused", e.schools()...)
	}
	return list
}

// proposer is who may answer for what was proposed: the school, or the bank.
func (e *evaluationRow) proposer() recipient {
	if e.ByInstitution != "" {
		return recipient{Institution: e.ByInstitution, Roles: IsRegistrar | IsDecider}
	}
	return recipient{Roles: IsAdministrator}
}

// silent are those whose opinion is missing.
func (e *evaluationRow) silent() (list []recipient) {
	for _, o := range e.missing() {
		if o.Login != "" {
			list = append(list, recipient{Login: o.Login})
		} else {
			list = append(list, recipient{Institution: o.Institution, Roles: IsDecider})
		}
	}
	return list
}

// schools are those of both sides.
func (e *evaluationRow) schools() (list []recipient) {
	for _, o := range e.Opinions {
		if o.Institution != "" && o.Login == "" {
			list = append(list, recipient{Institution: o.Institution, Roles: IsRegistrar | IsDecider})
		}
	}
	return list
}

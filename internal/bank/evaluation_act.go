package bank

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// EvaluationAct is what somebody does with an evaluation. Which fields an action
// takes, docs/workflow.md says.
type EvaluationAct struct {
	Action    string // one of [EvaluationActions], but save
	Stamp     string // of the evaluation as the actor saw it
	Text      string
	Reasons   []string // codes of [ReasonCodes]
	Opinion   string   // support, oppose or abstain
	Condition string
	From, To  string // logins of experts: who is relieved, who is asked
	LastDay   string // of an end: the last completion day that is served
	Preview   string // job that worked out what it would change
	Files     []NewAttachment

	files   []checkedAttachment
	lastDay calendar.Day
}

// ActOnEvaluation does something with an evaluation and gives it as it is then. It
// promises NotFound; Denied (error.role, error.own_proposal, error.other_side);
// Invalid, naming the field; Conflict: error.evaluation_stale naming what changed
// since the actor looked, error.evaluation_state (Args "State") when it is not to be
// done now, error.evaluation_blocked naming what lint finds, and
// error.attachment_many.
func (b *Bank) ActOnEvaluation(ctx context.Context, actor Actor, id string, a EvaluationAct) (Evaluation, error) {
	if _, err := b.actOnce(ctx, actor, "", id, a); err != nil {
		return Evaluation{}, err
	}
	return b.Evaluation(ctx, actor, id)
}

// ActOnEvaluationOnce is ActOnEvaluation for a program that may ask more than once with
// the same key: the second time nothing is done again. It promises Conflict
// (error.idempotency), too.
func (b *Bank) ActOnEvaluationOnce(ctx context.Context, actor Actor, key, id string, a EvaluationAct) (e Evaluation, replayed bool, err error) {
	if replayed, err = b.actOnce(ctx, actor, key, id, a); err == nil {
		e, err = b.Evaluation(ctx, actor, id)
	}
	return e, replayed, err
}

func (b *Bank) actOnce(ctx context.Context, actor Actor, key, id string, a EvaluationAct) (replayed bool, err error) {
	ref, err := evaluationRef(id)
	if err != nil {
		return false, err
	}
	body, err := json.Marshal(a)
	if err != nil {
		return false, err
	}
	if err := a.read(b.Today()); err != nil {
		return false, err
	}
	if err := b.unblocked(ctx, actor, ref, a); err != nil {
		return false, err
	}
	_, replayed, err = b.once(ctx, actor, Request{Key: key, Operation: "evaluation " + id, Body: body}, nil, func(t *tx) ([]byte, error) {
		e, err := reading(t.each).evaluation(actor, ref)
		if err != nil {
			return nil, err
		}
		return []byte(id), t.actOnEvaluation(e, a)
	})
	if err == nil && (a.Action == actApprove || a.Action == actConfirm) {
		b.forget()
	}
	return replayed, err
}

// unblocked lints what is to be submitted or approved, before the write: what is
// decided on inside is the same, or its stamp is another one.
func (b *Bank) unblocked(ctx context.Context, actor Actor, ref transfer.RuleRef, a EvaluationAct) error {
	if a.Action != actSubmit && a.Action != actApprove {
		return nil
	}
	e, err := b.reading(ctx).evaluation(actor, ref)
	if err != nil || a.Stamp != e.Stamp || !e.permits(actor, a.Action) { // which the write explains
		return err
	}
	blocking, _, err := b.LintRule(ctx, ref, e.Equivalence)
	if err != nil {
		return err
	}
	return refuseBlocked(blocking)
}

// actNeeds says which fields an action needs.
type actNeeds struct{ text, reasons, opinion, from, to, day bool }

func needsOf(action string) actNeeds {
	switch action {
	case actAnswer, actAskMore, actProceed, actSuspend, actResume, actDecline:
		return actNeeds{text: true}
	case actRefuse:
		return actNeeds{text: true, reasons: true}
	case actOpine:
		return actNeeds{opinion: true}
	case actAssign:
		return actNeeds{to: true}
	case actReassign:
		return actNeeds{from: true, to: true}
	case actRelease:
		return actNeeds{from: true}
	case actEnd:
		return actNeeds{text: true, day: true}
	}
	return actNeeds{}
}

// read promises Invalid, naming the fields.
func (a *EvaluationAct) read(today calendar.Day) error {
	a.Text, a.Condition = strings.TrimSpace(a.Text), strings.TrimSpace(a.Condition)
	a.Action, a.From, a.To = strings.TrimSpace(a.Action), strings.TrimSpace(a.From), strings.TrimSpace(a.To)
	if a.Action == actSave || !slices.Contains(EvaluationActions(), a.Action) {
		return invalidField("action", a.Action, "choice", map[string]any{"Choices": strings.Join(EvaluationActions()[1:], ", ")})
	}
	var faults []FieldError
	add := func(field, value, code string, args map[string]any) {
		faults = append(faults, FieldError{Field: field, Value: value, Code: code, Args: args})
	}
	needs := needsOf(a.Action)
	if needs.opinion && !slices.Contains(OpinionWords(), a.Opinion) {
		add("opinion", a.Opinion, "choice", map[string]any{"Choices": strings.Join(OpinionWords(), ", ")})
	}
	if a.Opinion == "oppose" {
		needs.text, needs.reasons = true, true
	}
	faults = append(faults, a.textFaults(needs)...)
	faults = append(faults, a.reasonFaults(needs)...)
	if needs.from && a.From == "" {
		add("from", "", "required", nil)
	}
	if needs.to && a.To == "" {
		add("to", "", "required", nil)
	}
	if needs.day {
		var err error
		if a.lastDay, err = calendar.Parse(strings.TrimSpace(a.LastDay)); err != nil {
			add("last_day", a.LastDay, "date", nil)
		} else if a.lastDay < today {
			add("last_day", a.LastDay, "past", nil)
		}
	}
	faults = append(faults, a.fileFaults()...)
	if len(faults) > 0 {
		return invalidFields(faults)
	}
	return nil
}

// OpinionWords lists what an opinion can be.
func OpinionWords() []string { return []string{"support", "oppose", "abstain"} }

// PaperworkReason says whether a coded reason is about papers that are missing or do
// not fit, and not about the course itself.
func PaperworkReason(code string) bool {
	return slices.Contains([]string{"EVIDENCE_MISSING", "NOT_ACCREDITED", "IDENTITY_MISMATCH"}, code)
}

func (a *EvaluationAct) textFaults(needs actNeeds) (faults []FieldError) {
	for _, text := range []struct {
		field, value string
		needed       bool
	}{{"text", a.Text, needs.text || slices.Contains(a.Reasons, "OTHER")}, {"condition", a.Condition, false}} {
		if text.value == "" && !text.needed {
			continue
		}
		if fault := evaluationTextFault(text.field, text.value); fault != nil {
			faults = append(faults, *fault)
		}
	}
	if code := textFault(a.Preview, nameLength); a.Preview != "" && code != "" {
		faults = append(faults, FieldError{Field: "preview", Code: code, Args: map[string]any{"Limit": nameLength}})
	}
	return faults
}

func (a *EvaluationAct) reasonFaults(needs actNeeds) (faults []FieldError) {
	slices.Sort(a.Reasons)
	a.Reasons = slices.Compact(a.Reasons)
	for _, code := range a.Reasons {
		if !slices.Contains(ReasonCodes(), code) {
			faults = append(faults, FieldError{Field: "reasons", Value: code, Code: "choice", Args: map[string]any{"Choices": strings.Join(ReasonCodes(), ", ")}})
		}
	}
	if needs.reasons && len(a.Reasons) == 0 {
		faults = append(faults, FieldError{Field: "reasons", Code: "required"})
	}
	return faults
}

func (a *EvaluationAct) fileFaults() (faults []FieldError) {
	a.files = nil
	for i, file := range a.Files {
		checked, fault := checkAttachment(fmt.Sprintf("files[%d]", i), file)
		if fault != nil {
			faults = append(faults, *fault)
			continue
		}
		a.files = append(a.files, checked)
	}
	return faults
}

// allow holds an action against the law: who may ever do it, whether the actor knows
// the evaluation as it is, and whether it may be done now.
func (e *evaluationRow) allow(actor Actor, action, stamp string) error {
	if err := e.mayEver(actor, action); err != nil {
		return err
	}
	if stamp != e.Stamp {
		return &Error{Code: Conflict, Key: "error.evaluation_stale", Args: map[string]any{"ID": e.ID}, Fields: changedSince(e.Facts, stamp)}
	}
	if !e.permits(actor, action) {
		return &Error{Code: Conflict, Key: "error.evaluation_state", Args: map[string]any{"State": e.State}}
	}
	return nil
}

// mayEver says whether the actor may ever do something with an evaluation. It promises Denied.
func (e *evaluationRow) mayEver(actor Actor, action string) error {
	s := e.standingOf(actor)
	row := evaluationLaw()[slices.Index(EvaluationActions(), action)]
	switch {
	case s&row.who == 0:
		return &Error{Code: Denied, Key: "error.role"}
	case s&row.never != 0:
		return &Error{Code: Denied, Key: "error.own_proposal"}
	case action == actOpine && !e.mayOpine(actor, s):
		return &Error{Code: Denied, Key: "error.other_side"}
	}
	return nil
}

// actOnEvaluation does what the law allows.
func (t *tx) actOnEvaluation(e *evaluationRow, a EvaluationAct) error {
	if err := e.allow(t.actor, a.Action, a.Stamp); err != nil {
		return err
	}
	for _, file := range a.files {
		if _, err := t.attach("evaluation", e.ID, "", file); err != nil {
			return err
		}
	}
	step := EvaluationStep{Action: a.Action, To: e.State, Text: a.Text, Reasons: a.Reasons, Opinion: a.Opinion, Condition: a.Condition}
	switch a.Action {
	case actSubmit:
		return t.submitEvaluation(e, step)
	case actAnswer:
		step.To = e.judgedState()
		return t.step(e, step)
	case actWithdraw:
		step.To = EvaluationWithdrawn
		if err := t.reopenRequests(e.RuleRef); err != nil {
			return err
		}
		return t.step(e, step)
	case actAskMore:
		step.To = EvaluationReturned
		return t.step(e, step)
	case actProceed:
		return t.proceed(e, step)
	case actOpine:
		return t.opine(e, a, step)
	case actAssign, actReassign, actRelease:
		return t.assignExperts(e, a, step)
	case actApprove:
		return t.approveEvaluation(e, a, step)
	case actRefuse:
		return t.refuseEvaluation(e, step)
	case actSuspend, actResume, actEnd:
		return t.askHalt(e, a, step)
	}
	return t.decideHalt(e, a, step)
}

// proceed has the bank decide without opinions that nobody gave in time, or that
// nobody can give. It promises Conflict (error.evaluation_waits, Args "Due").
func (t *tx) proceed(e *evaluationRow, step EvaluationStep) error {
	today := calendar.Of(t.now)
	for _, o := range e.missing() {
		able := o.Login != ""
		if !able {
			deciders, err := t.logins(recipient{Institution: o.Institution, Roles: IsDecider})
			if err != nil {
				return err
			}
			able = len(deciders) > 0
		}
		if able && o.Due >= today {
			return &Error{Code: Conflict, Key: "error.evaluation_waits", Args: map[string]any{"Due": o.Due.String()}}
		}
	}
	step.To = EvaluationReady
	return t.step(e, step)
}

// judgedState is where one that is judged stands: ready when no opinion is missing.
func (e *evaluationRow) judgedState() string {
	if len(e.missing()) == 0 {
		return EvaluationReady
	}
	return EvaluationSubmitted
}

func (t *tx) submitEvaluation(e *evaluationRow, step EvaluationStep) error {
	if e.Why == "" {
		return invalidField("why", "", "required", nil)
	}
	step.To = e.judgedState()
	return t.step(e, step)
}

// step notes what was done, for good and in the audit log, and moves the evaluation on.
func (t *tx) step(e *evaluationRow, s EvaluationStep) error {
	err := t.exec(`UPDATE evaluation SET state = $1, moved_at = $2 WHERE equivalence = $3 AND version = $4`, s.To, micros(t.now), e.Code, e.Version)
	if err != nil {
		return err
	}
	err = t.exec(`INSERT INTO evaluation_step (equivalence, version, seq, action, from_state, to_state, actor, institution, at, subject, opinion, text, reasons, condition)
		VALUES ($1, $2, (SELECT count(*) + 1 FROM evaluation_step WHERE equivalence = $1 AND version = $2), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		e.Code, e.Version, s.Action, e.State, s.To, t.actor.Name, t.actor.Institution, micros(t.now), s.Subject, s.Opinion, s.Text, strings.Join(s.Reasons, "|"), s.Condition)
	if err != nil {
		return err
	}
	detail := s.To
	if e.State != "" && e.State != s.To {
		detail = e.State + " > " + s.To
	}
	if err := t.audit("evaluation."+s.Action, e.ID, detail); err != nil {
		return err
	}
	if err := t.settleClocks(e, s.To); err != nil {
		return err
	}
	return t.tell(e, s)
}

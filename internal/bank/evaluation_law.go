package bank

import "slices"

// standing is what an actor is with respect to an evaluation, as a set.
type standing uint16

const (
	isProposer           standing = 1 << iota // did what was proposed: drafted, edited or answered
	isOwn                                     // of the school that proposed, or of the bank when the bank did
	isSendingRegistrar                        // registrar of a school of the sources
	isSendingDecider                          //
	isReceivingRegistrar                      // registrar of the school of the targets
	isReceivingDecider                        //
	isAskedExpert                             // an expert whose opinion was asked
	isBank                                    // administrator
	isHaltAsker                               // asked for the halt that is open
	isWatcher                                 // sees everything, does nothing: auditor, operator
	ofSending            = isSendingRegistrar | isSendingDecider
	ofReceiving          = isReceivingRegistrar | isReceivingDecider
	ofSchools            = ofSending | ofReceiving
	withOpinion          = isSendingDecider | isReceivingDecider | isAskedExpert
)

// lawRow says who may do something in which states. Asked is whether a halt must be
// open (1), must not (-1) or does not matter (0).
type lawRow struct {
	action string
	from   []string
	who    standing
	never  standing // who may not, whatever else they are
	asked  int
}

// Actions on evaluations.
const (
	actSave     = "save"
	actSubmit   = "submit"
	actWithdraw = "withdraw"
	actAnswer   = "answer"
	actOpine    = "opine"
	actAssign   = "assign"
	actReassign = "reassign"
	actRelease  = "release"
	actAskMore  = "ask_more"
	actProceed  = "proceed"
	actApprove  = "approve"
	actRefuse   = "refuse"
	actSuspend  = "suspend"
	actResume   = "resume"
	actEnd      = "end"
	actConfirm  = "confirm"
	actDecline  = "decline"
	actTakeBack = "take_back"
)

// evaluationLaw is the whole law; docs/workflow.md is its text, and a test holds one
// against the other.
func evaluationLaw() []lawRow {
	judged := []string{EvaluationSubmitted, EvaluationReady}
	served := []string{EvaluationPublished, EvaluationSuperseded}
	halted := []string{EvaluationPublished, EvaluationSuperseded, EvaluationSuspended}
	return []lawRow{
		{action: actSave, from: []string{EvaluationDrafted, EvaluationReturned}, who: isOwn},
		{action: actSubmit, from: []string{EvaluationDrafted}, who: isOwn},
		{action: actWithdraw, from: []string{EvaluationDrafted, EvaluationSubmitted, EvaluationReturned, EvaluationReady}, who: isOwn},
		{action: actAnswer, from: []string{EvaluationReturned}, who: isOwn},
		{action: actOpine, from: judged, who: withOpinion},
		{action: actAssign, from: judged, who: ofReceiving | isBank, never: isProposer},
		{action: actReassign, from: judged, who: ofReceiving | isBank, never: isProposer},
		{action: actRelease, from: judged, who: ofReceiving | isBank, never: isProposer},
		{action: actAskMore, from: judged, who: withOpinion | isBank, never: isProposer},
		{action: actProceed, from: []string{EvaluationSubmitted}, who: isBank, never: isProposer},
		{action: actApprove, from: []string{EvaluationReady}, who: isBank, never: isProposer},
		{action: actRefuse, from: []string{EvaluationReady, EvaluationReturned}, who: isBank, never: isProposer},
		{action: actSuspend, from: served, who: ofSchools | isBank, asked: -1},
		{action: actResume, from: []string{EvaluationSuspended}, who: ofSchools | isBank, asked: -1},
		{action: actEnd, from: halted, who: ofSchools | isBank, asked: -1},
		{action: actConfirm, from: halted, who: isBank, never: isHaltAsker, asked: 1},
		{action: actDecline, from: halted, who: isBank, never: isHaltAsker, asked: 1},
		{action: actTakeBack, from: halted, who: isHaltAsker, asked: 1},
	}
}

// EvaluationActions lists what can be done with an evaluation.
func EvaluationActions() []string {
	var names []string
	for _, row := range evaluationLaw() {
		names = append(names, row.action)
	}
	return names
}

// standingOf is what an actor is to an evaluation.
func (e *evaluationRow) standingOf(a Actor) (s standing) {
	at := func(institution string) bool { return institution != "" && a.Institution == institution }
	add := func(when bool, what standing) {
		if when {
			s |= what
		}
	}
	add(slices.Contains(e.hands, a.Name), isProposer)
	add(a.editsMap() && at(e.ByInstitution) || e.ByInstitution == "" && a.Is(IsAdministrator), isOwn)
	sends := slices.ContainsFunc(e.Sending, at)
	add(sends && a.Is(IsRegistrar), isSendingRegistrar)
	add(sends && a.decides(), isSendingDecider)
	add(at(e.Institution) && a.Is(IsRegistrar), isReceivingRegistrar)
	add(at(e.Institution) && a.decides(), isReceivingDecider)
	add(a.Is(IsExpert) && a.Login != "" && e.asked(a.Login) >= 0, isAskedExpert)
	add(a.Is(IsAdministrator) || a.mapSystem() && at(e.bank), isBank)
	add(e.Halt != nil && e.Halt.By == a.Name, isHaltAsker)
	add(a.Is(IsAuditor|IsOperator), isWatcher)
	return s
}

// seenBy says whether an actor may know of an evaluation: those who answer for the
// bank, who is asked as an expert, the school that proposed and, once it is
// submitted, the schools on both sides.
func (e *evaluationRow) seenBy(a Actor) bool {
	s := e.standingOf(a)
	if s&(isBank|isWatcher|isAskedExpert|isOwn|isProposer) != 0 {
		return true
	}
	return e.State != EvaluationDrafted && a.editsMap() && e.hasParty(a.Institution)
}

// hasParty says whether a school stands on one of the sides.
func (e *evaluationRow) hasParty(institution string) bool {
	return institution != "" && (institution == e.Institution || slices.Contains(e.Sending, institution))
}

// editsMap says whether the actor may propose in the name of a school.
func (a Actor) editsMap() bool { return a.Is(IsRegistrar|IsDecider) || a.mapSystem() }

// decides says whether the actor gives a school's opinion: its deciders do, and its
// system, which says what was decided there.
func (a Actor) decides() bool { return a.Is(IsDecider) || a.mapSystem() }

// mapSystem is a system that may work on the map, for a school or for the bank itself.
func (a Actor) mapSystem() bool { return a.Is(IsSystem) && a.Scopes&MayMap != 0 }

// permits says whether the law lets an actor do something now.
func (e *evaluationRow) permits(a Actor, action string) bool {
	s := e.standingOf(a)
	if action == actOpine && !e.mayOpine(a, s) {
		return false
	}
	return slices.ContainsFunc(evaluationLaw(), func(row lawRow) bool {
		asked := row.asked == 0 || (row.asked > 0) == (e.Halt != nil)
		return row.action == action && asked && slices.Contains(row.from, e.State) && s&row.who != 0 && s&row.never == 0
	})
}

// mayOpine keeps who proposed from speaking for anybody but their own school.
func (e *evaluationRow) mayOpine(a Actor, s standing) bool {
	if s&isProposer == 0 {
		return true
	}
	return s&(isSendingDecider|isReceivingDecider) != 0 && a.Institution == e.ByInstitution
}

// may lists what an actor may do now.
func (e *evaluationRow) may(a Actor) []string {
	var list []string
	for _, action := range EvaluationActions() {
		if e.permits(a, action) {
			list = append(list, action)
		}
	}
	return list
}

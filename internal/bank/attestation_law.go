package bank

import "slices"

// attester is what an actor is with respect to an attestation, as a set.
type attester uint16

const (
	isAttestOwner   attester = 1 << iota // the learner
	isAttestGiver                        // handed it in for the learner
	isAttestIssuer                       // registrar, decider or system of the issuer
	isAttestHandler                      // registrar or decider of who decides, or administrator where the bank does
	isAttestDecider                      // decider there, or administrator
	isAttestExpert                       // the expert who is asked
	isAttestMentor                       // may confirm a log for one of its sides
	isAttestWatcher                      // sees everything: administrator, auditor, operator
	isAttestSystem                       // system of who decides, which looks on
	hadAttestHand                        // gave an opinion, confirmed or marked something, or handed it in
)

// Actions on attestations.
const (
	attestWithdraw   = "withdraw"
	attestByEvidence = "by_evidence"
	attestLog        = "log"
	attestConfirm    = "confirm"
	attestMark       = "mark"
	attestSubmit     = "submit"
	attestAssign     = "assign"
	attestOpine      = "opine"
	attestVerify     = "verify"
	attestRefuse     = "refuse"
)

// AttestationActions lists what can be done about one; each has a sentence,
// attestation.action.ACTION.
func AttestationActions() []string {
	return []string{attestLog, attestConfirm, attestMark, attestSubmit, attestAssign, attestOpine, attestVerify, attestRefuse, attestByEvidence, attestWithdraw}
}

// attestationRow says who may do something in which states of which way.
type attestationRow struct {
	action string
	ways   []string
	from   []string
	who    attester
	never  attester // who may not, whatever else they are
}

// attestationLaw is the whole law; docs/results.md is its text.
func attestationLaw() []attestationRow {
	every, log, evidence, issuer := AttestationWays(), []string{WayLog}, []string{WayEvidence}, []string{WayIssuer}
	logging, open, waiting := []string{AttestationLogging}, []string{AttestationOpen}, []string{AttestationOpen, AttestationExpert, AttestationReady}
	owners := isAttestOwner | isAttestGiver
	return []attestationRow{
		{attestLog, log, logging, isAttestOwner, 0},
		{attestConfirm, log, logging, isAttestMentor, isAttestOwner},
		{attestMark, log, logging, isAttestMentor, isAttestOwner},
		{attestSubmit, log, logging, isAttestOwner | isAttestHandler, 0},
		{attestAssign, evidence, waiting[:2], isAttestHandler, isAttestOwner},
		{attestOpine, evidence, waiting[1:2], isAttestExpert, owners},
		{attestVerify, evidence, waiting[2:], isAttestDecider, owners | hadAttestHand},
		{attestRefuse, evidence, waiting, isAttestDecider, owners | hadAttestHand},
		{attestVerify, issuer, open, isAttestIssuer, owners | hadAttestHand},
		{attestRefuse, issuer, open, isAttestIssuer, owners | hadAttestHand},
		{attestVerify, log, open, isAttestDecider, owners | hadAttestHand},
		{attestRefuse, log, open, isAttestDecider, owners | hadAttestHand},
		{attestByEvidence, issuer, open, owners, 0},
		{attestWithdraw, every, append(logging, waiting...), owners, 0},
	}
}

// standing is what an actor is.
func (a *Attestation) standing(actor Actor) attester {
	var is attester
	set := func(holds bool, what attester) {
		if holds {
			is |= what
		}
	}
	at := func(institution string) bool { return institution != "" && actor.Institution == institution }
	set(actor.Is(IsLearner) && actor.Learner != "" && actor.Learner == a.Account, isAttestOwner)
	set(actor.Name == a.By, isAttestGiver)
	bank := a.Handler == "" && actor.Is(IsAdministrator)
	set(bank && a.Way == WayIssuer, isAttestIssuer)
	set(at(a.Institution) && (actor.Is(IsRegistrar|IsDecider) || actor.Is(IsSystem) && actor.Scopes&MayDeposit != 0), isAttestIssuer)
	set(bank || at(a.Handler) && actor.Is(IsRegistrar|IsDecider), isAttestHandler)
	set(bank || at(a.Handler) && actor.Is(IsDecider), isAttestDecider)
	set(at(a.Handler) && actor.Is(IsSystem) && actor.Scopes&MayDeposit != 0, isAttestSystem)
	set(actor.Is(IsExpert) && actor.Login != "" && actor.Login == a.Expert, isAttestExpert)
	set(a.Way == WayLog && a.side(actor) != "", isAttestMentor)
	set(actor.seesAll(), isAttestWatcher)
	set(slices.Contains(a.hands(), actor.Name), hadAttestHand)
	return is
}

// side is for which side of a placement an actor is a mentor; empty: for none.
func (a *Attestation) side(actor Actor) string {
	switch {
	case !actor.Is(IsRegistrar | IsExpert | IsDecider):
		return ""
	case actor.Institution == a.Institution:
		return sideCompany
	case a.Handler != "" && actor.Institution == a.Handler:
		return sideSchool
	}
	return ""
}

// hands are those who had a hand in what is to be decided.
func (a *Attestation) hands() []string {
	var list []string
	add := func(name string) {
		if name != "" {
			list = append(list, name)
		}
	}
	add(a.OpinedBy)
	for _, d := range a.Days {
		add(d.SchoolBy)
		add(d.CompanyBy)
	}
	for _, m := range a.Marks {
		add(m.By)
	}
	return list
}

// may lists what an actor may do now.
func (a *Attestation) may(actor Actor) (list []string) {
	is := a.standing(actor)
	for _, row := range attestationLaw() {
		if row.who&is != 0 && row.never&is == 0 && slices.Contains(row.ways, a.Way) && slices.Contains(row.from, a.State) {
			list = append(list, row.action)
		}
	}
	return list
}

// allow promises NotFound to who may not know of it, Denied (error.role, or
// error.attestation_own to who had a hand in it), and Conflict (error.attestation_state,
// Args "State"; error.attestation_stale for another stamp).
func (a *Attestation) allow(actor Actor, action, stamp string) error {
	is, ever, own := a.standing(actor), false, false
	if !a.visible(is) {
		return notFound("attestation", a.ID)
	}
	for _, row := range attestationLaw() {
		if row.action != action || !slices.Contains(row.ways, a.Way) || row.who&is == 0 {
			continue
		}
		if row.never&is != 0 {
			own = true
			continue
		}
		ever = true
		if slices.Contains(row.from, a.State) {
			if stamp != a.Stamp && stamp != AnyStamp {
				return &Error{Code: Conflict, Key: "error.attestation_stale"}
			}
			return nil
		}
	}
	switch {
	case ever:
		return &Error{Code: Conflict, Key: "error.attestation_state", Args: map[string]any{"State": a.State}}
	case own:
		return &Error{Code: Denied, Key: "error.attestation_own"}
	}
	return &Error{Code: Denied, Key: "error.role"}
}

// visible says whether somebody who is this may know of it.
func (a *Attestation) visible(is attester) bool {
	return is&(isAttestOwner|isAttestGiver|isAttestIssuer|isAttestHandler|isAttestExpert|isAttestMentor|isAttestWatcher|isAttestSystem) != 0
}

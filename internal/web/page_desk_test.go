package web

import (
	"slices"

	"creditbank/internal/bank"
	"creditbank/internal/credit"
)

// deskKeys are the keys of the desks that are made of a prefix and a code.
func deskKeys() []string {
	var keys []string
	add := func(prefix string, codes ...string) {
		for _, code := range codes {
			keys = append(keys, prefix+code)
		}
	}
	for _, group := range slices.Concat(schoolPages(), adminPages()) {
		keys = append(keys, group.Key)
		for _, page := range group.Pages {
			keys = append(keys, page.Key)
		}
	}
	add("desk.done_", deskDone...)
	for _, page := range evaluationPages() {
		keys = append(keys, page.Key)
	}
	add("desk.done_", evaluationDone()...)
	add("evaluation.state.", bank.EvaluationStates()...)
	for action, fields := range actFields() {
		add("evaluation.", "do_"+action, "will_"+action, "did_"+action)
		for _, field := range []string{"text", "reasons"} {
			if slices.Contains(fields, field) {
				add("evaluation.", field+"_"+action)
			}
		}
	}
	add("evaluation.", "did_save", "did_supersede")
	for _, view := range []string{viewMine, viewOpen, viewAll} {
		add("evaluation.", "view_"+view, "list_"+view, "none_"+view)
	}
	add("evaluation.opinion_", bank.OpinionWords()...)
	add("evaluation.side_", "sending", "receiving", "both")
	add("evaluation.origin_", "request", "suggestion", "mirror", "import")
	add("evaluation.halt_", "suspend", "resume", "end")
	add("equivalence.halt_", "suspend", "resume", "end")
	add("evaluation.changed.", "state", "rule", "opinions", "experts", "files", "courses", "published", "halt")
	add("evaluation.alike_", "source", "target", "source_name", "target_name", "class")
	add("editor.outcome_", "credit", "refused", "pending")
	add("means.", "credit", "refused", "pending", "gives_course", "gives_exemption", "gives_group_hours", "gives_hours", "gives_group")
	add("compare.", "credits", "hours", "practice", "level", "category", "outline", "outcomes", "equipment", "assessment")
	add("people.link_", "invitation", "recovery", "text_invitation", "text_recovery")
	for _, kind := range bank.ProposalKinds() {
		add("proposal.", "kind."+kind, "will_"+kind)
		add("proposal.arg.", slices.DeleteFunc(bank.ProposalArgs(kind), func(name string) bool { return name == "role" })...)
	}
	add("proposal.what_", "grant", "revoke")
	add("proposal.change.", "grant", "revoke")
	add("proposal.file.", "policies", "caps")
	add("proposal.scope.", "bank", "institution", "programme")
	add("proposal.cap.", capKinds()...)
	add("proposal.fact.", "roles", "disabled", "administrators", "learner", "course", "grade", "credits", "stands", "used_by", "share",
		"instead_course", "instead_grade", "instead_credits", "instead_hours", "instead_level", "instead_completed")
	add("proposal.fact.", slices.Concat([]string{"valid_from"}, policyFields())...)
	for _, which := range []string{"from", "into"} {
		add("proposal.fact."+which, "_account", "_school", "_results", "_available", "_held", "_used")
	}
	add("proposal.stands_", "available", "held", "applied", "redeemed", "expired", "nowhere")
	add("proposal.state.", bank.ProposalApproved, bank.ProposalRefused, bank.ProposalWithdrawn, bank.ProposalEnded)
	add("token.scope.", bank.ScopeNames()...)
	add("mend.field.", bank.CorrectionFields()...)
	add("mend.state.", bank.CorrectionAccepted, bank.CorrectionRefused, bank.CorrectionWithdrawn)
	add("classes.lacks.", bank.LearnerLacks()...)
	for _, scale := range credit.StandardScales() {
		add("scale.", scale.Code)
	}
	add("course.field.", append(bank.CourseColumns(), "outcomes", "files", "competence", "outcome_level", "outcome_text")...)
	add("programme.field.", bank.ProgrammeColumns()...)
	add("programme.part.", "name", "groups", "plan")
	add("course.made.", bank.SavedNew, bank.SavedVersion, bank.SavedEdit, bank.SavedNothing, "faulty")
	add("course.state.", bank.CourseStates()...)
	return keys
}

package web

import (
	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// planHelp is something that would gain credits, and the plan with it.
type planHelp struct {
	Text    string
	URL     string // the plan as it would be
	Rule    transfer.RuleRef
	RuleURL string
}

// helps are what would help, in the words of the page.
func (v *planPage) helps(q checkQuery, say Speaker) []planHelp {
	var list []planHelp
	for _, h := range v.Help {
		list = append(list, planHelp{Text: HelpSentence(say, v.PlanAnswer, h), URL: v.helped(q, h), Rule: h.Rule, RuleURL: ruleAddress(h.Rule)})
	}
	return list
}

// helped asks the same again with the change made. A result without a date is of
// the day of the question, as what is still to be done is.
func (v *planPage) helped(q checkQuery, h transfer.Help) string {
	records := q.typed()
	for _, c := range h.Changes {
		at := q.typedAt(c.Record)
		if at < 0 {
			at = len(records)
			records = append(records, bank.CheckRecord{Institution: c.Institution, Course: c.Code})
			if c.Result.Kind != transfer.KindCourse {
				records[at].Kind = c.Result.Kind
			}
		}
		records[at].CompletedOn = ""
		if c.Result.Score != c.Had {
			records[at].Grade, records[at].Scale = gradeOf(c.Result.Score)
		}
	}
	return address(q.planPage(), checkValues(records, q.AsOf), paramTo, v.ProgrammeID)
}

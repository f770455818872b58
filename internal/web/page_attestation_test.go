package web

import (
	"fmt"

	"creditbank/internal/bank"
)

// attestationKeys are the keys about results beyond courses that are made of a prefix
// and a code.
func attestationKeys() []string {
	var keys []string
	add := func(prefix string, codes ...string) {
		for _, code := range codes {
			keys = append(keys, prefix+code)
		}
	}
	for _, k := range bank.AttestationKinds() {
		add("attestation.kind.", k.Name)
		add("attestation.about.", k.Name)
	}
	add("attestation.way.", bank.AttestationWays()...)
	add("attestation.state.", bank.AttestationFilters()...)
	add("desk.done_", attestationDone()...)
	add("attestation.opinion_", "support", "oppose")
	add("placement.grade.", bank.PlacementGrades()...)
	add("placement.", "school", "company")
	add("error.not_found.", "attestation", "exam")
	add("look.", "attestation")
	return keys
}

// attestation is a placement that a learner logs, with a day to confirm; for an
// administrator a result that the bank decides about.
func (w *world) attestation(account string) string {
	w.t.Helper()
	bankDecides := w.asking.role == bank.IsAdministrator
	kept := fmt.Sprint("attestation", account, bankDecides)
	if a, err := w.bank.Attestation(w.t.Context(), bank.Actor{Name: "u:auditor", Roles: bank.IsAuditor}, w.asked[kept]); err == nil && (a.State == bank.AttestationLogging || a.State == bank.AttestationOpen) {
		return a.ID
	}
	n := w.count()
	fill(w.t, w.bank, "institutions", "code,name,kind\n"+qiming+",企业,enterprise\n"+duheng+",评价,assessment_body\n")
	fill(w.t, w.bank, "courses", fmt.Sprintf("institution,code,name,credits\n%s,W%d,岗位,4\n%s,C%d,证书,4\n", qiming, n, duheng, n))
	in := bank.NewAttestation{Kind: "placement", Institution: qiming, Course: fmt.Sprint("W", n), Level: "4", Endless: true, Declared: true}
	who := w.learnerActor(account)
	if bankDecides {
		who = w.learnerActor(fmt.Sprint("FREE", n))
		fill(w.t, w.bank, "learners", "account,name\n"+who.Learner+",自由\n")
		in.Kind, in.Institution, in.Course, in.Way, in.Hours, in.CompletedOn = "qualification", duheng, fmt.Sprint("C", n), bank.WayEvidence, "8", "2026-05-20"
		in.Files = []bank.NewAttachment{{Name: "a.txt", Content: []byte("paper")}}
	}
	id, err := w.bank.HandIn(w.t.Context(), who, in)
	if must(w, id, err); in.Kind == "placement" {
		_, err = w.bank.ActOnAttestation(w.t.Context(), who, id, bank.AttestationAct{Action: "log", Stamp: bank.AnyStamp, Day: fmt.Sprintf("2026-%02d-%02d", 1+n%9, 1+n/9%28), Hours: "0.01", Text: "x"})
	}
	w.asked[kept] = id
	return must(w, id, err)
}

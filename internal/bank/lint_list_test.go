package bank_test

import (
	"testing"
	"time"

	"creditbank/internal/bank"
)

// Who looks at the findings of the two schools of the tests.
var (
	desk    = bank.Actor{Name: "u:desk", Roles: bank.IsAdministrator}
	regA    = bank.Actor{Name: "u:rega", Roles: bank.IsRegistrar, Institution: "A"}
	regB    = bank.Actor{Name: "u:regb", Roles: bank.IsRegistrar, Institution: "B"}
	watcher = bank.Actor{Name: "u:watch", Roles: bank.IsAuditor}
)

func findingsOf(t *testing.T, b *bank.Bank, actor bank.Actor, f bank.FindingFilter) bank.FindingList {
	t.Helper()
	list, err := b.Findings(t.Context(), actor, f, bank.Window{})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// A finding has an owner, can be given, taken, accepted for a time, and is gone
// when the map is mended.
func TestFindingsHaveOwners(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		text(t, b, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course\nE1,A,a1,B,b1\nE2,A,a1,B,b1\nE3,B,b2,A,a2\nE4,B,b2,A,a2\n")
		all := findingsOf(t, b, desk, bank.FindingFilter{})
		if all.Total != 2 || all.Items[0].Institution != "B" || all.Items[1].Institution != "A" || len(all.Counts) != 1 || all.Counts[0].Count != 2 {
			t.Fatalf("all: %+v", all)
		}
		own := findingsOf(t, b, regB, bank.FindingFilter{})
		if own.Total != 1 || own.Items[0].Rules[0].Code != "E1" || !own.Items[0].MayChange {
			t.Fatalf("of a school: %+v", own)
		}
		if list := findingsOf(t, b, watcher, bank.FindingFilter{}); list.Total != 2 || list.Items[0].MayChange {
			t.Errorf("an auditor: %+v", list)
		}
		id := own.Items[0].ID
		wantCode(t, "another school takes it", b.TakeFinding(t.Context(), regA, id), bank.NotFound)
		wantCode(t, "an auditor takes it", b.TakeFinding(t.Context(), watcher, id), bank.Denied)
		wantCode(t, "a school gives it away", b.GiveFinding(t.Context(), regB, id, "A"), bank.Denied)
		wantCode(t, "to a school that is not there", b.GiveFinding(t.Context(), desk, id, "Z"), bank.Invalid)
		may(t, b.TakeFinding(t.Context(), regB, id))
		if list := findingsOf(t, b, regB, bank.FindingFilter{Mine: true}); list.Total != 1 || list.Items[0].Keeper != regB.Name {
			t.Errorf("taken: %+v", list)
		}
		for _, until := range []string{"", "2026-11-22", "2029-11-23", "x"} {
			wantCode(t, "until "+until, b.AcceptFinding(t.Context(), regB, id, "双方确认", until), bank.Invalid)
		}
		wantCode(t, "no reason", b.AcceptFinding(t.Context(), regB, id, " ", "2026-12-01"), bank.Invalid)
		may(t, b.AcceptFinding(t.Context(), regB, id, "双方确认", "2026-12-01"))
		if list := findingsOf(t, b, regB, bank.FindingFilter{}); list.Total != 0 || list.Put != 1 {
			t.Errorf("open after it was accepted: %+v", list)
		}
		list := findingsOf(t, b, desk, bank.FindingFilter{Accepted: true})
		if list.Total != 1 || list.Items[0].Reason != "双方确认" || list.Items[0].By != regB.Name || list.Items[0].Keeper != regB.Name {
			t.Errorf("accepted: %+v", list)
		}
		may(t, b.GiveFinding(t.Context(), desk, id, "A"))
		if list := findingsOf(t, b, regA, bank.FindingFilter{Accepted: true}); list.Total != 1 || list.Items[0].Keeper != "" {
			t.Errorf("given: %+v", list)
		}
		b.Now = func() time.Time { return time.Date(2026, 12, 2, 3, 0, 0, 0, time.UTC) }
		if list := findingsOf(t, b, regA, bank.FindingFilter{}); list.Total != 2 {
			t.Errorf("after the day: %+v", list)
		}
		may(t, b.ReopenFinding(t.Context(), regA, id))
		text(t, b, "equivalences", "equivalence,source_institution,source_course,target_institution,target_course,valid_from\nE2,A,a2,B,b2,\n")
		if list := findingsOf(t, b, desk, bank.FindingFilter{}); list.Total != 1 {
			t.Errorf("after the map was mended: %+v", list)
		}
		wantCode(t, "it is gone", b.TakeFinding(t.Context(), desk, id), bank.NotFound)
	})
}

func may(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

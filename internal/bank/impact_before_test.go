package bank_test

import (
	"fmt"
	"testing"
	"time"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// A preview says what was decided under the rules that change, and what waits by them;
// neither is moved when the change comes.
func TestImpactTellsWhatWasDecided(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		applying(t, b)
		earns(t, b, "L1", 1, 2, 7, 8)
		earns(t, b, "L2", 1)
		earns(t, b, "L3", 2)
		accept(t, b, applied(t, b, asks1, toA))
		waits := applied(t, b, asks2, toB)
		refuse(t, b, applied(t, b, bank.Actor{Name: "u:asks3", Login: "asks3", Roles: bank.IsLearner, Learner: "L3"}, toA))
		tells := func(trial bank.ImpactTrial) string {
			before := previewed(t, b, operator, trial).Before
			return fmt.Sprintf("%d applications, %v credits, %d wait", before.Recognised, before.Sum(), before.Waiting)
		}
		suspend := func(codes ...string) (trial bank.ImpactTrial) {
			for _, code := range codes {
				trial.Suspend = append(trial.Suspend, transfer.RuleRef{Code: code, Version: 1})
			}
			return trial
		}
		detail, err := b.CourseDetail(ctx, transfer.CourseKey{Institution: takes, Code: "t7"}, b.Today())
		if err != nil {
			t.Fatal(err)
		}
		edit := detail.CourseEdit
		edit.CourseVersion.From, edit.Credits = b.Today(), 300
		policy := map[string]string{"file": "policies", "scope": "institution", "institution": takes, "valid_from": "2027-01-01", "min_grade": "90"}
		for _, c := range []struct {
			what  string
			trial bank.ImpactTrial
			want  string
		}{
			{"a rule", suspend("E1"), "1 applications, 4 credits, 1 wait"},
			{"one that was refused, too", suspend("E2"), "1 applications, 4 credits, 0 wait"},
			{"both", suspend("E1", "E2"), "1 applications, 8 credits, 1 wait"},
			{"one that nobody used", suspend("E5"), "0 applications, 0 credits, 0 wait"},
			{"a course", bank.ImpactTrial{Course: &edit, Stamp: detail.Stamp}, "1 applications, 4 credits, 0 wait"},
			{"a policy", bank.ImpactTrial{Policy: policy}, "1 applications, 12 credits, 1 wait"},
		} {
			if got := tells(c.trial); got != c.want {
				t.Errorf("%s: %s, want %s", c.what, got, c.want)
			}
		}
		text2(t, b, "policies", "scope,institution,valid_from,min_grade\ninstitution,"+takes+",2020-01-01,90\n")
		at(b, b.Now().Add(time.Hour))
		if got := states(accept(t, b, seen(t, b, asks2, waits.ID))); got != "full 4" {
			t.Errorf("what waited is decided as %s", got)
		}
		wantSound(t, b)
	})
}

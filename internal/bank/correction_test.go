package bank_test

import (
	"context"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// corrected asks for a correction.
func corrected(t *testing.T, b *bank.Bank, actor bank.Actor, in bank.NewCorrection) string {
	t.Helper()
	id, err := b.RequestCorrection(context.Background(), actor, in)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// asksOf are the numbers of the corrections that an actor sees.
func asksOf(t *testing.T, b *bank.Bank, actor bank.Actor) string {
	t.Helper()
	page, err := b.Corrections(context.Background(), actor, bank.Window{})
	if err != nil {
		t.Fatal(err)
	}
	if page.Total != len(page.Items) {
		t.Errorf("%d of %d", len(page.Items), page.Total)
	}
	var ids []string
	for _, c := range page.Items {
		ids = append(ids, c.ID)
	}
	return strings.Join(ids, " ")
}

var administrator = bank.Actor{Name: "u:admin", Roles: bank.IsAdministrator, Login: "admin"}

func TestCorrectionOfAPerson(t *testing.T) {
	onBothOwned(t, func(t *testing.T, b *bank.Bank) {
		ctx := context.Background()
		id := corrected(t, b, learnerO1, bank.NewCorrection{Field: "name", Value: "李一", Why: "written wrongly"})
		for _, other := range []bank.Actor{registrarOf("B"), registrarOf("C"), administrator} {
			if got := asksOf(t, b, other); got != "" {
				t.Errorf("%s sees %s", other.Name, got)
			}
			wantCode(t, other.Name, b.DecideCorrection(ctx, other, id, true, ""), bank.NotFound)
		}
		for _, other := range []bank.Actor{learnerO1, learnerO2, bank.Visitor, {Name: "u:e", Roles: bank.IsExpert, Institution: "A"}, {Name: "api:a", Roles: bank.IsSystem, Institution: "A", Scopes: bank.MayRead | bank.MayDeposit}} {
			_, err := b.Corrections(ctx, other, bank.Window{})
			wantCode(t, other.Name, err, bank.Denied)
			wantCode(t, other.Name, b.DecideCorrection(ctx, other, id, true, ""), bank.Denied)
		}
		if got := asksOf(t, b, registrarOf("A")); got != id {
			t.Errorf("the school sees %q, want %s", got, id)
		}
		both := registrarOf("A")
		both.Roles |= bank.IsLearner
		both.Learner = "O1"
		wantCode(t, "one's own", b.DecideCorrection(ctx, both, id, true, ""), bank.Denied)
		wantCode(t, "a refusal without a word", b.DecideCorrection(ctx, registrarOf("A"), id, false, " "), bank.Invalid)
		if err := b.DecideCorrection(ctx, registrarOf("A"), id, true, ""); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "a second time", b.DecideCorrection(ctx, registrarOf("A"), id, false, "no"), bank.Conflict)
		my, err := b.MyRecord(ctx, learnerO1, bank.Window{})
		if err != nil || my.Name != "李一" || my.Institution != "A" || my.Phone != "000-1" || my.IDNumber != "X-0001" {
			t.Errorf("%+v, %v", my, err)
		}
		list, err := b.MyCorrections(ctx, learnerO1)
		if err != nil || len(list) != 1 || list[0].State != bank.CorrectionAccepted || list[0].Value != "李一" || list[0].DecidedBy != "u:registrar-A" {
			t.Errorf("%+v, %v", list, err)
		}
		if list, err := b.MyCorrections(ctx, learnerO2); err != nil || len(list) != 0 {
			t.Errorf("another sees %+v, %v", list, err)
		}
	})
}

// A result is its issuer's to correct, whatever school the learner is at.
func TestCorrectionOfAResult(t *testing.T) {
	onBothOwned(t, func(t *testing.T, b *bank.Bank) {
		ctx := context.Background()
		in := bank.NewCorrection{Result: bank.RecordRef{Institution: "B", Reference: "R4"}, Value: "92", Why: "see the paper"}
		_, err := b.RequestCorrection(ctx, learnerO1, in)
		wantCode(t, "another's result", err, bank.NotFound)
		id := corrected(t, b, learnerO2, in)
		if a, byB := asksOf(t, b, registrarOf("A")), asksOf(t, b, registrarOf("B")); a != "" || byB != id {
			t.Errorf("A sees %q, B %q", a, byB)
		}
		wantCode(t, "by the learner's school", b.DecideCorrection(ctx, registrarOf("A"), id, false, "no"), bank.NotFound)
		if err := b.DecideCorrection(ctx, registrarOf("B"), id, false, "the paper says 84"); err != nil {
			t.Fatal(err)
		}
		list, err := b.MyCorrections(ctx, learnerO2)
		if err != nil || len(list) != 1 || list[0].State != bank.CorrectionRefused || list[0].Answer != "the paper says 84" {
			t.Errorf("%+v, %v", list, err)
		}
		back := corrected(t, b, learnerO2, in)
		wantCode(t, "taken back by another", b.WithdrawCorrection(ctx, learnerO1, back), bank.NotFound)
		if err := b.WithdrawCorrection(ctx, learnerO2, back); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "after it was taken back", b.DecideCorrection(ctx, registrarOf("B"), back, true, ""), bank.Conflict)
		wantCode(t, "once more", b.WithdrawCorrection(ctx, learnerO2, back), bank.Conflict)
	})
}

func TestWrongCorrectionIsRefused(t *testing.T) {
	onBothOwned(t, func(t *testing.T, b *bank.Bank) {
		ctx := context.Background()
		text(t, b, "learners", "account,name,id_type,id_number,birth_date,institution\nO3,Zhao,resident_id,00000020050304001X,2005-03-04,A\n")
		learnerO3 := bank.Actor{Name: "u:o3", Roles: bank.IsLearner, Login: "o3", Learner: "O3"}
		for want, in := range map[string]bank.NewCorrection{
			"field: choice":            {Field: "institution", Value: "B", Why: "x"},
			"field: required":          {Value: "B", Why: "x"},
			"field: choice ":           {Field: "name", Result: bank.RecordRef{Institution: "A", Reference: "R1"}, Value: "B", Why: "x"},
			"value: required":          {Field: "name", Value: "  ", Why: "x"},
			"why: required":            {Field: "name", Value: "x"},
			"why: too_long":            {Field: "name", Value: "x", Why: strings.Repeat("长", 501)},
			"value: control_character": {Field: "name", Value: "a\nb", Why: "x"},
			"value: date":              {Field: "birth_date", Value: "yesterday", Why: "x"},
			"value: birth_date":        {Field: "birth_date", Value: "2005-03-05", Why: "x"},
			"value: id_number":         {Field: "id_number", Value: "000000200503040010", Why: "x"},
			"value: school_number":     {Field: "school_number", Value: "123", Why: "x"},
			"value: choice":            {Field: "gender", Value: "x", Why: "x"},
			"value: too_long":          {Field: "phone", Value: strings.Repeat("1", 41), Why: "x"},
		} {
			_, err := b.RequestCorrection(ctx, learnerO3, in)
			wantCode(t, want, err, bank.Invalid)
			if err == nil || !strings.HasSuffix(err.Error(), "; "+strings.TrimSpace(want)) {
				t.Errorf("%+v: %v, want %s", in, err, want)
			}
		}
		// A number that another has is found out by the school, not by the learner.
		id := corrected(t, b, learnerO2, bank.NewCorrection{Field: "id_number", Value: "X-0001", Why: "x"})
		err := b.DecideCorrection(ctx, registrarOf("A"), id, true, "")
		wantCode(t, "another's number", err, bank.Invalid)
		if my, err := b.MyRecord(ctx, learnerO2, bank.Window{}); err != nil || my.IDNumber != "X-0002" {
			t.Errorf("%+v, %v", my, err)
		}
		if list, err := b.MyCorrections(ctx, learnerO2); err != nil || list[0].State != bank.CorrectionOpen {
			t.Errorf("%+v, %v", list, err)
		}
		for range 19 {
			corrected(t, b, learnerO2, bank.NewCorrection{Field: "phone", Value: "1", Why: "x"})
		}
		_, err = b.RequestCorrection(ctx, learnerO2, bank.NewCorrection{Field: "phone", Value: "1", Why: "x"})
		wantCode(t, "the 21st", err, bank.Conflict)
		for _, actor := range []bank.Actor{bank.Visitor, registrarOf("A"), administrator} {
			_, err := b.RequestCorrection(ctx, actor, bank.NewCorrection{Field: "phone", Value: "1", Why: "x"})
			wantCode(t, actor.Name, err, bank.Denied)
			wantCode(t, actor.Name, b.WithdrawCorrection(ctx, actor, id), bank.Denied)
		}
	})
}

// What an identity number says follows it.
func TestCorrectedNumberBringsItsDay(t *testing.T) {
	onBothOwned(t, func(t *testing.T, b *bank.Bank) {
		ctx := context.Background()
		text(t, b, "learners", "account,name,id_type,id_number,birth_date,gender,institution\nO3,Zhao,resident_id,00000020050304001X,2005-03-04,male,A\nO4,Qian,,,,,\n")
		learnerO3 := bank.Actor{Name: "u:o3", Roles: bank.IsLearner, Login: "o3", Learner: "O3"}
		id := corrected(t, b, learnerO3, bank.NewCorrection{Field: "id_number", Value: "000000200603040025", Why: "x"})
		if err := b.DecideCorrection(ctx, registrarOf("A"), id, true, ""); err != nil {
			t.Fatal(err)
		}
		my, err := b.MyRecord(ctx, learnerO3, bank.Window{})
		if err != nil || my.IDNumber != "000000200603040025" || my.Born.String() != "2006-03-04" || my.Gender != "female" {
			t.Errorf("%+v, %v", my, err)
		}
		// A learner of no school asks the bank.
		learnerO4 := bank.Actor{Name: "u:o4", Roles: bank.IsLearner, Login: "o4", Learner: "O4"}
		id = corrected(t, b, learnerO4, bank.NewCorrection{Field: "email", Value: "qian@example.org", Why: "x"})
		if got := asksOf(t, b, administrator); got != id {
			t.Errorf("the bank sees %q", got)
		}
		if err := b.DecideCorrection(ctx, administrator, id, true, "done"); err != nil {
			t.Fatal(err)
		}
	})
}

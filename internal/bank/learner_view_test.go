package bank_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
)

const seenLearners = "account,name,id_type,id_number,school_number,birth_date,institution,phone,email\n" +
	"S1,阿依古丽·买买提,resident_id,000000201001010018,G000000201001010018,2010-01-01,A,000-5550-1234,ayi@example.org\n" +
	"S2,阿依努尔,passport,E12345678,,2005-01-01,A,,x@example.org\n" +
	"S3,阿依古丽·买买提,other,12,,,B,12,\n" +
	"S4,Ann  Lee,hk_macao_permit,E12345678,,,A,+86 000 5550 1234,broken\n"

func TestLearnersAreSeenMasked(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		text(t, b, "learners", seenLearners)
		for account, want := range map[string]bank.Person{
			"S1": {Name: "阿依古丽·买买提", IDType: "resident_id", IDNumber: "000000********0018", SchoolNumber: "G000000********0018", Phone: "000********34", Email: "a**@example.org"},
			"S2": {Name: "阿依努尔", IDType: "passport", IDNumber: "E******78", Email: "*@example.org"},
			"S3": {Name: "阿依古丽·买买提", IDType: "other", IDNumber: "**", Phone: "**"},
			"S4": {Name: "Ann  Lee", IDType: "hk_macao_permit", IDNumber: "E******78", Phone: "+86************34", Email: "******"},
		} {
			want.Born = calendar.None
			v, err := b.ViewLearner(ctx, operator, account)
			if err != nil || v.Person != want || v.Account != account {
				t.Errorf("%s: %+v, %v, want %+v", account, v, err, want)
			}
		}
	})
}

func TestWhoSeesWhoALearnerIs(t *testing.T) {
	onBothRaw(t, func(t *testing.T, b *bank.Bank, raw *sql.DB) {
		small(t, b)
		text(t, b, "learners", seenLearners)
		text(t, b, "records", "learner,reference,institution,course,grade,completed_on\nS1,R1,B,b1,81,2024-06-25\n")
		system := bank.Actor{Name: "token", Roles: bank.IsSystem, Scopes: bank.MayRead, Institution: "A"}
		decider := bank.Actor{Name: "u:d", Login: "d", Roles: bank.IsDecider, Institution: "A"}
		for who, c := range map[string]struct {
			actor bank.Actor
			want  bank.Code
		}{
			"operator": {operator, ""}, "administrator": {administrator, ""}, "auditor": {auditor, ""},
			"registrar": {registrarOf("A"), ""}, "decider": {decider, ""}, "system": {system, ""},
			"the learner":          {bank.Actor{Name: "u:s1", Login: "s1", Roles: bank.IsLearner, Learner: "S1"}, ""},
			"another learner":      {bank.Actor{Name: "u:s2", Login: "s2", Roles: bank.IsLearner, Learner: "S2"}, bank.NotFound},
			"a school that issued": {registrarOf("B"), bank.NotFound},
			"an expert":            {bank.Actor{Name: "u:e", Login: "e", Roles: bank.IsExpert, Institution: "A"}, bank.Denied},
			"a system that writes": {bank.Actor{Name: "token", Roles: bank.IsSystem, Scopes: bank.MayDeposit, Institution: "A"}, bank.Denied},
			"anyone":               {bank.Visitor, bank.Denied},
		} {
			_, err := b.ViewLearner(ctx, c.actor, "S1")
			wantCode(t, who+" views", err, c.want)
			p, err := b.RevealLearner(ctx, c.actor, "S1", "to compare a document")
			wantCode(t, who+" reveals", err, c.want)
			if (p.IDNumber == "000000201001010018") != (c.want == "") {
				t.Errorf("%s is shown %+v", who, p)
			}
		}
		_, err := b.ViewLearner(ctx, operator, "S9")
		wantCode(t, "nobody", err, bank.NotFound)
		for _, purpose := range []string{"", "  x  ", strings.Repeat("x", 201), "line\x00", "the number 000000 2010 0101 0018 x", "for 阿依古丽•买买提", "mail to AYI@example.org"} {
			_, err := b.RevealLearner(ctx, registrarOf("A"), "S1", purpose)
			wantCode(t, fmt.Sprintf("purpose %q", purpose), err, bank.Invalid)
		}
		var looks int
		if err := raw.QueryRow("SELECT count(*) FROM audit WHERE subject = 'S1' AND object = 'numbers' AND purpose = 'to compare a document'").Scan(&looks); err != nil || looks != 6 {
			t.Errorf("%d looks are noted: %v", looks, err)
		}
	})
}

func TestLearnersAreFound(t *testing.T) {
	onBothRaw(t, func(t *testing.T, b *bank.Bank, raw *sql.DB) {
		small(t, b)
		text(t, b, "learners", seenLearners)
		for what, c := range map[string]struct {
			actor bank.Actor
			q     bank.LearnerQuery
			want  string
		}{
			"all of the bank":                {auditor, bank.LearnerQuery{}, "S1 S2 S3 S4"},
			"all of a school":                {registrarOf("A"), bank.LearnerQuery{}, "S1 S2 S4"},
			"a number, as it is typed":       {registrarOf("A"), bank.LearnerQuery{Number: " ００００００ 20100101 0018 "}, "S1"},
			"a school number":                {auditor, bank.LearnerQuery{Number: "g000000201001010018"}, "S1"},
			"a number of two documents":      {auditor, bank.LearnerQuery{Number: "e12345678"}, "S2 S4"},
			"a number of another school":     {registrarOf("A"), bank.LearnerQuery{Number: "12"}, ""},
			"an account":                     {registrarOf("A"), bank.LearnerQuery{Account: " S2 "}, "S2"},
			"an account of another school":   {registrarOf("A"), bank.LearnerQuery{Account: "S3"}, ""},
			"a name in the bank":             {auditor, bank.LearnerQuery{Name: "阿依古丽・买买提"}, "S1 S3"},
			"the beginning of one":           {auditor, bank.LearnerQuery{Name: "阿依古丽"}, ""},
			"the beginning within a school":  {registrarOf("A"), bank.LearnerQuery{Name: "阿依"}, "S1 S2"},
			"the beginning of a later part":  {registrarOf("A"), bank.LearnerQuery{Name: "买买"}, "S1"},
			"a name in another case":         {registrarOf("A"), bank.LearnerQuery{Name: "ann lee"}, "S4"},
			"both":                           {registrarOf("A"), bank.LearnerQuery{Name: "阿依", Number: "E12345678"}, "S2"},
			"what looks like a pattern":      {registrarOf("A"), bank.LearnerQuery{Name: "%"}, ""},
			"what looks like a quoted value": {auditor, bank.LearnerQuery{Account: "' OR 1=1 --"}, ""},
		} {
			page, err := b.FindLearners(ctx, c.actor, c.q, bank.Window{})
			if got := accountsIn(page); err != nil || got != c.want || page.Total != len(page.Items) {
				t.Errorf("%s: %s of %d, %v, want %s", what, got, page.Total, err, c.want)
			}
			for _, v := range page.Items {
				if strings.Contains(v.IDNumber, "12345") || v.Born != calendar.None {
					t.Errorf("%s shows %+v", what, v)
				}
			}
		}
		first, err := b.FindLearners(ctx, auditor, bank.LearnerQuery{}, bank.Window{Limit: 3})
		if err != nil || accountsIn(first) != "S1 S2 S3" || first.Total != 4 {
			t.Fatalf("%+v, %v", first, err)
		}
		if rest, err := b.FindLearners(ctx, auditor, bank.LearnerQuery{}, bank.Window{Limit: 3, Cursor: first.Next}); err != nil || accountsIn(rest) != "S4" || rest.Next != "" {
			t.Errorf("%+v, %v", rest, err)
		}
		for who, actor := range map[string]bank.Actor{"anyone": bank.Visitor, "a learner": {Name: "u:s1", Login: "s1", Roles: bank.IsLearner, Learner: "S1"},
			"an expert": {Name: "u:e", Login: "e", Roles: bank.IsExpert, Institution: "A"}} {
			_, err := b.FindLearners(ctx, actor, bank.LearnerQuery{}, bank.Window{})
			wantCode(t, who, err, bank.Denied)
		}
		var said int
		if err := raw.QueryRow("SELECT count(*) FROM audit WHERE action = 'learner.search' AND (detail || object || purpose LIKE '%阿依%' OR detail || object || purpose LIKE '%1234%')").Scan(&said); err != nil || said > 0 {
			t.Errorf("%d rows of the audit log say for whom: %v", said, err)
		}
	})
}

func accountsIn(page bank.Page[bank.LearnerView]) string {
	var accounts []string
	for _, v := range page.Items {
		accounts = append(accounts, v.Account)
	}
	return strings.Join(accounts, " ")
}

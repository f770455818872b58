package transfer_test

import (
	"testing"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// Programme over institution over bank, field by field, on the day.
func TestInForce(t *testing.T) {
	s := draw(t)
	at := func(scope transfer.Scope, institution, programme string) transfer.Place {
		return transfer.Place{Scope: scope, Institution: institution, Programme: programme}
	}
	wide, school, own := at(transfer.ScopeBank, "", ""), at(transfer.ScopeInstitution, home, ""), at(transfer.ScopeProgramme, home, "P1")
	s.facts.Policies = []transfer.Policy{
		{Place: wide, From: 10, MinGrade: 6000, Validity: 8, MaxRise: 2}, {Place: wide, From: 20, MinGrade: 6500, Validity: -1, MaxRise: -1},
		{Place: school, From: 15, MinGrade: transfer.NoScore, Validity: 5, MaxRise: -1}, {Place: own, From: 30, MinGrade: 7000, Validity: -1, MaxRise: -1},
	}
	s.facts.Caps = []transfer.Cap{
		{Place: wide, From: 10, Kind: transfer.CapTotal, Credits: 5000, Share: -1}, {Place: school, From: 20, Kind: transfer.CapTotal, Credits: 4000, Share: -1},
		{Place: wide, From: 10, Kind: transfer.CapSourceKind, Key: "work", Credits: 800, Share: -1},
	}
	m := transfer.Compile(s.facts)
	key := transfer.ProgrammeKey{Institution: home, Code: "P1"}
	for _, c := range []struct {
		on                      calendar.Day
		grade                   credit.Score
		gradeFrom, validityFrom transfer.Scope
		total                   credit.Amount
	}{{10, 6000, transfer.ScopeBank, transfer.ScopeBank, 5000}, {20, 6500, transfer.ScopeBank, transfer.ScopeInstitution, 4000}, {30, 7000, transfer.ScopeProgramme, transfer.ScopeInstitution, 4000}} {
		in := m.InForce(key, c.on)
		if in.MinGrade == nil || in.MinGrade.MinGrade != c.grade || in.MinGrade.Scope != c.gradeFrom || in.Validity.Scope != c.validityFrom || len(in.Caps) != 2 || in.Caps[1].Credits != c.total {
			t.Errorf("on day %d: %+v %+v", c.on, in, in.MinGrade)
		}
	}
	if in := m.InForce(key, 9); in.MinGrade != nil || in.Validity != nil || in.MaxRise != nil || len(in.Caps) != 0 {
		t.Errorf("before any: %+v", in)
	}
}

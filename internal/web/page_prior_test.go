package web

import (
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// outcomes gives a course learning outcomes, each in a competence of its own.
func (s *site) outcomes(t testing.TB, school, code string, competences ...string) {
	t.Helper()
	by := bank.Actor{Name: "u:writer", Login: "writer", Roles: bank.IsRegistrar, Institution: school}
	detail, err := s.bank.CourseDetail(t.Context(), transfer.CourseKey{Institution: school, Code: code}, s.bank.Today())
	if err == nil {
		for _, competence := range competences {
			detail.Outcomes = append(detail.Outcomes, bank.Outcome{Competence: competence, Level: 4, Text: "能独立完成" + competence})
		}
		_, err = s.bank.SaveCourse(t.Context(), by, detail.CourseEdit, detail.Stamp)
	}
	if err != nil {
		t.Fatal(err)
	}
}

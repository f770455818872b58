package web

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// The lists of the pages for everybody.

// ruleList are rules as the file of equivalences has them.
func ruleList(say Speaker, name, next string, rules []ruleView) listing {
	return kindList(say, name, next, len(rules), func(context.Context) (rows [][]string, err error) {
		for i := range rules {
			rows = append(rows, rules[i].Cells()...)
		}
		return rows, nil
	})
}

// programmeFile are programmes as their file has them.
func programmeFile(say Speaker, next string, programmes []bank.ProgrammeInfo) listing {
	return kindList(say, "programmes", next, len(programmes), func(context.Context) (rows [][]string, err error) {
		for i := range programmes {
			rows = append(rows, programmes[i].Cells())
		}
		return rows, nil
	})
}

// courseFile are courses, in all their versions, as their file has them.
func (s *Server) courseFile(courses []bank.CourseInfo) func(context.Context) ([][]string, error) {
	return func(ctx context.Context) ([][]string, error) {
		keys := make([]transfer.CourseKey, len(courses))
		for i, c := range courses {
			keys[i] = c.CourseKey
		}
		return s.bank.CourseRows(ctx, keys)
	}
}

func (v mapView) lists(say Speaker) []listing {
	return []listing{ruleList(say, "equivalences", v.Pager.Next, v.Rules)}
}

func (v institutionView) lists(say Speaker) []listing {
	return []listing{programmeFile(say, "", v.ProgrammeList), kindList(say, "courses", v.Pager.Next, len(v.CourseList), v.courseRows)}
}

func (v programmeView) lists(say Speaker) []listing {
	rows := v.PlanRows()
	return []listing{kindList(say, "plans", "", len(rows), already(rows))}
}

func (v courseView) lists(say Speaker) []listing {
	return []listing{ruleList(say, "takes", "", v.Takes), ruleList(say, "gives", "", v.Gives)}
}

func (v pairView) lists(say Speaker) (all []listing) {
	for _, way := range v.Ways {
		all = append(all, ruleList(say, way.ID, "", way.Rules))
	}
	return all
}

func (p agreementsPage) lists(say Speaker) []listing { return agreementLists(say, p.Items) }

func (p schoolAgreementsPage) lists(say Speaker) []listing { return agreementLists(say, p.Items) }

func agreementLists(say Speaker, rows []agreementRow) []listing {
	return []listing{listOf(say, "agreements", "", rows, func(r agreementRow) []string {
		return []string{r.ID, r.Content.Name, say.Say("agreement.state."+r.State, nil), schoolNames(say, r.Schools), r.Content.From.String(), r.Content.To.String(),
			strconv.Itoa(len(r.Content.Rules)), strconv.Itoa(r.Missing)}
	})}
}

// schoolNames are the names of schools one behind the other.
func schoolNames(say Speaker, schools []bank.InstitutionInfo) string {
	var names []string
	for _, in := range schools {
		names = append(names, say.Name(in.Name, in.NameEn))
	}
	return strings.Join(names, " · ")
}

// orBank is the name of a school; that of the bank for none.
func orBank(say Speaker, school bank.InstitutionInfo) string {
	if school.Code == "" {
		return say.Say("message.bank", nil)
	}
	return say.Name(school.Name, school.NameEn)
}

// counted is a number of a table; empty where there is none.
func counted(n int) string {
	if n < 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (p deadlinePage) lists(say Speaker) []listing {
	figures := listOf(say, "deadlines", "", p.Figures, func(r deadlineRow) []string {
		return []string{orBank(say, r.School), counted(r.Share()), counted(r.Median), counted(r.Done), counted(r.Open), counted(r.OnTime.Overdue)}
	})
	if p.desk.Here == "" {
		return []listing{figures}
	}
	overdue := listOf(say, "overdue", p.Pager.Next, p.Overdue, func(r overdueRow) []string {
		return []string{r.Object, say.Say("clock."+r.Kind, nil), orBank(say, r.School), r.Due.String()}
	})
	return []listing{overdue, figures}
}

// lists are the programmes of a ranking.
func (v *rankingView) lists(say Speaker) []listing {
	if v == nil {
		return nil
	}
	return []listing{listOf(say, "ranking", v.Pager.Next, v.Rows, func(r rankRow) []string {
		st := r.Standing
		return []string{say.Name(r.Programme.Name, r.Programme.NameEn), say.Name(r.Institution.Name, r.Institution.NameEn), say.Say("kind."+r.Institution.Kind, nil),
			st.Applied.String(), st.Required.String(), st.Transferable.String(), r.Bar.Missing.String()}
	})}
}

func (v homePage) lists(say Speaker) []listing { return v.Ranking.lists(say) }

func (v optionsView) lists(say Speaker) []listing { return v.Ranking.lists(say) }

// rolesText are roles in words.
func rolesText(say Speaker, roles []string) string {
	words := slices.Clone(roles)
	for i, role := range words {
		words[i] = say.Say("role."+role, nil)
	}
	return strings.Join(words, " · ")
}

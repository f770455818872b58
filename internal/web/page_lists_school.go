package web

import (
	"context"
	"strconv"
	"strings"

	"creditbank/internal/bank"
)

// The lists of the desks of schools and of the bank.

func (p courseListPage) lists(say Speaker) []listing {
	return []listing{kindList(say, "courses", p.Pager.Next, len(p.Courses), p.rows)}
}

func (p programmeListPage) lists(say Speaker) []listing {
	programmes := make([]bank.ProgrammeInfo, len(p.Programmes))
	for i, row := range p.Programmes {
		programmes[i] = row.ProgrammeInfo
	}
	return []listing{programmeFile(say, p.Pager.Next, programmes)}
}

func (p changePage) lists(say Speaker) []listing {
	flags := listOf(say, "flags", "", p.Flags, func(r flagRow) []string {
		var courses []string
		for _, change := range r.Changes {
			courses = append(courses, say.Name(change.Name, change.NameEn)+" "+change.Code)
		}
		return []string{r.Code, strconv.Itoa(r.Version), say.Name(r.School.Name, r.School.NameEn), strings.Join(courses, " · ")}
	})
	return []listing{listOf(say, "changes", p.Pager.Next, p.Changes, func(r changeRow) []string {
		return []string{r.Code, say.Name(r.Name, r.NameEn), say.Say("course.made."+r.Kind, nil), r.From.String(), changedText(say, r.Fields), strconv.Itoa(r.Rules),
			strconv.Itoa(r.Programmes), strconv.Itoa(r.Learners), strconv.Itoa(r.Open), r.Called, momentText(r.Made)}
	}), flags}
}

// changedText says what fields of a course were and are.
func changedText(say Speaker, fields []bank.FieldChange) string {
	var parts []string
	for _, f := range fields {
		part := say.Say("course.field."+f.Field, nil)
		if f.Old+f.New != "" {
			part += " " + f.Old + " → " + f.New
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " · ")
}

func (p learnersPage) lists(say Speaker) []listing {
	return []listing{listOf(say, "learners", p.Next, p.Learners, func(l bank.LearnerView) []string {
		return []string{l.Account, l.Name, l.IDNumber, l.SchoolNumber}
	})}
}

func (p classListPage) lists(say Speaker) []listing {
	return []listing{listOf(say, "class", p.Next, p.Rows, func(r classRow) []string {
		var absent []string
		for _, lack := range r.Lacks {
			absent = append(absent, say.Say("classes.lacks."+lack, nil))
		}
		entered := ""
		if r.Year != 0 {
			entered = strconv.Itoa(r.Year)
		}
		return []string{r.Account, r.Name, r.SchoolNumber, r.Programme.Code, say.Name(r.Programme.Name, r.Programme.NameEn), entered,
			strconv.Itoa(r.Results), r.Available.String(), strings.Join(absent, " · ")}
	})}
}

// resultList are results as the file of records has them.
func resultList(say Speaker, name, next string, rows []resultRow) listing {
	return kindList(say, name, next, len(rows), func(context.Context) (table [][]string, err error) {
		for i := range rows {
			table = append(table, rows[i].Cells())
		}
		return table, nil
	})
}

func (p learnerPage) lists(say Speaker) []listing {
	return []listing{resultList(say, "records", p.resultsNext, p.Results), listOf(say, "entries", p.entriesNext, p.Entries, func(e bank.Entry) []string {
		return []string{strconv.FormatInt(e.Number, 10), say.Say("entry."+e.Kind.String(), nil), e.Record.Reference, e.Amount.String()}
	})}
}

func (p peoplePage) lists(say Speaker) []listing {
	people := listOf(say, "people", p.Pager.Next, p.People, func(r staffRow) []string {
		return []string{r.Called, r.Name, seatsText(say, r.Seats), momentText(r.LastSeen), yesText(say, r.TOTP || r.Passkeys > 0), yesText(say, r.Disabled)}
	})
	return []listing{people, listOf(say, "invitations", "", p.Open, func(r invitationRow) []string {
		return []string{r.Name, seatsText(say, r.Seats), momentText(r.Expires)}
	})}
}

// seatsText are roles with the schools at which they are.
func seatsText(say Speaker, seats []seat) string {
	var parts []string
	for _, s := range seats {
		parts = append(parts, strings.TrimSpace(rolesText(say, s.Role.Names())+" "+say.Name(s.School.Name, s.School.NameEn)))
	}
	return strings.Join(parts, " · ")
}

// yesText is yes or no.
func yesText(say Speaker, yes bool) string {
	return say.Say(map[bool]string{true: "listed.yes", false: "listed.no"}[yes], nil)
}

func (p correctionPage) lists(say Speaker) []listing {
	return []listing{listOf(say, "corrections", p.Pager.Next, append(p.Open[:len(p.Open):len(p.Open)], p.Closed...), func(r correctionRow) []string {
		about := r.Result.Reference
		if r.Field != "" {
			about = say.Say("mend.field."+r.Field, nil)
		}
		if r.State != bank.CorrectionOpen { // of one that is closed the page says no more than what became of it
			return []string{r.Account, about, "", "", say.Say("mend.state."+r.State, nil), "", r.Answer, momentText(r.Decided)}
		}
		return []string{r.Account, about, r.Value, r.Why, say.Say("mend.state."+r.State, nil), momentText(r.Made), "", ""}
	})}
}

func (p proposalPage) lists(say Speaker) []listing {
	return []listing{listOf(say, "proposals", p.Pager.Next, append(p.Open[:len(p.Open):len(p.Open)], p.Closed...), func(r proposalRow) []string {
		var about []string
		for _, name := range bank.ProposalArgs(r.Kind) {
			if value := r.Args[name]; value != "" {
				about = append(about, say.Say("proposal.arg."+name, nil)+" "+r.Called(value))
			}
		}
		return []string{r.ID, say.Say("proposal.kind."+r.Kind, nil), strings.Join(about, " · "), r.Reason, say.Say("proposal.state."+r.State, nil), r.Called(r.By), momentText(r.Made),
			r.Called(r.DecidedBy), momentText(r.Decided), r.Answer}
	})}
}

func (p inboxPage) lists(say Speaker) []listing {
	return []listing{applicationList(say, p.Pager.Next, p.Rows)}
}

func applicationList(say Speaker, next string, rows []applicationRow) listing {
	return listOf(say, "applications", next, rows, func(r applicationRow) []string {
		given := ""
		if r.Given != 0 {
			given = r.Given.String()
		}
		return []string{r.ID, r.To.Code, say.Name(r.Programme.Name, r.Programme.NameEn), say.Name(r.Institution.Name, r.Institution.NameEn), r.Name,
			say.Say("application.state."+r.State, nil), r.Planned.String(), given, momentText(r.Submitted), r.Due.String()}
	})
}

func (p importsPage) lists(say Speaker) []listing {
	return []listing{listOf(say, "imports", p.Pager.Next, p.Items, func(r importRow) []string {
		c := r.Counts
		rows := r.Rows
		if c.Rows > 0 {
			rows = int64(c.Rows)
		}
		return []string{r.ID, word(say, "import.kind_", r.Kind), word(say, "import.state_", r.State), strconv.FormatInt(rows, 10), strconv.Itoa(c.New),
			strconv.Itoa(c.Unchanged), strconv.Itoa(c.Updated), strconv.Itoa(c.Refused), momentText(r.Made), r.Called, r.Institution}
	})}
}

// word is the sentence of a code.
func word(say Speaker, prefix, code string) string { return say.Say(prefix+code, nil) }

func (p messagePage) lists(say Speaker) []listing {
	return []listing{listOf(say, "messages", p.Pager.Next, p.Items, func(r messageRow) []string {
		return []string{momentText(r.Made), r.Text, say.Name(r.School.Name, r.School.NameEn), momentText(r.Read)}
	})}
}

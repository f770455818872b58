package web

import (
	"strconv"
	"strings"

	"creditbank/internal/bank"
)

// The lists of the work on the map.

func (p evaluationPage) lists(say Speaker) []listing {
	return []listing{listOf(say, "evaluations", p.Pager.Next, p.Rows, func(r evaluationRow) []string {
		experts := ""
		if r.Experts > 0 {
			experts = strconv.Itoa(r.Experts)
		}
		return []string{r.Code, strconv.Itoa(r.Version), r.Means, say.Say("evaluation.state."+r.State, nil), strconv.Itoa(r.Days), r.Due.String(), schoolNames(say, r.Waits), experts}
	})}
}

func (p requestPage) lists(say Speaker) []listing {
	return []listing{requestList(say, p.Pager.Next, p.Rows)}
}

func (v requestView) lists(say Speaker) []listing {
	return []listing{requestList(say, v.Pager.Next, v.Rows)}
}

func requestList(say Speaker, next string, rows []requestRow) listing {
	return listOf(say, "requests", next, rows, func(r requestRow) []string {
		return []string{courseText(say, r.From), say.Name(r.From.InstitutionName, r.From.InstitutionNameEn), courseText(say, r.Target), say.Name(r.Where.Name, r.Where.NameEn),
			say.Name(r.Where.InstitutionName, r.Where.InstitutionNameEn), say.Say("request.state."+r.State, nil), r.Text, r.Answer, momentText(r.Made), strconv.Itoa(r.AskedBy)}
	})
}

// courseText is the name of a course.
func courseText(say Speaker, c bank.CourseInfo) string {
	return say.Name(c.Current.Name, c.Current.NameEn)
}

func (p suggestionPage) lists(say Speaker) []listing {
	worth := listOf(say, "worth", "", p.Worth, func(w bank.SuggestionWorth) []string {
		return []string{say.Say("suggestion.kind."+w.Kind, nil), strconv.Itoa(w.Begun), strconv.Itoa(w.Published), strconv.Itoa(w.Turned), strconv.Itoa(w.NotApt)}
	})
	return []listing{listOf(say, "suggestions", p.Pager.Next, p.Rows, func(r suggestionRow) []string {
		likeness := ""
		if r.Likeness > 0 {
			likeness = strconv.Itoa(r.Likeness)
		}
		return []string{say.Say("suggestion.kind."+r.Kind, nil), likeness, r.Source.Code, courseText(say, r.Source), say.Name(r.Source.InstitutionName, r.Source.InstitutionNameEn),
			r.Target.Code, courseText(say, r.Target), say.Name(r.Target.InstitutionName, r.Target.InstitutionNameEn)}
	}), worth}
}

func (p findingPage) lists(say Speaker) []listing {
	return []listing{listOf(say, "findings", p.Pager.Next, p.Rows, func(r findingRow) []string {
		var rules []string
		for _, rule := range r.findingView.Rules {
			rules = append(rules, rule.Code+"@"+strconv.Itoa(rule.Version))
		}
		return []string{say.Say("lint_class."+string(r.findingView.Class), nil), strings.Join(rules, " "), r.Text, orBank(say, r.Owner), r.Kept, r.Until.String(), r.Reason}
	})}
}

// lists are the pairs of the page; in the file there are more of them.
func (p coveragePage) lists(say Speaker) []listing {
	return []listing{coverageList(say, p.Rows, p.Classes)}
}

// coverageList has a row for each class of a pair in which there are learners.
func coverageList(say Speaker, pairs []coverageRow, classes []string) listing {
	type line struct {
		coverageRow
		coverageCell
		class string
	}
	var lines []line
	for _, row := range pairs {
		for i, cell := range row.Cells {
			if cell.Learners > 0 {
				lines = append(lines, line{row, cell, classes[i]})
			}
		}
	}
	return listOf(say, "coverage", "", lines, func(l line) []string {
		return []string{l.From.Code, say.Name(l.From.Name, l.From.NameEn), l.To.Code, say.Name(l.To.Name, l.To.NameEn), say.Say(l.class, nil),
			strconv.Itoa(l.Learners), strconv.Itoa(l.Courses), strconv.Itoa(l.Evaluated), strconv.Itoa(l.coverageCell.Unserved())}
	})
}

func (p workPage) lists(say Speaker) []listing {
	return []listing{
		listOf(say, "oldest", "", p.Oldest, func(r workCase) []string {
			return []string{r.ID, r.Means, say.Say("evaluation.state."+r.State, nil), momentText(r.Moved)}
		}),
		listOf(say, "aged", "", p.Aged, func(r workRule) []string {
			return []string{r.Code, say.Name(r.Owner.Name, r.Owner.NameEn), r.Since.String()}
		}),
		listOf(say, "pairs", "", p.NoRules, func(r coverageRow) []string {
			return []string{r.From.Code, say.Name(r.From.Name, r.From.NameEn), r.To.Code, say.Name(r.To.Name, r.To.NameEn), strconv.Itoa(r.Unserved)}
		}),
	}
}

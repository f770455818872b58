package web

import (
	"strconv"
	"strings"

	"creditbank/internal/bank"
)

// The lists of the pages of the bank alone.

func (v auditView) lists(Speaker) []listing {
	return []listing{{name: "audit", count: len(v.Rows), whole: v.export}}
}

func (p tokenPage) lists(say Speaker) []listing {
	return []listing{listOf(say, "tokens", "", p.Tokens, func(r tokenRow) []string {
		var scopes []string
		for _, scope := range r.Scopes.Names() {
			scopes = append(scopes, say.Say("token.scope."+scope, nil))
		}
		state := "listed.valid"
		if r.Revoked {
			state = "token.revoked"
		} else if r.Over {
			state = "token.over"
		}
		return []string{r.ID, r.Name, say.Name(r.School.Name, r.School.NameEn), strings.Join(scopes, " · "), r.Expires.String(), say.Say(state, nil), r.Used.String(), r.Maker}
	})}
}

func (p retentionPage) lists(say Speaker) []listing {
	return []listing{listOf(say, "retention", "", p.Rules, func(r bank.RetentionRule) []string {
		return []string{say.Say("retention."+r.What, nil), strconv.Itoa(r.Days), strconv.Itoa(r.Least), strconv.Itoa(r.Most), strconv.Itoa(r.Default)}
	})}
}

func (p policyPage) lists(say Speaker) []listing {
	return []listing{listOf(say, "policies", p.Pager.Next, p.Versions, func(r policyRow) []string {
		kind, about, terms := say.Say("proposal.file.policies", nil), "", []string{}
		if r.IsCap {
			kind, about = say.Say("proposal.file.caps", nil), strings.TrimSpace(say.Say("proposal.cap."+string(r.Kind), nil)+" "+r.Key)
		}
		for _, f := range r.Given {
			terms = append(terms, say.Say("proposal.arg."+f.Name, nil)+" "+f.Value)
		}
		if r.Lifted() {
			terms = []string{say.Say("policies.lifted", nil)}
		}
		return []string{kind, about, say.Say("proposal.scope."+string(r.Scope), nil), r.Place, r.From.String(), r.Until.String(), say.Say("policies.state."+r.State, nil), strings.Join(terms, " · ")}
	})}
}

// lists are the days of the calendar that are not what their weekday makes them, as the
// file of the calendar has them.
func (p calendarPage) lists(say Speaker) []listing {
	var rows [][]string
	for _, year := range p.Years {
		for _, month := range year.Months {
			for _, week := range month.Weeks {
				for _, cell := range week {
					if cell.Kind != "" {
						rows = append(rows, []string{cell.Day.String(), cell.Kind, cell.Name})
					}
				}
			}
		}
	}
	return []listing{kindList(say, "holidays", "", len(rows), already(rows))}
}

func (p statisticsPage) lists(say Speaker) []listing {
	kind := func(k string) string { return say.Say("kind."+k, nil) }
	all := []listing{
		listOf(say, "flows", "", p.Flows, func(f bank.Flow) []string {
			return []string{kind(f.From), kind(f.To), strconv.Itoa(f.Results), f.Deposited.String(), f.Worth.String()}
		}),
		listOf(say, "idle", "", p.Idle, func(k bank.KindCredits) []string {
			return []string{kind(k.Kind), strconv.Itoa(k.Results), k.Credits.String()}
		}),
		listOf(say, "times", "", p.Times, func(t timeRow) []string {
			return []string{t.Institution, t.Name, strconv.Itoa(t.Decided), t.Median, t.Slow, strconv.Itoa(t.Waiting)}
		}),
		listOf(say, "verified", "", p.Verified, func(v verifiedRow) []string {
			return []string{v.Name, strconv.Itoa(v.HandedIn), strconv.Itoa(v.Accepted), strconv.Itoa(v.Refused), strconv.Itoa(v.Withdrawn), strconv.Itoa(v.Waiting()), v.Share, v.Median, v.Slow}
		}),
	}
	for _, table := range []struct {
		name string
		rows []acceptedRow
	}{{"origins", p.Origins}, {"deciders", p.Deciders}} {
		l := listOf(say, table.name, "", table.rows, func(o acceptedRow) []string {
			cells := []string{o.Name, strconv.Itoa(o.Total), o.Share}
			for _, count := range o.Outcomes {
				cells = append(cells, strconv.Itoa(count))
			}
			return cells
		})
		for _, outcome := range p.Ladder() {
			l.heads = append(l.heads, say.Say("application.item."+outcome, nil))
		}
		all = append(all, l)
	}
	return all
}

func (p impactPage) lists(say Speaker) []listing {
	return []listing{listOf(say, "impact", "", p.Impact.Most, func(m bank.ProgrammeImpact) []string {
		t := m.Tally
		return []string{m.Institution, m.Code, strconv.Itoa(t.Gaining), strconv.Itoa(t.Losing), t.Gained.String(), t.Lost.String(), t.More.String(), t.Fewer.String()}
	})}
}

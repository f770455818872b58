package web

import (
	"strconv"

	"creditbank/internal/bank"
)

// The lists of a learner's own pages, and of whoever is signed in.

func (v recordView) lists(say Speaker) []listing {
	return []listing{resultList(say, "records", v.Pager.Next, v.Rows)}
}

func (v entriesView) lists(say Speaker) []listing {
	return []listing{listOf(say, "my_entries", v.Next, v.Items, func(e entryRow) []string {
		return []string{strconv.FormatInt(e.Number, 10), e.Moment, say.Say("entry."+e.Kind.String(), nil), say.Say("place."+e.From, nil), say.Say("place."+e.To, nil), e.Amount.String(), e.Record.Reference}
	})}
}

func (v looksView) lists(say Speaker) []listing {
	return []listing{listOf(say, "looks", v.Next, v.Items, func(l ownLook) []string {
		school := say.Name(l.School.Name, l.School.NameEn)
		if school == "" {
			school = say.Say("my.bank", nil)
		}
		return []string{momentText(l.At), school, rolesText(say, l.Roles), l.Who, say.Say("look."+l.What, nil), l.Purpose}
	})}
}

func (v grantsView) lists(say Speaker) []listing {
	return []listing{listOf(say, "grants", "", append(v.Running[:len(v.Running):len(v.Running)], v.Over...), func(r grantRow) []string {
		whom, scope := say.Name(r.School.Name, r.School.NameEn), schoolNames(say, r.Issuers)
		if whom == "" {
			whom = say.Say("my.a_link", nil)
		}
		if r.Whole {
			scope = say.Say("my.whole", nil)
		}
		return []string{whom, r.Note, scope, momentText(r.Made), r.Until.String(), momentText(r.Withdrawn)}
	})}
}

func (v correctionsView) lists(say Speaker) []listing {
	return []listing{listOf(say, "my_corrections", "", v.List, func(r ownCorrection) []string {
		about := courseText(say, r.Course)
		if r.Field != "" {
			about = say.Say("my.field."+r.Field, nil)
		} else if about == "" {
			about = r.Result.Reference
		}
		return []string{about, say.Name(r.Issuer.Name, r.Issuer.NameEn), r.Value, r.Why, say.Say("correction."+r.State, nil), momentText(r.Made), r.Answer}
	})}
}

func (v consentsView) lists(say Speaker) []listing {
	return []listing{listOf(say, "consents", "", v.Consents, func(r bank.Consent) []string {
		return []string{say.Say("consent."+r.Kind, nil), strconv.Itoa(r.Version), r.Guardian, momentText(r.Given), momentText(r.Withdrawn)}
	})}
}

func (v ownApplications) lists(say Speaker) []listing {
	return []listing{applicationList(say, "", v.Rows)}
}

func (v comparePage) lists(say Speaker) []listing {
	l := listOf(say, "compare", "", v.Results, func(r comparedResult) []string {
		cells := []string{courseText(say, r.Course)}
		for _, state := range r.States {
			cells = append(cells, say.Say("state."+string(state), nil))
		}
		return cells
	})
	for _, p := range v.Programmes {
		l.heads = append(l.heads, say.Name(p.Programme.Name, p.Programme.NameEn)+" · "+say.Name(p.Institution.Name, p.Institution.NameEn))
	}
	return []listing{l}
}

func (p devicesPage) lists(say Speaker) []listing {
	return []listing{listOf(say, "devices", "", p.Devices, func(d bank.Device) []string {
		return []string{d.Agent, momentText(d.Made), momentText(d.Seen), d.Origin, yesText(say, d.ID == p.This)}
	})}
}

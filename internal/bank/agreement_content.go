package bank

import (
	"context"
	"database/sql"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// rulesOfAgreement are the versions that an agreement holds, in their order.
func (read reading) rulesOfAgreement(key agreementKey) (refs []transfer.RuleRef, err error) {
	err = read(func(rows *sql.Rows) error {
		var ref transfer.RuleRef
		err := rows.Scan(&ref.Code, &ref.Version)
		refs = append(refs, ref)
		return err
	}, `SELECT equivalence, rule_version FROM agreement_rule WHERE agreement = $1 AND version = $2 ORDER BY equivalence, rule_version`, key.code, key.version)
	return refs, err
}

// fillContent gives a draft the content that it would have today.
func (b *Bank) fillContent(ctx context.Context, a *Agreement) error {
	read := b.reading(ctx)
	refs, err := read.rulesOfAgreement(agreementKey{a.Code, a.Version})
	if err != nil {
		return err
	}
	s, err := b.Snapshot(ctx)
	if err != nil {
		return err
	}
	c := &a.Content
	c.Agreement, c.Version, c.Parties, c.Rules = a.Code, a.Version, []AgreementSchool{}, []AgreementRule{}
	for _, p := range a.Parties {
		school := AgreementSchool{Code: p.Institution}
		if head, known := s.InstitutionHead(p.Institution); known {
			school.Name, school.NameEn = head.Name, head.NameEn
		}
		c.Parties = append(c.Parties, school)
	}
	if len(refs) == 0 {
		return nil
	}
	rules, err := readEquivalences(read, refs)
	for _, v := range rules {
		c.Rules = append(c.Rules, b.agreementRule(s, v))
	}
	return err
}

// agreementRule says what a version is about, with the courses as they are today.
func (b *Bank) agreementRule(s *Snapshot, v *storedVersion) AgreementRule {
	r := AgreementRule{Equivalence: v.Code, Version: v.Version, Programme: v.Programme, From: v.From, To: v.To, Validity: v.Validity,
		Sources: []AgreementCourse{}, Targets: []AgreementCourse{}}
	course := func(k transfer.CourseKey) AgreementCourse {
		c := AgreementCourse{Institution: k.Institution, Course: k.Code}
		if info, known := s.CourseHead(k, b.Today()); known {
			c.Name, c.NameEn, c.Credits, c.Hours = info.Current.Name, info.Current.NameEn, info.Current.Credits, shown(info.Current.Hours, -1, credit.Hours.String)
		}
		return c
	}
	for _, source := range v.Sources {
		c := course(source.CourseKey)
		c.MinGrade, c.MaxGrade = shown(source.Min, transfer.NoScore, credit.Score.String), shown(source.Max, transfer.NoScore, credit.Score.String)
		r.Sources = append(r.Sources, c)
	}
	for _, target := range v.Targets {
		c := AgreementCourse{Institution: v.Institution, Group: target.Group}
		if target.Course != "" {
			c = course(transfer.CourseKey{Institution: v.Institution, Code: target.Course})
		}
		c.Mode, c.Exemption = string(target.Mode), target.Exemption
		switch {
		case target.Exemption, target.Mode == transfer.FromHours:
			c.Credits = 0
		case target.Mode == transfer.Fixed:
			c.Credits = target.Credits
		}
		r.Targets = append(r.Targets, c)
	}
	return r
}

// signable says whether a version may stand in an agreement of these schools: it is
// published and serves, and all its courses are theirs.
func (v *storedVersion) signable(parties []string) bool {
	ours := slices.Contains(parties, v.Institution)
	for _, s := range v.Sources {
		ours = ours && slices.Contains(parties, s.Institution)
	}
	return ours && v.published && v.Outcome == transfer.Credit && (v.judged == EvaluationPublished || v.judged == "")
}

// mostOffered is how many rules an agreement can hold.
const mostOffered = 500

// AgreementCandidates lists the versions that may stand in an agreement of some
// schools, in the order of their codes, at most so many as an agreement can hold.
func (b *Bank) AgreementCandidates(ctx context.Context, parties []string) ([]AgreementRule, error) {
	s, err := b.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	var refs []transfer.RuleRef
	for _, from := range parties {
		for _, to := range parties {
			page, err := s.Equivalences(RuleFilter{SourceInstitution: from, TargetInstitution: to, Outcome: string(transfer.Credit), On: calendar.None}, Window{Limit: MaxLimit})
			if err != nil {
				return nil, err
			}
			for _, r := range page.Items {
				if from != to && len(refs) < mostOffered && !slices.Contains(refs, r.RuleRef) {
					refs = append(refs, r.RuleRef)
				}
			}
		}
	}
	rules := []AgreementRule{}
	if len(refs) == 0 {
		return rules, nil
	}
	versions, err := readEquivalences(b.reading(ctx), refs)
	for _, v := range versions {
		if v.signable(parties) {
			rules = append(rules, b.agreementRule(s, v))
		}
	}
	return rules, err
}

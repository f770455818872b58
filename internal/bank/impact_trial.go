package bank

import (
	"context"
	"errors"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// plannedTrial is a trial as the engine is asked about it.
type plannedTrial struct {
	ImpactTrial
	change       transfer.Change
	asOf         calendar.Day
	institutions []string // whose rules it is about; none: the bank's own affair
	object       string
}

// planTrial works out what a trial comes to on the map. It promises Invalid, naming
// the fields.
func (b *Bank) planTrial(ctx context.Context, s *Snapshot, trial ImpactTrial) (*plannedTrial, error) {
	p := &plannedTrial{ImpactTrial: trial, asOf: b.Today(), object: trial.title()}
	if len(trial.Publish)+len(trial.Suspend)+len(trial.End)+len(trial.Policy) == 0 && trial.Version == nil {
		return nil, invalidField("publish", "", "required", nil)
	}
	for _, ref := range trial.Publish {
		if err := b.planPublish(ctx, s, p, ref); err != nil {
			return nil, err
		}
	}
	for _, ref := range trial.Suspend {
		r, served := s.served(ref)
		if !served {
			return nil, unknownRule("suspend", ref)
		}
		p.about(&r)
		p.change.Ended = append(p.change.Ended, ref)
	}
	for _, ref := range trial.End {
		r, served := s.served(ref)
		if !served {
			return nil, unknownRule("end", ref)
		}
		p.about(&r)
		p.end(r, trial.LastDay)
	}
	if v := trial.Version; v != nil { // asked on the day on which it begins, unless that is over
		p.institution(v.Institution)
		p.asOf = max(p.asOf, v.From)
		p.change.Courses = append(p.change.Courses, *v)
	}
	if len(trial.Policy) > 0 {
		return p, b.planPolicy(ctx, p)
	}
	return p, nil
}

// trialCourse is a version of a course as saving it would make it. It promises the
// codes of [Bank.SaveCourse].
func (b *Bank) trialCourse(ctx context.Context, actor Actor, trial ImpactTrial) (*transfer.Course, error) {
	plan, err := b.reading(ctx).planCourse(actor, *trial.Course, trial.Stamp)
	v := plan.e.CourseVersion
	return &transfer.Course{CourseKey: plan.e.CourseKey, Credits: v.Credits, Hours: max(v.Hours, 0), Level: v.Level, From: v.From, To: v.To}, err
}

func unknownRule(field string, ref transfer.RuleRef) error {
	return invalidField(field, EvaluationID(ref), "unknown_rule", nil)
}

// about notes the institutions of a rule.
func (p *plannedTrial) about(r *transfer.Rule) {
	p.institution(r.Institution)
	for _, s := range r.Sources {
		p.institution(s.Institution)
	}
}

func (p *plannedTrial) institution(code string) {
	if code != "" && !slices.Contains(p.institutions, code) {
		p.institutions = append(p.institutions, code)
	}
}

// end lets a version that is served end on a day; before it began it is not served at all.
func (p *plannedTrial) end(r transfer.Rule, last calendar.Day) {
	switch {
	case r.From != calendar.None && last < r.From:
		p.change.Ended = append(p.change.Ended, r.RuleRef)
	case r.To == calendar.None || last < r.To:
		r.To = last
		p.change.Rules = append(p.change.Rules, r)
	}
}

// planPublish puts a draft on the map. The versions before it end on the day before
// it begins, and those that begin no earlier are replaced: see [effectiveEnd].
func (b *Bank) planPublish(ctx context.Context, s *Snapshot, p *plannedTrial, ref transfer.RuleRef) error {
	versions, err := readEquivalences(b.reading(ctx), []transfer.RuleRef{ref})
	if err != nil {
		return err
	}
	if len(versions) == 0 || versions[0].published {
		return unknownRule("publish", ref)
	}
	draft := versions[0].told(b.Today())
	p.about(&draft)
	from, to := s.Map.VersionsOf(ref.Code)
	for _, n := range s.Map.ByCode()[from:to] {
		r := s.Map.RuleAt(n)
		p.about(&r)
		if draft.From == calendar.None {
			p.change.Ended = append(p.change.Ended, r.RuleRef)
		} else {
			p.end(r, draft.From-1)
		}
	}
	p.change.Rules = append(p.change.Rules, draft)
	return nil
}

// told is the version as the engine is told of it once it is published on a day.
func (v *storedVersion) told(published calendar.Day) transfer.Rule {
	return transfer.Rule{RuleRef: v.RuleRef, Institution: v.Institution, Programme: v.Programme, Sources: v.Sources, Targets: v.Targets,
		From: v.From, To: v.To, Validity: v.Validity, Priority: v.Priority, Outcome: v.Outcome, Reasons: v.Reasons, Note: v.Note, Since: published}
}

// served is a version that the map serves.
func (s *Snapshot) served(ref transfer.RuleRef) (transfer.Rule, bool) {
	from, to := s.Map.VersionsOf(ref.Code)
	for _, n := range s.Map.ByCode()[from:to] {
		if s.Map.RefAt(n) == ref {
			return s.Map.RuleAt(n), true
		}
	}
	return transfer.Rule{}, false
}

// planPolicy reads the row of a policy or a cap as a proposal of it would be read.
func (b *Bank) planPolicy(ctx context.Context, p *plannedTrial) error {
	proposal := Proposal{Kind: policyProposal.name, Args: p.Policy, Reason: policyProposal.name}
	proposal, err := policyProposal.tidy(proposal)
	if err != nil {
		return err
	}
	var read proposedVersion
	err = b.write(ctx, Actor{}, func(t *tx) error {
		if read, err = t.readVersion(&proposal); err != nil {
			return err
		}
		return errRollback // nothing is written: it is read where it would be
	})
	if err != nil && !errors.Is(err, errRollback) {
		return err
	}
	p.Policy = proposal.Args
	p.change.Policies, p.change.Caps = read.change.Policies, read.change.Caps
	p.asOf = max(p.asOf, read.from)
	p.institution(p.Policy["institution"])
	return nil
}

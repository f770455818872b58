package bank

import (
	"context"
	"database/sql"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// promises are the versions of rules that agreements promise a learner, each with the
// agreement: of those that the learner's school signs, in whose years they entered it
// before a later version was signed, the rules that take a course of that school.
func (b *Bank) promises(ctx context.Context, account string) (map[transfer.RuleRef]string, error) {
	promised := map[transfer.RuleRef]string{}
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var key agreementKey
		var ref transfer.RuleRef
		err := rows.Scan(&key.code, &key.version, &ref.Code, &ref.Version)
		promised[ref] = key.id()
		return err
	}, `SELECT a.id, a.version, r.equivalence, r.rule_version FROM learner l
		JOIN agreement_party p ON p.institution = l.institution
		JOIN agreement a ON a.id = p.agreement AND a.version = p.version
		JOIN agreement_rule r ON r.agreement = a.id AND r.version = a.version
		WHERE (l.account = $1 OR l.account IN (SELECT account FROM learner_merge WHERE into_account = $1)) AND a.frozen_at IS NOT NULL
		AND l.entered_on >= a.entered_from AND l.entered_on <= a.entered_to AND (a.replaced_on IS NULL OR l.entered_on < a.replaced_on)
		AND EXISTS (SELECT 1 FROM equivalence_source s WHERE s.equivalence = r.equivalence AND s.version = r.rule_version AND s.institution = l.institution)
		ORDER BY a.id, a.version, r.equivalence, r.rule_version`, account)
	return promised, err
}

// keep gives the question what was promised to the learner and does not serve any
// more as it did: rules that ended, or that a later version replaced. A rule that is
// suspended is no promise while it is.
func (q *question) keep(ctx context.Context, b *Bank, promised map[transfer.RuleRef]string) error {
	var lost []transfer.RuleRef
	for ref := range promised {
		if !q.snapshot.servesAsStated(ref) {
			lost = append(lost, ref)
		}
	}
	if len(lost) == 0 {
		return nil
	}
	versions, err := readEquivalences(b.reading(ctx), lost)
	if err != nil {
		return err
	}
	var change transfer.Change
	q.promised = map[transfer.RuleRef]string{}
	for _, v := range versions {
		if v.judged != EvaluationSuspended {
			change.Rules = append(change.Rules, v.rule(v.RuleRef, calendar.Of(fromMicros(v.at))))
			q.promised[v.RuleRef] = promised[v.RuleRef]
		}
	}
	if len(change.Rules) > 0 {
		variant := q.snapshot.Map.With(change)
		q.kept, q.concerned = variant.After(), map[transfer.ProgrammeKey]bool{}
		for _, k := range variant.Programmes() {
			q.concerned[k] = true
		}
	}
	return nil
}

// servesAsStated says whether a version serves today all that it says.
func (s *Snapshot) servesAsStated(ref transfer.RuleRef) bool {
	versions, err := s.Equivalence(ref.Code)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(versions, func(r RuleInfo) bool { return r.RuleRef == ref && !r.Superseded && r.EffectiveTo == r.To })
}

// mapOf is the map on which a programme is asked about: with what was promised to the
// learner, where that makes a difference.
func (q *question) mapOf(to transfer.ProgrammeKey) *transfer.Map {
	if q.concerned[to] {
		return q.kept
	}
	return q.snapshot.Map
}

// ranked ranks the programmes that a filter lets through, each on its own map.
func (q *question) ranked(keep func(transfer.ProgrammeKey) bool, top int) transfer.Ranking {
	ask := transfer.Ask{Records: q.records, AsOf: q.asOf, Keep: keep, Top: top}
	if q.kept == nil && len(q.given) == 0 {
		return q.snapshot.Map.Rank(ask)
	}
	passes := func(k transfer.ProgrammeKey) bool { return len(q.given[k]) == 0 && (keep == nil || keep(k)) }
	ask.Keep = func(k transfer.ProgrammeKey) bool { return !q.concerned[k] && passes(k) }
	parts := []transfer.Ranking{q.snapshot.Map.Rank(ask), q.rankAgain(keep)}
	if q.kept != nil {
		ask.Keep = func(k transfer.ProgrammeKey) bool { return q.concerned[k] && passes(k) }
		parts = append(parts, q.kept.Rank(ask))
	}
	var whole transfer.Ranking
	for _, part := range parts {
		whole.Programmes, whole.Solved = whole.Programmes+part.Programmes, whole.Solved+part.Solved
		whole.Standings = append(whole.Standings, part.Standings...)
	}
	slices.SortFunc(whole.Standings, q.snapshot.Map.CompareStandings)
	whole.Standings = whole.Standings[:min(len(whole.Standings), top)]
	return whole
}

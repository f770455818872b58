package bank

import (
	"cmp"
	"database/sql"
	"slices"
	"time"
)

// VerifiedOf is what became of what was handed in to be verified, of one kind, in the last
// twelve months: results beyond courses, and portfolios of prior learning.
type VerifiedOf struct {
	Kind         string // of [AttestationKinds], or [KindPriorLearning]
	HandedIn     int
	Accepted     int
	Refused      int
	Withdrawn    int
	Median, Slow float64 // days from handing in to the first decision; Slow: nine in ten took no longer
	decided      []float64
}

// Waiting is how many nobody has decided yet, an appeal among them.
func (v VerifiedOf) Waiting() int { return v.HandedIn - v.Accepted - v.Refused - v.Withdrawn }

// AcceptedShare is how many in ten thousand of what is decided were accepted.
func (v VerifiedOf) AcceptedShare() int {
	if v.Accepted+v.Refused == 0 {
		return 0
	}
	return 10_000 * v.Accepted / (v.Accepted + v.Refused)
}

// readVerified counts what a school has to decide, or all. What is logged day by day is
// handed in when it is sent off, which is when the clock of the decision starts. What was
// recognised and taken back later was accepted.
func (s *Statistics) readVerified(read reading, now time.Time) error {
	by := map[string]*VerifiedOf{}
	err := read(func(rows *sql.Rows) error {
		var kind, state string
		var began, decided int64
		err := rows.Scan(&kind, &state, &began, &decided)
		if by[kind] == nil {
			by[kind] = &VerifiedOf{Kind: kind}
		}
		by[kind].add(state, inDays(decided-began), decided != 0)
		return err
	}, `SELECT kind, state, began, decided FROM (
			SELECT a.kind, a.state, (SELECT min(c.started_at) FROM clock c WHERE c.object = a.id AND c.kind LIKE 'attestation.%') AS began, coalesce(a.decided_at, 0) AS decided
			FROM attestation a WHERE $1 = '' OR a.handler = $1) of_kinds
		WHERE began >= $2
		UNION ALL SELECT $3, p.state, p.submitted_at, coalesce((SELECT min(d.made_at) FROM prior_decision d WHERE d.prior_learning = p.id), 0)
		FROM prior_learning p WHERE p.submitted_at >= $2 AND ($1 = '' OR p.institution = $1)`,
		s.Of, micros(now.AddDate(-statisticsYears, 0, 0)), KindPriorLearning)
	for _, kind := range sortedKeys(by) {
		s.Verified = append(s.Verified, by[kind].timed())
	}
	slices.SortStableFunc(s.Verified, func(a, b VerifiedOf) int { return cmp.Compare(b.HandedIn, a.HandedIn) })
	return err
}

// add counts one in a state of [AttestationStates] or [PriorStates].
func (v *VerifiedOf) add(state string, days float64, decided bool) {
	v.HandedIn++
	switch state {
	case AttestationVerified, PriorGranted, PriorRevoked:
		v.Accepted++
	case AttestationRefused: // so is a portfolio's called
		v.Refused++
	case AttestationWithdrawn:
		v.Withdrawn++
	}
	if decided {
		v.decided = append(v.decided, days)
	}
}

func (v *VerifiedOf) timed() VerifiedOf {
	if len(v.decided) > 0 {
		t := timesOf("", v.decided, 0)
		v.Median, v.Slow, v.decided = t.Median, t.Slow, nil
	}
	return *v
}

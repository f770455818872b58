package bank

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"creditbank/internal/credit"
)

// Statistics are the figures of the whole bank, or of one school: of the results that it
// issued, of its learners, and of what it was asked for.
type Statistics struct {
	Of        string // a school; empty: the whole bank
	Learners  int    // of the school
	Converted int    // of them, who have something applied or redeemed
	Results   int

	Deposited credit.Amount // of all results that stand
	Unused    credit.Amount // of them, what is available to its learner and counts nowhere
	Held      credit.Amount
	Expired   credit.Amount
	Used      credit.Amount // deposited of the results that are applied or redeemed
	Worth     credit.Amount // of the same where they count

	Flows    []Flow            // between kinds of schools, the largest first
	Idle     []KindCredits     // what is unused, by kind of issuer, most first
	Origins  []OutcomesOf      // what was decided of results, by issuer, most first
	Deciders []OutcomesOf      // what was decided, by who did: the persons of a school, the schools of the bank
	Times    []TimesToDecision // by receiving school, slowest first
	Verified []VerifiedOf      // of results beyond courses and of portfolios, by kind, most first
}

// Loss is what conversions have lost, or below zero gained: the credit-loss figure (ledger).
func (s Statistics) Loss() credit.Amount { return s.Used - s.Worth }

// Flow is what went from issuers of one kind to schools of another.
type Flow struct {
	From, To  string // kinds of institutions
	Results   int
	Deposited credit.Amount
	Worth     credit.Amount // where it counts
}

// KindCredits are credits of issuers of one kind.
type KindCredits struct {
	Kind    string
	Results int
	Credits credit.Amount
}

// OutcomesOf counts decisions by outcome: [Outcomes].
type OutcomesOf struct {
	Who    string // institution, or actor
	Counts map[string]int
	Total  int
}

// Accepted is how many in ten thousand were not refused.
func (o OutcomesOf) Accepted() int {
	if o.Total == 0 {
		return 0
	}
	return 10_000 * (o.Total - o.Counts[ItemRefused]) / o.Total
}

// TimesToDecision is how long a school took, in days from handing in to the first decision.
type TimesToDecision struct {
	Institution  string
	Decided      int
	Median, Slow float64 // Slow: nine in ten took no longer
	Waiting      int     // nobody has decided yet
}

// mostFigures is how many rows a table of figures has; statisticsYears how far back times go.
const (
	mostFigures     = 30
	statisticsYears = 1
)

// SchoolStatistics are those of the actor's school, for its registrars and deciders. It promises Denied.
func (b *Bank) SchoolStatistics(ctx context.Context, actor Actor) (Statistics, error) {
	if err := actor.need(IsRegistrar | IsDecider); err != nil {
		return Statistics{}, err
	}
	if actor.Institution == "" {
		return Statistics{}, &Error{Code: Denied, Key: "error.role"}
	}
	return b.statistics(ctx, actor.Institution)
}

// BankStatistics are those of the whole bank, for those who answer for it. It promises Denied.
func (b *Bank) BankStatistics(ctx context.Context, actor Actor) (Statistics, error) {
	if err := actor.need(IsAdministrator | IsAuditor | IsOperator); err != nil {
		return Statistics{}, err
	}
	return b.statistics(ctx, "")
}

// statistics reads everything of one school, or of all.
func (b *Bank) statistics(ctx context.Context, school string) (Statistics, error) {
	s := Statistics{Of: school}
	read := b.reading(ctx)
	for _, part := range []func(reading) error{s.readLearners, s.readStandings, s.readFlows, s.readIdle, s.readOrigins, s.readDeciders,
		func(read reading) error { return s.readTimes(read, b.Now()) }, func(read reading) error { return s.readVerified(read, b.Now()) }} {
		if err := part(read); err != nil {
			return Statistics{}, err
		}
	}
	return s, nil
}

// Each statement takes the school as $1, empty for all.

func (s *Statistics) readLearners(read reading) error {
	return read(func(rows *sql.Rows) error { return rows.Scan(&s.Learners, &s.Converted) },
		`SELECT (SELECT count(*) FROM learner WHERE $1 = '' OR institution = $1),
			(SELECT count(*) FROM learner l WHERE ($1 = '' OR l.institution = $1) AND EXISTS (SELECT 1 FROM record r WHERE r.learner = l.account AND r.standing IN ('applied', 'redeemed')))`, s.Of)
}

func (s *Statistics) readStandings(read reading) error {
	return read(func(rows *sql.Rows) error {
		var standing string
		var results int
		var deposited, worth credit.Amount
		err := rows.Scan(&standing, &results, &deposited, &worth)
		s.Results += results
		s.Deposited += deposited
		switch standing {
		case "available":
			s.Unused += deposited
		case "held":
			s.Held += deposited
		case "expired":
			s.Expired += deposited
		default:
			s.Used += deposited
			s.Worth += worth
		}
		return err
	}, `SELECT standing, count(*), CAST(sum(deposited) AS BIGINT), CAST(sum(worth) AS BIGINT) FROM record
		WHERE standing <> '' AND ($1 = '' OR institution = $1) GROUP BY standing`, s.Of)
}

func (s *Statistics) readFlows(read reading) error {
	return read(func(rows *sql.Rows) error {
		var f Flow
		err := rows.Scan(&f.From, &f.To, &f.Results, &f.Deposited, &f.Worth)
		s.Flows = append(s.Flows, f)
		return err
	}, `SELECT i.kind, t.kind, count(*), CAST(sum(r.deposited) AS BIGINT), CAST(sum(r.worth) AS BIGINT) FROM record r
		JOIN institution i ON i.code = r.institution JOIN institution t ON t.code = r.standing_institution
		WHERE r.standing IN ('applied', 'redeemed') AND ($1 = '' OR r.institution = $1 OR r.standing_institution = $1)
		GROUP BY i.kind, t.kind ORDER BY 4 DESC, 1, 2`, s.Of)
}

func (s *Statistics) readIdle(read reading) error {
	return read(func(rows *sql.Rows) error {
		var k KindCredits
		err := rows.Scan(&k.Kind, &k.Results, &k.Credits)
		s.Idle = append(s.Idle, k)
		return err
	}, `SELECT i.kind, count(*), CAST(sum(r.deposited) AS BIGINT) FROM record r JOIN institution i ON i.code = r.institution
		WHERE r.standing = 'available' AND ($1 = '' OR r.institution = $1) GROUP BY i.kind ORDER BY 3 DESC, 1`, s.Of)
}

func (s *Statistics) readOrigins(read reading) (err error) {
	s.Origins, err = outcomes(read, `SELECT r.institution, i.state, count(*) FROM application_item i JOIN application a ON a.id = i.application
		JOIN application_record r ON r.application = i.application AND r.item = i.item
		WHERE i.decision IS NOT NULL AND ($1 = '' OR a.institution = $1) GROUP BY r.institution, i.state`, s.Of)
	return err
}

func (s *Statistics) readDeciders(read reading) (err error) {
	s.Deciders, err = outcomes(read, `SELECT CASE WHEN $1 = '' THEN d.institution ELSE d.made_by END, i.state, count(*) FROM application_item i
		JOIN application a ON a.id = i.application JOIN decision d ON d.id = i.decision
		WHERE $1 = '' OR a.institution = $1 GROUP BY 1, 2`, s.Of)
	return err
}

// outcomes counts rows of who, outcome and number, most first.
func outcomes(read reading, query, school string) ([]OutcomesOf, error) {
	by := map[string]*OutcomesOf{}
	err := read(func(rows *sql.Rows) error {
		var who, outcome string
		var n int
		err := rows.Scan(&who, &outcome, &n)
		if by[who] == nil {
			by[who] = &OutcomesOf{Who: who, Counts: map[string]int{}}
		}
		by[who].Counts[outcome] += n
		by[who].Total += n
		return err
	}, query, school)
	list := make([]OutcomesOf, 0, len(by))
	for _, who := range sortedKeys(by) {
		list = append(list, *by[who])
	}
	slices.SortStableFunc(list, func(a, b OutcomesOf) int { return cmp.Compare(b.Total, a.Total) })
	return list[:min(len(list), mostFigures)], err
}

func (s *Statistics) readTimes(read reading, now time.Time) error {
	days, waiting := map[string][]float64{}, map[string]int{}
	err := read(func(rows *sql.Rows) error {
		var institution string
		var submitted, decided int64
		err := rows.Scan(&institution, &submitted, &decided)
		if decided == 0 {
			waiting[institution]++
		} else {
			days[institution] = append(days[institution], inDays(decided-submitted))
		}
		return err
	}, `SELECT institution, submitted_at, coalesce(decided_at, 0) FROM application
		WHERE submitted_at >= $2 AND state <> 'withdrawn' AND ($1 = '' OR institution = $1)`, s.Of, micros(now.AddDate(-statisticsYears, 0, 0)))
	for _, institution := range sortedKeys(days) {
		s.Times = append(s.Times, timesOf(institution, days[institution], waiting[institution]))
		delete(waiting, institution)
	}
	for _, institution := range sortedKeys(waiting) {
		s.Times = append(s.Times, TimesToDecision{Institution: institution, Waiting: waiting[institution]})
	}
	slices.SortStableFunc(s.Times, func(a, b TimesToDecision) int { return cmp.Compare(b.Median, a.Median) })
	s.Times = s.Times[:min(len(s.Times), mostFigures)]
	return err
}

// inDays gives microseconds in days.
func inDays(n int64) float64 { return float64(n) / float64(day.Microseconds()) }

func timesOf(institution string, days []float64, waiting int) TimesToDecision {
	slices.Sort(days)
	return TimesToDecision{Institution: institution, Decided: len(days), Median: days[len(days)/2], Slow: days[(len(days)-1)*9/10], Waiting: waiting}
}

package transfer_test

import (
	"testing"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// bytes deals out a fuzzed input, and zeros when it has run out.
type bytes struct{ left []byte }

func (b *bytes) next(n int) int {
	if len(b.left) == 0 || n <= 0 {
		return 0
	}
	v := int(b.left[0])
	b.left = b.left[1:]
	return v % n
}

func (b *bytes) code(list string) string {
	i := b.next(len(list) + 1)
	if i == len(list) {
		return ""
	}
	return list[i : i+1]
}

func (b *bytes) key() transfer.CourseKey {
	return transfer.CourseKey{Institution: b.code("HSUZ"), Code: b.code("abcdefg")}
}

func (b *bytes) day() calendar.Day {
	if b.next(3) == 0 {
		return calendar.None
	}
	return today + calendar.Day(b.next(256)-128)*30
}

func (b *bytes) amount() credit.Amount { return credit.Amount(b.next(256)-1) * 25 }

func (b *bytes) score() credit.Score { return credit.Score(b.next(120)-1) * 100 }

// place draws from all, those that make no sense among them.
func (b *bytes) place() transfer.Place {
	return transfer.Place{Scope: transfer.Scope([]string{"bank", "institution", "programme", ""}[b.next(4)]), Institution: b.code("HSUZ"), Programme: b.code("pq")}
}

// world reads any bytes as facts and records: courses that are not there, rules
// without sources, windows that end before they begin, two of everything.
func (b *bytes) world() world {
	w := world{asOf: today}
	f := &w.facts
	for range b.next(6) {
		f.Institutions = append(f.Institutions, transfer.Institution{Code: b.code("HSUZ"), Kind: []string{"bank", "assessment_body", "x"}[b.next(3)],
			Rate: credit.Rate(b.next(256) * 100), Step: credit.Amount(b.next(5) * 25)})
	}
	for range b.next(12) {
		f.Courses = append(f.Courses, transfer.Course{CourseKey: b.key(), Credits: b.amount(), Hours: credit.Hours(b.next(200)) * 10_000,
			Level: b.next(11), From: b.day(), To: b.day()})
	}
	for range b.next(4) {
		f.Programmes = append(f.Programmes, b.programme())
	}
	for range b.next(16) {
		f.Rules = append(f.Rules, b.rule())
	}
	for range b.next(4) {
		f.Policies = append(f.Policies, transfer.Policy{Place: b.place(), From: b.day(), MinGrade: b.score(), Validity: b.next(12) - 1, MaxRise: b.next(5) - 1})
	}
	for range b.next(5) {
		f.Caps = append(f.Caps, transfer.Cap{Place: b.place(), From: b.day(), Kind: transfer.CapKind([]string{"total", "group", "source_kind",
			"source_institution", "source_institution_kind", "x"}[b.next(6)]), Key: b.code("ghHS"), Credits: b.amount(), Share: credit.Share(b.next(200)-1) * 100})
	}
	for range b.next(10) {
		w.records = append(w.records, transfer.Record{CourseKey: b.key(), Kind: b.code("cw"), Score: b.score(), Passed: b.next(4) > 0, Credits: max(0, b.amount()),
			Hours: credit.Hours(b.next(100)) * 10_000, Level: b.next(11), Completed: today - calendar.Day(b.next(256))*10, Used: b.code("uuvwxyz")})
	}
	return w
}

func (b *bytes) programme() transfer.Programme {
	p := transfer.Programme{ProgrammeKey: transfer.ProgrammeKey{Institution: b.code("HSUZ"), Code: b.code("pq")}, Required: max(0, b.amount())}
	for range b.next(4) {
		p.Groups = append(p.Groups, transfer.Group{Code: b.code("ghi"), Min: max(0, b.amount())})
	}
	for range b.next(5) {
		p.Plan = append(p.Plan, transfer.PlanCourse{Course: b.code("abcdefg"), Group: b.code("ghi"), NeverExempt: b.next(8) == 0})
	}
	return p
}

func (b *bytes) rule() transfer.Rule {
	r := transfer.Rule{RuleRef: transfer.RuleRef{Code: b.code("123456789"), Version: b.next(3)}, Institution: b.code("HUHS"), Programme: b.code("pq"),
		From: b.day(), To: b.day(), Validity: b.next(10), Priority: b.next(3), Outcome: transfer.Outcome([]string{"credit", "credit", "credit", "refused", "pending", ""}[b.next(6)])}
	for range b.next(4) {
		r.Sources = append(r.Sources, transfer.Source{CourseKey: b.key(), Min: b.score(), Max: b.score()})
	}
	for range b.next(4) {
		r.Targets = append(r.Targets, transfer.Target{Course: b.code("abcdefg"), Group: b.code("ghi"), Mode: transfer.Mode([]string{"catalogue", "fixed", "source", ""}[b.next(4)]),
			Credits: b.amount(), Exemption: b.next(5) == 0})
	}
	return r
}

// Whatever the facts, the engine answers, and its numbers add up.
func FuzzEngine(f *testing.F) {
	for seed := range 8 {
		input := make([]byte, 400)
		for i := range input {
			input[i] = byte((i*i + 31*i + 97*seed) % 251)
		}
		f.Add(input)
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		w := (&bytes{input}).world()
		m := transfer.Compile(w.facts)
		m.Lint(w.asOf)
		m.Rank(w.ask(0))
		for _, p := range w.facts.Programmes {
			a, known := m.Plan(p.ProgrammeKey, w.records, w.asOf)
			relaxed := m.PlanByRelaxation(p.ProgrammeKey, w.records, w.asOf)
			if !known || len(a.Records) != len(w.records) {
				t.Fatalf("known %v, %d of %d records answered", known, len(a.Records), len(w.records))
			}
			if got, want := sums(&relaxed), sums(&a); got != want {
				t.Fatalf("by relaxation %s, by the plain search %s", got, want)
			}
			for i, r := range a.Records {
				if r.State == "" || len(r.Reasons) == 0 {
					t.Fatalf("record %d has no state or reason: %+v", i, r)
				}
			}
		}
	})
}

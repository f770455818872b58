package transfer

import (
	"fmt"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// LP is the choice of the best plan as an integer programme in the CPLEX LP format,
// which GLPK, CBC, HiGHS, SCIP and the commercial solvers read. Whoever doubts an
// answer can have it checked by a program that knows nothing of this one: its
// objective, taken apart by [LP.Numbers], must come to the answer's two numbers.
type LP struct {
	Text   string
	Unit   credit.Amount // credits are counted in multiples of it
	weight int64         // of a unit applied, beside one transferable
}

// Numbers takes the value of the objective apart.
func (p LP) Numbers(objective int64) (applied, transferable credit.Amount) {
	return credit.Amount(objective/p.weight) * p.Unit, credit.Amount(objective%p.weight) * p.Unit
}

// Objective is the value of the objective for a plan with these two numbers.
func (p LP) Objective(applied, transferable credit.Amount) int64 {
	return int64(applied/p.Unit)*p.weight + int64(transferable/p.Unit)
}

// LP writes the planning problem of one programme for other solvers: a variable
// for every satisfied rule that may stand in a plan, one for the credits applied in
// every group, a row for every record, course, rule, cap and group. It is written from
// the rules directly and shares nothing with the model that Plan searches. It reports
// false for a programme the map does not know.
func (m *Map) LP(to ProgrammeKey, records []Record, asOf calendar.Day) (LP, bool) {
	n, known := m.programmeAt(to)
	if !known {
		return LP{}, false
	}
	c := m.learner(records, asOf).consider(n)
	w := lpWriter{question: c.question, items: c.items, unit: unitOf(c.needs(), c.items)}
	w.weight = w.most() + 1
	return LP{Text: w.text(), Unit: w.unit, weight: w.weight}, true
}

// lpWriter writes one problem.
type lpWriter struct {
	*question
	items  []*item
	unit   credit.Amount
	weight int64
	out    strings.Builder
}

// most is no less than any plan has transferable: of every record the most that
// one rule gives for it.
func (w *lpWriter) most() int64 {
	byRecord := map[int]credit.Amount{}
	for _, it := range w.items {
		byRecord[it.records[0]] = max(byRecord[it.records[0]], it.total)
	}
	var sum credit.Amount
	for _, most := range byRecord {
		sum += most
	}
	return int64(sum / w.unit)
}

func (w *lpWriter) text() string {
	fmt.Fprintf(&w.out, "\\ %q %q on %s. Credits are counted in units of %s.\n", w.programme.Institution, w.programme.Code, w.asOf, w.unit)
	fmt.Fprintf(&w.out, "\\ Objective: %d x applied + transferable. x: a rule is in the plan; a: units applied in a group.\n", w.weight)
	w.legend()
	w.out.WriteString("Maximize\n")
	w.sum("plan", w.objective(), "")
	w.out.WriteString("Subject to\n")
	addExclusions(w, "record", func(it *item) []int { return it.records })
	addExclusions(w, "course", func(it *item) []int32 { return it.targets })
	addExclusions(w, "rule", func(it *item) []int32 { return []int32{it.trial.rule.n} })
	w.capRows()
	w.groupRows()
	if w.empty() {
		w.sum("nothing", nothing(), "<= 0") // a problem without a row is none
	}
	w.domains()
	return w.out.String()
}

// legend says which rule a variable stands for.
func (w *lpWriter) legend() {
	for j, it := range w.items {
		fmt.Fprintf(&w.out, "\\ x%d = %q", j+1, it.trial.rule.ref().Code)
		for _, v := range it.trial.refs() {
			fmt.Fprintf(&w.out, " via %q", v.Code)
		}
		w.out.WriteString("\n")
	}
	for g := range w.programme.groups {
		fmt.Fprintf(&w.out, "\\ a%d = %q\n", g+1, w.groupCode(g))
	}
}

// lpTerm is a multiple of a variable.
type lpTerm struct {
	factor int64
	kind   byte // x, a or n
	index  int
}

// empty says whether there is nothing that could be in a plan, or count in one.
func (w *lpWriter) empty() bool { return len(w.items)+len(w.programme.groups) == 0 }

// nothing is a variable for a problem that has no other.
func nothing() []lpTerm { return []lpTerm{{1, 'n', 0}} }

func (w *lpWriter) objective() (terms []lpTerm) {
	if w.empty() {
		return nothing()
	}
	for g := range w.programme.groups {
		terms = append(terms, lpTerm{w.weight, 'a', g})
	}
	for j, it := range w.items {
		terms = append(terms, lpTerm{int64(it.total / w.unit), 'x', j})
	}
	return terms
}

// sum writes a named sum, with what follows it. Lines are short: the format allows
// 255 characters.
func (w *lpWriter) sum(name string, terms []lpTerm, relation string) {
	fmt.Fprintf(&w.out, " %s:", name)
	for n, t := range terms {
		if n%8 == 7 {
			w.out.WriteString("\n ")
		}
		fmt.Fprintf(&w.out, " %+d %c%d", t.factor, t.kind, t.index+1)
	}
	fmt.Fprintf(&w.out, " %s\n", relation)
}

// addExclusions writes a row for everything that several items want and one may have.
func addExclusions[K comparable](w *lpWriter, name string, wants func(*item) []K) {
	var order []K
	wanted := map[K][]lpTerm{}
	for j, it := range w.items {
		for _, key := range wants(it) {
			if wanted[key] == nil {
				order = append(order, key)
			}
			wanted[key] = append(wanted[key], lpTerm{1, 'x', j})
		}
	}
	for n, key := range order {
		if len(wanted[key]) > 1 {
			w.sum(fmt.Sprintf("%s_%d", name, n+1), wanted[key], "<= 1")
		}
	}
}

func (w *lpWriter) capRows() {
	for c, limit := range w.terms.caps {
		var terms []lpTerm
		for j, it := range w.items {
			for _, u := range it.uses {
				if u.cap == c {
					terms = append(terms, lpTerm{int64(u.amount / w.unit), 'x', j})
				}
			}
		}
		if len(terms) > 0 {
			w.sum(fmt.Sprintf("cap_%d", c+1), terms, fmt.Sprintf("<= %d", limit.Limit/w.unit))
		}
	}
}

// groupRows let no more count in a group than the plan awards in it.
func (w *lpWriter) groupRows() {
	for g := range w.programme.groups {
		terms := []lpTerm{{1, 'a', g}}
		for j, it := range w.items {
			for _, a := range it.byGroup {
				if a.group == g {
					terms = append(terms, lpTerm{-int64(a.amount / w.unit), 'x', j})
				}
			}
		}
		w.sum(fmt.Sprintf("group_%d", g+1), terms, "<= 0")
	}
}

func (w *lpWriter) domains() {
	w.out.WriteString("Bounds\n")
	for g := range w.programme.groups {
		fmt.Fprintf(&w.out, " 0 <= a%d <= %d\n", g+1, w.stillNeeded(g)/w.unit)
	}
	if len(w.programme.groups) > 0 {
		w.out.WriteString("General\n")
	}
	for g := range w.programme.groups {
		fmt.Fprintf(&w.out, " a%d\n", g+1)
	}
	w.out.WriteString("Binary\n")
	for j := range w.items {
		fmt.Fprintf(&w.out, " x%d\n", j+1)
	}
	if w.empty() {
		w.out.WriteString(" n1\n")
	}
	w.out.WriteString("End\n")
}

package bank_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"creditbank/internal/bank"
)

// lawCells reads the table of docs/workflow.md: by state, action and person what it says.
func lawCells(t *testing.T) (people []string, cells map[[3]string]string) {
	t.Helper()
	cells = map[[3]string]string{}
	for line := range strings.Lines(string(readFile(t, "../../docs/workflow.md"))) {
		parts := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		switch {
		case len(parts) > 3 && parts[0] == "state" && parts[1] == "action":
			people = parts[2:]
		case len(people) > 0 && len(parts) == len(people)+2 && slices.Contains(bank.EvaluationStates(), strings.TrimSuffix(parts[0], "*")):
			for i, cell := range parts[2:] {
				cells[[3]string{parts[0], parts[1], people[i]}] = cell
			}
		}
	}
	if len(people) != 9 || len(cells) < 300 {
		t.Fatalf("the table has %d people and %d cells", len(people), len(cells))
	}
	return people, cells
}

// lawBank is a bank of two schools with experts, in which rules are brought to any state.
type lawBank struct {
	*testing.T
	*bank.Bank
	expert, second string // logins
	made           int    // rules so far: each is about a course of its own
	days           int    // that went by
}

func newLawBank(t *testing.T, b *bank.Bank) *lawBank {
	small(t, b)
	w := &lawBank{T: t, Bank: b}
	begin := b.Now()
	b.Now = func() time.Time { return begin.AddDate(0, 0, w.days) }
	w.courses(600)
	for i, name := range []string{"expert.one", "expert.two"} {
		id, err := b.AddLogin(ctx, operator, bank.NewLogin{Name: name, Password: goodPassword, Grants: []bank.RoleGrant{{Role: bank.IsExpert, Institution: "B"}}})
		if err != nil {
			t.Fatal(err)
		}
		*[]*string{&w.expert, &w.second}[i] = id
	}
	return w
}

// courses gives the school A so many courses more.
func (w *lawBank) courses(n int) {
	w.Helper()
	var file strings.Builder
	file.WriteString("institution,code,name,credits\n")
	for i := range n {
		fmt.Fprintf(&file, "A,s%d,Course %d,4\n", i, i)
	}
	if r := text(w.T, w.Bank, "courses", file.String()); r.New != n {
		w.Fatalf("courses: %+v", r)
	}
}

// who is the person of a column, where proposer proposed.
func (w *lawBank) who(column string, proposer bank.Actor) bank.Actor {
	switch column {
	case "proposer":
		return proposer
	case "sending registrar":
		return person("sara", bank.IsRegistrar, "A")
	case "sending decider":
		return sendDecider
	case "receiving registrar":
		return person("rita", bank.IsRegistrar, "B")
	case "receiving decider":
		return receiveDecider
	case "expert asked":
		return person(w.expert, bank.IsExpert, "B")
	case "administrator":
		return berta
	case "who asked":
		return person("rosi", bank.IsRegistrar, "B")
	}
	return bank.Actor{}
}

// others are people who may nothing at all.
func (w *lawBank) others() []bank.Actor {
	return []bank.Actor{carl, person("xenia", bank.IsRegistrar|bank.IsDecider, "C"), person(w.second, bank.IsExpert, "B"),
		{Name: "u:leo", Login: "leo", Roles: bank.IsLearner, Learner: "L1"}, bank.Operator("operator"), bank.Visitor}
}

// act is an action with all that it needs.
func (w *lawBank) act(action string) bank.EvaluationAct {
	a := bank.EvaluationAct{Action: action, Text: "said with a text", LastDay: "2199-12-31"}
	switch action {
	case "opine":
		a.Opinion = "support"
	case "refuse":
		a.Reasons = []string{"CONTENT"}
	case "assign":
		a.To = w.second
	case "reassign":
		a.From, a.To = w.expert, w.second
	case "release":
		a.From = w.expert
	}
	return a
}

// in brings a new rule into a state.
func (w *lawBank) in(state string, proposer bank.Actor) string {
	w.Helper()
	w.made++
	rows := cellsOf("equivalence", fmt.Sprintf("R%d", w.made), "source_course", fmt.Sprintf("s%d", w.made), "valid_from", "2020-09-01")
	e, _, err := w.SaveEvaluation(ctx, proposer, bank.EvaluationDraft{Rows: rows, Why: "the outlines agree"})
	if err != nil {
		w.Fatal(err)
	}
	do := func(actor bank.Actor, actions ...string) {
		for _, action := range actions {
			acted(w, w.Bank, actor, e.ID, w.act(action))
		}
	}
	plain, asked := strings.CutSuffix(state, "*")
	if plain == "withdrawn" {
		do(proposer, "withdraw")
	}
	if plain == "draft" || plain == "withdrawn" {
		return e.ID
	}
	do(proposer, "submit")
	first := w.act("assign")
	first.To = w.expert
	acted(w, w.Bank, receiveDecider, e.ID, first)
	if plain == "submitted" {
		return e.ID
	}
	if plain == "returned" {
		do(berta, "ask_more")
		return e.ID
	}
	w.days += 60 // the expert is late, and the schools have no deciders
	do(berta, "proceed")
	w.settle(e.ID, plain, do)
	if asked {
		do(w.who("who asked", proposer), map[bool]string{true: "resume", false: "suspend"}[plain == "suspended"])
	}
	return e.ID
}

// settle decides what is ready, and what follows.
func (w *lawBank) settle(id, state string, do func(bank.Actor, ...string)) {
	switch state {
	case "ready":
	case "refused":
		do(berta, "refuse")
	default:
		do(berta, "approve")
	}
	if state == "suspended" || state == "ended" {
		do(anna, map[string]string{"suspended": "suspend", "ended": "end"}[state])
		do(berta, "confirm")
	}
	if state != "superseded" {
		return
	}
	code, _, _ := strings.Cut(id, "@")
	rows := cellsOf("equivalence", code, "source_course", "s"+code[1:], "valid_from", "2027-09-01")
	next, _, err := w.SaveEvaluation(ctx, anna, bank.EvaluationDraft{Rows: rows, Why: "a later version"})
	if err != nil {
		w.Fatal(err)
	}
	for _, action := range []string{"submit", "proceed", "approve"} {
		acted(w, w.Bank, map[bool]bank.Actor{true: anna, false: berta}[action == "submit"], next.ID, w.act(action))
	}
}

// can says what a cell means for a rule that somebody proposed.
func can(t testing.TB, cell string, actor, proposer bank.Actor) bool {
	switch cell {
	case "yes":
		return true
	case "own":
		return actor.Institution == proposer.Institution
	case "bank":
		return proposer.Institution == ""
	case "–", "":
		return false
	}
	t.Fatalf("the table says %q", cell)
	return false
}

// Every action in every state by every person is allowed or refused as the page of
// the law says.
func TestEvaluationLaw(t *testing.T) {
	people, cells := lawCells(t)
	states := append(bank.EvaluationStates(), "published*", "superseded*", "suspended*")
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		w := newLawBank(t, b)
		for _, proposer := range []bank.Actor{sendRegistrar, receiveRegistrar, anna} {
			for _, state := range states {
				id := ""
				for _, column := range people {
					for _, action := range bank.EvaluationActions() {
						if column == "who asked" && !strings.HasSuffix(state, "*") || column == "others" && proposer.Name != sendRegistrar.Name {
							continue // nobody has asked; others are others whoever proposed
						}
						if id == "" {
							id = w.in(state, proposer)
						}
						if w.cell(id, state, action, column, proposer, cells[[3]string{state, action, column}]) {
							id = ""
						}
					}
				}
			}
		}
	})
}

// cell tries one, and says whether something was done.
func (w *lawBank) cell(id, state, action, column string, proposer bank.Actor, cell string) bool {
	w.Helper()
	actors := []bank.Actor{w.who(column, proposer)}
	if column == "others" {
		actors = w.others()
	}
	if action == "proceed" {
		w.days += 60
	}
	before, err := w.Evaluation(ctx, carl, id)
	if err != nil || before.State != strings.TrimSuffix(state, "*") {
		w.Fatalf("%s is %s and not %s, %v", id, before.State, state, err)
	}
	done := false
	for _, actor := range actors {
		want := can(w, cell, actor, proposer)
		err := w.do(actor, id, action, before)
		switch code := bank.CodeOf(err); {
		case want && err != nil:
			w.Errorf("%s, proposed by %s: %s (%s) may not %s: %v", state, proposer.Name, column, actor.Name, action, err)
		case !want && err == nil:
			w.Errorf("%s, proposed by %s: %s (%s) may %s", state, proposer.Name, column, actor.Name, action)
		case !want && code != bank.Denied && code != bank.Conflict && code != bank.NotFound:
			w.Errorf("%s: %s is refused to %s with %v", state, action, column, err)
		}
		done = done || err == nil
	}
	if after, err := w.Evaluation(ctx, carl, id); err != nil || !done && after.Stamp != before.Stamp || !done && len(after.History) != len(before.History) {
		w.Fatalf("%s: a refused %s by %s left a trace: %v", state, action, column, err)
	}
	return done
}

// do acts, or saves.
func (w *lawBank) do(actor bank.Actor, id, action string, seen bank.Evaluation) error {
	if action != "save" {
		a := w.act(action)
		a.Stamp = seen.Stamp
		_, err := w.ActOnEvaluation(ctx, actor, id, a)
		return err
	}
	rows := cellsOf("equivalence", seen.Code, "source_course", seen.Sources[0].CourseKey.Code, "valid_from", seen.From.String())
	_, _, err := w.SaveEvaluation(ctx, actor, bank.EvaluationDraft{ID: id, Stamp: seen.Stamp, Rows: rows, Why: seen.Why + "."})
	return err
}

// Whoever does whatever in whatever order, rules stand in states of the law alone, and
// every move is in the history and in the audit log.
func TestEvaluationWalks(t *testing.T) {
	people, _ := lawCells(t)
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		w := newLawBank(t, b)
		random := rand.New(rand.NewPCG(6, 2026))
		var ids []string
		for _, proposer := range []bank.Actor{sendRegistrar, receiveRegistrar, anna} {
			for range 3 {
				ids = append(ids, w.in("draft", proposer))
			}
		}
		seen := map[string]string{}
		for range 1200 {
			id := ids[random.IntN(len(ids))]
			e, err := w.Evaluation(ctx, carl, id)
			if err != nil {
				t.Fatal(err)
			}
			actor := w.who(people[random.IntN(len(people)-1)], []bank.Actor{sendRegistrar, receiveRegistrar, anna}[random.IntN(3)])
			action := bank.EvaluationActions()[random.IntN(len(bank.EvaluationActions()))]
			if may, err := w.Evaluation(ctx, actor, id); err == nil && len(may.May) > 0 && random.IntN(2) == 0 {
				action = may.May[random.IntN(len(may.May))]
			}
			if slices.Contains([]string{"withdraw", "refuse", "release", "decline"}, action) && random.IntN(8) > 0 {
				continue // else most walks end early
			}
			w.days += random.IntN(9)
			if err := w.do(actor, id, action, e); err != nil && bank.CodeOf(err) == "" {
				t.Fatalf("%s in %s: %v", action, e.State, err)
			}
			w.legal(id, seen)
		}
		wantAllStates(t, seen)
	})
}

// legal holds a rule against its history and the audit log.
func (w *lawBank) legal(id string, moves map[string]string) {
	w.Helper()
	e, err := w.Evaluation(ctx, carl, id)
	if err != nil || !slices.Contains(bank.EvaluationStates(), e.State) {
		w.Fatalf("%s is %q, %v", id, e.State, err)
	}
	at := ""
	for _, step := range e.History {
		if step.From != at {
			w.Fatalf("%s went on from %q, where it was %q", id, step.From, at)
		}
		at = step.To
		moves[step.From+" > "+step.To] = step.Action
	}
	if at != e.State {
		w.Fatalf("%s is %s, and its history ends in %s", id, e.State, at)
	}
	page, err := w.AuditSearch(ctx, carl, bank.AuditQuery{Object: id}, bank.Window{Limit: bank.MaxLimit})
	if err != nil {
		w.Fatal(err)
	}
	notes := 0
	for _, row := range page.Items {
		if strings.HasPrefix(row.Action, "evaluation.") {
			notes++
		}
	}
	if notes != len(e.History) {
		w.Fatalf("%s has %d steps and %d notes in the audit log", id, len(e.History), notes)
	}
}

// wantAllStates wants the walks to have been everywhere that they can be.
func wantAllStates(t testing.TB, moves map[string]string) {
	t.Helper()
	for _, state := range bank.EvaluationStates() {
		if state == "superseded" { // by another rule's hand
			continue
		}
		reached := false
		for move := range moves {
			reached = reached || strings.HasSuffix(move, "> "+state)
		}
		if !reached {
			t.Errorf("no walk came to %s", state)
		}
	}
}

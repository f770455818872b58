package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/intake"
	"creditbank/internal/transfer"
	"creditbank/internal/web"
)

type checkCommand struct {
	Records string `name:"records" xor:"who" required:"" help:"CSV file of results: institution, course, kind, grade, scale, credits, hours, completed_on."`
	Learner string `name:"learner" xor:"who" required:"" help:"Account whose results are meant."`
	To      string `name:"to" help:"Programme INSTITUTION:PROGRAMME; else the ranking over all."`
	AsOf    string `name:"as-of" help:"Date of the question, 2026-09-01; else today."`
	Freeze  string `name:"freeze" help:"With --to: write the question, all that its answer rests on and the answer to this file, for replay."`
	Top     int    `name:"top" default:"20" help:"How many programmes of the ranking to show."`
	mapFlags
}

// Run answers what results are worth.
func (c checkCommand) Run(a *app) error {
	input := bank.CheckInput{AsOf: c.AsOf, Window: bank.Window{Limit: c.Top}}
	if err := c.checkUsage(); err != nil {
		return err
	}
	input.To.Institution, input.To.Code, _ = strings.Cut(c.To, ":")
	if c.Records != "" {
		records, err := readCheckFile(c.Records)
		if err != nil {
			return err
		}
		input.Records = records
	}
	return a.withStanding(func(b *bank.Bank) error {
		c.keepMap(b, a.cli.DB, false)
		if c.Freeze != "" {
			if err := a.freeze(b, c.Learner, input, c.Freeze); err != nil {
				return err
			}
		}
		if c.To != "" {
			return a.checkPlan(b, c.Learner, input)
		}
		return a.checkRanking(b, c.Learner, input)
	})
}

// mostShown is the longest ranking that is shown at once.
const mostShown = 200

func (c checkCommand) checkUsage() error {
	if c.To != "" && !strings.Contains(c.To, ":") {
		return wrongUsage("--to", c.To, "id", nil)
	}
	if c.Freeze != "" && c.To == "" {
		return wrongUsage("--freeze", c.Freeze, "needs_to", nil)
	}
	if _, err := calendar.Parse(c.AsOf); c.AsOf != "" && err != nil {
		return wrongUsage("--as-of", c.AsOf, "date", nil)
	}
	if c.Top < 1 || c.Top > mostShown {
		return wrongUsage("--top", strconv.Itoa(c.Top), "number", map[string]any{"Low": 1, "High": mostShown})
	}
	return nil
}

func readCheckFile(path string) ([]bank.CheckRecord, error) {
	file, _, err := openInput(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	table, err := intake.Open(file, "records", "")
	if err != nil {
		return nil, err
	}
	defer func() { _ = table.Close() }() // it was read only
	return bank.CheckRecords(table.Header(), table.Rows())
}

func (a *app) checkRanking(b *bank.Bank, account string, input bank.CheckInput) error {
	var r bank.Ranking
	var err error
	if account != "" {
		r, err = b.RankLearner(a.ctx, operator, account, input)
	} else {
		r, err = b.Rank(a.ctx, input)
	}
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(web.NewRanking(a.say, r))
	}
	if err := a.sentence("cli.rank_head", map[string]any{"AsOf": web.Date(a.say, r.AsOf), "Programmes": r.Total}); err != nil {
		return err
	}
	for _, s := range r.Items {
		p, _ := r.Snapshot.ProgrammeHead(s.Programme)
		err := a.sentence("cli.rank_line", map[string]any{"Applied": s.Applied, "Transferable": s.Transferable, "Required": s.Required,
			"Programme": a.say.Name(p.Name, p.NameEn), "Institution": a.say.Name(p.InstitutionName, p.InstitutionNameEn),
			"ID": s.Programme.Institution + ":" + s.Programme.Code})
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *app) sentence(key string, args map[string]any) error {
	return a.printf("%s\n", a.say.Say(key, args))
}

func (a *app) checkPlan(b *bank.Bank, account string, input bank.CheckInput) error {
	var p bank.PlanAnswer
	var err error
	if account != "" {
		p, err = b.PlanLearner(a.ctx, operator, account, input)
	} else {
		p, err = b.Plan(a.ctx, input)
	}
	if err != nil {
		return err
	}
	if a.cli.JSON {
		return a.printJSON(web.NewPlanAnswer(a.say, p))
	}
	return a.printPlan(p)
}

// printPlan says a plan in sentences.
func (a *app) printPlan(p bank.PlanAnswer) error {
	head, _ := p.Snapshot.ProgrammeHead(p.Programme)
	lines := []string{
		a.say.Say("cli.plan_head", map[string]any{"Programme": a.say.Name(head.Name, head.NameEn),
			"Institution": a.say.Name(head.InstitutionName, head.InstitutionNameEn), "ID": p.Programme.Institution + ":" + p.Programme.Code,
			"AsOf": web.Date(a.say, p.AsOf)}),
		a.say.Say("cli.plan_sum", map[string]any{"Applied": p.Applied, "Transferable": p.Transferable, "Earned": p.Earned,
			"Required": p.Required, "Missing": p.Missing}),
	}
	if !p.Optimal {
		lines = append(lines, a.say.Say("cli.plan_bound", map[string]any{"Applied": p.BoundApplied, "Transferable": p.BoundTotal}))
	}
	for _, g := range p.Groups {
		lines = append(lines, a.say.Say("cli.plan_group", map[string]any{"Name": p.Snapshot.GroupName(p.Programme, g.Code),
			"Applied": g.Applied, "Earned": g.Earned, "Min": g.Min, "Missing": g.Missing}))
	}
	lines = append(lines, a.say.Say("cli.plan_items", nil))
	for _, item := range p.Items {
		lines = append(lines, a.itemLine(item))
	}
	lines = append(lines, a.say.Say("cli.plan_records", nil))
	for i, r := range p.Answer.Records {
		lines = append(lines, a.recordLine(p, i, r))
	}
	for _, n := range p.NotChosen {
		lines = append(lines, a.say.Say("cli.plan_left", map[string]any{"Equivalence": n.Rule.Code, "Version": n.Rule.Version,
			"Reason": web.ReasonSentence(a.say, p.Snapshot, p.Programme, n.Reason)}))
	}
	return a.printf("%s\n", strings.Join(append(lines, a.helpLines(p)...), "\n"))
}

// helpLines say what would help, when anything would.
func (a *app) helpLines(p bank.PlanAnswer) []string {
	if len(p.Help) == 0 {
		return nil
	}
	lines := []string{a.say.Say("cli.plan_help", nil)}
	for _, h := range p.Help {
		lines = append(lines, "  "+web.HelpSentence(a.say, p, h))
	}
	return lines
}

func (a *app) itemLine(item transfer.Item) string {
	var targets []string
	for _, award := range item.Awards {
		targets = append(targets, fmt.Sprintf("%s %s", cmp.Or(award.Course, award.Group), award.Credits))
	}
	return a.say.Say("cli.plan_item", map[string]any{"Equivalence": item.Rule.Code, "Version": item.Rule.Version,
		"Records": strings.Trim(fmt.Sprint(item.Records), "[]"), "Credits": item.Credits, "Targets": strings.Join(targets, ", ")})
}

func (a *app) recordLine(p bank.PlanAnswer, i int, r transfer.RecordAnswer) string {
	var reasons []string
	for _, reason := range r.Reasons {
		// Two equivalences may ask for the same: it is said once.
		if sentence := web.ReasonSentence(a.say, p.Snapshot, p.Programme, reason); !slices.Contains(reasons, sentence) {
			reasons = append(reasons, sentence)
		}
	}
	given := p.Records[i]
	course, _ := p.Snapshot.CourseHead(given.CourseKey, given.Completed)
	reference := ""
	if i < len(p.References) {
		reference = p.References[i]
	}
	return a.say.Say("cli.plan_record", map[string]any{"Index": i, "Reference": reference, "Course": given.Institution + ":" + given.Code,
		"Name": a.say.Name(course.Current.Name, course.Current.NameEn), "CompletedOn": web.Date(a.say, given.Completed), "Grade": given.Grade,
		"State": a.say.Say("state."+string(r.State), nil), "Reasons": strings.Join(reasons, " ")})
}

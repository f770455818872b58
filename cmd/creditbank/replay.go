package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"os"
	"regexp"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
	"creditbank/internal/web"
)

type replayCommand struct {
	File string `arg:"" name:"file-or-decision" help:"File that check --freeze wrote, or the number of a posted decision."`
}

// replayed is what a replay came to, as a program gets it.
type replayed struct {
	Same         bool                  `json:"same"`
	Institution  string                `json:"institution"`
	Programme    string                `json:"programme"`
	AsOf         string                `json:"as_of"`
	Applied      string                `json:"applied"`
	Transferable string                `json:"transferable"`
	Differences  []transfer.Difference `json:"differences"`
}

// decisionNumber is what the number of a posted decision looks like.
var decisionNumber = regexp.MustCompile(`^[0-9a-f]{40}$`)

// Run answers a frozen question again, without any bank, or a posted decision of the
// bank. Its status is 1 when the answer differs from the one that was kept.
func (c replayCommand) Run(a *app) error {
	if decisionNumber.MatchString(c.File) {
		return a.withStanding(func(b *bank.Bank) error {
			r, err := b.ReplayDecision(a.ctx, operator, c.File)
			if err != nil {
				return err
			}
			return a.tellReplay(&r.Case, &r.Answer, r.Differences)
		})
	}
	frozen, err := readCase(c.File)
	if err != nil {
		return err
	}
	answer, differences := frozen.Replay()
	return a.tellReplay(&frozen, &answer, differences)
}

// tellReplay says what a replay came to; the error, that it came to something else.
func (a *app) tellReplay(c *transfer.Case, answer *transfer.Answer, differences []transfer.Difference) error {
	if err := a.printReplay(c, answer, differences); err != nil {
		return err
	}
	if len(differences) > 0 {
		return errRefused
	}
	return nil
}

func readCase(path string) (transfer.Case, error) {
	var c transfer.Case
	text, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return c, &bank.Error{Code: bank.Invalid, Key: "error.no_case", Args: map[string]any{"Path": path}}
	}
	return c, nil
}

func (a *app) printReplay(c *transfer.Case, answer *transfer.Answer, differences []transfer.Difference) error {
	if a.cli.JSON {
		return a.printJSON(replayed{Same: len(differences) == 0, Institution: c.To.Institution, Programme: c.To.Code, AsOf: c.AsOf.String(),
			Applied: answer.Applied.String(), Transferable: answer.Transferable.String(), Differences: append([]transfer.Difference{}, differences...)})
	}
	args := map[string]any{"Programme": c.To.Institution + ":" + c.To.Code, "AsOf": web.Date(a.say, c.AsOf), "Applied": answer.Applied,
		"Transferable": answer.Transferable}
	if len(differences) == 0 {
		return a.sentence("cli.replay_same", args)
	}
	args["Count"] = len(differences)
	faults := []error{a.sentence("cli.replay_differs", args)}
	none := a.say.Say("cli.replay_none", nil)
	for _, d := range differences {
		faults = append(faults, a.sentence("cli.replay_line", map[string]any{"Path": d.Path, "Kept": cmp.Or(d.Kept, none), "Got": cmp.Or(d.Got, none)}))
	}
	return errors.Join(faults...)
}

// freeze writes a question with its answer, to be replayed at any time.
func (a *app) freeze(b *bank.Bank, account string, input bank.CheckInput, path string) error {
	frozen, err := b.Freeze(a.ctx, operator, account, input)
	if err != nil {
		return err
	}
	file, err := newOutput(path)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(file)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := file.finish(encoder.Encode(frozen)); err != nil {
		return err
	}
	a.sayf("%s", a.say.Say("cli.freeze_done", map[string]any{"Path": path}))
	return nil
}

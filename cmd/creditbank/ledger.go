package main

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/credit"
)

// ledgerCommand holds what is done with the ledger as a whole.
type ledgerCommand struct {
	Verify     verifyCommand     `cmd:"" help:"Recompute everything from the entries, and name the first that is wrong."`
	Checkpoint checkpointCommand `cmd:"" help:"Give the signed head of the log, to be kept outside."`
	Prove      proveCommand      `cmd:"" help:"Prove that an entry is in the signed log."`
	Keys       keysCommand       `cmd:"" help:"List the public keys that sign, as verifiers keep them."`
	RotateKey  rotateKeyCommand  `cmd:"" name:"rotate-key" help:"Make a new key that signs from the next entry on."`
}

type verifyCommand struct {
	Checkpoint string `name:"checkpoint" help:"A checkpoint kept outside, which the log must extend."`
	Keys       string `name:"keys" help:"Public keys kept outside; else those that the bank has."`
}

// verified is the report as JSON.
type verified struct {
	Holds       bool           `json:"holds"`
	Entries     int64          `json:"entries"`
	Records     int64          `json:"records"`
	Learners    int64          `json:"learners"`
	Audit       int64          `json:"audit"`
	Decisions   int64          `json:"decisions"`
	Checkpoints int64          `json:"checkpoints"`
	Root        string         `json:"root"`
	Loss        credit.Amount  `json:"loss"`
	Finding     *verifiedFault `json:"finding,omitempty"`
}

// verifiedFault is the first thing that is wrong.
type verifiedFault struct {
	Entry   *int64 `json:"entry,omitempty"`
	Code    string `json:"code"`
	Field   string `json:"field"`
	Got     string `json:"got,omitempty"`
	Want    string `json:"want,omitempty"`
	Message string `json:"message"`
}

// Run verifies the ledger; the status is 1 when anything is wrong.
func (c verifyCommand) Run(a *app) error {
	in, err := c.input()
	if err != nil {
		return err
	}
	return a.withStanding(func(b *bank.Bank) error {
		var m *meter
		in.Progress = func(done, total int64) {
			if m == nil {
				m = a.newEntryMeter(total)
			}
			m.at(done)
		}
		report, err := b.Verify(a.ctx, in)
		if m != nil {
			m.done()
		}
		if err != nil {
			return err
		}
		return a.tellVerified(report, c.Checkpoint != "")
	})
}

// input reads what was kept outside.
func (c verifyCommand) input() (in bank.VerifyInput, err error) {
	if c.Checkpoint != "" {
		if in.Checkpoint, err = os.ReadFile(c.Checkpoint); err != nil {
			return in, err
		}
	}
	if c.Keys != "" {
		keys, err := os.ReadFile(c.Keys)
		in.Keys = string(keys)
		return in, err
	}
	return in, nil
}

func (a *app) tellVerified(r bank.VerifyReport, kept bool) error {
	out := verified{Holds: r.Finding == nil, Entries: r.Entries, Records: r.Records, Learners: r.Learners, Audit: r.Audit, Checkpoints: r.Checkpoints,
		Decisions: r.Decisions, Root: r.Root, Loss: r.Loss}
	if r.Finding != nil {
		out.Finding = a.fault(r.Finding)
	}
	switch {
	case a.cli.JSON:
		if err := a.printJSON(out); err != nil {
			return err
		}
	case out.Holds:
		if err := a.printf("%s\n", a.say.Say("cli.verify_done", map[string]any{"Entries": r.Entries, "Records": r.Records, "Learners": r.Learners,
			"Audit": r.Audit, "Checkpoints": r.Checkpoints, "Root": r.Root, "Loss": r.Loss})); err != nil {
			return err
		}
		if kept {
			return a.printf("%s\n", a.say.Say("cli.verify_kept", nil))
		}
	default:
		a.sayf("%s", out.Finding.Message)
	}
	if !out.Holds {
		return errRefused
	}
	return nil
}

// fault words a finding.
func (a *app) fault(f *bank.Finding) *verifiedFault {
	out := &verifiedFault{Code: string(f.Code), Field: f.Field, Got: f.Got, Want: f.Want}
	entry := ""
	if f.Number != bank.NoEntry {
		out.Entry, entry = &f.Number, strconv.FormatInt(f.Number, 10)
	}
	out.Message = a.say.Say("cli.verify_wrong", map[string]any{"Entry": entry, "Field": f.Field, "Why": a.say.Say(findingKey(f), nil), "Got": f.Got, "Want": f.Want})
	return out
}

// findingKey is the sentence for what is wrong: with what the bank keeps of a
// result beside the entries, a sentence of its own; else that of the code.
func findingKey(f *bank.Finding) string {
	switch string(f.Code) + " " + f.Field {
	case "balance_differs record":
		return "finding.kept_standing"
	case "bytes_differ digest":
		return "finding.kept_content"
	case "missing salt":
		return "finding.kept_salt"
	case "bytes_differ score":
		return "finding.kept_score"
	}
	return "finding." + string(f.Code)
}

type checkpointCommand struct {
	Out string `name:"out" help:"File to write; else standard output."`
}

// Run signs the log as it is now.
func (c checkpointCommand) Run(a *app) error {
	return a.withStanding(func(b *bank.Bank) error {
		signed, err := b.Checkpoint(a.ctx, 0)
		if err != nil {
			return err
		}
		if c.Out != "" {
			return a.writeFile(c.Out, signed, "cli.checkpoint_done", map[string]any{"Path": c.Out})
		}
		if a.cli.JSON {
			return a.printJSON(map[string]string{"checkpoint": string(signed)})
		}
		return a.printf("%s", signed)
	})
}

type proveCommand struct {
	Entry int64  `arg:"" help:"Number of the entry."`
	Out   string `name:"out" help:"File to write; else standard output."`
}

// Run gives the proof of an entry with what it says, as JSON.
func (c proveCommand) Run(a *app) error {
	return a.withStanding(func(b *bank.Bank) error {
		proof, err := b.EntryProof(a.ctx, operator, c.Entry)
		if err != nil {
			return err
		}
		if c.Out == "" {
			return a.printJSON(proof)
		}
		text, err := json.MarshalIndent(proof, "", "  ")
		if err != nil {
			return err
		}
		return a.writeFile(c.Out, append(text, '\n'), "cli.proof_done", map[string]any{"Entry": c.Entry, "Path": c.Out})
	})
}

type keysCommand struct{}

// Run lists the public keys.
func (keysCommand) Run(a *app) error {
	return a.withStanding(func(b *bank.Bank) error {
		keys, err := b.LedgerKeys(a.ctx)
		if err != nil {
			return err
		}
		if a.cli.JSON {
			return a.printJSON(map[string][]string{"keys": strings.Split(strings.TrimSpace(keys), "\n")})
		}
		return a.printf("%s", keys)
	})
}

type rotateKeyCommand struct{}

// Run makes a new key and puts it into the key file; the old one is kept beside it.
func (rotateKeyCommand) Run(a *app) error {
	return a.withStanding(func(b *bank.Bank) error {
		public, err := b.RotateKey(a.ctx, operator)
		if err != nil {
			return err
		}
		return a.done("cli.key_rotated", map[string]any{"Key": public})
	})
}

// writeFile puts a text in place as a whole, and says so.
func (a *app) writeFile(path string, text []byte, key string, args map[string]any) error {
	out, err := newOutput(path)
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	if err := out.finish(err); err != nil {
		return err
	}
	return a.done(key, args)
}

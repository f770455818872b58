package main

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"creditbank/internal/bank"
	"creditbank/internal/sheet"
	"creditbank/internal/web"
)

type importCommand struct {
	Kind    string `arg:"" help:"Kind of file: regions, catalogue, institutions, courses, programmes, groups, plans, equivalences, policies, caps, scales, learners, records or uses."`
	File    string `arg:"" help:"The file (CSV, UTF-8); - for standard input."`
	DryRun  bool   `name:"dry-run" help:"Say what would happen and write nothing."`
	Partial bool   `name:"partial" help:"Take the good rows and refuse the others."`
	Rejects string `name:"rejects" help:"Write the refused rows to this file, with the reasons."`
	Publish bool   `name:"publish" help:"Approve imported equivalences in the operator's name."`
}

// Run takes a file in: all its rows or none, unless --partial is given.
func (c importCommand) Run(a *app) error {
	file, size, err := openInput(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	return a.withBank(func(b *bank.Bank) error {
		meter := a.newMeter(size)
		input := &headerKeeper{Reader: io.TeeReader(file, meter)}
		report, err := a.importTable(b, input, bank.Import{Kind: c.Kind, DryRun: c.DryRun, Partial: c.Partial, Publish: c.Publish})
		meter.done()
		if err != nil {
			return err
		}
		if c.Rejects != "" {
			if err := a.writeRejects(c.Rejects, input.header, report); err != nil {
				return err
			}
		}
		if err := a.printReport(report); err != nil {
			return err
		}
		if report.Refused > 0 {
			return errRefused
		}
		return nil
	})
}

// headerKeeper remembers the header of the table read from it.
type headerKeeper struct {
	io.Reader
	header []string
}

func openInput(path string) (io.ReadCloser, int64, error) {
	if path == "-" {
		return io.NopCloser(os.Stdin), 0, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, info.Size(), nil
}

// operator is in whose name the command line acts.
var operator = bank.Actor{Name: "operator"}

// importTable reads a table and hands it to the bank.
func (a *app) importTable(b *bank.Bank, file io.Reader, in bank.Import) (bank.ImportReport, error) {
	table, err := sheet.NewReader(file)
	if err != nil {
		return bank.ImportReport{}, asRefusal(err)
	}
	if keeper, ok := file.(*headerKeeper); ok {
		keeper.header = table.Header()
	}
	in.Header, in.Rows = table.Header(), bankRows(table)
	return b.Import(a.ctx, operator, in)
}

// asRefusal turns a fault of the file as a whole into a refusal that names it.
func asRefusal(err error) error {
	var fault *sheet.Fault
	if !errors.As(err, &fault) {
		return err
	}
	return &bank.Error{Code: bank.Invalid, Key: "error.invalid_fields", Args: map[string]any{"Count": 1},
		Fields: []bank.FieldError{{Field: "row " + strconv.Itoa(fault.Line), Code: fault.Code}}}
}

// bankRows hands rows over; one that cannot be read is a row with its fault.
func bankRows(table *sheet.Reader) iter.Seq2[bank.Row, error] {
	return func(yield func(bank.Row, error) bool) {
		for row, err := range table.All() {
			var fault *sheet.Fault
			if errors.As(err, &fault) {
				if !yield(bank.Row{Line: fault.Line, Fault: fault.Code}, nil) {
					return
				}
				continue
			}
			if !yield(bank.Row{Line: row.Line, Cells: row.Cells}, err) {
				return
			}
		}
	}
}

// shownErrors is how many faults the text report lists; JSON and the rejects file hold all.
const shownErrors = 50

type reportedError struct {
	bank.RowError
	Message string `json:"message"`
}

func (a *app) printReport(r bank.ImportReport) error {
	reported := make([]reportedError, len(r.Errors))
	for i, e := range r.Errors {
		reported[i] = reportedError{e, web.FieldMessage(a.say, e.Value, e.Code, e.Args)}
	}
	if a.cli.JSON {
		return a.printJSON(struct {
			bank.ImportReport
			Errors []reportedError `json:"errors"`
		}{r, reported})
	}
	for i, e := range reported {
		if i == shownErrors {
			a.sayf("%s", a.say.Say("cli.more_errors", map[string]any{"Count": len(reported) - i}))
			break
		}
		a.sayf("%s", a.say.Say("cli.row_error", map[string]any{"Row": e.Row, "Column": e.Column, "Message": e.Message}))
	}
	key := "cli.import_done"
	if !r.Written {
		key = "cli.import_nothing"
	}
	return a.printf("%s\n", a.say.Say(key, map[string]any{"Kind": r.Kind, "Rows": r.Rows, "New": r.New, "Unchanged": r.Unchanged,
		"Updated": r.Updated, "Refused": r.Refused}))
}

// writeRejects writes the refused rows as they came, with line, column, value
// and reason, so that they can be mended and imported again.
func (a *app) writeRejects(path string, header []string, r bank.ImportReport) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	w := sheet.NewWriter(file)
	kept := keptColumns(header)
	if err := w.Write(append(pick(header, kept), bank.RejectColumns()...)); err != nil {
		return errors.Join(err, file.Close())
	}
	for _, row := range r.Rejected {
		if err := w.Write(append(pick(row.Cells, kept), a.rejectCells(row, r.Errors)...)); err != nil {
			return errors.Join(err, file.Close())
		}
	}
	return errors.Join(w.Flush(), file.Close())
}

// keptColumns are the columns of the file that are not themselves from an
// earlier file of refused rows.
func keptColumns(header []string) []int {
	var kept []int
	for i, name := range header {
		if !strings.HasPrefix(name, "reject_") {
			kept = append(kept, i)
		}
	}
	return kept
}

// pick takes some of the cells; a row that could not be read has none.
func pick(cells []string, at []int) []string {
	picked := make([]string, len(at))
	for i, n := range at {
		if n < len(cells) {
			picked[i] = cells[n]
		}
	}
	return picked
}

func (a *app) rejectCells(row bank.Row, all []bank.RowError) []string {
	var columns, values, reasons []string
	for _, e := range all {
		if e.Row == row.Line {
			columns = append(columns, e.Column)
			values = append(values, e.Value)
			reasons = append(reasons, web.FieldMessage(a.say, e.Value, e.Code, e.Args))
		}
	}
	return []string{strconv.Itoa(row.Line), strings.Join(columns, "; "), strings.Join(values, "; "), strings.Join(reasons, "; ")}
}

// meter shows how far the reading of a file is, with rate and time left: a bar
// on a terminal, plain lines elsewhere; nothing for work under a second.
type meter struct {
	a       *app
	bar     *progressbar.ProgressBar
	started time.Time
	said    time.Time
	read    int64
	size    int64
}

func (a *app) newMeter(size int64) *meter {
	m := &meter{a: a, started: time.Now(), said: time.Now(), size: size}
	if file, ok := a.stderr.(*os.File); ok && size > 0 && term.IsTerminal(int(file.Fd())) {
		m.bar = progressbar.NewOptions64(size, progressbar.OptionSetWriter(a.stderr), progressbar.OptionShowBytes(true),
			progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	return m
}

// Write counts what was read.
func (m *meter) Write(p []byte) (int, error) {
	m.read += int64(len(p))
	switch {
	case time.Since(m.started) < time.Second:
	case m.bar != nil:
		_ = m.bar.Set64(m.read)
	case time.Since(m.said) >= time.Second && m.size > 0:
		m.said = time.Now()
		rate := float64(m.read) / time.Since(m.started).Seconds()
		left := time.Duration(float64(m.size-m.read) / rate * float64(time.Second)).Round(time.Second)
		m.a.sayf("%s", m.a.say.Say("cli.progress", map[string]any{"Percent": m.read * 100 / m.size, "Rate": fmt.Sprintf("%.1f", rate/1e6), "Left": left.String()}))
	}
	return len(p), nil
}

func (m *meter) done() {
	if m.bar != nil {
		_ = m.bar.Finish()
	}
}

package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/intake"
	"creditbank/internal/sheet"
	"creditbank/internal/web"
)

type importCommand struct {
	Kind    string   `arg:"" help:"Kind of file, recognised when the file alone is named: regions, catalogue, catalogue-intros, catalogue-courses, articulation, occupations, level-certificates, schools, code-sets, codes, institutions, courses, programmes, groups, plans, equivalences, policies, caps, scales, holidays, learners, records, uses, creditbank-courses, creditbank-external or creditbank-certificates; or oneroster, an archive (ZIP) of tables as in OneRoster 1.2."`
	File    string   `arg:"" optional:"" help:"The file (CSV or XLSX, ZIP for oneroster); - for standard input, whose kind must be said."`
	DryRun  bool     `name:"dry-run" help:"Say what would happen and write nothing."`
	Partial bool     `name:"partial" help:"Take the good rows and refuse the others."`
	Rejects string   `name:"rejects" help:"Write the refused rows to this file (CSV, or XLSX by its name), with the reasons."`
	Publish bool     `name:"publish" help:"Approve imported equivalences in the operator's name."`
	Mend    []string `name:"mend" placeholder:"TROUBLE" help:"Mend these troubles rather than refuse the rows: lost_zeros, letter_o, date_serial, merged, total_row."`
	Sheet   string   `name:"sheet" help:"The sheet of a workbook that is meant; else the first with content that can be seen."`
}

// importGarbage is how much garbage an import may gather beside what it keeps, in
// percent of that: a million results take 180 MB with it, and 210 with Go's own 100.
const importGarbage = 40

// Run takes a file in: all its rows or none, unless --partial is given.
func (c importCommand) Run(a *app) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(importGarbage)
	}
	if err := c.recognise(a); err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	file, size, err := openInput(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if c.Rejects == "" {
		return a.withBank(func(b *bank.Bank) error { return c.take(a, b, file, size, nil) })
	}
	// Begun before the import: rows that were refused must find their file.
	rejects, err := newOutput(c.Rejects)
	if err != nil {
		return err
	}
	refused := false
	err = a.withBank(func(b *bank.Bank) error {
		err := c.take(a, b, file, size, rejects)
		if refused = errors.Is(err, errRefused); refused {
			return nil
		}
		return err
	})
	if err := rejects.finish(err); err != nil || !refused {
		return err
	}
	return errRefused
}

// recognise finds the kind of a file that is named without one: by what is in it, when
// that leaves no choice.
func (c *importCommand) recognise(a *app) error {
	if c.File != "" || slices.Contains(bank.Kinds(), c.Kind) || c.Kind == bank.OneRoster || c.Kind == "-" {
		return nil
	}
	c.Kind, c.File = "", c.Kind
	file, _, err := openInput(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was read only
	fits, err := intake.Recognise(file, c.Sheet, nil)
	switch {
	case err != nil:
		return err
	case len(fits) == 0:
		return wrongUsage("KIND", "", "kind_unknown", nil)
	case len(fits) > 1:
		return wrongUsage("KIND", "", "kind_several", map[string]any{"Choices": strings.Join(fits, ", ")})
	}
	c.Kind = fits[0]
	a.sayf("%s", a.say.Say("cli.recognised", map[string]any{"File": c.File, "Kind": c.Kind}))
	return nil
}

// check wants a kind of file and troubles that there are.
func (c importCommand) check() error {
	for _, trouble := range c.Mend {
		if !slices.Contains(bank.Mendable(), trouble) {
			return wrongUsage("--mend", trouble, "choice", map[string]any{"Choices": strings.Join(bank.Mendable(), ", ")})
		}
	}
	if c.File == "" {
		return wrongUsage("FILE", "", "required", nil)
	}
	if c.Kind == bank.OneRoster {
		return nil
	}
	return checkKind(c.Kind)
}

// writeRejects writes the refused rows, with the reasons in words.
func (a *app) writeRejects(file io.Writer, format string, header []string, r bank.ImportReport) error {
	w, err := intake.NewTable(file, format)
	if err != nil {
		return err
	}
	return intake.WriteRejects(w, header, r, func(e bank.RowError) string { return web.FieldMessage(a.say, e.Value, e.Code, e.Args) })
}

// take imports the file, reports, and writes the refused rows where there is a place for them.
func (c importCommand) take(a *app, b *bank.Bank, file io.Reader, size int64, rejects io.Writer) error {
	meter := a.newMeter(size)
	input := &headerKeeper{Reader: io.TeeReader(file, meter)}
	report, err := a.importTable(b, input, c.Sheet, bank.Import{Kind: c.Kind, DryRun: c.DryRun, Partial: c.Partial, Publish: c.Publish, Mend: c.Mend})
	meter.done()
	if err != nil {
		return err
	}
	if rejects != nil {
		err = a.writeRejects(rejects, formatOf(c.Rejects), input.header, report)
	}
	if err := errors.Join(a.printReport(report), err); err != nil {
		return err
	}
	if report.Refused > 0 {
		return errRefused
	}
	return nil
}

// formatOf is the format that the name of a file asks for.
func formatOf(path string) string {
	if strings.EqualFold(filepath.Ext(path), ".xlsx") {
		return "xlsx"
	}
	return "csv"
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
var operator = bank.Operator("operator")

// importTable reads a table and hands it to the bank.
func (a *app) importTable(b *bank.Bank, file io.Reader, sheetName string, in bank.Import) (bank.ImportReport, error) {
	if in.Kind == bank.OneRoster {
		return a.importRoster(b, file, in)
	}
	table, err := intake.Open(file, in.Kind, sheetName)
	if err != nil {
		return bank.ImportReport{}, err
	}
	defer func() { _ = table.Close() }() // it was read only
	a.sayForm(table.Form())
	if keeper, ok := file.(*headerKeeper); ok {
		keeper.header = table.Header()
	}
	in.Header, in.Rows, in.Notes = table.Header(), table.Rows(), table.Notes()
	return b.Import(a.ctx, operator, in)
}

// importRoster reads an archive of tables and hands it to the bank.
func (a *app) importRoster(b *bank.Bank, file io.Reader, in bank.Import) (bank.ImportReport, error) {
	roster, err := intake.OpenRoster(file)
	if err != nil {
		return bank.ImportReport{}, err
	}
	if keeper, ok := file.(*headerKeeper); ok {
		keeper.header = bank.RosterHeader()
	}
	in.Header, in.Rows, in.Notes = bank.RosterHeader(), roster.Rows(), roster.Notes()
	return b.Import(a.ctx, operator, in)
}

// sayForm says how a file was read, when that is not what files should be.
func (a *app) sayForm(f sheet.Form) {
	switch {
	case f.Sheet != "":
		a.sayf("%s", a.say.Say("cli.read_sheet", map[string]any{"Sheet": f.Sheet, "Others": len(f.Others)}))
	case f.Encoding != sheet.UTF8 || f.Separator != ',':
		a.sayf("%s", a.say.Say("cli.read_as", map[string]any{"Encoding": f.Encoding, "Separator": a.say.Say(separatorKeys[f.Separator], nil)}))
	}
}

// separatorKeys are the sentences for what stands between cells.
var separatorKeys = map[byte]string{',': "separator.comma", ';': "separator.semicolon", '\t': "separator.tab"}

// shownErrors is how many faults the text report lists; JSON and the rejects file hold all.
const shownErrors = 50

type reportedError struct {
	bank.RowError
	Message string `json:"message"`
}

type reportedNote struct {
	bank.Note
	Message string `json:"message"`
}

func (a *app) printReport(r bank.ImportReport) error {
	reported := make([]reportedError, len(r.Errors))
	for i, e := range r.Errors {
		reported[i] = reportedError{e, web.FieldMessage(a.say, e.Value, e.Code, e.Args)}
	}
	if a.cli.JSON {
		notes := make([]reportedNote, len(r.Notes))
		for i, n := range r.Notes {
			notes[i] = reportedNote{n, web.NoteMessage(a.say, n, r.Names)}
		}
		return a.printJSON(struct {
			bank.ImportReport
			Errors []reportedError `json:"errors"`
			Notes  []reportedNote  `json:"notes"`
		}{r, reported, notes})
	}
	for _, n := range r.Notes {
		a.sayf("%s", web.NoteMessage(a.say, n, r.Names))
	}
	a.sayErrors(r, a.sayEncoding(reported))
	for _, p := range r.Parts {
		if err := a.printf("%s\n", a.say.Say("cli.import_part", map[string]any{"File": p.File, "Rows": p.Rows, "New": p.New, "Unchanged": p.Unchanged, "Updated": p.Updated, "Refused": p.Refused})); err != nil {
			return err
		}
	}
	key := "cli.import_done"
	if !r.Written {
		key = "cli.import_nothing"
	}
	return a.printf("%s\n", a.say.Say(key, map[string]any{"Kind": r.Kind, "Rows": r.Rows, "New": r.New, "Unchanged": r.Unchanged,
		"Updated": r.Updated, "Refused": r.Refused}))
}

// sayErrors says what is wrong, each row under the names of the file's own columns.
func (a *app) sayErrors(r bank.ImportReport, reported []reportedError) {
	for i, e := range reported {
		if i == shownErrors {
			a.sayf("%s", a.say.Say("cli.more_errors", map[string]any{"Count": len(reported) - i}))
			return
		}
		a.sayf("%s", a.say.Say("cli.row_error", map[string]any{"File": e.File, "Row": e.Row, "Column": r.Names[e.Column], "Message": e.Message}))
	}
}

// sayEncoding says once that a file is not UTF-8 when several of its rows are
// not, and gives what else is wrong.
func (a *app) sayEncoding(reported []reportedError) []reportedError {
	isEncoding := func(e reportedError) bool { return e.Code == sheet.CodeEncoding }
	first, count := slices.IndexFunc(reported, isEncoding), 0
	for _, e := range reported {
		if isEncoding(e) {
			count++
		}
	}
	if count < 2 {
		return reported
	}
	a.sayf("%s", a.say.Say("cli.not_utf8", map[string]any{"Count": count, "Row": reported[first].Row}))
	return slices.DeleteFunc(slices.Clone(reported), isEncoding)
}

package intake

import (
	"errors"
	"io"
	"iter"
	"slices"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/sheet"
)

// Roster is an archive of tables as in OneRoster 1.2 that is being read for the bank.
type Roster struct {
	archive *sheet.Archive
	files   []bank.RosterFile // those that the archive holds, in the order of the bank
	changed map[string]bool   // those that hold what changed (delta), by their names
	notes   []bank.Note
}

// manifest names the part that says which files an archive holds.
const manifest = "manifest.csv"

// OpenRoster reads an archive and its manifest, and the headers of its tables. It
// promises bank.Invalid for one that is damaged, made to harm, or not as its manifest
// says.
func OpenRoster(in io.Reader) (*Roster, error) {
	archive, err := sheet.OpenArchive(in)
	if err != nil {
		return nil, refusal(err)
	}
	r := &Roster{archive: archive, changed: map[string]bool{}}
	if !slices.Contains(archive.Names(), manifest) {
		return nil, refused("roster_manifest", nil)
	}
	modes, err := r.modes()
	if err != nil {
		return nil, err
	}
	if err := r.agree(modes); err != nil {
		return nil, err
	}
	for _, f := range r.files {
		if err := r.look(f); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// refused refuses an archive as a whole.
func refused(code string, args map[string]any) error {
	field := bank.FieldError{Field: WholeFile, Code: code, Args: args}
	return &bank.Error{Code: bank.Invalid, Key: "error.invalid_fields", Args: map[string]any{"Count": 1}, Fields: []bank.FieldError{field}}
}

// The modes in which an archive may hold a file.
const (
	absent = "absent"
	bulk   = "bulk"
	delta  = "delta"
)

// modes reads the manifest: in which mode the archive holds each file.
func (r *Roster) modes() (map[string]string, error) {
	table, err := r.table(manifest)
	if err != nil {
		return nil, err
	}
	defer func() { _ = table.Close() }() // it was read only
	if header := table.Header(); !slices.Equal(header, []string{"propertyName", "value"}) {
		return nil, refused("roster_manifest", nil)
	}
	modes, version := map[string]string{}, ""
	for row, err := range table.All() {
		if err != nil {
			return nil, inPart(err, manifest)
		}
		name, value := row.Cells[0], row.Cells[1]
		if file, is := strings.CutPrefix(name, "file."); is {
			modes[file] = strings.ToLower(value)
		}
		if name == "oneroster.version" {
			version = value
		}
	}
	if version != "1.2" {
		return nil, refused("roster_version", map[string]any{"Version": version})
	}
	return modes, nil
}

// agree holds the manifest against what is in the archive: every file that is read is
// named there, as bulk, delta or absent, and is there or not accordingly. Files of the standard
// that the bank has no use for are left out, and that is said.
func (r *Roster) agree(modes map[string]string) error {
	known := map[string]bool{manifest: true}
	for _, f := range bank.RosterFiles() {
		known[f.File()] = true
		there := slices.Contains(r.archive.Names(), f.File())
		args := map[string]any{"File": f.File(), "Mode": modes[f.Name]}
		mode := modes[f.Name]
		if mode == "" && f.Optional {
			mode = absent
		}
		switch {
		case !slices.Contains([]string{bulk, delta, absent}, mode):
			return refused("roster_mode", args)
		case mode == absent && there:
			return refused("roster_unnamed", args)
		case mode != absent && !there:
			return refused("roster_missing", args)
		case mode != absent:
			r.files = append(r.files, f)
			r.changed[f.Name] = mode == delta
		}
	}
	for _, name := range r.archive.Names() {
		mode := modes[strings.TrimSuffix(name, ".csv")]
		switch {
		case known[name]:
		case mode == "" || mode == absent:
			return refused("roster_unnamed", map[string]any{"File": name})
		default:
			r.notes = append(r.notes, bank.Note{Code: "roster_file", Count: 1, Text: name})
		}
	}
	return r.complete()
}

// complete wants the files that others need. Of what changed each row says what it needs.
func (r *Roster) complete() error {
	for _, f := range r.files {
		if r.changed[f.Name] {
			return nil
		}
	}
	has := func(name string) bool {
		return slices.ContainsFunc(r.files, func(f bank.RosterFile) bool { return f.Name == name })
	}
	if !has("orgs") {
		return refused("roster_needs", map[string]any{"File": "manifest.csv", "Needed": "orgs.csv"})
	}
	for _, f := range r.files {
		for _, needed := range f.Needs {
			if !has(needed) {
				return refused("roster_needs", map[string]any{"File": f.File(), "Needed": needed + ".csv"})
			}
		}
	}
	return nil
}

// table opens a part as a table of text.
func (r *Roster) table(name string) (*sheet.Reader, error) {
	content, err := r.archive.Open(name)
	if err != nil {
		return nil, inPart(err, name)
	}
	table, err := sheet.NewReader(content)
	if err != nil {
		return nil, inPart(err, name)
	}
	if table.Form().Encoding == "" {
		return nil, errors.Join(refused("roster_workbook", map[string]any{"File": name}), table.Close())
	}
	return table, nil
}

// inPart is a fault of a part as a refusal that names it.
func inPart(err error, name string) error {
	var fault *sheet.Fault
	if errors.As(err, &fault) {
		fault.Part = name
	}
	return refusal(err)
}

// look reads the header of a table, and says when it is not in UTF-8 with commas.
func (r *Roster) look(f bank.RosterFile) error {
	table, err := r.table(f.File())
	if err != nil {
		return err
	}
	defer func() { _ = table.Close() }() // it was read only
	header := table.Header()
	for _, column := range f.Columns {
		if !slices.Contains(header, column) {
			return refused("roster_column", map[string]any{"File": f.File(), "Column": column})
		}
	}
	for _, column := range header {
		if !slices.Contains(f.Columns, column) && !slices.Contains(f.Unread, column) && !strings.HasPrefix(column, "metadata.") {
			return refused("roster_unknown", map[string]any{"File": f.File(), "Column": column})
		}
	}
	form := table.Form()
	if form.Encoding != sheet.UTF8 || form.Separator != ',' {
		text := f.File() + ": " + form.Encoding
		if form.Separator != ',' {
			text += ", " + string(rune(form.Separator))
		}
		r.notes = append(r.notes, bank.Note{Code: "roster_read_as", Count: 1, Text: text})
	}
	return nil
}

// Notes are what is to be said of how the archive was read.
func (r *Roster) Notes() []bank.Note { return r.notes }

// Parts is how many tables are read.
func (r *Roster) Parts() int { return len(r.files) }

// Rows hands the rows of all tables over, in the order of the bank. Where nobody can say
// where the next row begins, the archive is refused.
func (r *Roster) Rows() iter.Seq2[bank.Row, error] {
	return func(yield func(bank.Row, error) bool) {
		for _, f := range r.files {
			if !r.hand(f, yield) {
				return
			}
		}
	}
}

// hand hands the rows of one table over; false: no more are wanted, or can be had.
func (r *Roster) hand(f bank.RosterFile, yield func(bank.Row, error) bool) bool {
	table, err := r.table(f.File())
	if err != nil {
		yield(bank.Row{}, err)
		return false
	}
	defer func() { _ = table.Close() }() // it was read only
	header := table.Header()
	var at []int
	for _, column := range f.All() {
		at = append(at, slices.Index(header, column))
	}
	for row, err := range table.All() {
		given := bank.Row{File: f.File(), Delta: r.changed[f.Name], Number: row.Number, Line: row.Line, Cells: pickOrBlank(row.Cells, at)}
		var fault *sheet.Fault
		if errors.As(err, &fault) {
			if slices.Contains([]string{sheet.CodeQuotes, sheet.CodeSize}, fault.Code) {
				yield(bank.Row{}, inPart(err, f.File()))
				return false
			}
			given.Number, given.Line, given.Fault, given.Cells, err = fault.Number, fault.Line, fault.Code, pickOrBlank(fault.Cells, at), nil
		}
		if !yield(given, err) || err != nil {
			return false
		}
	}
	return true
}

// pickOrBlank are the cells at some places; what is not there is blank.
func pickOrBlank(cells []string, at []int) []string {
	picked := make([]string, len(at))
	for i, n := range at {
		if n >= 0 && n < len(cells) {
			picked[i] = cells[n]
		}
	}
	return picked
}

// stagedRoster opens an archive that somebody brought in the browser.
func stagedRoster(in io.Reader) (bank.Staged, error) {
	r, err := OpenRoster(in)
	if err != nil {
		return bank.Staged{}, err
	}
	return bank.Staged{Header: bank.RosterHeader(), Rows: r.Rows(), Notes: r.Notes(), ReadAs: bank.ReadAs{Parts: r.Parts()}, Close: func() error { return nil }}, nil
}

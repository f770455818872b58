package bank

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Row is one row of a file that is imported.
type Row struct {
	File    string   // of an archive, the part in which it stands
	Number  int      // the row as a spreadsheet counts it: the header is 1
	Line    int      // the line of the file on which it begins
	Cells   []string // in the order of the header
	Fault   string   // why the row could not be read: the code of a sentence; empty: it could
	Surplus string   // with a Fault: what stands in no column, as it would stand in the file
	Marks   []Mark   // what is to be known of some cells beside their value
	Delta   bool     // of an archive: the part holds what changed, and not all there is
	Epoch   int      // 1900 or 1904 in a workbook, which counts days from there; 0: dates are text
}

// Import says what to take in. Rows are read once, to the end.
type Import struct {
	Kind    string
	Header  []string
	Rows    iter.Seq2[Row, error]
	DryRun  bool // report, write nothing
	Partial bool // take the good rows, refuse the others
	Publish bool // equivalences: approve in the actor's name
	// Mend lists the troubles, of [Mendable], that are to be mended rather than refused.
	Mend []string
	// Notes are what is to be said of how the file was read; the report begins with them.
	Notes []Note

	upload string // the number of the upload that is committed: what an undoing needs is kept with it
}

// ImportReport is what an import came to. Rows = New + Unchanged + Updated + Refused.
type ImportReport struct {
	Kind      string     `json:"kind"`
	Rows      int        `json:"rows"`
	New       int        `json:"new"`
	Unchanged int        `json:"unchanged"`
	Updated   int        `json:"updated"`
	Refused   int        `json:"refused"`
	Written   bool       `json:"written"`
	Errors    []RowError `json:"errors"`
	Notes     []Note     `json:"notes"`
	// Parts are those of an archive, in their order; else nil.
	Parts []ImportPart `json:"parts,omitempty"`

	Rejected []Row `json:"-"` // the refused rows as they came
	// Names gives the columns of the contract as the file calls them, or would.
	Names map[string]string `json:"-"`
}

// RowError is one thing wrong with one row. Code names the sentence ("field."+Code).
type RowError struct {
	File   string `json:"file,omitempty"` // of an archive, the part in which it is
	Row    int    `json:"row"`            // as a spreadsheet counts it
	Line   int    `json:"line"`           // of the file
	Column string `json:"column"`
	Value  string `json:"value"`
	Code   string `json:"code"`
	// Mendable: it is mended when its code stands in [Import].Mend.
	Mendable bool           `json:"mendable"`
	Args     map[string]any `json:"-"`
}

// Column is a column of the contract's files, by its English and its Chinese name.
type Column struct {
	Name, Zh string
	Required bool // the column must be there
}

// kind is what import and export know of one kind of file.
type kind struct {
	name    string
	columns []Column
	take    func(*importRun) error
	give    func(context.Context, *Bank, func(...string) error) error
	mapped  bool // the engine's map is made from it
	own     bool // its rows belong to learners
	chinese bool // it comes out with its Chinese names: others than banks of this kind read it
}

// kinds lists every kind of file in the order in which an empty bank is filled.
func kinds() []kind {
	all := []kind{regionFile, catalogueFile}
	for _, l := range lists() {
		all = append(all, l.file())
	}
	return append(all,
		institutionFile, courseFile, programmeFile, groupFile, planFile, equivalenceFile,
		policyFile, capFile, scaleFile, holidayFile, examFile, learnerFile, recordFile, useFile,
		regionalFile(RegionalCourses), regionalFile(RegionalExternal), regionalFile(RegionalCertificates),
	)
}

// Kinds names the kinds of files, in the order in which an empty bank is filled.
func Kinds() []string {
	var names []string
	for _, k := range kinds() {
		names = append(names, k.name)
	}
	return names
}

func kindNamed(name string) (kind, error) {
	for _, k := range append(kinds(), rosterKind()) {
		if k.name == name {
			return k, nil
		}
	}
	return kind{}, unknownKind(name)
}

func unknownKind(name string) error {
	return invalidField("kind", name, "choice", map[string]any{"Choices": strings.Join(Kinds(), ", ")})
}

// Import takes a file in, whole or, with Partial, row by row. It promises
// Invalid for a file whose columns are wrong and, with or without Partial, for
// one in which nobody can say where the next row begins (a misplaced quote, a
// cell without end); faults of rows are in the report.
// A file imported twice changes nothing the second time. A registrar brings in rows
// of the own school, and rules as drafts; publishing is the operator's. It promises
// Denied.
func (b *Bank) Import(ctx context.Context, actor Actor, in Import) (ImportReport, error) {
	k, err := kindNamed(in.Kind)
	if err != nil {
		return ImportReport{}, err
	}
	scope, err := actor.mayImport(in.Kind)
	if err == nil && in.Publish {
		err = actor.need(IsOperator)
	}
	if err != nil {
		return ImportReport{}, err
	}
	at, err := columnsAt(k, in.Header)
	if err != nil {
		return ImportReport{}, err
	}
	run := &importRun{in: in, at: at, scope: scope, again: rejectsAt(in.Header),
		columns: k.columns, report: ImportReport{Kind: in.Kind, Errors: []RowError{}, Notes: append([]Note{}, in.Notes...), Names: namesIn(k, in.Header, at)}}
	err = b.writeAlone(ctx, actor, func(t *tx) error {
		run.tx = t
		return run.do(k)
	})
	if err != nil {
		return ImportReport{}, err
	}
	if run.report.Written {
		b.forget()
		b.db.countAnew(ctx, run.report.New+run.report.Updated)
	}
	return run.report, nil
}

// do runs the import inside its transaction and decides whether it stays.
func (r *importRun) do(k kind) error {
	if err := k.take(r); err != nil {
		return err
	}
	slices.SortStableFunc(r.report.Errors, func(a, b RowError) int { return cmp.Or(cmp.Compare(a.File, b.File), a.Row-b.Row) })
	slices.SortStableFunc(r.report.Rejected, func(a, b Row) int { return cmp.Or(cmp.Compare(a.File, b.File), a.Number-b.Number) })
	changed := r.report.New+r.report.Updated > 0
	if r.in.DryRun || !changed || (r.report.Refused > 0 && !r.in.Partial) {
		return errRollback
	}
	if k.mapped {
		if err := r.tx.raiseMap(); err != nil {
			return err
		}
	}
	r.report.Written = true
	if r.in.upload != "" {
		if err := r.committed(); err != nil {
			return err
		}
	}
	return r.tx.audit("import", k.name, r.summary())
}

func (r *importRun) summary() string {
	how := ""
	if r.in.Publish {
		how = ", published in the operator's name"
	}
	return fmt.Sprintf("rows=%d new=%d unchanged=%d updated=%d refused=%d%s",
		r.report.Rows, r.report.New, r.report.Unchanged, r.report.Updated, r.report.Refused, how)
}

// importRun is one import under way.
type importRun struct {
	*tx
	in     Import
	at     map[string]int
	report ImportReport
	known  *references
	again  rejectCells
	// scope is the institution whose rows alone are taken; empty: all.
	scope string
	// undo, when the import is kept, is what an undoing needs.
	undo any
	// columns are those of the kind.
	columns []Column
	// zeros are the codes of each list that begin with zeros, as they were asked for.
	zeros map[string]map[string]string
	// unreadable, when set, takes the rows that could not be read.
	unreadable func(*cells) error
}

// rows gives every readable row as cells; rows that could not be read are
// refused. Where nobody can say where the next row begins, the whole file is.
func (r *importRun) rows(take func(*cells) error) error {
	for row, err := range r.in.Rows {
		if err != nil {
			return err
		}
		r.report.Rows++
		c := &cells{run: r, row: row}
		switch row.Fault {
		case "":
			if r.readable(c) {
				continue
			}
		case "quotes", "size", "workbook_broken":
			return invalidField(fmt.Sprintf("row %d", row.Number), "", row.Fault, nil)
		default:
			c.fault("", "", row.Fault, nil)
		}
		if err := r.hand(c, take); err != nil {
			return err
		}
	}
	return nil
}

// readable makes the cells of a row what they are read as, and tells what is wrong
// with it as a row. It says whether the row is none of the table's, and left out.
func (r *importRun) readable(c *cells) (left bool) {
	if c.isTotal(r.columns) {
		if _, left = c.offer("", "", "total_row", "", nil); left {
			r.report.Rows--
		}
		return left
	}
	c.tidy()
	c.marked()
	c.inScope()
	r.again.checkMended(c)
	return false
}

// hand gives a row to whoever takes such rows.
func (r *importRun) hand(c *cells, take func(*cells) error) error {
	switch {
	case len(c.faults) == 0:
		return take(c)
	case r.unreadable != nil:
		return r.unreadable(c)
	}
	r.refuse(c)
	return nil
}

// refuse counts a row as refused, for all that was found wrong with it.
func (r *importRun) refuse(c *cells) {
	r.report.Refused++
	r.report.Errors = append(r.report.Errors, c.faults...)
	r.report.Rejected = append(r.report.Rejected, c.row)
}

// fate is what becomes of a row that is good.
type fate int

const (
	isNew fate = iota
	isUnchanged
	isUpdated
)

func (r *importRun) count(f fate, rows int) {
	switch f {
	case isNew:
		r.report.New += rows
	case isUnchanged:
		r.report.Unchanged += rows
	case isUpdated:
		r.report.Updated += rows
	}
}

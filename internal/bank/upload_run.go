package bank

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"maps"
	"slices"
)

// UploadReport is what was found wrong with an upload the last time, as far as it
// is kept.
type UploadReport struct {
	Errors   []RowError
	Rejected []Row // as they came, in the columns of Header
	Notes    []Note
	Names    map[string]string // the columns of the contract as the file calls them
	Header   []string          // of Rejected
	Edits    map[int]map[string]string
}

// keptErrors is how many faults and refused rows are kept of one upload.
const keptErrors = 5000

// keptReport is an [UploadReport] as it is sealed.
type keptReport struct {
	Errors   []keptError
	Rejected []Row
	Notes    []Note
	Names    map[string]string
	Header   []string
}

type keptError struct {
	RowError
	Args map[string]any
}

// UploadReport tells what the last check of an upload, or its commit, found wrong.
// It promises NotFound.
func (b *Bank) UploadReport(ctx context.Context, actor Actor, id string) (r UploadReport, err error) {
	if _, err := b.Upload(ctx, actor, id); err != nil {
		return r, err
	}
	text, err := b.db.part(b.reading(ctx), id, partReport)
	if err != nil || text == nil {
		return r, err
	}
	var kept keptReport
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&kept); err != nil {
		return r, err
	}
	r = UploadReport{Rejected: kept.Rejected, Notes: kept.Notes, Names: kept.Names, Header: kept.Header}
	for _, e := range kept.Errors {
		wholeNumbers(e.Args)
		e.RowError.Args = e.Args
		r.Errors = append(r.Errors, e.RowError)
	}
	return r, b.db.jsonPart(b.reading(ctx), id, partEdits, &r.Edits)
}

// CheckUpload begins to try an upload without writing, as a job. CommitUpload begins
// to take it in, in one batch: all its rows or, with partial, the good ones; what is
// refused stays to be downloaded. Both come back at once with the number of the job,
// and promise NotFound, Denied and Conflict (error.upload_over, error.upload_busy,
// error.upload_changed).
func (b *Bank) CheckUpload(ctx context.Context, actor Actor, id string, read StagedReader) (job string, err error) {
	return b.runUpload(ctx, actor, id, read, Import{DryRun: true}, 0)
}

// CommitUpload is told of at [Bank.CheckUpload]; stamp is that of the upload that was
// looked at.
func (b *Bank) CommitUpload(ctx context.Context, actor Actor, id string, stamp int64, partial bool, read StagedReader) (job string, err error) {
	return b.runUpload(ctx, actor, id, read, Import{Partial: partial, upload: id}, stamp)
}

func (b *Bank) runUpload(ctx context.Context, actor Actor, id string, read StagedReader, in Import, stamp int64) (job string, err error) {
	u, err := b.Upload(ctx, actor, id)
	if err == nil {
		err = u.changeable(actor)
	}
	if err == nil && u.Job != "" {
		err = b.idle(ctx, u.Job)
	}
	switch {
	case err != nil:
		return "", err
	case u.State != UploadStaged && u.State != UploadChecked || !u.Staged:
		return "", &Error{Code: Conflict, Key: "error.upload_over"}
	case !in.DryRun && (u.Stamp != stamp || u.State != UploadChecked):
		return "", &Error{Code: Conflict, Key: "error.upload_changed"}
	}
	job, err = b.startJob(ctx, actor, jobStart{Kind: "import", Object: id}, func(ctx context.Context, p *progress) (any, error) {
		return b.workUpload(ctx, actor, u, read, in, p)
	})
	if err != nil {
		return "", err
	}
	return job, b.write(ctx, actor, func(t *tx) error { return t.exec(`UPDATE upload SET job = $1 WHERE id = $2`, job, id) })
}

// idle promises Conflict while a job runs.
func (b *Bank) idle(ctx context.Context, job string) error {
	j, err := b.job(ctx, job)
	if err == nil && j.State == JobRunning {
		err = &Error{Code: Conflict, Key: "error.upload_busy"}
	}
	if CodeOf(err) == NotFound { // swept: it has ended long ago
		return nil
	}
	return err
}

// workUpload reads the staged file again and imports it as the command line does.
// What the job keeps are the counts.
func (b *Bank) workUpload(ctx context.Context, actor Actor, u Upload, read StagedReader, in Import, p *progress) (any, error) {
	content, err := b.db.part(b.reading(ctx), u.ID, partFile)
	if err != nil {
		return nil, err
	}
	edits := map[int]map[string]string{}
	if err := b.db.jsonPart(b.reading(ctx), u.ID, partEdits, &edits); err != nil {
		return nil, err
	}
	s, err := read(content, u.Kind, u.Sheet)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }() // it was read only
	p.total(u.Rows)
	meant := newMeaning(&u, s.Header)
	in.Kind, in.Header, in.Mend, in.Notes = u.Kind, meant.header, u.Mend, s.Notes
	in.Rows = meant.rows(s.Rows, edits, p)
	report, err := b.Import(ctx, actor, in)
	if err != nil {
		return nil, err
	}
	maps.Copy(report.Names, meant.names)
	return report.counts(), b.keepReport(ctx, actor, u.ID, meant.header, report)
}

// counts is a report without what is wrong, and without anything personal.
func (r ImportReport) counts() ImportReport {
	return ImportReport{Kind: r.Kind, Rows: r.Rows, New: r.New, Unchanged: r.Unchanged, Updated: r.Updated, Refused: r.Refused, Written: r.Written, Parts: r.Parts, Errors: []RowError{}, Notes: []Note{}}
}

// keepReport keeps what an import came to. A committed upload keeps its state.
func (b *Bank) keepReport(ctx context.Context, actor Actor, id string, header []string, r ImportReport) error {
	kept := keptReport{Rejected: r.Rejected[:min(len(r.Rejected), keptErrors)], Notes: r.Notes, Names: r.Names, Header: header}
	for _, e := range r.Errors[:min(len(r.Errors), keptErrors)] {
		kept.Errors = append(kept.Errors, keptError{e, e.Args})
	}
	return b.write(context.WithoutCancel(ctx), actor, func(t *tx) error {
		if err := t.putJSON(id, partReport, kept); err != nil {
			return err
		}
		return t.exec(`UPDATE upload SET counts = $1, updated_at = $2, state = CASE WHEN state = 'staged' THEN 'checked' ELSE state END WHERE id = $3`,
			inJSON(r.counts()), micros(t.now), id)
	})
}

// committed notes, in the write of the import itself, that the upload is in the
// bank: the file goes, and what an undoing needs is kept.
func (r *importRun) committed() error {
	for _, what := range []string{partFile, partEdits} {
		if err := r.putPart(r.in.upload, what, nil); err != nil {
			return err
		}
	}
	if r.undo != nil && undoers()[r.in.Kind] != nil {
		text, err := undoText(r.undo)
		if err == nil {
			err = r.putPart(r.in.upload, partUndo, text)
		}
		if err != nil {
			return err
		}
	}
	return r.exec(`UPDATE upload SET state = 'committed', counts = $1, updated_at = $2, stamp = stamp + 1 WHERE id = $3`,
		inJSON(r.report.counts()), micros(r.now), r.in.upload)
}

// inScope refuses what is not of the actor's school. Of rules one side is enough:
// see [draftRule.within]; whose a row of a regional file is its person says.
func (c *cells) inScope() {
	if c.run.scope == "" || c.run.in.Kind == "equivalences" || isRegional(c.run.in.Kind) {
		return
	}
	switch code := c.raw("institution"); {
	case code == "":
		c.fault("institution", "", "required", nil)
	case code != c.run.scope:
		c.fault("institution", code, "not_yours", nil)
	}
}

// meaning turns the rows of a file into rows of the columns that are meant.
type meaning struct {
	header []string          // names of the contract
	names  map[string]string // what the file calls them
	at     []int             // where each stands in the file; -1: it is not there
	school string            // stands in the column institution that the file does not have
}

func newMeaning(u *Upload, header []string) meaning {
	m := meaning{names: map[string]string{}}
	for i, name := range header {
		if column := u.Columns[name]; column != "" {
			m.header, m.at, m.names[column] = append(m.header, column), append(m.at, i), name
		}
	}
	if k, err := kindNamed(u.Kind); err == nil && u.Institution != "" && k.has("institution") && !slices.Contains(m.header, "institution") {
		m.header, m.at, m.school = append(m.header, "institution"), append(m.at, -1), u.Institution
	}
	return m
}

// rows gives the rows as they are meant, with what was mended in place.
func (m *meaning) rows(all iter.Seq2[Row, error], edits map[int]map[string]string, p *progress) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for row, err := range all {
			if err == nil {
				err = p.add(1)
			}
			if !yield(m.row(row, edits[row.Number]), err) || err != nil {
				return
			}
		}
	}
}

func (m *meaning) row(row Row, edits map[string]string) Row {
	if row.File != "" {
		return row // the columns of an archive are those of its standard
	}
	cells := make([]string, len(m.at))
	var marks []Mark
	for i, at := range m.at {
		switch {
		case at >= 0 && at < len(row.Cells):
			cells[i] = row.Cells[at]
		case at < 0:
			cells[i] = m.school
		}
		for _, mark := range row.Marks {
			if mark.Cell == at {
				mark.Cell = i
				marks = append(marks, mark)
			}
		}
		if text, edited := edits[m.header[i]]; edited {
			cells[i] = text
		}
	}
	row.Cells, row.Marks = cells, marks
	return row
}

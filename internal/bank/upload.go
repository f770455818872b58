package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"
	"slices"
	"strconv"
	"time"
)

// Upload is a file on its way into the bank: staged, checked as often as needed,
// committed as one batch, and undone while nothing depends on it (导入).
type Upload struct {
	ID          string
	Kind        string
	Institution string // whose rows it may bring; empty: of all
	By          string // Actor.Name of who brought it
	State       string // see the constants
	Sheet       string // of a workbook, the one that is meant; empty: the first
	ReadAs      ReadAs
	Header      []string          // of the file
	Columns     map[string]string // names of the header to names of the contract; "" is left out
	Mend        []string          // the troubles that are confirmed
	Size, Rows  int64             // bytes, rows below the header
	Counts      ImportReport      // of the last check or the commit, without errors
	Job         string            // the last job: it checks, commits or undoes
	Stamp       int64             // raised by every change of what was staged
	Made        time.Time
	Updated     time.Time

	Staged   bool // the file is still there
	Undoable bool
}

// States of an upload.
const (
	UploadStaged    = "staged"
	UploadChecked   = "checked"
	UploadCommitted = "committed"
	UploadUndone    = "undone"
	UploadDropped   = "dropped"
)

// ReadAs is how a file was read, to be said to whoever brought it.
type ReadAs struct {
	Encoding  string `json:"encoding"` // empty: a workbook
	Separator string `json:"separator"`
	Sheet     string `json:"sheet"`
	Others    int    `json:"others"`
	Parts     int    `json:"parts,omitempty"` // of an archive
	// Fits are the kinds that the file was recognised as, the one that it was taken for
	// first; nil: whoever brought it said the kind.
	Fits []string `json:"fits,omitempty"`
}

// uploadLife is how long a file stays staged, and a commit can be undone.
const uploadLife = 7 * 24 * time.Hour

// MaxUpload is the largest file that is taken from a browser, in bytes.
const MaxUpload = 24 << 20

// Staged is a file as it is read for the bank, by whoever knows files.
type Staged struct {
	Header []string
	Rows   iter.Seq2[Row, error]
	Notes  []Note
	ReadAs ReadAs
	Close  func() error
}

// StagedReader opens a staged file of a kind. Its refusals are [*Error]s.
type StagedReader func(content []byte, kind, sheet string) (Staged, error)

// mayImport promises Denied for a kind that the actor may not bring in, and gives
// whose rows they may bring: of an institution, or of all ("").
func (a Actor) mayImport(kind string) (scope string, err error) {
	switch {
	case a.Is(IsOperator):
		return "", nil
	case a.Is(IsAdministrator) && !slices.Contains([]string{"policies", "caps"}, kind): // those are proposed: two decide
		return "", nil
	case a.Is(IsRegistrar) && a.Institution != "" && slices.Contains(schoolKinds(), kind):
		return a.Institution, nil
	}
	return "", &Error{Code: Denied, Key: "error.role"}
}

// schoolKinds are the kinds of files that a school brings in itself.
func schoolKinds() []string {
	return []string{"courses", "programmes", "groups", "plans", "equivalences", "learners", "records", OneRoster, RegionalCourses}
}

// ImportKinds lists the kinds of files that the actor may bring in.
func (b *Bank) ImportKinds(actor Actor) []string {
	var kinds []string
	for _, kind := range append(Kinds(), OneRoster) {
		if _, err := actor.mayImport(kind); err == nil {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

const selectUploads = `SELECT id, kind, institution, started_by, state, sheet, header, columns, mend, read_as, size, row_count, counts, job, stamp, made_at, updated_at,
	EXISTS (SELECT 1 FROM upload_part p WHERE p.upload = upload.id AND p.what = 'file'), EXISTS (SELECT 1 FROM upload_part p WHERE p.upload = upload.id AND p.what = 'undo') FROM upload`

func scanUpload(rows *sql.Rows) (u Upload, err error) {
	var header, columns, mend, readAs, counts string
	var made, updated int64
	if err := rows.Scan(&u.ID, &u.Kind, &u.Institution, &u.By, &u.State, &u.Sheet, &header, &columns, &mend, &readAs, &u.Size, &u.Rows, &counts, &u.Job, &u.Stamp,
		&made, &updated, &u.Staged, &u.Undoable); err != nil {
		return u, err
	}
	u.Made, u.Updated = fromMicros(made), fromMicros(updated)
	for _, field := range []struct {
		text string
		into any
	}{{header, &u.Header}, {columns, &u.Columns}, {mend, &u.Mend}, {readAs, &u.ReadAs}, {counts, &u.Counts}} {
		if err := json.Unmarshal([]byte(field.text), field.into); err != nil {
			return u, err
		}
	}
	u.Undoable = u.Undoable && u.State == UploadCommitted
	return u, nil
}

// Upload gives one upload. It promises NotFound, also for another school's.
func (b *Bank) Upload(ctx context.Context, actor Actor, id string) (Upload, error) {
	u, err := uploadNamed(b.reading(ctx), id)
	if err != nil {
		return Upload{}, err
	}
	return u, u.visible(actor)
}

// visible promises NotFound for an upload of others.
func (u *Upload) visible(actor Actor) error {
	if actor.Is(IsAdministrator|IsAuditor|IsOperator) || actor.Is(IsRegistrar) && u.Institution != "" && u.Institution == actor.Institution {
		return nil
	}
	return notFound("upload", u.ID)
}

func uploadNamed(read reading, id string) (u Upload, err error) {
	found := false
	err = read(func(rows *sql.Rows) error {
		found = true
		u, err = scanUpload(rows)
		return err
	}, selectUploads+` WHERE id = $1`, id)
	if err == nil && !found {
		err = notFound("upload", id)
	}
	return u, err
}

// Uploads lists those that the actor may know of, the newest first. It promises
// Denied, and Invalid for a foreign cursor.
func (b *Bank) Uploads(ctx context.Context, actor Actor, w Window) (page Page[Upload], err error) {
	if err := actor.need(IsRegistrar | IsAdministrator | IsAuditor | IsOperator); err != nil {
		return page, err
	}
	start, limit, err := w.part()
	if err != nil {
		return page, err
	}
	all, read := actor.Is(IsAdministrator|IsAuditor|IsOperator), b.reading(ctx)
	const where = ` WHERE ($1 OR (institution = $2 AND institution <> ''))`
	if err := read(func(rows *sql.Rows) error { return rows.Scan(&page.Total) }, `SELECT count(*) FROM upload`+where, all, actor.Institution); err != nil {
		return page, err
	}
	err = read(func(rows *sql.Rows) error {
		u, err := scanUpload(rows)
		page.Items = append(page.Items, u)
		return err
	}, selectUploads+where+` ORDER BY made_at DESC, id LIMIT $3 OFFSET $4`, all, actor.Institution, limit, start)
	if end := start + len(page.Items); end < page.Total && len(page.Items) > 0 {
		page.Next = strconv.Itoa(end)
	}
	return page, err
}

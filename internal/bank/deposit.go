package bank

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// DepositRecord is one verified result as it was typed or sent: the columns of a
// file of records without the learner.
type DepositRecord struct {
	Reference, Kind, Institution, Course, Title, Grade, Scale, Credits, Hours, Level, CompletedOn string

	ValidTo string `json:",omitempty"` // the last day on which it holds; left out, as requests without it always were

	Term string
}

// depositColumns are in the order of cells.
var depositColumns = map[string]int{"learner": 0, "reference": 1, "kind": 2, "institution": 3, "course": 4, "title": 5, "grade": 6, "scale": 7,
	"credits": 8, "hours": 9, "level": 10, "completed_on": 11, "valid_to": 12, "term": 13}

// cells are those of a row of records. Blanks around a text are none of it, as in
// a file: a result that is exported and comes back must be the same.
func (d *DepositRecord) cells(account string) []string {
	row := []string{account, d.Reference, d.Kind, d.Institution, d.Course, d.Title, d.Grade, d.Scale, d.Credits, d.Hours, d.Level, d.CompletedOn, d.ValidTo, d.Term}
	for i := 1; i < len(row); i++ {
		row[i] = strings.TrimSpace(row[i])
	}
	return row
}

// oneLine wants that texts have no line breaks, which not every table keeps as they are.
func (c *cells) oneLine(columns ...string) {
	for _, column := range columns {
		if strings.ContainsAny(c.raw(column), "\r\n\t") {
			c.fault(column, "", "control_character", nil)
		}
	}
}

// Deposit (存入) books results into an account, issuer → available, in one batch:
// all of them or none. What is there already with the same content is unchanged and
// books nothing, so the same results may be sent again. After a reversal of its
// deposit a result may be deposited again, corrected or not.
//
// It promises Invalid, naming element and field, for what an import of records
// would refuse, for credits of zero (a result without credits of its own leaves
// them out), an element named twice, and an empty or too long list; NotFound for
// the account; Conflict, naming the elements, for a result that is there with other
// content or in another account, and (error.ledger_merged) for an account that was
// merged into another; and the codes of [Bank.write].
func (b *Bank) Deposit(ctx context.Context, actor Actor, account string, in []DepositRecord, why Why) (Receipt, error) {
	list, err := b.admitDeposits(ctx, actor, account, in)
	if err != nil {
		return Receipt{}, err
	}
	return b.bookAs(ctx, actor, "deposit", []any{account, in}, &booking{why: why, account: account, deposits: list, do: func(j *journal, receipt *Receipt) error {
		if err := j.unmerged(account); err != nil {
			return err
		}
		return j.depositAll(list, receipt)
	}})
}

// CheckDeposit refuses what [Bank.Deposit] refuses before it looks at the ledger:
// what is wrong with the results themselves, and who may not deposit them. It
// writes nothing.
func (b *Bank) CheckDeposit(ctx context.Context, actor Actor, account string, in []DepositRecord) error {
	_, err := b.admitDeposits(ctx, actor, account, in)
	return err
}

func (b *Bank) admitDeposits(ctx context.Context, actor Actor, account string, in []DepositRecord) ([]deposited, error) {
	if err := actor.mayIssue(in); err != nil {
		return nil, err
	}
	if err := checkCount("records", len(in)); err != nil {
		return nil, err
	}
	s, err := b.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return b.readDeposits(ctx, s, account, in)
}

// deposited is one element that is good by itself.
type deposited struct {
	keyed[recordKey, Record]
	amount credit.Amount
}

func (k recordKey) ref() RecordRef { return RecordRef(k) }

// readDeposits reads the elements as rows of a file of records, against the map.
func (b *Bank) readDeposits(ctx context.Context, s *Snapshot, account string, in []DepositRecord) ([]deposited, error) {
	most, err := b.maximaFor(ctx, in)
	if err != nil {
		return nil, err
	}
	known := &references{institutions: map[string]string{}, courses: map[transfer.CourseKey]bool{}}
	run := &importRun{tx: &tx{now: b.Now()}, at: depositColumns, again: rejectCells{-1, -1}, known: known}
	reader := &recordReader{learners: map[string]bool{account: true}, scales: marker{scales: s.scales}, maxima: most}
	var wrong elements
	list := make([]deposited, len(in))
	seen := make(map[recordKey]bool, len(in))
	for i := range in {
		c := &cells{run: run, row: Row{Cells: in[i].cells(account)}}
		course := s.name(known, c.raw("institution"), c.raw("course"))
		c.oneLine("reference", "title", "term")
		k, v := reader.read(c)
		if v.Kind == KindPriorLearning { // only a recognition makes one
			c.fault("kind", v.Kind, "prior_learning", nil)
		}
		if v.Credits == 0 {
			c.fault("credits", c.raw("credits"), "amount_zero", nil)
		}
		if seen[k] && len(c.faults) == 0 {
			c.fault("reference", k.Reference, "twice_listed", nil)
		}
		for _, f := range c.faults {
			wrong.add(Invalid, fmt.Sprintf("records[%d].%s", i, f.Column), f.Value, f.Code, f.Args)
		}
		seen[k] = true
		list[i] = deposited{keyed[recordKey, Record]{k, v}, s.valueOf(k, v, course)}
	}
	return list, wrong.refusal()
}

// name takes an institution and a course that a result names into what is known,
// and gives the course's versions.
func (s *Snapshot) name(known *references, institution, course string) []CourseVersion {
	in, there := s.institutionNamed(institution)
	if !there {
		return nil
	}
	key := transfer.CourseKey{Institution: institution, Code: course}
	versions := s.versionsNamed(key)
	known.institutions[institution] = in.Kind
	known.courses[key] = len(versions) > 0
	return versions
}

func (s *Snapshot) valueOf(k recordKey, v Record, course []CourseVersion) credit.Amount {
	if in, known := s.institutionNamed(k.Institution); known {
		return valueOf(v, in, course)
	}
	return 0
}

// storedRecord is a result as it stands in the bank.
type storedRecord struct {
	Record
	standing string
}

// recordsNamed reads some results.
func (t *tx) recordsNamed(refs []RecordRef) (map[recordKey]storedRecord, error) {
	found := map[recordKey]storedRecord{}
	args := make([]any, 0, 2*len(refs))
	for _, ref := range refs {
		args = append(args, ref.Institution, ref.Reference)
	}
	return found, t.lookup(args, 2, func(rows *sql.Rows) error {
		var k recordKey
		var v storedRecord
		err := rows.Scan(append(recordFields(&k, &v.Record), &v.standing)...)
		found[k] = v
		return err
	}, `SELECT `+recordColumns+`, standing`, `JOIN record r ON r.institution = v.column1 AND r.reference = v.column2`)
}

// depositAll books the elements that are not there, and says of each what became of it.
func (j *journal) depositAll(list []deposited, receipt *Receipt) error {
	refs := make([]RecordRef, len(list))
	for i := range list {
		refs[i] = list[i].key.ref()
	}
	stored, err := j.recordsNamed(refs)
	if err != nil {
		return err
	}
	var wrong elements
	var added []deposited
	var again []RecordRef
	for i := range list {
		d := &list[i]
		old, exists := stored[d.key]
		switch {
		case exists && old.standing != "" && old.Record != d.value.holdingAs(old.Record):
			wrong.add(Conflict, recordField(i, "reference"), d.key.Reference, "lasting", nil)
		case exists && old.standing != "":
		case exists:
			again = append(again, refs[i])
			added = append(added, *d)
		default:
			added = append(added, *d)
		}
	}
	if err := wrong.refusal(); err != nil {
		return err
	}
	if err := j.depositNew(added, again); err != nil {
		return err
	}
	return j.tellDeposits(list, receipt)
}

// depositNew books results that are not there, in the batch under way; again names
// those whose deposit was reversed.
func (j *journal) depositNew(added []deposited, again []RecordRef) error {
	histories, err := j.makeRoom(added, again)
	if err != nil {
		return err
	}
	rows, err := j.postAll(added, histories, false)
	if err != nil {
		return err
	}
	return j.insertRows(rows)
}

// makeRoom takes out the results that are to be deposited again, and gives their ways so far.
func (t *tx) makeRoom(added []deposited, again []RecordRef) (map[RecordRef]*history, error) {
	histories, err := t.histories(again)
	if err != nil {
		return nil, err
	}
	if err := t.keepValidity(added, again); err != nil {
		return nil, err
	}
	return histories, t.dropRecords(again)
}

// postAll makes the entries of results, in the batch under way or, apart, each in a
// batch of its own, and gives the rows of the results.
func (j *journal) postAll(added []deposited, histories map[RecordRef]*history, apart bool) (*insertion, error) {
	rows := newRecords(0).withRoom(&j.rooms, len(added))
	for i := range added {
		d := &added[i]
		if err := j.depositRow(rows, histories[d.key.ref()], d); err != nil {
			return nil, err
		}
		if apart {
			if err := j.seal(); err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}

// recordBooked are the columns of a result with what was booked of it.
var recordBooked = slices.Concat(recordTable, bookedColumns)

// newRecords are rows of results with what was booked of them.
func newRecords(rows int) *insertion { return newInsertion("record", recordBooked, rows) }

// dropRecords makes room for the correction of results whose deposit was reversed.
// What was booked about them stays.
func (t *tx) dropRecords(refs []RecordRef) error {
	for _, ref := range refs {
		for _, table := range []string{"regional_result", "record_use", "record"} {
			if err := t.exec(`DELETE FROM `+table+` WHERE institution = $1 AND reference = $2`, ref.Institution, ref.Reference); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellDeposits says what became of each element.
func (j *journal) tellDeposits(list []deposited, receipt *Receipt) error {
	at := map[RecordRef]int{}
	for i := range j.batch {
		at[j.batch[i].Record] = i
	}
	for i := range list {
		told := DepositedRecord{RecordRef: list[i].key.ref(), State: DepositNew}
		if n, booked := at[told.RecordRef]; booked {
			told.Entry, told.Amount = j.batch[n].Number, j.batch[n].Amount
		} else if err := j.tellUnchanged(&told); err != nil {
			return err
		}
		receipt.Records = append(receipt.Records, told)
	}
	return nil
}

func (j *journal) tellUnchanged(told *DepositedRecord) error {
	told.State = DepositUnchanged
	return j.each(func(rows *sql.Rows) error { return rows.Scan(&told.Entry, &told.Amount) },
		`SELECT number, amount FROM entry WHERE institution = $1 AND reference = $2 AND kind = 'deposit' ORDER BY number`,
		told.Institution, told.Reference)
}

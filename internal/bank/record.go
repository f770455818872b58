package bank

import (
	"cmp"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// Record is one earned result of a learner (学习成果).
type Record struct {
	Learner   string
	Kind      string
	Course    string
	Title     string
	Grade     string       // as reported; empty: none
	Scale     string       // of the grade
	Score     credit.Score // -1: none
	Passed    bool
	Credits   credit.Amount // -1: not given
	Hours     credit.Hours  // -1: not given
	Level     int           // 0: not given
	Completed calendar.Day
	ValidTo   calendar.Day // the last day on which it holds; None: its issuer does not say
	Term      string
}

// recordKey is the issuer's own number for a result.
type recordKey struct{ Institution, Reference string }

func compareRecords(a, b recordKey) int {
	return cmp.Or(cmp.Compare(a.Institution, b.Institution), cmp.Compare(a.Reference, b.Reference))
}

// RecordKinds lists the kinds of results.
func RecordKinds() []string {
	return []string{transfer.KindCourse, "certificate", "contest", "exam", "work", "experience", KindPriorLearning}
}

// graded says whether a result of this kind is nothing without a grade.
func graded(kind string) bool { return kind == transfer.KindCourse || kind == "exam" }

var recordFile = kind{
	name: "records", own: true,
	columns: []Column{
		{"learner", "学分账号", true}, {"reference", "成果编号", false}, {"kind", "成果类型", false}, {"institution", "机构代码", true},
		{"course", "课程代码", true}, {"title", "成果名称", false}, {"grade", "成绩", false}, {"scale", "成绩制", false},
		{"credits", "学分", false}, {"hours", "学时", false}, {"level", "资历等级", false}, {"completed_on", "完成日期", true},
		{"valid_to", "有效期至", false}, {"term", "学期", false},
	},
	take: func(r *importRun) error {
		known, err := r.refs()
		if err != nil {
			return err
		}
		reader, err := r.recordReader()
		if err != nil {
			return err
		}
		book := &recordBook{recordReader: reader, withdrawn: map[recordKey]bool{}, institutions: known.institutions, some: map[string]bool{}}
		if book.aliases, err = r.aliases(); err != nil {
			return err
		}
		defer book.breakOff()
		return takeEach(r, entity[recordKey, Record]{
			read: func(c *cells) (recordKey, Record) {
				k, v := reader.read(c)
				if v.Kind == KindPriorLearning && !r.actor.Is(IsOperator) { // only a recognition makes one
					c.fault("kind", v.Kind, "prior_learning", nil)
				}
				v.Learner = book.aliases.of(v.Learner)
				return k, v
			},
			stored: book.stored, part: book.part, insert: book.insert, update: book.correct, finish: book.finish,
			// The same reference of the same issuer is the same result: other content contradicts it.
			lasting: true, reopened: func(k recordKey) bool { return book.withdrawn[k] }, completed: Record.holdingAs,
		})
	},
	give: giveRows(selectRecords+` ORDER BY institution, reference`, func(rows *sql.Rows) ([]string, error) {
		k, v, err := scanRecord(rows)
		return v.cells(k), err
	}),
}

// cells is a result as a row of the file of records.
func (v *Record) cells(k recordKey) []string {
	return []string{v.Learner, k.Reference, v.Kind, k.Institution, v.Course, v.Title, v.Grade, v.Scale,
		shown(v.Credits, -1, credit.Amount.String), shown(v.Hours, -1, credit.Hours.String), shownNumber(v.Level, 0), v.Completed.String(), v.ValidTo.String(), v.Term}
}

// holdingAs is the result as it comes, with the last day that the bank knows of it where
// it says none: what leaves that open contradicts neither a file nor a renewal.
func (v Record) holdingAs(known Record) Record {
	if v.ValidTo == calendar.None {
		v.ValidTo = known.ValidTo
	}
	return v
}

// Cells is the result as a row of the file of records.
func (r *Result) Cells() []string {
	return r.Record.cells(recordKey{r.RecordRef.Institution, r.RecordRef.Reference})
}

const recordColumns = `learner, institution, reference, kind, course, title, grade, scale, coalesce(score, -1), passed,
	coalesce(credits, -1), coalesce(hours, -1), coalesce(level, 0), completed_on, coalesce(valid_to, -2147483648), term`

const selectRecords = `SELECT ` + recordColumns + ` FROM record`

// recordFields are where a row with recordColumns is read to.
func recordFields(k *recordKey, v *Record) []any {
	return []any{&v.Learner, &k.Institution, &k.Reference, &v.Kind, &v.Course, &v.Title, &v.Grade, &v.Scale, &v.Score, &v.Passed,
		&v.Credits, &v.Hours, &v.Level, &v.Completed, &v.ValidTo, &v.Term}
}

func scanRecord(rows *sql.Rows) (recordKey, Record, error) {
	var k recordKey
	var v Record
	err := rows.Scan(recordFields(&k, &v)...)
	return k, v, err
}

var recordTable = []string{"learner", "institution", "reference", "kind", "course", "title", "grade", "scale", "score", "passed",
	"credits", "hours", "level", "completed_on", "valid_to", "term"}

// record takes a result as the columns of recordTable.
func (in *insertion) record(k *keyed[recordKey, Record]) {
	v := &k.value
	in.text(v.Learner)
	in.text(k.key.Institution)
	in.text(k.key.Reference)
	in.text(v.Kind)
	in.text(v.Course)
	in.text(v.Title)
	in.text(v.Grade)
	in.text(v.Scale)
	in.numberOr(int64(v.Score), -1)
	in.flag(v.Passed)
	in.numberOr(int64(v.Credits), -1)
	in.numberOr(int64(v.Hours), -1)
	in.numberOr(int64(v.Level), 0)
	in.number(int64(v.Completed))
	in.numberOr(int64(v.ValidTo), int64(calendar.None))
	in.text(v.Term)
}

// recordBook takes in the results of a file, each in a batch of its own.
type recordBook struct {
	*recordReader
	aliases   aliases
	withdrawn map[recordKey]bool // their deposit is reversed: what comes with other content is the correction
	some      map[string]bool    // by institution: whether results of it may be stored
	line      *depositLine       // of new results; nil: none is under way

	institutions map[string]string // all there are
}

// stored reads all results, under the accounts that are meant by those they have.
func (rb *recordBook) stored(t *tx) (map[recordKey]Record, error) {
	all := map[recordKey]Record{}
	err := t.each(func(rows *sql.Rows) error {
		var k recordKey
		var v storedRecord
		err := rows.Scan(append(recordFields(&k, &v.Record), &v.standing)...)
		v.Learner = rb.aliases.of(v.Learner)
		all[k] = v.Record
		if v.standing == "" {
			rb.withdrawn[k] = true
		}
		return err
	}, `SELECT `+recordColumns+`, standing FROM record`)
	return all, err
}

// part reads the results of some keys, in the same way.
func (rb *recordBook) part(t *tx, keys []recordKey) (map[recordKey]Record, error) {
	var refs []RecordRef
	for _, k := range keys {
		some, err := rb.hasSome(t, k.Institution)
		if err != nil {
			return nil, err
		}
		if some {
			refs = append(refs, k.ref())
		}
	}
	found, err := t.recordsNamed(refs)
	all := make(map[recordKey]Record, len(found))
	for k, v := range found {
		v.Learner = rb.aliases.of(v.Learner)
		all[k] = v.Record
		rb.withdrawn[k] = v.standing == ""
	}
	return all, err
}

// hasSome says whether results of an institution may be stored that a row repeats or
// contradicts. It asks once: those of this file that were written since are known to it
// by their rows, and before they matter finish lets it ask again.
func (rb *recordBook) hasSome(t *tx, institution string) (some bool, err error) {
	if _, known := rb.institutions[institution]; !known {
		return false, nil // a file may name very many such
	}
	some, asked := rb.some[institution]
	if asked {
		return some, nil
	}
	err = t.GetContext(t.ctx, &some, t.db.bind(`SELECT EXISTS (SELECT 1 FROM record WHERE institution = $1)`), institution)
	rb.some[institution] = some
	return some, err
}

// insert books new results. It leaves them under way to the database: finish ends that.
func (rb *recordBook) insert(t *tx, added []keyed[recordKey, Record]) error {
	if rb.line == nil {
		var err error
		if rb.line, err = t.depositLine(); err != nil {
			return err
		}
	}
	return rb.line.take(added)
}

// finish writes what insert left under way.
func (rb *recordBook) finish() error {
	clear(rb.some)
	if rb.line == nil {
		return nil
	}
	line := rb.line
	rb.line = nil
	defer line.breakOff()
	return line.end()
}

// breakOff leaves nothing under way, where the import ends before it is finished.
func (rb *recordBook) breakOff() {
	if rb.line != nil {
		rb.line.breakOff()
	}
}

// correct books a result again whose deposit was reversed.
func (rb *recordBook) correct(t *tx, k keyed[recordKey, Record]) error {
	if err := rb.finish(); err != nil {
		return err
	}
	return t.importDeposits([]keyed[recordKey, Record]{k}, []RecordRef{k.key.ref()})
}

// recordReader reads rows of results against the learners and scales there are.
type recordReader struct {
	learners map[string]bool
	scales   marker
	maxima   maxima // of parts of exams
}

func (r *importRun) recordReader() (*recordReader, error) {
	learners, err := r.knownAccounts()
	if err != nil {
		return nil, err
	}
	marks, err := storedMarks(r.tx)
	if err != nil {
		return nil, err
	}
	most, err := reading(r.each).maxima()
	return &recordReader{learners, marker{scales: newScales(marks)}, most}, err
}

func (rr *recordReader) read(c *cells) (recordKey, Record) {
	k := recordKey{Institution: c.institution("institution", true), Reference: c.text("reference", courseLength)}
	v := Record{
		Learner: c.account("learner", rr.learners), Kind: c.choice("kind", RecordKinds()...), Course: c.course("course", k.Institution, true),
		Title: c.text("title", nameLength), Grade: c.text("grade", codeLength), Scale: c.text("scale", codeLength), Score: -1, Passed: true,
		Credits: c.amount("credits", -1, false), Hours: c.hours("hours"), Level: c.number("level", 0, 1, 10),
		Completed: c.day("completed_on", true), ValidTo: c.day("valid_to", false), Term: c.text("term", codeLength),
	}
	if v.Completed != calendar.None && v.Completed > calendar.Of(c.run.now) {
		c.fault("completed_on", v.Completed.String(), "future", nil)
	}
	if v.ValidTo != calendar.None && v.ValidTo < v.Completed {
		c.fault("valid_to", v.ValidTo.String(), "before_completion", nil)
	}
	rr.grade(c, &v)
	if most, over := rr.maxima.over(transfer.CourseKey{Institution: k.Institution, Code: v.Course}, v.Completed, v.Score); over {
		c.fault("grade", v.Grade, "over_maximum", map[string]any{"Maximum": most.String()})
	}
	if k.Reference == "" && len(c.faults) == 0 {
		k.Reference = ownReference(v)
	}
	return k, v
}

// grade values the grade on the day of the result. An unknown one is an error, never a guess.
func (rr *recordReader) grade(c *cells, v *Record) {
	if v.Grade == "" {
		v.Scale = ""
		if graded(v.Kind) {
			c.fault("grade", "", "required", nil)
		}
		return
	}
	mark, scale, fault := rr.scales.mark(v.Scale, v.Grade, v.Completed)
	switch fault {
	case "":
		v.Score, v.Passed, v.Scale = mark.Score, mark.Passed, scale
	case "scale":
		c.fault("scale", v.Scale, fault, nil)
	default:
		c.fault("grade", v.Grade, fault, map[string]any{"Scale": v.Scale})
	}
}

// ownReference is the reference of a result that came without one: made of what
// it says, so that the same row is the same result when it comes again.
func ownReference(v Record) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{v.Learner, v.Kind, v.Course, v.Title, v.Completed.String(), v.Term, v.Grade}, "\x1f")))
	return "auto-" + hex.EncodeToString(sum[:12])
}

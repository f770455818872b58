package bank

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// CheckRecord is a result that someone asks about, as it was typed or sent.
type CheckRecord struct {
	Institution, Course, Kind, Grade, Scale, Credits, Hours, CompletedOn string
}

// MaxCheckRecords is how many results are answered for at once.
const MaxCheckRecords = 500

// CheckInput is a question: these results, or those of an account, on a day.
type CheckInput struct {
	Records []CheckRecord
	AsOf    string // a date; empty: today
	To      transfer.ProgrammeKey
	Filter  Filter // of a ranking
	Window  Window // of a ranking
}

// PlanAnswer is the engine's answer for one programme, with the map it was given
// on, and what would help.
type PlanAnswer struct {
	transfer.Answer
	Snapshot   *Snapshot
	Records    []transfer.Record
	References []string // by record, of an account's results; none for results that someone typed
	Help       []transfer.Help
	Promised   map[transfer.RuleRef]string // rules that no longer serve others, kept for the learner by an agreement, which is named
}

// Ranking is the engine's answer for many programmes.
type Ranking struct {
	Page[transfer.Standing]
	AsOf     calendar.Day
	Snapshot *Snapshot
	Records  []transfer.Record
}

// Plan answers what the results are worth in one programme, and why. It
// promises Invalid, naming the fields, and NotFound for the programme.
func (b *Bank) Plan(ctx context.Context, in CheckInput) (PlanAnswer, error) {
	q, err := b.question(ctx, in)
	if err != nil {
		return PlanAnswer{}, err
	}
	return q.plan(in.To)
}

// Rank answers what the results are worth in every programme of the filter,
// best first. It promises Invalid, naming the fields.
func (b *Bank) Rank(ctx context.Context, in CheckInput) (Ranking, error) {
	q, err := b.question(ctx, in)
	if err != nil {
		return Ranking{}, err
	}
	return q.rank(in)
}

// ReadRecords reads results as Plan and Rank would, without answering. It
// promises Invalid, naming the fields.
func (b *Bank) ReadRecords(ctx context.Context, in CheckInput) ([]transfer.Record, error) {
	q, err := b.question(ctx, in)
	if err != nil {
		return nil, err
	}
	return q.records, nil
}

// PlanLearner is Plan for the results of an account of which the actor sees all, and
// after them the results of the question, which are those that are hoped for. What
// applications of the learner brought in the programme, or will bring once a condition
// is met, counts as earned. It
// promises Denied, and NotFound for the account too.
func (b *Bank) PlanLearner(ctx context.Context, actor Actor, account string, in CheckInput) (PlanAnswer, error) {
	q, err := b.learnerQuestion(ctx, actor, account, in)
	if err != nil {
		return PlanAnswer{}, err
	}
	return q.plan(in.To)
}

// RankLearner is Rank for the results that PlanLearner is asked with. It promises
// Denied, and NotFound for the account too.
func (b *Bank) RankLearner(ctx context.Context, actor Actor, account string, in CheckInput) (Ranking, error) {
	q, err := b.learnerQuestion(ctx, actor, account, in)
	if err != nil {
		return Ranking{}, err
	}
	return q.rank(in)
}

// question is a set of results before the current map.
type question struct {
	snapshot   *Snapshot
	asOf       calendar.Day
	records    []transfer.Record
	references []string // by record, of an account's results

	promised  map[transfer.RuleRef]string    // by agreements, and no longer on the map as it was; each with the agreement
	kept      *transfer.Map                  // with what was promised; nil: nothing is to be kept
	concerned map[transfer.ProgrammeKey]bool // the programmes that it knows

	given map[transfer.ProgrammeKey][]givenAward // by applications of the learner
}

func (b *Bank) question(ctx context.Context, in CheckInput) (*question, error) {
	q, faults, err := b.emptyQuestion(ctx, in)
	if err != nil {
		return nil, err
	}
	if len(in.Records) == 0 {
		return nil, invalidField("records", "", "required", nil)
	}
	if faults = append(faults, q.readTyped(in.Records)...); len(faults) > 0 {
		return nil, invalidFields(faults)
	}
	return q, nil
}

// readTyped adds results that someone typed or sent, and gives what is wrong with them.
func (q *question) readTyped(records []CheckRecord) (faults []FieldError) {
	if len(records) > MaxCheckRecords {
		return []FieldError{{Field: "records", Code: "too_many", Args: map[string]any{"Limit": MaxCheckRecords, "Got": len(records)}}}
	}
	for i, r := range records {
		record, wrong := q.snapshot.readCheckRecord(r, q.asOf)
		for _, f := range wrong {
			f.Field = fmt.Sprintf("records[%d].%s", i, f.Field)
			faults = append(faults, f)
		}
		q.records = append(q.records, record)
	}
	return faults
}

// emptyQuestion is a question without results yet, and what is wrong with its day.
func (b *Bank) emptyQuestion(ctx context.Context, in CheckInput) (*question, []FieldError, error) {
	s, err := b.Snapshot(ctx)
	if err != nil {
		return nil, nil, err
	}
	r := fieldReader{}
	q := &question{snapshot: s, asOf: b.Today()}
	if in.AsOf != "" {
		q.asOf = readField(&r, "as_of", in.AsOf, "date", calendar.Parse)
	}
	return q, r.faults, nil
}

func (b *Bank) learnerQuestion(ctx context.Context, actor Actor, account string, in CheckInput) (*question, error) {
	q, faults, err := b.emptyQuestion(ctx, in)
	if err != nil {
		return nil, err
	}
	if len(faults) > 0 {
		return nil, invalidFields(faults)
	}
	if actor.Is(IsLearner) && actor.Learner == account {
		if _, err := b.own(ctx, actor); err != nil {
			return nil, err
		}
	}
	sees, err := b.see(ctx, actor, account, "check")
	if err == nil && !sees.all {
		err = notFound("learner", account)
	}
	if err != nil {
		return nil, err
	}
	if q.records, q.references, err = recordsOf(b.reading(ctx), account, b.Today()); err != nil {
		return nil, err
	}
	if faults := q.readTyped(in.Records); len(faults) > 0 {
		return nil, invalidFields(faults)
	}
	q.references = append(q.references, make([]string, len(in.Records))...)
	promised, err := b.promises(ctx, account)
	if err != nil {
		return nil, err
	}
	if err := q.keep(ctx, b, promised); err != nil {
		return nil, err
	}
	q.given, err = givenBefore(b.reading(ctx), account)
	return q, err
}

// selectAsked gives results as the engine is asked about them: behind their account
// and reference. One that stands elsewhere than in available is used: for the programme
// it is applied to or redeemed at, else held or expired. One whose last day is over has
// expired, whether that is booked yet or not.
func selectAsked(today calendar.Day) string {
	return fmt.Sprintf(`SELECT learner, reference, institution, course, kind, grade, coalesce(score, -1), passed, coalesce(credits, 0), coalesce(hours, 0),
	coalesce(level, 0), completed_on, CASE WHEN standing <> 'available' THEN coalesce(standing_institution || ':' || standing_programme, standing)
		WHEN valid_to < %d THEN 'expired' ELSE '' END FROM record`, today)
}

func scanAsked(rows *sql.Rows) (account, reference string, r transfer.Record, err error) {
	err = rows.Scan(&account, &reference, &r.Institution, &r.Code, &r.Kind, &r.Grade, &r.Score, &r.Passed, &r.Credits, &r.Hours, &r.Level, &r.Completed, &r.Used)
	return account, reference, r, err
}

// recordsOf reads the results of an account as of today, with the reference of each, in the
// order of their completion.
func recordsOf(read reading, account string, today calendar.Day) (records []transfer.Record, references []string, err error) {
	err = read(func(rows *sql.Rows) error {
		_, reference, r, err := scanAsked(rows)
		records, references = append(records, r), append(references, reference)
		return err
	}, selectAsked(today)+` WHERE learner = $1 AND standing <> '' ORDER BY completed_on, institution, reference`, account)
	return records, references, err
}

func (q *question) plan(to transfer.ProgrammeKey) (PlanAnswer, error) {
	p := PlanAnswer{Promised: q.promised, Snapshot: q.snapshot, Records: q.records, References: q.references}
	if a := q.again(to); a != nil {
		p.Answer, p.Help = a.plan(q.given[to])
		return p, nil
	}
	on, known := q.mapOf(to), false
	if p.Answer, known = on.Plan(to, q.records, q.asOf); !known {
		return PlanAnswer{}, notFound("programme", to.Institution+":"+to.Code)
	}
	p.Help, _ = on.Help(to, q.records, q.asOf)
	return p, nil
}

func (q *question) rank(in CheckInput) (Ranking, error) {
	if err := q.snapshot.checkFilter(in.Filter); err != nil {
		return Ranking{}, err
	}
	start, limit, err := in.Window.part()
	if err != nil {
		return Ranking{}, err
	}
	ranking := q.ranked(q.snapshot.programmesOf(in.Filter), start+limit)
	page := Page[transfer.Standing]{Total: ranking.Programmes, Items: ranking.Standings[min(start, len(ranking.Standings)):]}
	if end := start + len(page.Items); end < page.Total {
		page.Next = strconv.Itoa(end)
	}
	return Ranking{Page: page, AsOf: q.asOf, Snapshot: q.snapshot, Records: q.records}, nil
}

// programmesOf says of a programme whether a filter lets it through; nil: all pass.
func (s *Snapshot) programmesOf(f Filter) func(transfer.ProgrammeKey) bool {
	if f == (Filter{}) {
		return nil
	}
	fits := map[transfer.ProgrammeKey]bool{}
	for _, n := range s.programmesFor(f) {
		fits[s.Map.ProgrammeAt(n)] = true
	}
	return func(k transfer.ProgrammeKey) bool { return fits[k] }
}

// checkFilter refuses a filter that can never hold, so that a typing error is not an empty answer.
func (s *Snapshot) checkFilter(f Filter) error {
	_, known := s.Map.InstitutionNumber(f.Institution)
	switch {
	case f.Institution != "" && !known:
		return invalidField("filter.institution", f.Institution, "unknown_institution", nil)
	case f.Kind != "" && !slices.Contains(InstitutionKinds(), f.Kind):
		return invalidField("filter.kind", f.Kind, "choice", map[string]any{"Choices": strings.Join(InstitutionKinds(), ", ")})
	case f.Region != "" && !isRegionCode(f.Region):
		return invalidField("filter.region", f.Region, "region", nil)
	}
	return nil
}

// readCheckRecord reads one result against the map. A result without a date is
// taken as completed on the day of the question; one without a grade as passed.
func (s *Snapshot) readCheckRecord(in CheckRecord, asOf calendar.Day) (transfer.Record, []FieldError) {
	r := fieldReader{}
	record := transfer.Record{
		CourseKey: transfer.CourseKey{Institution: strings.TrimSpace(in.Institution), Code: strings.TrimSpace(in.Course)},
		Kind:      strings.TrimSpace(in.Kind), Score: transfer.NoScore, Passed: true, Completed: asOf,
		Credits: readField(&r, "credits", in.Credits, "amount", credit.ParseAmount),
		Hours:   readField(&r, "hours", in.Hours, "hours", credit.ParseHours),
	}
	if in.CompletedOn != "" {
		record.Completed = readField(&r, "completed_on", in.CompletedOn, "date", calendar.Parse)
	}
	if record.Kind == "" {
		record.Kind = transfer.KindCourse
	} else if !slices.Contains(RecordKinds(), record.Kind) {
		r.fault("kind", in.Kind, "choice", map[string]any{"Choices": strings.Join(RecordKinds(), ", ")})
	}
	s.readCheckCourse(&r, record.CourseKey)
	s.readCheckGrade(&r, in, &record)
	return record, r.faults
}

func (s *Snapshot) readCheckCourse(r *fieldReader, k transfer.CourseKey) {
	_, knownInstitution := s.Map.InstitutionNumber(k.Institution)
	_, known := s.Map.CourseNumber(k)
	switch {
	case k.Institution == "":
		r.fault("institution", "", "required", nil)
	case !knownInstitution:
		r.fault("institution", k.Institution, "unknown_institution", nil)
	case k.Code == "":
		r.fault("course", "", "required", nil)
	case !known:
		r.fault("course", k.Code, "unknown_course", map[string]any{"Institution": k.Institution})
	}
}

func (s *Snapshot) readCheckGrade(r *fieldReader, in CheckRecord, record *transfer.Record) {
	if strings.TrimSpace(in.Grade) == "" {
		if scale := strings.TrimSpace(in.Scale); scale != "" && !s.scales.known(scale, record.Completed) {
			r.fault("scale", in.Scale, "scale", nil)
		}
		return
	}
	mark, _, fault := s.scales.mark(strings.TrimSpace(in.Scale), in.Grade, record.Completed)
	switch fault {
	case "":
		record.Score, record.Passed, record.Grade = mark.Score, mark.Passed, strings.TrimSpace(in.Grade)
	case "scale":
		r.fault("scale", in.Scale, fault, nil)
	default:
		r.fault("grade", in.Grade, fault, map[string]any{"Scale": in.Scale})
	}
}

// fieldReader collects what is wrong with the fields of one thing.
type fieldReader struct{ faults []FieldError }

func (r *fieldReader) fault(field, value, code string, args map[string]any) {
	r.faults = append(r.faults, FieldError{Field: field, Value: value, Code: code, Args: args})
}

func readField[T any](r *fieldReader, field, text, code string, parse func(string) (T, error)) T {
	var zero T
	text = strings.TrimSpace(text)
	if text == "" {
		return zero
	}
	value, err := parse(text)
	if err != nil {
		r.fault(field, text, code, nil)
		return zero
	}
	return value
}

// CheckRecords reads results to ask about from a table with the columns of the
// records file, of which only institution and course are needed. It promises
// Invalid, naming the columns or rows.
func CheckRecords(header []string, rows iter.Seq2[Row, error]) ([]CheckRecord, error) {
	asked := kind{name: "records", columns: slices.Clone(recordFile.columns)}
	for i := range asked.columns {
		asked.columns[i].Required = asked.columns[i].Name == "institution" || asked.columns[i].Name == "course"
	}
	at, err := columnsAt(asked, header)
	if err != nil {
		return nil, err
	}
	var records []CheckRecord
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		if row.Fault != "" {
			return nil, invalidField(fmt.Sprintf("row %d", row.Number), "", row.Fault, nil)
		}
		c := &cells{run: &importRun{at: at}, row: row}
		records = append(records, CheckRecord{Institution: c.raw("institution"), Course: c.raw("course"), Kind: c.raw("kind"), Grade: c.raw("grade"),
			Scale: c.raw("scale"), Credits: c.raw("credits"), Hours: c.raw("hours"), CompletedOn: c.dayText("completed_on")})
	}
	return records, nil
}

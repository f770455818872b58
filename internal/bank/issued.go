package bank

import (
	"context"
	"database/sql"
	"encoding/json"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// IssuedResult is a result as its issuer sees it, with what was built on it since.
type IssuedResult struct {
	Record
	RecordRef
	Place     string        // where it stands, as in [Standing]
	Deposited credit.Amount // what it was deposited with
	Built     []BuiltOn     // the applications that hold or have used it
	Waits     bool          // a revocation is proposed, or put to the school that used the result
}

// BuiltOn is an item of an application that rests on a result.
type BuiltOn struct {
	Application string
	To          transfer.ProgrammeKey
	State       string        // of the item
	Given       credit.Amount // in the programme
	Redeemed    bool          // a diploma was issued on it
}

// IssuedResult gives a result of the actor's own school by its reference, and notes the
// look. It promises Denied, and NotFound.
func (b *Bank) IssuedResult(ctx context.Context, actor Actor, reference string) (IssuedResult, error) {
	if err := actor.need(IsRegistrar | IsDecider); err != nil {
		return IssuedResult{}, err
	}
	in := IssuedResult{RecordRef: RecordRef{Institution: actor.Institution, Reference: reference}}
	args, err := json.Marshal(map[string]string{"institution": actor.Institution, "reference": reference}) // of a proposal to revoke it
	if err != nil {
		return in, err
	}
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		var k recordKey
		return rows.Scan(append(recordFields(&k, &in.Record), &in.Place, &in.Deposited, &in.Waits)...)
	}, `SELECT `+recordColumns+`, standing, deposited,
			EXISTS (SELECT 1 FROM consequence c WHERE c.institution = $1 AND c.reference = $2 AND c.state = 'open')
			OR EXISTS (SELECT 1 FROM proposal p WHERE p.kind = 'reverse' AND p.args = $3 AND p.state = 'open' AND p.ends_at > $4)
		FROM record WHERE institution = $1 AND reference = $2`, actor.Institution, reference, string(args), micros(b.Now()))
	if err == nil && in.Learner == "" {
		err = notFound("result", reference)
	}
	if err != nil {
		return IssuedResult{}, err
	}
	if err := b.look(ctx, actor, in.Learner, "records", ""); err != nil {
		return IssuedResult{}, err
	}
	return in, b.readBuilt(ctx, &in)
}

func (b *Bank) readBuilt(ctx context.Context, in *IssuedResult) error {
	used, err := holders(b.reading(ctx), in.RecordRef)
	if err != nil {
		return err
	}
	for _, u := range used {
		a, err := readApplication(b.reading(ctx), b.unseal, u.application)
		if err != nil {
			return err
		}
		i := a.Items[u.item]
		in.Built = append(in.Built, BuiltOn{Application: a.ID, To: a.To, State: i.State, Given: i.Given, Redeemed: !a.Redeemed.IsZero()})
	}
	return nil
}

// Says is the result as a deposit would say it.
func (in *IssuedResult) Says() DepositRecord {
	return DepositRecord{Reference: in.Reference, Kind: in.Kind, Institution: in.Institution, Course: in.Course, Title: in.Title, Grade: in.Grade, Scale: in.Scale,
		Credits: shown(in.Credits, -1, credit.Amount.String), Hours: shown(in.Hours, -1, credit.Hours.String), Level: shownNumber(in.Level, 0),
		CompletedOn: in.Completed.String(), ValidTo: in.ValidTo.String(), Term: in.Term}
}

// DepositMeans is what the deposit of a result would come to.
type DepositMeans struct {
	RecordRef               // the reference made up where none was given
	Record                  // as it would be kept
	Amount    credit.Amount // that would be booked; 0: no pass
	Course    CourseVersion // that was in force on the day
	In        bool          // the day lies in the version's window
	State     string        // DepositNew, or DepositUnchanged when it is there already
	Rules     int           // published equivalences that take the course today
}

// TryDeposit says what [Bank.Deposit] of one result would come to, and writes nothing.
// It promises what the deposit does: Denied, Invalid, NotFound for the account, Conflict.
func (b *Bank) TryDeposit(ctx context.Context, actor Actor, account string, in DepositRecord) (DepositMeans, error) {
	list, err := b.admitDeposits(ctx, actor, account, []DepositRecord{in})
	if err != nil {
		return DepositMeans{}, err
	}
	d := list[0]
	means := DepositMeans{RecordRef: d.key.ref(), Record: d.value, Amount: d.amount, State: DepositNew}
	if err := b.meetDeposit(ctx, &means); err != nil {
		return DepositMeans{}, err
	}
	s, err := b.Snapshot(ctx)
	if err != nil {
		return DepositMeans{}, err
	}
	course := transfer.CourseKey{Institution: d.key.Institution, Code: d.value.Course}
	means.Course, _ = versionOn(s.versionsNamed(course), d.value.Completed)
	means.In = (means.Course.From == calendar.None || means.Course.From <= d.value.Completed) && (means.Course.To == calendar.None || d.value.Completed <= means.Course.To)
	rules, err := s.Equivalences(RuleFilter{SourceInstitution: course.Institution, SourceCourse: course.Code, On: d.value.Completed}, Window{Limit: 1})
	means.Rules = rules.Total
	return means, err
}

// meetDeposit holds what would be deposited against the account and what is there.
func (b *Bank) meetDeposit(ctx context.Context, means *DepositMeans) error {
	var into string
	if err := b.account(ctx, means.Learner, &into); err != nil {
		return err
	}
	if into != "" {
		return &Error{Code: Conflict, Key: "error.ledger_merged", Args: map[string]any{"Account": means.Learner, "Into": into}}
	}
	return b.db.each(ctx, func(rows *sql.Rows) error {
		var k recordKey
		var old storedRecord
		err := rows.Scan(append(recordFields(&k, &old.Record), &old.standing)...)
		switch {
		case err != nil || old.standing == "":
			return err
		case old.Record != means.Record.holdingAs(old.Record):
			return &Error{Code: Conflict, Key: "error.ledger_refused", Args: map[string]any{"Count": 1},
				Fields: []FieldError{{Field: recordField(0, "reference"), Value: k.Reference, Code: "lasting"}}}
		}
		means.State = DepositUnchanged
		return nil
	}, `SELECT `+recordColumns+`, standing FROM record WHERE institution = $1 AND reference = $2`, means.Institution, means.Reference)
}

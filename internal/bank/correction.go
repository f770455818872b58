package bank

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Correction is what a learner asks to be put right (PIPL, art. 46): a field of the
// person, or a result.
type Correction struct {
	ID      string    `json:"id"`
	Account string    `json:"-"`
	Name    string    `json:"-"`               // of the learner
	Field   string    `json:"field,omitempty"` // of the person, one of [CorrectionFields]; empty: a result
	Result  RecordRef `json:"result,omitzero"` // of the account
	Value   string    `json:"value"`           // what it should be
	Why     string    `json:"why"`
	State   string    `json:"state"`
	Made    time.Time `json:"made"`

	Decided   time.Time `json:"decided,omitzero"` // also by the learner, who took it back
	DecidedBy string    `json:"decided_by,omitempty"`
	Answer    string    `json:"answer,omitempty"`
}

// States of a correction.
const (
	CorrectionOpen      = "open"
	CorrectionAccepted  = "accepted"
	CorrectionRefused   = "refused"
	CorrectionWithdrawn = "withdrawn"
)

// CorrectionFields lists what of a person can be put right, as files of learners name it.
func CorrectionFields() []string {
	return []string{"name", "id_number", "school_number", "birth_date", "gender", "phone", "email"}
}

// NewCorrection is what a learner asks for: a field, or a result.
type NewCorrection struct {
	Field  string
	Result RecordRef
	Value  string
	Why    string
}

// Limits of corrections: how many of a learner are open at a time, and how long
// their texts are, in characters.
const (
	maxCorrections = 20
	correctionText = 500
)

// RequestCorrection asks the learner's own school, or the issuer of a result, to put
// something right, and gives the number of the request. It promises Denied; Invalid,
// naming field, value or why; NotFound for a result that is not the learner's;
// Conflict (error.correction_many).
func (b *Bank) RequestCorrection(ctx context.Context, actor Actor, in NewCorrection) (id string, err error) {
	account, err := b.own(ctx, actor)
	if err != nil {
		return "", err
	}
	in.Field, in.Value, in.Why = strings.TrimSpace(in.Field), strings.TrimSpace(in.Value), strings.TrimSpace(in.Why)
	if faults := in.faults(); len(faults) > 0 {
		return "", invalidFields(faults)
	}
	id = newNumber()
	return id, b.write(ctx, actor, func(t *tx) error { return t.requestCorrection(account, id, in) })
}

// faults names all that is wrong with what was typed.
func (in NewCorrection) faults() (faults []FieldError) {
	if in.Field == "" && in.Result == (RecordRef{}) {
		faults = append(faults, FieldError{Field: "field", Code: "required"})
	} else if in.Field != "" && (!slices.Contains(CorrectionFields(), in.Field) || in.Result != (RecordRef{})) {
		faults = append(faults, FieldError{Field: "field", Code: "choice", Args: map[string]any{"Choices": strings.Join(CorrectionFields(), ", ")}})
	}
	for _, text := range []struct{ field, value string }{{"value", in.Value}, {"why", in.Why}} {
		if code := textFault(text.value, correctionText); code != "" {
			faults = append(faults, FieldError{Field: text.field, Code: code, Args: map[string]any{"Limit": correctionText}})
		}
	}
	return faults
}

// textFault is the code of what is wrong with a text of one or more lines, empty
// when nothing is.
func textFault(text string, limit int) string {
	switch {
	case text == "":
		return "required"
	case !utf8.ValidString(text):
		return "utf8"
	case utf8.RuneCountInString(text) > limit:
		return "too_long"
	case hasControl(text):
		return "control_character"
	}
	return ""
}

func (t *tx) requestCorrection(account, id string, in NewCorrection) error {
	if err := t.fitCorrection(account, in); err != nil {
		return err
	}
	value, err := t.seal("correction.value", id, []byte(in.Value))
	if err != nil {
		return err
	}
	why, err := t.seal("correction.why", id, []byte(in.Why))
	if err != nil {
		return err
	}
	err = t.exec(`INSERT INTO correction (learner, id, field, institution, reference, value, why, state, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8)`,
		account, id, in.Field, textOrNil(in.Result.Institution), textOrNil(in.Result.Reference), value, why, micros(t.now))
	if err != nil {
		return err
	}
	return t.note(note{Action: "correction.request", Object: id, Subject: account, Detail: in.about()})
}

// about says in codes what is to be put right.
func (in NewCorrection) about() string {
	if in.Field != "" {
		return in.Field
	}
	return in.Result.Institution + ":" + in.Result.Reference
}

// fitCorrection holds a request against the account.
func (t *tx) fitCorrection(account string, in NewCorrection) error {
	open, own := 0, false
	err := t.each(func(rows *sql.Rows) error { return rows.Scan(&open, &own) },
		`SELECT (SELECT count(*) FROM correction WHERE learner = $1 AND state = 'open'),
			EXISTS (SELECT 1 FROM record WHERE learner = $1 AND institution = $2 AND reference = $3)`, account, in.Result.Institution, in.Result.Reference)
	switch {
	case err != nil:
		return err
	case in.Field == "" && !own:
		return notFound("result", in.Result.Reference)
	case open >= maxCorrections:
		return &Error{Code: Conflict, Key: "error.correction_many", Args: map[string]any{"Limit": maxCorrections}}
	case in.Field == "":
		return nil
	}
	person, err := t.learner(account)
	if err != nil {
		return err
	}
	_, err = t.changed(account, person, in.Field, in.Value)
	return err
}

// MyCorrections lists what the learner asked to be put right, the newest first. It
// promises Denied.
func (b *Bank) MyCorrections(ctx context.Context, actor Actor) ([]Correction, error) {
	account, err := b.own(ctx, actor)
	if err != nil {
		return nil, err
	}
	return b.correctionsOf(ctx, account)
}

func (b *Bank) correctionsOf(ctx context.Context, account string) ([]Correction, error) {
	return b.readCorrections(ctx, ` WHERE c.learner = $1 ORDER BY c.made_at DESC, c.id`, account)
}

// WithdrawCorrection takes back what the learner asked for. It promises Denied,
// NotFound, and Conflict (error.correction_closed) once it is decided.
func (b *Bank) WithdrawCorrection(ctx context.Context, actor Actor, id string) error {
	account, err := b.own(ctx, actor)
	if err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		c, err := t.correction(`c.learner = $1 AND c.id = $2`, account, id)
		if err != nil {
			return err
		}
		return t.closeCorrection(c, CorrectionWithdrawn, "")
	})
}

// closeCorrection ends a request that is open.
func (t *tx) closeCorrection(c Correction, state, answer string) error {
	if c.State != CorrectionOpen {
		return &Error{Code: Conflict, Key: "error.correction_closed"}
	}
	sealed, err := t.sealText("correction.answer", c.ID, answer)
	if err != nil {
		return err
	}
	err = t.exec(`UPDATE correction SET state = $1, answer = $2, decided_at = $3, decided_by = $4 WHERE learner = $5 AND id = $6`,
		state, sealed, micros(t.now), t.actor.Name, c.Account, c.ID)
	if err != nil {
		return err
	}
	about := NewCorrection{Field: c.Field, Result: c.Result}.about()
	return t.note(note{Action: "correction." + state, Object: c.ID, Subject: c.Account, Detail: about})
}

package bank

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"

	"creditbank/internal/transfer"
)

// EvaluationRequest is a learner's question whether a course counts somewhere.
// Schools see what is asked and not who asks.
type EvaluationRequest struct {
	Source transfer.CourseKey    // what was studied
	To     transfer.ProgrammeKey // where it should count
	Course string                // code of the course there that it should stand for; may be empty
	Text   string                // what the learner says for it; may be empty

	ID         string
	State      string // open, linked, answered, declined or withdrawn
	Made       time.Time
	Evaluation string // in which it is judged
	Answer     string // of the school that declined it
	Answered   time.Time
	AskedBy    int // how many learners ask the same and have no answer yet, this one included
}

// Limits of requests: how many of a learner are without an answer, and how long a
// text is, in characters.
const (
	maxRequests = 20
	requestText = 1000
)

// RequestEvaluation asks the receiving school to have a course judged. It promises
// Denied to all but learners; Invalid, naming source, to, course or text; Conflict:
// error.request_again (Args "ID") while the learner asks the same already,
// error.request_many.
func (b *Bank) RequestEvaluation(ctx context.Context, actor Actor, in EvaluationRequest) (id string, err error) {
	account, err := b.own(ctx, actor)
	if err != nil {
		return "", err
	}
	in.Text, in.ID = strings.TrimSpace(in.Text), newNumber()
	if code := textFault(in.Text, requestText); in.Text != "" && code != "" {
		return "", invalidField("text", "", code, map[string]any{"Limit": requestText})
	}
	return in.ID, b.write(ctx, actor, func(t *tx) error { return t.requestEvaluation(account, in) })
}

func (t *tx) requestEvaluation(account string, in EvaluationRequest) error {
	if err := t.fitRequest(account, in); err != nil {
		return err
	}
	text, err := t.sealText("evaluation_request.text", in.ID, in.Text)
	if err != nil {
		return err
	}
	err = t.exec(`INSERT INTO evaluation_request (learner, id, institution, course, to_institution, to_programme, to_course, text, state, made_at, answer)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, '')`,
		account, in.ID, in.Source.Institution, in.Source.Code, in.To.Institution, in.To.Code, in.Course, bytesOrNil(text), micros(t.now))
	if err != nil {
		return err
	}
	if _, err := t.startClock("request.school", in.ID, in.To.Institution, account); err != nil {
		return err
	}
	if err := t.send(message{To: recipient{Institution: in.To.Institution, Roles: IsRegistrar | IsDecider}, Kind: "request_new", Object: requestsPage, Args: in.args()}); err != nil {
		return err
	}
	return t.note(note{Action: "request.add", Object: in.ID, Subject: account, Detail: in.Source.Institution + ":" + in.Source.Code + " > " + in.To.Institution + ":" + in.To.Code})
}

// requestsPage is where schools answer requests and learners follow theirs.
const requestsPage = "/evaluations/requests"

// args fill the messages about a request.
func (in EvaluationRequest) args() map[string]string {
	return map[string]string{"Course": in.Source.Code, "School": in.To.Institution}
}

// fitRequest holds a request against what there is.
func (t *tx) fitRequest(account string, in EvaluationRequest) error {
	var faults []FieldError
	var course, programme, target bool
	open, again := 0, ""
	err := t.each(func(rows *sql.Rows) error { return rows.Scan(&course, &programme, &target, &open, &again) },
		`SELECT EXISTS (SELECT 1 FROM course WHERE institution = $1 AND code = $2), EXISTS (SELECT 1 FROM programme WHERE institution = $3 AND code = $4),
			EXISTS (SELECT 1 FROM course WHERE institution = $3 AND code = $5), (SELECT count(*) FROM evaluation_request WHERE learner = $6 AND state IN ('open', 'linked')),
			coalesce((SELECT id FROM evaluation_request WHERE learner = $6 AND institution = $1 AND course = $2 AND to_institution = $3 AND to_programme = $4
				AND to_course = $5 AND state IN ('open', 'linked')), '')`,
		in.Source.Institution, in.Source.Code, in.To.Institution, in.To.Code, in.Course, account)
	if err != nil {
		return err
	}
	if !course || in.Source.Institution == in.To.Institution && in.Source.Code == in.Course {
		faults = append(faults, FieldError{Field: "source", Value: in.Source.Code, Code: "unknown_course", Args: map[string]any{"Institution": in.Source.Institution}})
	}
	if !programme {
		faults = append(faults, FieldError{Field: "to", Value: in.To.Code, Code: "unknown_programme", Args: map[string]any{"Institution": in.To.Institution}})
	}
	if in.Course != "" && !target {
		faults = append(faults, FieldError{Field: "course", Value: in.Course, Code: "unknown_course", Args: map[string]any{"Institution": in.To.Institution}})
	}
	switch {
	case len(faults) > 0:
		return invalidFields(faults)
	case again != "":
		return &Error{Code: Conflict, Key: "error.request_again", Args: map[string]any{"ID": again}}
	case open >= maxRequests:
		return &Error{Code: Conflict, Key: "error.request_many", Args: map[string]any{"Limit": maxRequests}}
	}
	return nil
}

// RequestStates lists the states of requests.
func RequestStates() []string { return []string{"open", "linked", "answered", "declined", "withdrawn"} }

// EvaluationRequests lists requests: to learners their own, to registrars and deciders
// those about courses that their school sends or should receive, to the bank all; with
// state those in it. Open ones come first, and those that wait longest before others.
// It promises Denied, and Invalid naming state or cursor.
func (b *Bank) EvaluationRequests(ctx context.Context, actor Actor, state string, w Window) (Page[EvaluationRequest], error) {
	var page Page[EvaluationRequest]
	if err := actor.need(IsLearner | IsRegistrar | IsDecider | IsAdministrator | IsAuditor); err != nil {
		return page, err
	}
	if state != "" && !slices.Contains(RequestStates(), state) {
		return page, invalidField("state", state, "choice", map[string]any{"Choices": strings.Join(RequestStates(), ", ")})
	}
	start, limit, err := w.part()
	if err != nil {
		return page, err
	}
	scope, args := requestScope(actor)
	scope += ` AND ($4 = '' OR r.state = $4)`
	args = append(args, state)
	if err := b.reading(ctx)(func(rows *sql.Rows) error { return rows.Scan(&page.Total) }, `SELECT count(*) FROM evaluation_request r WHERE `+scope, args...); err != nil {
		return page, err
	}
	page.Items, err = b.readRequests(ctx, scope+` ORDER BY CASE WHEN r.state IN ('open', 'linked') THEN 0 ELSE 1 END,
		CASE WHEN r.state IN ('open', 'linked') THEN r.made_at ELSE -r.made_at END, r.id LIMIT `+strconv.Itoa(limit)+` OFFSET `+strconv.Itoa(start), args...)
	if end := start + len(page.Items); end < page.Total && len(page.Items) > 0 {
		page.Next = strconv.Itoa(end)
	}
	return page, err
}

// requestScope is which requests r an actor may see, with its arguments $1 to $3.
func requestScope(actor Actor) (where string, args []any) {
	all, school := actor.Is(IsAdministrator|IsAuditor), ""
	if actor.editsMap() {
		school = actor.Institution
	}
	return `($1 OR ($2 <> '' AND (r.to_institution = $2 OR r.institution = $2)) OR ($3 <> '' AND (r.learner = $3 OR r.learner IN
		(SELECT account FROM learner_merge WHERE into_account = $3))))`, []any{all, school, actor.Learner}
}

func (b *Bank) readRequests(ctx context.Context, where string, args ...any) ([]EvaluationRequest, error) {
	list := []EvaluationRequest{}
	err := b.reading(ctx)(func(rows *sql.Rows) error {
		r, text, err := scanRequest(rows)
		if err == nil {
			r.Text, err = b.unsealText("evaluation_request.text", r.ID, text)
		}
		list = append(list, r)
		return err
	}, selectRequests+where, args...)
	return list, err
}

const selectRequests = `SELECT r.id, r.institution, r.course, r.to_institution, r.to_programme, r.to_course, r.text, r.state, r.made_at, coalesce(r.equivalence, ''),
	coalesce(r.version, 0), r.answer, coalesce(r.answered_at, 0), (SELECT count(*) FROM evaluation_request o WHERE o.institution = r.institution AND o.course = r.course
		AND o.state IN ('open', 'linked') AND o.to_institution = r.to_institution)
	FROM evaluation_request r WHERE `

func scanRequest(rows *sql.Rows) (r EvaluationRequest, text []byte, err error) {
	var ref transfer.RuleRef
	var made, answered int64
	err = rows.Scan(&r.ID, &r.Source.Institution, &r.Source.Code, &r.To.Institution, &r.To.Code, &r.Course, &text, &r.State, &made, &ref.Code, &ref.Version,
		&r.Answer, &answered, &r.AskedBy)
	r.Made, r.Answered = fromMicros(made), fromMicros(answered)
	if ref.Code != "" {
		r.Evaluation = EvaluationID(ref)
	}
	return r, text, err
}

// DeclineRequest answers a request with a text and without judging. The receiving
// school does so, or the bank. It promises Denied, Invalid naming text, NotFound, and
// Conflict (error.request_closed).
func (b *Bank) DeclineRequest(ctx context.Context, actor Actor, id, text string) error {
	if err := actor.need(IsRegistrar | IsDecider | IsAdministrator); err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	if fault := evaluationTextFault("text", text); fault != nil {
		return invalidFields([]FieldError{*fault})
	}
	return b.write(ctx, actor, func(t *tx) error {
		r, learner, err := t.request(id)
		switch {
		case err != nil:
			return err
		case !actor.Is(IsAdministrator) && r.To.Institution != actor.Institution:
			return &Error{Code: Denied, Key: "error.role"}
		case r.State != "open":
			return &Error{Code: Conflict, Key: "error.request_closed"}
		}
		return t.closeRequest(r, learner, "declined", text)
	})
}

// WithdrawRequest takes a learner's own request back. It promises Denied, NotFound,
// and Conflict (error.request_closed).
func (b *Bank) WithdrawRequest(ctx context.Context, actor Actor, id string) error {
	account, err := b.own(ctx, actor)
	if err != nil {
		return err
	}
	return b.write(ctx, actor, func(t *tx) error {
		r, learner, err := t.request(id)
		switch {
		case err != nil:
			return err
		case learner != account:
			return notFound("request", id)
		case r.State != "open" && r.State != "linked":
			return &Error{Code: Conflict, Key: "error.request_closed"}
		}
		return t.closeRequest(r, learner, "withdrawn", "")
	})
}

// request finds a request that the actor may see, and the account it belongs to now.
// It promises NotFound.
func (t *tx) request(id string) (r EvaluationRequest, learner string, err error) {
	scope, args := requestScope(t.actor)
	known := false
	err = t.each(func(rows *sql.Rows) (err error) {
		known = true
		r, _, err = scanRequest(rows)
		return err
	}, selectRequests+scope+` AND r.id = $4`, append(args, id)...)
	if err == nil && !known {
		err = notFound("request", id)
	}
	if err != nil {
		return r, "", err
	}
	return r, learner, t.each(func(rows *sql.Rows) error { return rows.Scan(&learner) },
		`SELECT coalesce(m.into_account, r.learner) FROM evaluation_request r LEFT JOIN learner_merge m ON m.account = r.learner WHERE r.id = $1`, id)
}

// closeRequest ends a request and tells the learner, unless it was they.
func (t *tx) closeRequest(r EvaluationRequest, learner, state, answer string) error {
	answered := any(micros(t.now))
	if state == "withdrawn" {
		answered = nil
	}
	err := t.exec(`UPDATE evaluation_request SET state = $1, answer = $2, answered_by = $3, answered_at = $4 WHERE id = $5`, state, answer, t.actor.Name, answered, r.ID)
	if err != nil {
		return err
	}
	if err := t.stopClock("request.school", r.ID); err != nil {
		return err
	}
	if state != "withdrawn" {
		if err := t.send(message{To: recipient{Learner: learner}, Kind: "request_" + state, Object: requestsPage, Args: r.args()}); err != nil {
			return err
		}
	}
	return t.note(note{Action: "request." + state, Object: r.ID, Subject: learner, Detail: r.Evaluation})
}

// linkRequest notes in which evaluation a request is judged, and those of other
// learners who ask the same. It promises Invalid, naming origin.
func (t *tx) linkRequest(id string, ref transfer.RuleRef) error {
	r, _, err := t.request(id)
	if CodeOf(err) == NotFound || err == nil && r.State != "open" {
		return invalidField("origin", id, "unknown_request", nil)
	}
	if err != nil {
		return err
	}
	return t.exec(`UPDATE evaluation_request SET state = 'linked', equivalence = $1, version = $2
		WHERE state = 'open' AND institution = $3 AND course = $4 AND to_institution = $5 AND (id = $6 OR to_programme = $7 AND to_course = $8)`,
		ref.Code, ref.Version, r.Source.Institution, r.Source.Code, r.To.Institution, r.ID, r.To.Code, r.Course)
}

// answerRequests tells the learners whose question an evaluation has decided: those
// that were linked to it and, when it is about one course, all who asked for that in
// its school.
func (t *tx) answerRequests(e *evaluationRow) error {
	where, args := `r.state = 'linked' AND r.equivalence = $1 AND r.version = $2`, []any{e.Code, e.Version}
	if len(e.Sources) == 1 {
		where += ` OR r.state = 'open' AND r.institution = $3 AND r.course = $4 AND r.to_institution = $5 AND ($6 = '' OR r.to_programme = $6)`
		args = append(args, e.Sources[0].Institution, e.Sources[0].CourseKey.Code, e.Institution, e.Programme)
	}
	var ids []string
	err := t.each(func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT r.id FROM evaluation_request r WHERE `+where+` ORDER BY r.made_at, r.id`, args...)
	for _, id := range ids {
		if err == nil {
			err = t.answerRequest(id, e.RuleRef)
		}
	}
	return err
}

func (t *tx) answerRequest(id string, ref transfer.RuleRef) error {
	if err := t.exec(`UPDATE evaluation_request SET equivalence = $1, version = $2 WHERE id = $3`, ref.Code, ref.Version, id); err != nil {
		return err
	}
	r, learner, err := t.request(id)
	if err != nil {
		return err
	}
	return t.closeRequest(r, learner, "answered", "")
}

// reopenRequests gives back the questions of an evaluation that came to nothing.
func (t *tx) reopenRequests(ref transfer.RuleRef) error {
	return t.exec(`UPDATE evaluation_request SET state = 'open', equivalence = NULL, version = NULL WHERE state = 'linked' AND equivalence = $1 AND version = $2`, ref.Code, ref.Version)
}

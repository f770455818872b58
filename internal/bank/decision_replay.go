package bank

import (
	"context"
	"database/sql"
	"encoding/json"

	"creditbank/internal/transfer"
)

// Replay is a posted decision run again.
type Replay struct {
	Decision    PostedDecision
	Case        transfer.Case   // the plan as it was submitted
	Answer      transfer.Answer // what it comes to now
	Differences []transfer.Difference
}

// ReplayDecision runs a posted decision again: the engine answers what was frozen with
// the application once more, and what is kept is held against the number of the
// decision, which is a digest of it. It is for the operator, administrators and
// auditors, and promises Denied and NotFound.
func (b *Bank) ReplayDecision(ctx context.Context, actor Actor, id string) (Replay, error) {
	if err := actor.need(IsOperator | IsAdministrator | IsAuditor); err != nil {
		return Replay{}, err
	}
	r, err := replayed(b.reading(ctx), id)
	if err != nil {
		return r, err
	}
	r.Decision, err = b.decisionNamed(ctx, id)
	return r, err
}

// replayed reads and replays a decision without its texts. It promises NotFound.
func replayed(read reading, id string) (r Replay, err error) {
	var content, frozen, chosen string
	err = read(func(rows *sql.Rows) error { return rows.Scan(&content, &frozen, &chosen) },
		`SELECT d.content, coalesce(a.frozen, ''), coalesce(a.chosen, '') FROM decision d JOIN application a ON a.id = d.application WHERE d.id = $1`, id)
	if err == nil && content == "" {
		err = notFound("decision", id)
	}
	if err != nil {
		return r, err
	}
	r.Differences, err = digestDifferences(id, content, frozen, chosen)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal([]byte(frozen), &r.Case); err != nil {
		return r, &Error{Code: Invalid, Key: "error.no_case", Args: map[string]any{"Path": id}, cause: err}
	}
	var differences []transfer.Difference
	r.Answer, differences = r.Case.Replay()
	r.Differences = append(r.Differences, differences...)
	if chosen == "" {
		return r, nil
	}
	var part transfer.Case
	if err := json.Unmarshal([]byte(chosen), &part); err != nil {
		return r, &Error{Code: Invalid, Key: "error.no_case", Args: map[string]any{"Path": id}, cause: err}
	}
	_, differences = part.Replay()
	for _, d := range differences {
		d.Path = "chosen." + d.Path
		r.Differences = append(r.Differences, d)
	}
	return r, nil
}

// digestDifferences holds what is kept against the digests that were posted.
func digestDifferences(id, content, frozen, chosen string) (list []transfer.Difference, err error) {
	var c decisionContent
	if err := json.Unmarshal([]byte(content), &c); err != nil {
		return nil, &Error{Code: Invalid, Key: "error.no_case", Args: map[string]any{"Path": id}, cause: err}
	}
	for _, d := range []transfer.Difference{
		{Path: "decision", Kept: id, Got: decisionNumber(content)},
		{Path: "frozen", Kept: c.Frozen, Got: textDigest(frozen)},
		{Path: "chosen", Kept: c.Chosen, Got: textDigest(chosen)},
	} {
		if d.Kept != d.Got {
			list = append(list, d)
		}
	}
	return list, nil
}

package bank

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"creditbank/internal/ledger"
)

// note is what a row of the audit log says beside who, when and from where. It
// holds no personal data: accounts, codes and numbers of logins only.
type note struct {
	Action  string // a word; audit.ACTION is its sentence
	Object  string // what it was done to: the number or code of a thing, or its kind
	Subject string // account of the learner it is about; empty: none
	Detail  string // counts, codes, states
	Purpose string // why, as whoever did it said; may be empty
}

// maxPurpose is the longest purpose, in characters.
const maxPurpose = 200

// audit is note for what is about no learner.
func (t *tx) audit(action, object, detail string) error {
	return t.note(note{Action: action, Object: object, Detail: detail})
}

// note appends a row to the audit log, chained to those before it, in the
// transaction of what it tells of. It promises Invalid for a purpose that is too
// long or no text.
func (t *tx) note(n note) error {
	if code := purposeFault(n.Purpose); code != "" {
		return invalidField("purpose", n.Purpose, code, map[string]any{"Limit": maxPurpose})
	}
	row := ledger.AuditRow{At: micros(t.now), Actor: t.actor.Name, Role: strings.Join(t.actor.Roles.Names(), " "), Institution: t.actor.Institution,
		Origin: t.actor.Origin, Action: n.Action, Object: strings.TrimSpace(n.Object), Subject: n.Subject, Detail: strings.TrimSpace(n.Detail), Purpose: strings.TrimSpace(n.Purpose)}
	head := &t.db.auditHead
	kept, err := t.chain(row, head)
	if err != nil || kept {
		return err
	}
	if *head, err = auditHead(t.each); err != nil {
		return err
	}
	if kept, err = t.chain(row, head); err == nil && !kept {
		err = errors.New("the audit log moved within a write")
	}
	return err
}

// purposeFault is the code of what is wrong with a purpose, empty when nothing is.
func purposeFault(purpose string) string {
	if purpose == "" {
		return ""
	}
	return textFault(purpose, maxPurpose)
}

// chain appends the row if the log still ends where head says, and moves head. The
// writer keeps head in memory and need not know what became of earlier writes, here
// or in another process: no other log than the one that it was read from has its link.
func (t *tx) chain(row ledger.AuditRow, head *ledger.Head) (kept bool, err error) {
	row.Number = head.N + 1
	link := row.Chain(head.Hash)
	none := ledger.Hash{}
	result, err := t.ExecContext(t.ctx, t.db.bind(`INSERT INTO audit (seq, at, actor, role, institution, origin, action, object, subject, detail, purpose, link)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 WHERE coalesce((SELECT link FROM audit ORDER BY seq DESC LIMIT 1), $13) = $14`),
		row.Number, row.At, row.Actor, row.Role, row.Institution, row.Origin, row.Action, row.Object, row.Subject, row.Detail, row.Purpose, link[:], none[:], head.Hash[:])
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	if n == 1 {
		*head = ledger.Head{N: row.Number, Hash: link}
	}
	return n == 1, err
}

// auditHead is how many rows the audit log has, and the link of the last.
func auditHead(each reading) (head ledger.Head, err error) {
	err = each(func(rows *sql.Rows) error {
		var link []byte
		err := rows.Scan(&head.N, &link)
		head.Hash = hashOf(link)
		return err
	}, `SELECT seq, link FROM audit ORDER BY seq DESC LIMIT 1`)
	return head, err
}

// auditColumns are those of a row, in the order of scanAudit.
const auditColumns = `seq, at, actor, role, institution, origin, action, object, subject, detail, purpose, link`

func scanAudit(rows *sql.Rows) (row AuditRow, err error) {
	var link []byte
	err = rows.Scan(&row.Number, &row.At, &row.Actor, &row.Role, &row.Institution, &row.Origin, &row.Action, &row.Object, &row.Subject, &row.Detail, &row.Purpose, &link)
	row.Link = hashOf(link)
	return row, err
}

// AuditRow is a row of the audit log as it is kept.
type AuditRow struct {
	ledger.AuditRow
	Link ledger.Hash // over the link of the row before and this row
}

// chainOlder takes the rows of before the chain into it. It runs once, in the
// transaction in which the migration set them aside.
func (t *tx) chainOlder() error {
	var head ledger.Head
	for {
		rows, err := t.olderAudit(head.N)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return t.exec(`DROP TABLE audit_before`)
		}
		for _, row := range rows {
			// Without a gap until now: each came as the highest number and one.
			if kept, err := t.chain(row, &head); err != nil || !kept {
				return fmt.Errorf("row %d of the audit log was not taken into the chain: %w", row.Number, err)
			}
		}
	}
}

// olderAudit are the next rows of before the chain.
func (t *tx) olderAudit(after int64) (older []ledger.AuditRow, err error) {
	err = t.each(func(rows *sql.Rows) error {
		var row ledger.AuditRow
		err := rows.Scan(&row.Number, &row.At, &row.Actor, &row.Action, &row.Object, &row.Detail)
		older = append(older, row)
		return err
	}, `SELECT seq, at, actor, action, object, detail FROM audit_before WHERE seq > $1 ORDER BY seq LIMIT $2`, after, journalWaits)
	return older, err
}

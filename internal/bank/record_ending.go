package bank

import (
	"context"
	"database/sql"
	"strconv"

	"creditbank/internal/calendar"
)

// endingRecord is a result that will not hold much longer.
type endingRecord struct {
	learner string
	ref     RecordRef
	valid   calendar.Day
}

// remindEnding tells learners, once for each last day, of results that came by file or
// from a system and will not hold much longer. Of what was handed in remindOver tells.
func remindEnding(ctx context.Context, b *Bank) error {
	return b.inBatches(ctx, func(t *tx) (int, error) {
		if err := t.exec(`DELETE FROM record_told WHERE valid_to < $1`, t.today()); err != nil {
			return 0, err
		}
		var list []endingRecord
		err := t.each(func(rows *sql.Rows) error {
			var r endingRecord
			err := rows.Scan(&r.learner, &r.ref.Institution, &r.ref.Reference, &r.valid)
			list = append(list, r)
			return err
		}, `SELECT r.learner, r.institution, r.reference, r.valid_to FROM record r WHERE r.standing = 'available' AND r.valid_to >= $1 AND r.valid_to <= $2
			AND NOT EXISTS (SELECT 1 FROM record_told o WHERE o.institution = r.institution AND o.reference = r.reference AND o.valid_to = r.valid_to)
			AND NOT EXISTS (SELECT 1 FROM attestation_record s JOIN attestation a ON a.id = s.attestation
				WHERE s.institution = r.institution AND s.reference = r.reference AND a.state = 'verified' AND a.valid_to = r.valid_to)
			ORDER BY r.learner, r.valid_to, r.institution, r.reference LIMIT $3`, t.today(), t.today()+remindEnd, clockBatch)
		for i, from := 0, 0; err == nil && i < len(list); i++ {
			r := list[i]
			err = t.exec(`INSERT INTO record_told (institution, reference, valid_to) VALUES ($1, $2, $3)
				ON CONFLICT (institution, reference) DO UPDATE SET valid_to = excluded.valid_to`, r.ref.Institution, r.ref.Reference, r.valid)
			if last := i+1 == len(list) || list[i+1].learner != r.learner || list[i+1].valid != r.valid; err == nil && last {
				err = t.send(message{To: recipient{Learner: r.learner}, Kind: "records_ending", Object: "/my", Args: map[string]string{"Count": strconv.Itoa(i + 1 - from), "Day": r.valid.String()}})
				from = i + 1
			}
		}
		return len(list), err
	})
}

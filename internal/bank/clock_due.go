package bank

import (
	"context"
	"strconv"

	"creditbank/internal/calendar"
)

// remindBefore are the working days before the end of a period at which whoever has
// to act is reminded, the most first.
func remindBefore() []int { return []int{3, 1} }

// clockBatch is how many periods are looked after in one write.
const clockBatch = 100

// remindClocks reminds whoever has to act soon.
func remindClocks(ctx context.Context, b *Bank) error {
	return b.inBatches(ctx, func(t *tx) (int, error) {
		shifts, err := reading(t.each).shifts()
		if err != nil {
			return 0, err
		}
		today, done := calendar.Of(t.now), 0
		for _, days := range remindBefore() {
			list, err := reading(t.each).clocks(` WHERE stopped_at IS NULL AND due >= $1 AND due <= $2 AND (reminded = 0 OR reminded > $3) ORDER BY due, id LIMIT $4`,
				today, shifts.After(today, days), days, clockBatch)
			if err != nil {
				return 0, err
			}
			done += len(list)
			for _, c := range list {
				if err := t.remind(c, shifts.Between(today, c.Due)); err != nil {
					return 0, err
				}
			}
		}
		return done, nil
	})
}

// remind tells those who have to act how many working days are left; it is noted in
// the same write, so that nobody is told twice.
func (t *tx) remind(c Clock, left int) error {
	said := remindBefore()[0]
	for _, days := range remindBefore() {
		if left <= days {
			said = days
		}
	}
	if err := t.exec(`UPDATE clock SET reminded = $1 WHERE id = $2`, said, c.id); err != nil {
		return err
	}
	k, known := clockKindNamed(c.Kind)
	if !known {
		return nil // of a version that knew it
	}
	args := c.args()
	args["Count"] = strconv.Itoa(left)
	return t.send(message{To: recipient{Institution: c.Institution, Roles: k.by}, Kind: "clock_soon", Object: pageOf(k.pageAt(c.Institution), c.Object), Args: args})
}

// args are what a message says of a period.
func (c Clock) args() map[string]string {
	return map[string]string{"Clock": c.Kind, "Object": c.Object, "Due": c.Due.String(), "Institution": c.Institution}
}

// escalateClocks tells those above, once, that a period ran over.
func escalateClocks(ctx context.Context, b *Bank) error {
	return b.inBatches(ctx, func(t *tx) (int, error) {
		list, err := reading(t.each).clocks(` WHERE stopped_at IS NULL AND due < $1 AND escalated_at IS NULL ORDER BY due, id LIMIT $2`, calendar.Of(t.now), clockBatch)
		if err != nil {
			return 0, err
		}
		for _, c := range list {
			if err := t.escalate(c); err != nil {
				return 0, err
			}
		}
		return len(list), nil
	})
}

// escalate tells the deciders of the school, the bank's administrators and the
// learner whose matter it is.
func (t *tx) escalate(c Clock) error {
	if err := t.exec(`UPDATE clock SET escalated_at = $1 WHERE id = $2`, micros(t.now), c.id); err != nil {
		return err
	}
	k, known := clockKindNamed(c.Kind)
	if !known {
		return nil
	}
	told := []message{{To: recipient{Roles: IsAdministrator}, Kind: "clock_late", Object: pageOf(k.pageAt(""), c.Object), Args: c.args()}}
	if c.Institution != "" {
		told = append(told, message{To: recipient{Institution: c.Institution, Roles: IsDecider}, Kind: "clock_late", Object: pageOf(k.page, c.Object), Args: c.args()})
	}
	if c.learner != "" && k.mine != "" {
		told = append(told, message{To: recipient{Learner: c.learner}, Kind: "clock_late_mine", Object: pageOf(k.mine, c.Object), Args: c.args()})
	}
	for _, m := range told {
		if err := t.send(m); err != nil {
			return err
		}
	}
	return nil
}

// moveClocks follows a change of the calendar: periods that run get longer by it,
// never shorter, since their end was told.
func (t *tx) moveClocks() error {
	shifts, err := reading(t.each).shifts()
	if err != nil {
		return err
	}
	list, err := reading(t.each).clocks(` WHERE stopped_at IS NULL ORDER BY id`)
	if err != nil {
		return err
	}
	for _, c := range list {
		k, known := clockKindNamed(c.Kind)
		if !known {
			continue
		}
		if due := k.end(shifts, calendar.Of(c.Started)); due > c.Due {
			if err := t.exec(`UPDATE clock SET due = $1, reminded = 0 WHERE id = $2`, due, c.id); err != nil {
				return err
			}
		}
	}
	return nil
}

package bank

import (
	"context"
	"testing"

	"creditbank/internal/calendar"
)

// StartClock starts a period in a write of its own.
func (b *Bank) StartClock(ctx context.Context, kind, object, institution, learner string) (due calendar.Day, err error) {
	err = b.write(ctx, Operator("test"), func(t *tx) (err error) {
		due, err = t.startClock(kind, object, institution, learner)
		return err
	})
	return due, err
}

// StopClock ends one.
func (b *Bank) StopClock(ctx context.Context, kind, object string) error {
	return b.write(ctx, Operator("test"), func(t *tx) error { return t.stopClock(kind, object) })
}

// SendTo sends a message to a learner, a login, or the roles at an institution.
func (b *Bank) SendTo(ctx context.Context, actor Actor, learner, login, institution string, roles Roles, kind, object string, args map[string]string) error {
	return b.write(ctx, actor, func(t *tx) error {
		return t.send(message{To: recipient{learner, login, institution, roles}, Kind: kind, Object: object, Args: args})
	})
}

// HoldLease gives a lease to somebody else for half an hour.
func (b *Bank) HoldLease(t *testing.T, name, holder string) {
	t.Helper()
	err := b.write(context.Background(), Operator("test"), func(t *tx) error {
		return t.exec(`INSERT INTO lease (name, holder, until_at) VALUES ($1, $2, $3)`, name, holder, micros(t.now)+30*60*1000000)
	})
	if err != nil {
		t.Fatal(err)
	}
}

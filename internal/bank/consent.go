package bank

import "context"

// mayShare lets through a learner who may give others leave to see the record:
// under fourteen, one whose guardian agreed. It promises Denied.
func (b *Bank) mayShare(ctx context.Context, account string) error {
	person, err := b.person(ctx, account)
	if err != nil {
		return err
	}
	if guarded(person.Born, b.Today()) {
		return &Error{Code: Denied, Key: "error.share_guardian"}
	}
	return nil
}

package bank

import "context"

// Attach keeps a file in a write of its own.
func (b *Bank) Attach(ctx context.Context, actor Actor, kind, object, learner string, in NewAttachment) (id string, err error) {
	checked, fault := checkAttachment("file", in)
	if fault != nil {
		return "", invalidFields([]FieldError{*fault})
	}
	return id, b.write(ctx, actor, func(t *tx) (err error) {
		id, err = t.attach(kind, object, learner, checked)
		return err
	})
}

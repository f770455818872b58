package bank

import "context"

// Seal seals in a write of its own.
func (b *Bank) Seal(ctx context.Context, kind, row string, plain []byte) (sealed []byte, err error) {
	err = b.write(ctx, Operator("operator"), func(t *tx) error {
		sealed, err = t.seal(kind, row, plain)
		return err
	})
	return sealed, err
}

// Unseal opens what Seal gave.
func (b *Bank) Unseal(kind, row string, sealed []byte) ([]byte, error) {
	return b.unseal(kind, row, sealed)
}

// Blind is the digest of a text.
func (b *Bank) Blind(field, normalised string) ([]byte, error) { return b.blind(field, normalised) }

// RowKey puts the parts of a key together.
func RowKey(parts ...string) string { return rowKey(parts...) }

// SealedColumns names the columns that a change of keys seals again, as table.column.
func SealedColumns() (names []string) {
	for _, c := range sealedColumns() {
		names = append(names, c.table+"."+c.column)
	}
	return names
}

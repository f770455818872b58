package bank

import (
	"context"
	"database/sql"
)

// Export gives the header of a kind of file and then every row of it, in an
// order that does not depend on the order in which they came. What was imported
// comes out again. It promises Invalid for an unknown kind.
func (b *Bank) Export(ctx context.Context, name string, emit func(cells ...string) error) error {
	k, err := kindNamed(name)
	if err != nil {
		return err
	}
	var header []string
	for _, c := range k.columns {
		header = append(header, c.Name)
	}
	if err := emit(header...); err != nil {
		return err
	}
	return k.give(ctx, b, emit)
}

// Template gives the Chinese header of a kind of file. It promises Invalid for an unknown kind.
func Template(name string) ([]string, error) {
	k, err := kindNamed(name)
	if err != nil {
		return nil, err
	}
	var header []string
	for _, c := range k.columns {
		header = append(header, c.Zh)
	}
	return header, nil
}

// giveRows exports a query whose rows row turns into cells.
func giveRows(query string, row func(*sql.Rows) ([]string, error)) func(context.Context, *Bank, func(...string) error) error {
	return func(ctx context.Context, b *Bank, emit func(...string) error) error {
		return b.db.each(ctx, func(rows *sql.Rows) error {
			cells, err := row(rows)
			if err != nil {
				return err
			}
			return emit(cells...)
		}, query)
	}
}

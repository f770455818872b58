package bank

import (
	"context"
	"database/sql"
)

// Export gives the header of a kind of file and then every row of it, in an
// order that does not depend on the order in which they came. What was imported
// comes out again. It is for the operator; that learners' own things are given out is
// noted before. It promises Denied, and Invalid for an unknown kind.
func (b *Bank) Export(ctx context.Context, actor Actor, name string, emit func(cells ...string) error) error {
	if err := actor.need(IsOperator); err != nil {
		return err
	}
	k, err := kindNamed(name)
	if err == nil && k.give == nil {
		err = unknownKind(name)
	}
	if err != nil {
		return err
	}
	if k.own {
		if err := b.write(ctx, actor, func(t *tx) error { return t.audit("export", name, "") }); err != nil {
			return err
		}
	}
	var header []string
	for _, c := range k.columns {
		header = append(header, c.in(k.chinese))
	}
	if err := emit(header...); err != nil {
		return err
	}
	return k.give(ctx, b, emit)
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

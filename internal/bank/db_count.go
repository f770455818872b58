package bank

import "context"

// rowsToCount is after how many new rows PostgreSQL is asked to count anew.
const rowsToCount = 10_000

// countAnew lets PostgreSQL count what stands in its tables after so many rows came
// in: it plans by such counts, and would make them by itself only some time later, so
// that lists took up to three times as long until then. SQLite plans without any.
func (d *database) countAnew(ctx context.Context, rows int) {
	if d.postgres && rows >= rowsToCount {
		_, _ = d.reader.ExecContext(ctx, "ANALYZE") // what came in is kept whether this succeeds or not
	}
}

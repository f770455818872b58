package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"time"
)

// What the sealed parts of an upload hold.
const (
	partFile   = "file"
	partReport = "report"
	partEdits  = "edits"
	partUndo   = "undo"
)

// partSize is how much one sealed part holds.
const partSize = 1 << 20

// sealedUpload is the kind of what is sealed of an upload.
const sealedUpload = "upload_part.sealed"

// putPart puts content in the place of what an upload held of a kind; nil: nothing.
func (t *tx) putPart(id, what string, content []byte) error {
	if err := t.exec(`DELETE FROM upload_part WHERE upload = $1 AND what = $2`, id, what); err != nil {
		return err
	}
	for seq := 0; len(content) > 0; seq++ {
		n := min(len(content), partSize)
		sealed, err := t.seal(sealedUpload, rowKey(id, what, strconv.Itoa(seq)), content[:n])
		if err != nil {
			return err
		}
		if err := t.exec(`INSERT INTO upload_part (upload, what, seq, sealed) VALUES ($1, $2, $3, $4)`, id, what, seq, sealed); err != nil {
			return err
		}
		content = content[n:]
	}
	return nil
}

func (t *tx) putJSON(id, what string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return t.putPart(id, what, text)
}

// part reads what an upload holds of a kind; nil: nothing, or no more.
func (d *database) part(read reading, id, what string) (content []byte, err error) {
	err = read(func(rows *sql.Rows) error {
		var seq int
		var sealed []byte
		if err := rows.Scan(&seq, &sealed); err != nil {
			return err
		}
		plain, err := d.unseal(sealedUpload, rowKey(id, what, strconv.Itoa(seq)), sealed)
		content = append(content, plain...)
		return err
	}, `SELECT seq, sealed FROM upload_part WHERE upload = $1 AND what = $2 ORDER BY seq`, id, what)
	return content, err
}

func (d *database) jsonPart(read reading, id, what string, into any) error {
	text, err := d.part(read, id, what)
	if err != nil || text == nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// sweepUploads removes what is sealed of uploads a week after they were brought.
func sweepUploads(ctx context.Context, b *Bank) error {
	return b.inBatches(ctx, func(t *tx) (int, error) {
		var old []string
		err := t.each(func(rows *sql.Rows) error {
			var id string
			err := rows.Scan(&id)
			old = append(old, id)
			return err
		}, `SELECT id FROM upload WHERE made_at < $1 AND EXISTS (SELECT 1 FROM upload_part p WHERE p.upload = upload.id) ORDER BY made_at LIMIT 20`, micros(t.now.Add(-uploadLife)))
		if err != nil {
			return 0, err
		}
		for _, id := range old {
			if err := t.clearUpload(id, t.now); err != nil {
				return 0, err
			}
		}
		return len(old), nil
	})
}

// clearUpload removes all that is sealed of an upload; one that was not committed
// is over then.
func (t *tx) clearUpload(id string, now time.Time) error {
	if err := t.exec(`DELETE FROM upload_part WHERE upload = $1`, id); err != nil {
		return err
	}
	return t.exec(`UPDATE upload SET state = 'dropped', updated_at = $1 WHERE id = $2 AND state IN ('staged', 'checked')`, micros(now), id)
}

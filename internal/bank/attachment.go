package bank

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"strings"
	"time"
)

// NewAttachment is a file as it is handed in.
type NewAttachment struct {
	Name    string // as its owner calls it; the type is told by the content alone
	Content []byte
}

// AttachmentInfo is what a list says of a file.
type AttachmentInfo struct {
	ID   string
	Name string
	Type string // see [AttachmentTypes]
	Size int    // in bytes
	Made time.Time
	By   string // the actor who handed it in
}

// maxAttachments is how many files one thing has at most.
const maxAttachments = 50

// withFiles are the parts of a request by which it is known again, with the digests of
// the files that come with it.
func withFiles(parts []any, files []NewAttachment) []any {
	for _, f := range files {
		parts = append(parts, f.Name, sha256.Sum256(f.Content))
	}
	return parts
}

// fileKind is what the bank knows of one kind of things that have files.
type fileKind struct {
	name string
	sees func(b *Bank, ctx context.Context, actor Actor, object, learner string) error // promises NotFound
}

// fileKinds lists what has files, and who sees them.
func fileKinds() []fileKind {
	return []fileKind{
		{"course", func(*Bank, context.Context, Actor, string, string) error { return nil }}, // an outline is public
		{"evaluation", (*Bank).seesEvaluationFile},
		{"application", (*Bank).seesApplicationFile},
		{KindPriorLearning, (*Bank).seesPriorFile},
		{"attestation", (*Bank).seesAttestationFile},
	}
}

// seesEvaluationFile lets those see evidence who may know of the evaluation.
func (b *Bank) seesEvaluationFile(ctx context.Context, actor Actor, object, _ string) error {
	ref, err := evaluationRef(object)
	if err == nil {
		_, err = b.reading(ctx).evaluation(actor, ref)
	}
	if CodeOf(err) == NotFound {
		return notFound("attachment", object)
	}
	return err
}

// attach keeps a file that was checked. kind is one of [fileKinds], object names the
// thing of that kind; with a learner the file is theirs: sealed, and erased with them.
// It promises Conflict (error.attachment_many).
func (t *tx) attach(kind, object, learner string, a checkedAttachment) (id string, err error) {
	count := 0
	if err := t.each(func(rows *sql.Rows) error { return rows.Scan(&count) }, `SELECT count(*) FROM attachment WHERE kind = $1 AND object = $2`, kind, object); err != nil {
		return "", err
	}
	if count >= maxAttachments {
		return "", &Error{Code: Conflict, Key: "error.attachment_many", Args: map[string]any{"Limit": maxAttachments}}
	}
	id = newNumber()
	name, content := a.name, a.content
	var sealedName, sealed []byte
	if learner != "" {
		if sealedName, err = t.seal("attachment.name", id, []byte(a.name)); err != nil {
			return "", err
		}
		if sealed, err = t.seal(sealedFile, id, a.content); err != nil {
			return "", err
		}
		name, content = "", nil
	}
	err = t.exec(`INSERT INTO attachment (id, kind, object, learner, name, type, size, content, sealed_name, sealed, made_at, made_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		id, kind, object, textOrNil(learner), name, a.kind, len(a.content), bytesOrNil(content), bytesOrNil(sealedName), bytesOrNil(sealed), micros(t.now), t.actor.Name)
	if err != nil {
		return "", err
	}
	return id, t.note(note{Action: "attachment.add", Object: id, Subject: learner, Detail: kind + " " + object + " " + a.kind})
}

func bytesOrNil(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

const selectFiles = `SELECT id, name, type, size, sealed_name, made_at, made_by FROM attachment`

// scanFile reads a file without its content.
func (b *Bank) scanFile(rows *sql.Rows) (a AttachmentInfo, err error) {
	var sealed []byte
	var at int64
	if err := rows.Scan(&a.ID, &a.Name, &a.Type, &a.Size, &sealed, &at, &a.By); err != nil {
		return a, err
	}
	a.Made = fromMicros(at)
	if sealed != nil {
		name, err := b.unseal("attachment.name", a.ID, sealed)
		a.Name = string(name)
		return a, err
	}
	return a, nil
}

// Attachments lists the files of a thing, the oldest first. Whoever shows the list
// has seen to it that its reader may see the thing. It promises the codes of sealed texts.
func (b *Bank) Attachments(ctx context.Context, kind, object string) (list []AttachmentInfo, err error) {
	return b.filesWhere(ctx, ` WHERE kind = $1 AND object = $2 ORDER BY made_at, id`, kind, object)
}

// attachmentsOf lists the files of a learner, also of accounts that were merged into
// theirs, the oldest first.
func (b *Bank) attachmentsOf(ctx context.Context, account string) ([]AttachmentInfo, error) {
	return b.filesWhere(ctx, ` WHERE learner = $1 OR learner IN (SELECT account FROM learner_merge WHERE into_account = $1) ORDER BY made_at, id`, account)
}

func (b *Bank) filesWhere(ctx context.Context, where string, args ...any) ([]AttachmentInfo, error) {
	list := []AttachmentInfo{}
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		a, err := b.scanFile(rows)
		list = append(list, a)
		return err
	}, selectFiles+where, args...)
	return list, err
}

// Attachment is a file with its content, once the look is noted where it is a
// learner's. It promises NotFound, also for a file that is not for this actor, and
// Unavailable (error.personal_no_key).
func (b *Bank) Attachment(ctx context.Context, actor Actor, id string) (AttachmentInfo, []byte, error) {
	var of struct{ kind, object, learner string }
	known := false
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		known = true
		return rows.Scan(&of.kind, &of.object, &of.learner)
	}, `SELECT kind, object, coalesce((SELECT into_account FROM learner_merge WHERE account = learner), learner, '') FROM attachment WHERE id = $1`, id)
	if err == nil && !known {
		err = notFound("attachment", id)
	}
	if err != nil {
		return AttachmentInfo{}, nil, err
	}
	if err := b.seesFile(ctx, actor, id, of.kind, of.object, of.learner); err != nil {
		return AttachmentInfo{}, nil, err
	}
	list, err := b.filesWhere(ctx, ` WHERE id = $1`, id)
	if err == nil && len(list) == 0 {
		err = notFound("attachment", id)
	}
	if err != nil {
		return AttachmentInfo{}, nil, err
	}
	content, err := b.fileContent(ctx, id)
	return list[0], content, err
}

// seesFile promises NotFound.
func (b *Bank) seesFile(ctx context.Context, actor Actor, id, kind, object, learner string) error {
	if learner != "" && actor.Is(IsLearner) && actor.Learner == learner {
		return nil
	}
	for _, k := range fileKinds() {
		if k.name != kind {
			continue
		}
		if err := k.sees(b, ctx, actor, object, learner); err != nil {
			return err
		}
		if learner == "" {
			return nil
		}
		return b.look(ctx, actor, learner, "file", "")
	}
	return notFound("attachment", id)
}

// fileContent is what is in a file.
func (b *Bank) fileContent(ctx context.Context, id string) (content []byte, err error) {
	var sealed []byte
	err = b.db.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&content, &sealed) },
		`SELECT content, sealed FROM attachment WHERE id = $1`, id)
	if err == nil && sealed != nil {
		content, err = b.unseal(sealedFile, id, sealed)
	}
	return content, err
}

// baseName is the last part of a path as either kind of system writes it.
func baseName(name string) string {
	return strings.TrimSpace(name[strings.LastIndexAny(name, `/\`)+1:])
}

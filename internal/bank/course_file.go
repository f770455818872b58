package bank

import (
	"context"
	"encoding/json"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// AddCourseFiles attaches files to the version of a course that begins on a day, for
// good: later versions may keep them or not. Who may is who may save the course. It
// promises Denied; NotFound for a course or version that is none; Invalid, naming
// files; Conflict (error.attachment_many).
func (b *Bank) AddCourseFiles(ctx context.Context, actor Actor, k transfer.CourseKey, from calendar.Day, files []NewAttachment) error {
	checked := make([]checkedAttachment, len(files))
	if len(files) == 0 {
		return invalidField("files", "", "required", nil)
	}
	for i, file := range files {
		var fault *FieldError
		if checked[i], fault = checkAttachment("files", file); fault != nil {
			return invalidFields([]FieldError{*fault})
		}
	}
	return b.thenForget(b.write(ctx, actor, func(t *tx) error { return t.addCourseFiles(k, from, checked) }))
}

func (t *tx) addCourseFiles(k transfer.CourseKey, from calendar.Day, files []checkedAttachment) error {
	read := reading(t.each)
	if err := read.mayEditCourses(t.actor, k.Institution); err != nil {
		return err
	}
	versions, err := courseVersions(read, k)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(versions, func(v CourseDetail) bool { return v.From == from })
	if i < 0 {
		return notFound("course", courseObject(k))
	}
	e := versions[i].CourseEdit
	e.Files = slices.Clone(e.Files)
	for _, file := range files {
		id, err := t.attach("course", courseObject(k), "", file)
		if err != nil {
			return err
		}
		e.Files = append(e.Files, id)
	}
	_, err = t.saveCourses([]CourseEdit{e}, AnyStamp)
	return err
}

// SaveCourseOnce is SaveCourse for a program that may ask more than once with the same
// key: the second time it gets the answer of the first, replayed. The files of the
// version stay as they are, or as they were in the version before. It promises the
// codes of [Bank.SaveCourse], and Conflict (error.idempotency).
func (b *Bank) SaveCourseOnce(ctx context.Context, actor Actor, key string, e CourseEdit, stamp string) (saved CourseSaved, replayed bool, err error) {
	body, err := json.Marshal(struct {
		Edit  CourseEdit
		Stamp string
	}{e, stamp})
	if err != nil {
		return saved, false, err
	}
	answer, replayed, err := b.once(ctx, actor, Request{Key: key, Operation: "course", Body: body}, nil, func(t *tx) ([]byte, error) {
		kept, err := keptParts(t.each, e)
		if err != nil {
			return nil, err
		}
		edit := e
		edit.Files = kept.Files
		list, err := t.saveCourses([]CourseEdit{edit}, stamp)
		if err != nil {
			return nil, err
		}
		return json.Marshal(list[0])
	})
	if err = b.thenForget(err); err != nil {
		return saved, false, err
	}
	return saved, replayed, json.Unmarshal(answer, &saved)
}

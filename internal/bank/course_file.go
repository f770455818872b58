package bank

import (
	"context"
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

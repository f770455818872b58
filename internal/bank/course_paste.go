package bank

import (
	"context"
	"errors"
	"maps"
)

// MaxCourseRows is how many courses are typed or pasted at once; files take more.
const MaxCourseRows = 300

// CourseTrial is what saving one of several versions would come to.
type CourseTrial struct {
	Edit   CourseEdit
	Saved  CourseSaved
	Faults []FieldError // what is wrong with it, by column
}

// TryCourses says what saving several versions would come to, and saves nothing. What
// is wrong with one stands there with it. It promises Denied, NotFound for an
// institution that is not the actor's, and Invalid naming rows when there are too many.
func (b *Bank) TryCourses(ctx context.Context, actor Actor, institution string, forms []CourseForm) ([]CourseTrial, error) {
	read := b.reading(ctx)
	if err := read.mayEditCourses(actor, institution); err != nil {
		return nil, err
	}
	if len(forms) > MaxCourseRows {
		return nil, invalidField("rows", "", "rows_many", map[string]any{"Limit": MaxCourseRows})
	}
	list, at := make([]CourseTrial, len(forms)), map[versionKey]int{}
	for i, f := range forms {
		e, faults, err := readCourseForm(read, f.at(institution))
		if err != nil {
			return nil, err
		}
		if given := f.Values["institution"]; given != "" && given != institution {
			faults = append(faults, FieldError{Field: "institution", Value: given, Code: "own_courses", Args: map[string]any{"Institution": institution}})
		}
		list[i] = CourseTrial{Edit: e, Faults: faults}
		key := versionKey{e.CourseKey, e.From}
		before, twice := at[key]
		switch {
		case len(faults) > 0:
			continue
		case twice:
			list[i].Faults = []FieldError{{Field: "code", Value: e.Code, Code: "row_twice", Args: map[string]any{"Row": before + 1}}}
			continue
		}
		at[key] = i
		if err := list[i].try(ctx, b, actor); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// at is what was typed as a course of an institution.
func (f CourseForm) at(institution string) CourseForm {
	f.Values = maps.Clone(f.Values)
	f.Values["institution"] = institution
	return f
}

// try fills in what saving comes to, or why it would be refused.
func (c *CourseTrial) try(ctx context.Context, b *Bank, actor Actor) error {
	kept, err := keptParts(b.reading(ctx), c.Edit)
	if err != nil {
		return err
	}
	c.Edit = kept
	c.Saved, err = b.TryCourse(ctx, actor, c.Edit, AnyStamp)
	var refusal *Error
	if errors.As(err, &refusal) && refusal.Code == Invalid {
		c.Faults = refusal.Fields
		return nil
	}
	return err
}

// keptParts is a version as a row of a file says it, with the outcomes, files and the
// rest that files have no columns for as they are: those of the version that begins on
// the same day, else of the one before.
func keptParts(read reading, e CourseEdit) (CourseEdit, error) {
	versions, err := courseVersions(read, e.CourseKey)
	for _, v := range versions {
		if v.From <= e.From {
			e.Equipment, e.Assessment, e.Outcomes, e.Files = v.Equipment, v.Assessment, v.Outcomes, v.Files
		}
	}
	return e, err
}

package bank

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"creditbank/internal/transfer"
)

// ProgrammeSaved is what saving a programme comes to.
type ProgrammeSaved struct {
	Made     string   // SavedNew, SavedEdit or SavedNothing
	Changed  []string // of name, groups and plan
	Rules    int      // published rules for this programme alone
	Learners int      // who are enrolled in it
	Stamp    string   // of the programme afterwards
}

// Nothing says whether nothing is touched.
func (s ProgrammeSaved) Nothing() bool { return s.Made != SavedEdit || s.Rules+s.Learners == 0 }

// programmeParts name the parts of a stamp, by the field at which a person sees them.
func programmeParts() []string { return []string{"name", "groups", "plan"} }

// TryProgramme says what saving a programme would come to, and saves nothing. It
// promises the codes of [Bank.SaveProgramme].
func (b *Bank) TryProgramme(ctx context.Context, actor Actor, e ProgrammeEdit, stamp string) (ProgrammeSaved, error) {
	saved, _, err := b.reading(ctx).planProgramme(actor, e, stamp)
	return saved, err
}

// SaveProgramme keeps a programme with its groups and its plan as they are given.
// Registrars save those of their own institution. stamp is what
// [Bank.ProgrammeDetail] said, empty for a new one.
//
// It promises Denied, NotFound for an institution that is not the actor's, Invalid
// naming fields, also groups for one that is gone though a published rule awards credit
// in it, and Conflict for another stamp (error.programme_changed, naming the parts that
// were changed; error.programme_exists).
func (b *Bank) SaveProgramme(ctx context.Context, actor Actor, e ProgrammeEdit, stamp string) (saved ProgrammeSaved, err error) {
	err = b.thenForget(b.write(ctx, actor, func(t *tx) error {
		var before ProgrammeEdit
		if saved, before, err = reading(t.each).planProgramme(actor, e, stamp); err != nil || saved.Made == SavedNothing {
			return err
		}
		if err := t.storeProgramme(&e, &before, saved.Made); err != nil {
			return err
		}
		if err := t.audit("programme.save", e.Institution+":"+e.Code, strings.TrimSpace(saved.Made+" "+strings.Join(saved.Changed, " "))); err != nil {
			return err
		}
		return t.raiseMap()
	}))
	return saved, err
}

// planProgramme decides what saving comes to, and reads what there is.
func (read reading) planProgramme(actor Actor, e ProgrammeEdit, stamp string) (saved ProgrammeSaved, before ProgrammeEdit, err error) {
	if err := read.mayEditProgrammes(actor, e.Institution); err != nil {
		return saved, before, err
	}
	checked, err := read.readProgramme(e.Form())
	if err != nil {
		return saved, before, err
	}
	before, known, err := read.programme(e.ProgrammeKey)
	if err != nil {
		return saved, before, err
	}
	saved = ProgrammeSaved{Made: SavedNew, Stamp: checked.stamp()}
	switch {
	case known && stamp == "":
		return saved, before, &Error{Code: Conflict, Key: "error.programme_exists", Args: map[string]any{"Code": e.Code}}
	case !known && stamp != "":
		return saved, before, notFound("programme", e.Institution+":"+e.Code)
	case !known:
		return saved, before, nil
	}
	if differs := differingParts(stamp, before.stamp()); len(differs) > 0 {
		refusal := &Error{Code: Conflict, Key: "error.programme_changed", Args: map[string]any{"Stamp": before.stamp()}}
		for _, part := range differs {
			refusal.Fields = append(refusal.Fields, FieldError{Field: part, Code: "part_changed"})
		}
		return saved, before, refusal
	}
	if saved.Changed = differingParts(saved.Stamp, before.stamp()); len(saved.Changed) == 0 {
		saved.Made = SavedNothing
		return saved, before, nil
	}
	saved.Made = SavedEdit
	if err := read.keepsGroups(&checked, &before); err != nil {
		return saved, before, err
	}
	return saved, before, read(func(rows *sql.Rows) error { return rows.Scan(&saved.Rules, &saved.Learners) },
		`SELECT (SELECT count(*) FROM equivalence e WHERE e.institution = $1 AND e.programme = $2 AND `+lastPublished+`),
			(SELECT count(*) FROM learner WHERE institution = $1 AND programme = $2)`, e.Institution, e.Code)
}

// mayEditProgrammes is for registrars of the institution and the operator. It promises
// Denied and NotFound.
func (read reading) mayEditProgrammes(actor Actor, institution string) error {
	if err := actor.need(IsRegistrar | IsOperator); err != nil {
		return err
	}
	return read.mayEditCourses(actor, institution)
}

// differingParts names the parts in which two stamps differ.
func differingParts(a, b string) []string {
	parts := programmeParts()
	before, after := strings.Split(a, "-"), strings.Split(b, "-")
	if len(before) != len(parts) || len(after) != len(parts) {
		return parts
	}
	var differs []string
	for i, part := range parts {
		if before[i] != after[i] {
			differs = append(differs, part)
		}
	}
	return differs
}

// keepsGroups refuses to drop a group in which a published rule awards credit.
func (read reading) keepsGroups(e, before *ProgrammeEdit) error {
	for _, g := range before.Groups {
		if slices.ContainsFunc(e.Groups, func(kept ProgrammeGroup) bool { return kept.Code == g.Code }) {
			continue
		}
		rules := 0
		err := read(func(rows *sql.Rows) error { return rows.Scan(&rules) }, `SELECT count(*) FROM equivalence_target a JOIN equivalence e ON e.code = a.equivalence AND e.version = a.version
			WHERE a.institution = $1 AND a.grp = $2 AND (e.programme IS NULL OR e.programme = $3) AND `+lastPublished, e.Institution, g.Code, e.Code)
		if err != nil {
			return err
		}
		if rules > 0 {
			return invalidField("groups", g.Code, "group_used", map[string]any{"Rules": rules})
		}
	}
	return nil
}

// storeProgramme writes a programme; its groups and plan take the place of those of before.
func (t *tx) storeProgramme(e, before *ProgrammeEdit, made string) error {
	k := keyed[transfer.ProgrammeKey, Programme]{e.ProgrammeKey, e.Programme}
	err := updateProgramme(t, k)
	if made == SavedNew {
		err = insertProgrammes()(t, []keyed[transfer.ProgrammeKey, Programme]{k})
	}
	if err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM plan_course WHERE institution = $1 AND programme = $2`, e.Institution, e.Code); err != nil {
		return err
	}
	for _, g := range before.Groups {
		if err := t.exec(`DELETE FROM programme_group WHERE institution = $1 AND programme = $2 AND code = $3`, e.Institution, e.Code, g.Code); err != nil {
			return err
		}
	}
	var groups, plan [][]any
	for _, g := range e.Groups {
		groups = append(groups, []any{e.Institution, e.Code, g.Code, g.Name, g.Min})
	}
	for _, p := range e.Plan {
		plan = append(plan, []any{e.Institution, e.Code, p.Course, p.Group, p.Required, p.NeverExempt})
	}
	if err := t.insert("programme_group", groupTable(), groups); err != nil {
		return fmt.Errorf("groups of %s:%s: %w", e.Institution, e.Code, err)
	}
	return t.insert("plan_course", planTable(), plan)
}

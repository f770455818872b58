package bank

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// NewPriorLearning is a portfolio as far as it is written down.
type NewPriorLearning struct {
	ID, Stamp string                // of a draft that is changed; empty: a new one
	To        transfer.ProgrammeKey // of a new one
	Course    string                // of a new one
	Outcomes  []NewPriorOutcome     // in the order of the course's outcomes; those that are missing stay as they are
}

// NewPriorOutcome is what a learner says to one outcome.
type NewPriorOutcome struct {
	Can, How string
	Files    []NewAttachment // added to what is there
}

// priorTexts is what a learner wrote: sealed, and gone with an erasure.
type priorTexts struct {
	Outcomes []priorText `json:"outcomes"`
}

type priorText struct {
	Can string `json:"can,omitempty"`
	How string `json:"how,omitempty"`
}

// SavePriorLearning keeps a draft, which only the learner sees. A new one is made from
// the outcomes of the course as they are published today.
//
// It promises Denied; NotFound for the programme, the course and the draft; Invalid,
// naming outcomes[0].can, outcomes[0].how or outcomes[0].files; Conflict:
// error.prior.REASON of [PriorReasons] when the course cannot be recognised,
// error.prior_stale, error.prior_state and error.attachment_many.
func (b *Bank) SavePriorLearning(ctx context.Context, actor Actor, in NewPriorLearning) (PriorLearning, error) {
	texts, files, err := in.read()
	if err != nil {
		return PriorLearning{}, err
	}
	if in.ID == "" {
		if in.ID, err = b.newPriorLearning(ctx, actor, in, texts, files); err != nil {
			return PriorLearning{}, err
		}
		return b.PriorLearning(ctx, actor, in.ID)
	}
	if _, err := b.ownPrior(ctx, actor, in.ID); err != nil {
		return PriorLearning{}, err
	}
	err = b.write(ctx, actor, func(t *tx) error {
		p, err := t.priorIn(in.ID, in.Stamp, PriorDraft)
		if err != nil {
			return err
		}
		for i := range p.Outcomes {
			if i >= len(texts.Outcomes) {
				texts.Outcomes = append(texts.Outcomes, priorText{p.Outcomes[i].Can, p.Outcomes[i].How})
			}
		}
		return t.keepPriorTexts(&p, texts, files)
	})
	if err != nil {
		return PriorLearning{}, err
	}
	return b.PriorLearning(ctx, actor, in.ID)
}

// read holds what was typed against its bounds. It promises Invalid.
func (in *NewPriorLearning) read() (texts priorTexts, files [][]checkedAttachment, err error) {
	var faults []FieldError
	for i, o := range in.Outcomes {
		text := priorText{Can: strings.TrimSpace(o.Can), How: strings.TrimSpace(o.How)}
		for _, part := range []struct{ field, text string }{{"can", text.Can}, {"how", text.How}} {
			if code := textFault(part.text, applicationText); code != "" && code != "required" {
				faults = append(faults, FieldError{Field: fmt.Sprintf("outcomes[%d].%s", i, part.field), Code: code, Args: map[string]any{"Limit": applicationText}})
			}
		}
		checked, wrong := checkAttachments(o.Files)
		for _, f := range wrong {
			f.Field = fmt.Sprintf("outcomes[%d].files", i)
			faults = append(faults, f)
		}
		texts.Outcomes, files = append(texts.Outcomes, text), append(files, checked)
	}
	if len(faults) > 0 {
		return texts, files, invalidFields(faults)
	}
	return texts, files, nil
}

// newPriorLearning makes a draft, and gives its number.
func (b *Bank) newPriorLearning(ctx context.Context, actor Actor, in NewPriorLearning, texts priorTexts, files [][]checkedAttachment) (id string, err error) {
	p := PriorLearning{ID: newNumber(), To: in.To, Course: in.Course, State: PriorDraft, Round: PriorFirst}
	if p.Learner, err = b.own(ctx, actor); err != nil {
		return "", err
	}
	course, err := b.priorCourseOf(ctx, p.Learner, in.To, in.Course)
	if err != nil {
		return "", err
	}
	if course.Reason != "" {
		return "", priorRefusal(course.Reason)
	}
	return p.ID, b.write(ctx, actor, func(t *tx) error {
		running, err := priorsRunning(t.each, p.Learner, in.To.Institution)
		if err != nil {
			return err
		}
		if running[in.Course] != "" {
			return priorRefusal("running")
		}
		if err := t.insertPrior(&p); err != nil {
			return err
		}
		return t.keepPriorTexts(&p, texts, files)
	})
}

// priorRefusal says why a course cannot be recognised: one of [PriorReasons].
func priorRefusal(reason string) error { return &Error{Code: Conflict, Key: "error.prior." + reason} }

// priorCourseOf is a course of a programme's plan as it stands for a learner. It promises
// NotFound.
func (b *Bank) priorCourseOf(ctx context.Context, account string, to transfer.ProgrammeKey, course string) (PriorCourse, error) {
	o, err := b.priorOffer(ctx, account, to)
	if err != nil {
		return PriorCourse{}, err
	}
	info, err := o.Snapshot.Programme(to, b.Today())
	if err != nil {
		return PriorCourse{}, err
	}
	for _, g := range info.Groups {
		for _, c := range g.Courses {
			if c.Course.Code == course {
				return b.priorCourse(ctx, &o, c.Course)
			}
		}
	}
	return PriorCourse{}, notFound("course", to.Institution+":"+course)
}

func (t *tx) insertPrior(p *PriorLearning) error {
	versions, err := courseVersions(t.each, transfer.CourseKey{Institution: p.To.Institution, Code: p.Course})
	if err != nil {
		return err
	}
	if len(versions) == 0 {
		return notFound("course", p.To.Institution+":"+p.Course)
	}
	now := detailOn(versions, calendar.Of(t.now))
	err = t.insert("prior_learning", []string{"id", "learner", "account", "institution", "programme", "course", "seq", "credits", "state", "round", "stamp", "made_by", "made_at", "changed_at"},
		[][]any{{p.ID, p.Learner, p.Learner, p.To.Institution, p.To.Code, p.Course, now.seq, now.Credits, p.State, p.Round, newStamp(), t.actor.Name, micros(t.now), micros(t.now)}})
	if err != nil {
		return err
	}
	var rows [][]any
	for i, o := range now.Outcomes {
		p.Outcomes = append(p.Outcomes, PriorOutcome{Number: i + 1, Outcome: o})
		rows = append(rows, []any{p.ID, i + 1, o.Competence, orNil(o.Level, 0), o.Text})
	}
	return t.insert("prior_outcome", []string{"prior_learning", "n", "competence", "level", "outcome"}, rows)
}

// keepPriorTexts writes what the learner says, and takes files in.
func (t *tx) keepPriorTexts(p *PriorLearning, texts priorTexts, files [][]checkedAttachment) error {
	texts.Outcomes = texts.Outcomes[:min(len(texts.Outcomes), len(p.Outcomes))]
	sealed, err := t.sealJSON("prior_learning.texts", p.ID, texts)
	if err != nil {
		return err
	}
	for i, list := range files[:min(len(files), len(p.Outcomes))] {
		for _, file := range list {
			if _, err := t.attach(KindPriorLearning, priorObject(p.ID, i+1), p.Learner, file); err != nil {
				return err
			}
		}
	}
	if err := t.exec(`UPDATE prior_learning SET texts = $1, stamp = $2, changed_at = $3 WHERE id = $4`, sealed, newStamp(), micros(t.now), p.ID); err != nil {
		return err
	}
	return t.notePrior("prior.save", p, "")
}

// priorObject is what files of an outcome are attached to.
func priorObject(id string, outcome int) string { return fmt.Sprintf("%s.%d", id, outcome) }

func (t *tx) notePrior(action string, p *PriorLearning, detail string) error {
	return t.note(note{Action: action, Object: p.ID, Subject: p.Learner, Detail: detail})
}

// readPriorTexts puts what a learner wrote beside the outcomes.
func (p *PriorLearning) readPriorTexts(plain []byte) error {
	var texts priorTexts
	if err := json.Unmarshal(plain, &texts); err != nil {
		return err
	}
	for i := range min(len(p.Outcomes), len(texts.Outcomes)) {
		p.Outcomes[i].Can, p.Outcomes[i].How = texts.Outcomes[i].Can, texts.Outcomes[i].How
	}
	return nil
}

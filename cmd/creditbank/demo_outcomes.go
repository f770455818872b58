package main

import (
	"encoding/csv"
	"fmt"
	"strconv"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
	"creditbank/seeds"
)

// loadOutcomes gives some courses of the demo city their learning outcomes, in the name
// of their schools, so that prior learning can be recognised against them.
func (a *app) loadOutcomes(b *bank.Bank) error {
	file, err := seeds.FS.Open(seeds.Outcomes)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", seeds.Outcomes, err)
	}
	outcomes, order := map[transfer.CourseKey][]bank.Outcome{}, []transfer.CourseKey{}
	for _, row := range rows[1:] {
		level, err := strconv.Atoi(row[3])
		if err != nil {
			return fmt.Errorf("%s: %w", seeds.Outcomes, err)
		}
		key := transfer.CourseKey{Institution: row[0], Code: row[1]}
		if outcomes[key] == nil {
			order = append(order, key)
		}
		outcomes[key] = append(outcomes[key], bank.Outcome{Competence: row[2], Level: level, Text: row[4]})
	}
	for _, key := range order {
		if err := a.saveOutcomes(b, key, outcomes[key]); err != nil {
			return fmt.Errorf("%s: %s:%s: %w", seeds.Outcomes, key.Institution, key.Code, err)
		}
	}
	return nil
}

// saveOutcomes completes a course that has no outcomes yet.
func (a *app) saveOutcomes(b *bank.Bank, key transfer.CourseKey, outcomes []bank.Outcome) error {
	course, err := b.CourseDetail(a.ctx, key, b.Today())
	if err != nil || len(course.Outcomes) > 0 {
		return err
	}
	course.Outcomes = outcomes
	_, err = b.SaveCourse(a.ctx, bank.Actor{Name: "seeds", Roles: bank.IsRegistrar, Institution: key.Institution}, course.CourseEdit, course.Stamp)
	return err
}

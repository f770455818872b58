package bench

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"creditbank/internal/bank"
)

// The one school of the bank in which deposits are measured.
const (
	ledgerSchool  = "4150099901"
	schoolCourses = 40
)

// ledgerFiles are a school, its courses and the accounts of its learners.
func ledgerFiles(learners int) []File {
	return []File{
		{"institutions", []string{"code", "name", "kind", "hours_per_credit", "credit_step"},
			slices.Values([][]string{{ledgerSchool, "示例学校", "higher_vocational", "16", "0.5"}})},
		{"courses", []string{"institution", "code", "name", "credits", "hours"}, numbered(schoolCourses, func(n int) []string {
			return []string{ledgerSchool, courseCode(n), fmt.Sprintf("示例课程%d", n), "4", "64"}
		})},
		{"learners", []string{"account", "name"}, numbered(learners, func(n int) []string {
			return []string{accountName(n), fmt.Sprintf("示例学员%d", n)}
		})},
	}
}

// recordRows is a file of results, as the deposits of the same numbers are.
func recordRows(n, learners int) File {
	return File{"records", []string{"learner", "reference", "kind", "institution", "course", "grade", "scale", "credits", "completed_on"},
		numbered(n, func(n int) []string {
			d := depositOf(int64(n))
			return []string{accountName(n % learners), d.Reference, d.Kind, d.Institution, d.Course, d.Grade, d.Scale, d.Credits, d.CompletedOn}
		})}
}

// numbered makes rows as they are read.
func numbered(n int, row func(int) []string) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for i := range n {
			if !yield(row(i)) {
				return
			}
		}
	}
}

func accountName(n int) string { return fmt.Sprintf("BL%08d", n) }

func courseCode(n int) string { return fmt.Sprintf("C%03d", n) }

// depositOf is the n-th result that the school deposits.
func depositOf(n int64) bank.DepositRecord {
	return bank.DepositRecord{Reference: referenceOf(n), Kind: "course", Institution: ledgerSchool, Course: courseCode(int(n % schoolCourses)),
		Grade: fmt.Sprint(60 + n%41), Scale: "percent", Credits: "4", CompletedOn: "2026-06-25"}
}

func referenceOf(n int64) string { return fmt.Sprintf("R-%09d", n) }

// keyOf is the Idempotency-Key of the n-th deposit.
func keyOf(n int64) string { return fmt.Sprintf("deposit-%09d", n) }

// importInto takes a file into a bank, whole.
func importInto(ctx context.Context, b *bank.Bank, f File) (bank.ImportReport, error) {
	report, err := b.Import(ctx, benchActor(), bank.Import{Kind: f.Kind, Header: f.Header, Rows: f.bankRows(), Publish: true})
	if err == nil && (report.Refused > 0 || !report.Written) {
		err = fmt.Errorf("%s: %d of %d rows refused %v", f.Kind, report.Refused, report.Rows, report.Errors[:min(3, len(report.Errors))])
	}
	return report, err
}

// importSchool fills an empty bank.
func importSchool(ctx context.Context, b *bank.Bank, learners int) error {
	for _, f := range ledgerFiles(learners) {
		if _, err := importInto(ctx, b, f); err != nil {
			return err
		}
	}
	return nil
}

func benchActor() bank.Actor { return bank.Operator("bench") }

// openSchool is a bank with the school in it.
func openSchool(ctx context.Context, at store, learners int, o bank.Options) (*bank.Bank, error) {
	b, err := bank.OpenWith(ctx, at.bank, o)
	if err != nil {
		return nil, err
	}
	if err := importSchool(ctx, b, learners); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

package bench

import (
	"errors"
	"fmt"
	"os"

	"creditbank/internal/bank"
)

// verification sets the verification of a ledger beside the import that made it.
func (r *run) verification(size ledgerSize) error {
	row := Row{ID: "D7", What: fmt.Sprintf("verify of %d entries", size.entries), Beside: "the import of the same", Unit: "of its time", Must: atMost(0.6), Aim: atMost(0.3)}
	var b *bank.Bank
	turn := 0
	fresh := func() (float64, error) {
		turn++
		var err error
		if b, err = openSchool(r.ctx, r.file(fmt.Sprintf("verify-%d", turn)), size.learners, bank.Options{}); err != nil {
			return 0, err
		}
		return wall(func() error {
			_, err := importInto(r.ctx, b, recordRows(size.entries, size.learners))
			return err
		})()
	}
	verify := func() (float64, error) {
		var report bank.VerifyReport
		seconds, err := wall(func() (err error) {
			report, err = b.Verify(r.ctx, bank.VerifyInput{})
			return err
		})()
		if report.Finding != nil || report.Entries != int64(size.entries) || report.Records != int64(size.entries) {
			row.fault("%d entries of %d results, finding %v", report.Entries, report.Records, report.Finding)
		}
		return seconds, errors.Join(err, b.Close(), removeStore(r.file(fmt.Sprintf("verify-%d", turn))))
	}
	pairs, err := interleaveWarm(r.ctx, byWall, size.pairs, fresh, verify)
	if err != nil {
		return err
	}
	perSecond := func(seconds float64) string { return figure(float64(size.entries) / seconds) }
	row.note("import %s (%s results a second, parsed, validated, booked, hashed and on disk), verify %s (%s entries a second)",
		took(median(pairs.A)), perSecond(median(pairs.A)), took(median(pairs.B)), perSecond(median(pairs.B)))
	r.add(row.of(pairs))
	return nil
}

// removeStore makes room for the next.
func removeStore(at store) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(at.path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

package bank

import (
	"slices"

	"creditbank/internal/transfer"
)

// rosterUndo is what an undoing of an archive needs: of each kind that it brought, what
// an undoing of that kind does.
type rosterUndo struct{ Steps []rosterStep }

type rosterStep struct {
	Kind string
	Log  []byte
}

// add keeps what an import of one of the kinds left.
func (u *rosterUndo) add(kind string, run *importRun) error {
	if run.undo == nil {
		return nil
	}
	log, err := undoText(run.undo)
	u.Steps = append(u.Steps, rosterStep{kind, log})
	return err
}

// undoRoster takes back what an archive brought, the last first. Results are reversed,
// and the ledger forgets nothing: the learners and courses that it names stay.
func undoRoster(t *tx, upload string, text []byte) error {
	var u rosterUndo
	if err := readUndo(text, &u); err != nil {
		return err
	}
	learners, courses := map[string]bool{}, map[transfer.CourseKey]bool{}
	for _, step := range slices.Backward(u.Steps) {
		var err error
		log := step.Log
		switch step.Kind {
		case recordFile.name:
			err = namedByResults(log, learners, courses)
		case learnerFile.name:
			log, err = withoutAdded[string, Learner](log, func(account string) bool { return learners[account] })
		case courseFile.name:
			log, err = withoutAdded[versionKey, CourseVersion](log, func(k versionKey) bool { return courses[k.CourseKey] })
		}
		if err == nil {
			err = undoers()[step.Kind](t, upload, log)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// withoutAdded is a log without those that came new and are to stay.
func withoutAdded[K comparable, V comparable](text []byte, stays func(K) bool) ([]byte, error) {
	var log undoLog[K, V]
	if err := readUndo(text, &log); err != nil {
		return nil, err
	}
	log.Added = slices.DeleteFunc(log.Added, func(row undoneRow[K, V]) bool { return stays(row.Key) })
	return undoText(log)
}

// namedByResults notes whom and what the results of a log name.
func namedByResults(text []byte, learners map[string]bool, courses map[transfer.CourseKey]bool) error {
	var log undoLog[recordKey, Record]
	if err := readUndo(text, &log); err != nil {
		return err
	}
	for _, row := range slices.Concat(log.Added, log.Edited) {
		learners[row.New.Learner] = true
		courses[transfer.CourseKey{Institution: row.Key.Institution, Code: row.New.Course}] = true
	}
	return nil
}

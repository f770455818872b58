package bank

import (
	"creditbank/internal/code"
)

// learner reads whose account it is. It promises NotFound.
func (t *tx) learner(account string) (Learner, error) { return learnerNamed(t.each, t.unseal, account) }

// changePerson changes one field of a learner's person, as files of learners name
// it. It promises NotFound, and Invalid, naming value, for what an import would refuse.
func (t *tx) changePerson(account, field, value string) error {
	was, err := t.learner(account)
	if err != nil {
		return err
	}
	is, err := t.changed(account, was, field, value)
	if err != nil {
		return err
	}
	if err := t.unused(account, is); err != nil {
		return err
	}
	return updateLearner(t, keyed[string, Learner]{account, is})
}

// changed is a learner with one field changed, read as a row of a file of learners
// is. It promises Invalid, naming value.
func (t *tx) changed(account string, was Learner, field, value string) (Learner, error) {
	row := map[string]string{"account": account, "name": was.Name, "id_type": was.IDType, "id_number": was.IDNumber, "school_number": was.SchoolNumber,
		"birth_date": was.Born.String(), "gender": was.Gender, "phone": was.Phone, "email": was.Email}
	row[field] = value
	if number, err := code.ParseID(value); field == "id_number" && was.IDType == ResidentID && err == nil {
		row["birth_date"] = number.Birth().String() // the number says it
		if was.Gender != "" {
			row["gender"] = map[bool]string{true: "female", false: "male"}[number.Female()]
		}
	}
	c := &cells{run: &importRun{tx: t, at: map[string]int{}, again: rejectCells{-1, -1}, known: &references{}}}
	for _, column := range sortedKeys(row) {
		c.run.at[column] = len(c.row.Cells)
		c.row.Cells = append(c.row.Cells, row[column])
	}
	_, is := readLearner(c)
	c.oneLine(field)
	is.Institution, is.Programme, is.Entered = was.Institution, was.Programme, was.Entered
	if len(c.faults) > 0 {
		fault, said := c.faults[0], ""
		if fault.Column == field {
			said = fault.Value
		}
		return is, invalidField("value", said, fault.Code, fault.Args)
	}
	return is, nil
}

// unused refuses a number that another account has, without saying which. It
// promises Invalid, naming value.
func (t *tx) unused(account string, is Learner) error {
	used, err := t.numberUsed(account, is.Person)
	if err == nil && used {
		err = invalidField("value", "", "number_used", nil)
	}
	return err
}

package bank

import (
	"database/sql"
	"slices"
)

// regionalPeople finds learners by what files of a regional credit bank say of them.
// Nobody is opened for it: names and numbers are compared by their digests.
type regionalPeople struct {
	learners map[string]regionalLearner
	byNumber map[string][]string // digest of a document or school number → accounts
	document map[string]string   // account → digest of its document
	names    map[string]string   // account → digest of its name
	blind    func(field, text string) (string, error)
	aliases  aliases
}

func (t *tx) regionalPeople() (*regionalPeople, error) {
	keys, err := t.sealing()
	if err != nil {
		return nil, err
	}
	rp := &regionalPeople{learners: map[string]regionalLearner{}, byNumber: map[string][]string{}, document: map[string]string{}, names: map[string]string{},
		blind: func(field, text string) (string, error) {
			digest, err := keys.Blind(field, text)
			return string(digest), err
		}}
	if rp.aliases, err = t.aliases(); err != nil {
		return nil, err
	}
	err = t.each(func(rows *sql.Rows) error {
		var l regionalLearner
		err := rows.Scan(&l.account, &l.Institution, &l.Code, &l.entered)
		rp.learners[l.account] = l
		return err
	}, `SELECT account, coalesce(institution, ''), coalesce(programme, ''), coalesce(entered_on, -2147483648) FROM learner WHERE erased_at IS NULL`)
	if err != nil {
		return nil, err
	}
	return rp, t.each(func(rows *sql.Rows) error {
		var account, field string
		var digest []byte
		err := rows.Scan(&account, &field, &digest)
		switch field {
		case indexName:
			rp.names[account] = string(digest)
		case indexID:
			rp.document[account] = string(digest)
			fallthrough
		case indexSchool:
			rp.byNumber[string(digest)] = append(rp.byNumber[string(digest)], account)
		}
		return err
	}, `SELECT learner, field, digest FROM learner_index WHERE field IN ('id_number', 'school_number', 'name')`)
}

// find reads whose row it is: by the number of a document, by an account or school
// number, or both, which must be of one person who has the name that the row says. A
// registrar learns nothing of people of other schools. Of names and numbers nothing is
// said in a fault.
func (rp *regionalPeople) find(c *cells) (l regionalLearner, err error) {
	number, student := c.short("id_number", codeLength), c.short("student_number", codeLength)
	name := c.needed("name", nameLength)
	c.hush("name", "id_number", "student_number")
	if number == "" && student == "" {
		c.fault("id_number", "", "required", nil)
	}
	if len(c.faults) > 0 {
		return l, nil
	}
	column, fault := "", ""
	l, column, fault, err = rp.named(name, number, student, c.run.scope)
	if err == nil && fault == "" && c.run.scope != "" && l.Institution != c.run.scope {
		column, fault = "name", "merged_elsewhere"
	}
	if fault != "" {
		c.fault(column, "", fault, nil)
	}
	return l, err
}

// named gives the one learner who is meant, of a school or of all, or what is wrong
// with which column.
func (rp *regionalPeople) named(name, number, student, school string) (l regionalLearner, column, fault string, err error) {
	byDocument, err := rp.withNumber(number, school)
	if err != nil {
		return l, "", "", err
	}
	byStudent, err := rp.withNumber(student, school)
	if err != nil {
		return l, "", "", err
	}
	if rp.within(student, school) && !slices.Contains(byStudent, student) {
		byStudent = append(byStudent, student)
	}
	called, err := rp.blind(indexName, normalName(name))
	if err != nil {
		return l, "", "", err
	}
	switch {
	case number != "" && len(byDocument) == 0 && len(byStudent) == 0:
		return l, "id_number", "unknown_person", nil
	case student != "" && len(byStudent) == 0:
		return l, "student_number", "unknown_person", nil
	}
	found := slices.Concat(byDocument, byStudent)
	if number != "" && student != "" {
		found = slices.DeleteFunc(byStudent, func(account string) bool {
			return !slices.Contains(byDocument, account) && (len(byDocument) > 0 || rp.document[account] != "")
		})
		if len(found) == 0 {
			return l, "id_number", "other_person", nil
		}
	}
	found = slices.DeleteFunc(found, func(account string) bool { return rp.names[account] != called })
	slices.Sort(found)
	switch found = slices.Compact(found); len(found) {
	case 0:
		return l, "name", "name_differs", nil
	case 1:
		return rp.learners[rp.aliases.of(found[0])], "", "", nil
	}
	return l, "id_number", "several_people", nil
}

// within says whether there is such an account, and it is of a school, where one is
// meant: whether another school's people are known is not for a school to know.
func (rp *regionalPeople) within(account, school string) bool {
	l, known := rp.learners[account]
	return known && (school == "" || l.Institution == school)
}

// withNumber are the accounts that have a number, as a document of any kind or as
// their school number.
func (rp *regionalPeople) withNumber(number, school string) (accounts []string, err error) {
	if number == "" {
		return nil, nil
	}
	digest, err := rp.blind(indexSchool, normalNumber(number))
	accounts = slices.Clone(rp.byNumber[digest])
	for _, idType := range idTypes() {
		if err == nil {
			digest, err = rp.blind(indexID, normalID(idType, number))
			accounts = append(accounts, rp.byNumber[digest]...)
		}
	}
	return slices.DeleteFunc(accounts, func(account string) bool { return !rp.within(account, school) }), err
}

// hush takes what is personal out of what is wrong with some columns.
func (c *cells) hush(columns ...string) {
	for i, fault := range c.faults {
		if slices.Contains(columns, fault.Column) {
			c.faults[i].Value = ""
			delete(c.faults[i].Args, "Mended")
		}
	}
}

package bank

import (
	"strings"

	"creditbank/internal/transfer"
)

// codeList is a list of codes that a cell must name one of.
type codeList struct {
	has func(code string) bool
	all func(yield func(code string)) // what it has, to find codes by what is left of them
	key string                        // which list it is, so that it is gone through once
}

// listed reads a cell that must name a code of a list, and says by name what Excel
// or a hurried hand made of it. A code that is there is taken as it is. It gives the
// code that is meant, and false when there is none: the fault has been told then.
func (c *cells) listed(column, value string, list codeList) (string, bool) {
	if list.has(value) {
		return value, true
	}
	if half := halfWidth(value); half != value && list.has(half) {
		c.becomes(column, "full_width", half)
		return half, true
	}
	if whole := c.run.withZeros(list)[strings.TrimLeft(value, "0")]; whole != "" {
		return c.offer(column, value, "lost_zeros", whole, nil)
	}
	if with := zeros(value); with != value && list.has(with) {
		return c.offer(column, value, "letter_o", with, nil)
	}
	return value, false
}

// account reads a cell that must name an account.
func (c *cells) account(column string, accounts map[string]bool) string {
	account := c.short(column, codeLength)
	if account == "" {
		c.fault(column, "", "required", nil)
		return ""
	}
	if accounts[account] {
		return account
	}
	account, known := c.listed(column, account, accountList(accounts))
	if !known {
		c.fault(column, account, "unknown_learner", nil)
	}
	return account
}

// withZeros are the codes of a list that begin with zeros, by what is left without
// them; where two have the same rest neither is meant.
func (r *importRun) withZeros(list codeList) map[string]string {
	if found, known := r.zeros[list.key]; known {
		return found
	}
	rest, twice := map[string]string{}, map[string]bool{}
	list.all(func(code string) {
		short := strings.TrimLeft(code, "0")
		if short == "" || short == code && rest[short] == "" {
			return
		}
		if rest[short] != "" {
			twice[short] = true
		}
		rest[short] = code
	})
	for short := range twice {
		delete(rest, short)
	}
	if r.zeros == nil {
		r.zeros = map[string]map[string]string{}
	}
	r.zeros[list.key] = rest
	return rest
}

func (k *references) institutionList() codeList {
	return codeList{key: "institution",
		has: func(code string) bool { _, known := k.institutions[code]; return known },
		all: func(yield func(string)) {
			for code := range k.institutions {
				yield(code)
			}
		}}
}

func (k *references) courseList(institution string) codeList {
	return codeList{key: "course " + institution,
		has: func(code string) bool { return k.courses[transfer.CourseKey{Institution: institution, Code: code}] },
		all: func(yield func(string)) {
			for key, known := range k.courses {
				if known && key.Institution == institution {
					yield(key.Code)
				}
			}
		}}
}

func (k *references) programmeList(institution string) codeList {
	return codeList{key: "programme " + institution,
		has: func(code string) bool {
			return k.programmes[transfer.ProgrammeKey{Institution: institution, Code: code}]
		},
		all: func(yield func(string)) {
			for key, known := range k.programmes {
				if known && key.Institution == institution {
					yield(key.Code)
				}
			}
		}}
}

// accountList is the list of the accounts there are.
func accountList(accounts map[string]bool) codeList {
	return codeList{key: "learner",
		has: func(code string) bool { return accounts[code] },
		all: func(yield func(string)) {
			for code := range accounts {
				yield(code)
			}
		}}
}

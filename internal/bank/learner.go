package bank

import (
	"context"
	"database/sql"

	"creditbank/internal/calendar"
	"creditbank/internal/code"
)

// Learner is a person with an account (学习者).
type Learner struct {
	Person
	Institution string
	Programme   string
	Entered     calendar.Day
}

// Person is what is personal of a learner. It is kept sealed, as one text.
type Person struct {
	Name         string       `json:"name"`
	IDType       string       `json:"id_type"` // resident_id, passport …; empty: none given
	IDNumber     string       `json:"id_number"`
	SchoolNumber string       `json:"school_number"` // 全国学籍号
	Born         calendar.Day `json:"birth_date"`
	Gender       string       `json:"gender"` // male, female, other or empty
	Phone        string       `json:"phone"`
	Email        string       `json:"email"`
}

// ResidentID is the id_type of the resident identity number (GB 11643).
const ResidentID = "resident_id"

var learnerFile = kind{
	name: "learners", own: true,
	columns: []Column{
		{"account", "学分账号", true}, {"name", "姓名", true}, {"id_type", "证件类型", false}, {"id_number", "证件号码", false},
		{"school_number", "学籍号", false}, {"birth_date", "出生日期", false}, {"gender", "性别", false}, {"institution", "机构代码", false},
		{"programme", "方案代码", false}, {"entered_on", "入学日期", false}, {"phone", "电话", false}, {"email", "邮箱", false},
	},
	take: takeLearners,
	give: giveLearners,
}

// takeLearners imports a file of learners.
func takeLearners(r *importRun) error {
	if _, err := r.refs(); err != nil {
		return err
	}
	stored, erased, err := r.storedLearners()
	if err != nil {
		return err
	}
	codes, err := r.nationalCodes()
	if err != nil {
		return err
	}
	taken := takenBy(stored)
	return takeEach(r, entity[string, Learner]{
		read: func(c *cells) (string, Learner) {
			c.decode(codes)
			account, l := readLearner(c)
			if erased[account] {
				c.fault("account", account, "erased", nil)
			}
			if old, known := stored[account]; known && c.run.scope != "" && old.Institution != c.run.scope {
				c.fault("account", account, "not_yours", nil)
			}
			taken.check(c, account, l)
			return account, l
		},
		stored: func(*tx) (map[string]Learner, error) { return stored, nil },
		insert: insertLearners, update: updateLearner,
	})
}

// giveLearners exports all learners but those that were erased.
func giveLearners(ctx context.Context, b *Bank, emit func(...string) error) error {
	return b.db.each(ctx, func(rows *sql.Rows) error {
		account, l, err := scanLearner(rows, b.unseal)
		if err != nil {
			return err
		}
		return emit(l.cells(account)...)
	}, selectLearners+` WHERE erased_at IS NULL ORDER BY account`)
}

// cells are a learner as a row of a file.
func (l *Learner) cells(account string) []string {
	return []string{account, l.Name, l.IDType, l.IDNumber, l.SchoolNumber, l.Born.String(), l.Gender, l.Institution, l.Programme,
		l.Entered.String(), l.Phone, l.Email}
}

func readLearner(c *cells) (string, Learner) {
	account := c.needed("account", codeLength)
	l := Learner{Person: Person{
		Name: c.needed("name", nameLength), SchoolNumber: c.text("school_number", codeLength), Born: c.day("birth_date", false),
		Gender: c.choice("gender", "", "male", "female", "other"), Phone: c.text("phone", codeLength), Email: c.text("email", nameLength),
		IDType:   c.choice("id_type", append([]string{""}, idTypes()...)...),
		IDNumber: c.text("id_number", codeLength),
	}, Institution: c.institution("institution", false), Entered: c.day("entered_on", false)}
	l.Programme = c.programme("programme", l.Institution, false)
	if l.IDType == "" && l.IDNumber != "" {
		l.IDType = ResidentID
	}
	if l.IDNumber == "" && l.IDType != "" {
		c.fault("id_number", "", "required", nil)
	}
	if l.Programme != "" && l.Institution == "" {
		c.fault("institution", "", "required", nil)
	}
	c.identity(&l)
	c.hush("name", "id_number", "school_number", "phone", "email")
	return account, l
}

// identity holds the numbers of a person against their check digits and the
// birth date. Names and numbers are never repeated in a fault: reports may be passed on.
func (c *cells) identity(l *Learner) {
	if l.IDType == ResidentID && l.IDNumber != "" {
		id, err := code.ParseID(l.IDNumber)
		if with, wrong := zeros(l.IDNumber), err; wrong != nil && with != l.IDNumber {
			if id, err = code.ParseID(with); err == nil {
				if _, mended := c.offer("id_number", "", "letter_o", with, nil); !mended {
					return
				}
			}
		}
		switch {
		case err != nil:
			c.fault("id_number", "", "id_number", nil)
		case l.Born != calendar.None && id.Birth() != l.Born:
			c.fault("birth_date", "", "birth_date", nil)
		case (l.Gender == "male" && id.Female()) || (l.Gender == "female" && !id.Female()):
			c.fault("gender", "", "gender", nil)
		default:
			l.IDNumber = id.String()
		}
	}
	if l.SchoolNumber != "" {
		if _, err := code.ParseStudent(l.SchoolNumber); err != nil {
			c.fault("school_number", "", "school_number", nil)
		}
	}
}

// takenNumbers are the identity and school numbers in use, with their accounts.
type takenNumbers map[string]string

func takenBy(stored map[string]Learner) takenNumbers {
	taken := takenNumbers{}
	for account, l := range stored {
		for _, number := range numbersOf(l) {
			taken[number] = account
		}
	}
	return taken
}

// numbersOf are the numbers of a learner that are nobody else's, each with its
// kind, in the form in which they are compared.
func numbersOf(l Learner) []string {
	var numbers []string
	if l.IDNumber != "" {
		numbers = append(numbers, normalID(l.IDType, l.IDNumber))
	}
	if l.SchoolNumber != "" {
		numbers = append(numbers, "school "+normalNumber(l.SchoolNumber))
	}
	return numbers
}

// check refuses a number that another account has.
func (taken takenNumbers) check(c *cells, account string, l Learner) {
	for i, number := range numbersOf(l) {
		if other, found := taken[number]; found && other != account {
			column := "school_number"
			if i == 0 && l.IDNumber != "" {
				column = "id_number"
			}
			if c.run.scope != "" {
				c.fault(column, "", "taken_other", nil) // whose it is is not for another school to know
				continue
			}
			c.fault(column, "", "taken", map[string]any{"Account": other})
		}
	}
	if len(c.faults) > 0 {
		return
	}
	for _, number := range numbersOf(l) {
		taken[number] = account
	}
}

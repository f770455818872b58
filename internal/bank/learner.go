package bank

import (
	"database/sql"

	"creditbank/internal/calendar"
	"creditbank/internal/code"
)

// Learner is a person with an account (学习者).
type Learner struct {
	Name         string
	IDType       string // resident_id, passport …; empty: none given
	IDNumber     string
	SchoolNumber string // 全国学籍号
	Born         calendar.Day
	Gender       string // male, female, other or empty
	Institution  string
	Programme    string
	Entered      calendar.Day
	Phone        string
	Email        string
}

// ResidentID is the id_type of the resident identity number (GB 11643).
const ResidentID = "resident_id"

var learnerFile = kind{
	name: "learners",
	columns: []Column{
		{"account", "学分账号", true}, {"name", "姓名", true}, {"id_type", "证件类型", false}, {"id_number", "证件号码", false},
		{"school_number", "学籍号", false}, {"birth_date", "出生日期", false}, {"gender", "性别", false}, {"institution", "机构代码", false},
		{"programme", "方案代码", false}, {"entered_on", "入学日期", false}, {"phone", "电话", false}, {"email", "邮箱", false},
	},
	take: func(r *importRun) error {
		if _, err := r.refs(); err != nil {
			return err
		}
		taken, err := r.takenNumbers()
		if err != nil {
			return err
		}
		return takeEach(r, entity[string, Learner]{
			read: func(c *cells) (string, Learner) {
				account, l := readLearner(c)
				taken.check(c, account, l)
				return account, l
			},
			stored: storedLearners, insert: insertLearners, update: updateLearner,
		})
	},
	give: giveRows(selectLearners+` ORDER BY account`, func(rows *sql.Rows) ([]string, error) {
		account, l, err := scanLearner(rows)
		return []string{account, l.Name, l.IDType, l.IDNumber, l.SchoolNumber, l.Born.String(), l.Gender, l.Institution, l.Programme,
			l.Entered.String(), l.Phone, l.Email}, err
	}),
}

const selectLearners = `SELECT account, name, id_type, coalesce(id_number, ''), coalesce(school_number, ''), coalesce(birth_date, -2147483648), gender,
	coalesce(institution, ''), coalesce(programme, ''), coalesce(entered_on, -2147483648), phone, email FROM learner`

func scanLearner(rows *sql.Rows) (string, Learner, error) {
	var account string
	var l Learner
	err := rows.Scan(&account, &l.Name, &l.IDType, &l.IDNumber, &l.SchoolNumber, &l.Born, &l.Gender, &l.Institution, &l.Programme,
		&l.Entered, &l.Phone, &l.Email)
	return account, l, err
}

func storedLearners(t *tx) (map[string]Learner, error) {
	return readMap(t, selectLearners, scanLearner)
}

func insertLearners(t *tx, added []keyed[string, Learner]) error {
	return into("learner", []string{"account", "name", "id_type", "id_number", "school_number", "birth_date", "gender",
		"institution", "programme", "entered_on", "phone", "email"}, func(k keyed[string, Learner]) []any {
		l := k.value
		return []any{k.key, l.Name, l.IDType, textOrNil(l.IDNumber), textOrNil(l.SchoolNumber), dayOrNil(l.Born), l.Gender,
			textOrNil(l.Institution), textOrNil(l.Programme), dayOrNil(l.Entered), l.Phone, l.Email}
	})(t, added)
}

func updateLearner(t *tx, k keyed[string, Learner]) error {
	l := k.value
	return t.exec(`UPDATE learner SET name = $1, id_type = $2, id_number = $3, school_number = $4, birth_date = $5, gender = $6,
		institution = $7, programme = $8, entered_on = $9, phone = $10, email = $11 WHERE account = $12`,
		l.Name, l.IDType, textOrNil(l.IDNumber), textOrNil(l.SchoolNumber), dayOrNil(l.Born), l.Gender,
		textOrNil(l.Institution), textOrNil(l.Programme), dayOrNil(l.Entered), l.Phone, l.Email, k.key)
}

func readLearner(c *cells) (string, Learner) {
	account := c.needed("account", codeLength)
	l := Learner{
		Name: c.needed("name", nameLength), SchoolNumber: c.text("school_number", codeLength), Born: c.day("birth_date", false),
		Gender: c.gender(), Entered: c.day("entered_on", false), Phone: c.text("phone", codeLength), Email: c.text("email", nameLength),
		IDType:   c.choice("id_type", "", ResidentID, "passport", "hk_macao_permit", "taiwan_permit", "residence_permit", "other"),
		IDNumber: c.text("id_number", codeLength), Institution: c.institution("institution", false),
	}
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
	for i, fault := range c.faults {
		if fault.Column == "id_number" || fault.Column == "school_number" || fault.Column == "phone" {
			c.faults[i].Value = ""
		}
	}
	return account, l
}

// gender reads the English or the Chinese word.
func (c *cells) gender() string {
	switch c.raw("gender") {
	case "男":
		return "male"
	case "女":
		return "female"
	}
	return c.choice("gender", "", "male", "female", "other", "男", "女")
}

// identity holds the numbers of a person against their check digits and the
// birth date. Numbers are never repeated in a fault: reports may be passed on.
func (c *cells) identity(l *Learner) {
	if l.IDType == ResidentID && l.IDNumber != "" {
		id, err := code.ParseID(l.IDNumber)
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

func (r *importRun) takenNumbers() (takenNumbers, error) {
	taken := takenNumbers{}
	err := r.each(func(rows *sql.Rows) error {
		account, l, err := scanLearner(rows)
		for _, number := range numbersOf(l) {
			taken[number] = account
		}
		return err
	}, selectLearners)
	return taken, err
}

func numbersOf(l Learner) []string {
	var numbers []string
	if l.IDNumber != "" {
		numbers = append(numbers, l.IDType+" "+l.IDNumber)
	}
	if l.SchoolNumber != "" {
		numbers = append(numbers, "school "+l.SchoolNumber)
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

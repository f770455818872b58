package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// depositPage deposits one result of the school's own: whose it is, what it says, what
// that means.
type depositPage struct {
	desk
	Account   string            // whose result it is; empty: to be found
	Person    *bank.LearnerView // nil: of another school
	Found     []bank.LearnerView
	Asked     bool   // somebody was searched for
	Elsewhere string // an account that was typed and is none of the school's
	resultChoices
	Means *bank.DepositMeans // of what was typed; nil: nothing that could be deposited yet
}

// resultChoices are what the form of a result offers.
type resultChoices struct {
	Courses []bank.CourseInfo
	Scales  []scaleChoice
	Levels  []int
}

// scaleChoice is a scale that can be chosen; the usual ones have words.
type scaleChoice struct {
	Code  string
	Usual bool
}

// mostCoursesOffered is how many of a school's courses stand ready to be picked; all
// others can be typed.
const mostCoursesOffered = 500

func newResultChoices(s *bank.Snapshot, school string, today calendar.Day) (v resultChoices, err error) {
	list, err := s.CourseList(bank.CourseQuery{Institution: school}, bank.Window{Limit: mostCoursesOffered}, today)
	v.Courses = list.Items
	usual := len(credit.StandardScales())
	for i, code := range s.Scales(today) {
		v.Scales = append(v.Scales, scaleChoice{code, i < usual})
	}
	for level := range 10 {
		v.Levels = append(v.Levels, level+1)
	}
	return v, err
}

// depositFields are what the form sends, in the order of the page.
func depositFields() []string {
	return []string{"account", "course", "completed_on", "grade", "scale", "reference", "credits", "hours", "level", "term"}
}

func (s *Server) newDepositPage(c echo.Context, account string) (p depositPage, err error) {
	if p.desk, err = s.desk(c, "/school/learners"); err != nil {
		return p, err
	}
	n, err := s.names(c)
	if err != nil {
		return p, err
	}
	p.Account = account
	if p.resultChoices, err = newResultChoices(n.snapshot, p.School.Code, n.today); err != nil || account == "" {
		return p, err
	}
	person, err := s.bank.ViewLearner(c.Request().Context(), actorOf(c), account)
	if err == nil {
		p.Person = &person
	} else if bank.CodeOf(err) == bank.NotFound {
		err = nil // of another school: the bank says whether there is such an account
	}
	return p, err
}

// depositForm shows the form, for the learner whom the address names.
func (s *Server) depositForm(c echo.Context) error {
	p, err := s.newDepositPage(c, clean(c.QueryParam("account")))
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "school_deposit", p)
}

// takeDeposit takes a step of the form: to find the learner, to see what the result
// means, to change it, to deposit it.
func (s *Server) takeDeposit(c echo.Context) error {
	do := c.FormValue("do")
	if do == "find" {
		return s.findForDeposit(c)
	}
	p, err := s.newDepositPage(c, clean(c.FormValue("account")))
	if err != nil {
		return err
	}
	p.Form = readFields(c, depositFields()...)
	if do == "change" {
		return s.render(c, http.StatusOK, "school_deposit", p)
	}
	return s.typedDeposit(c, &p, do == "save")
}

// typedDeposit says what the result that was typed means, or deposits it.
func (s *Server) typedDeposit(c echo.Context, p *depositPage, save bool) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	in := depositTyped(p.Form, n.snapshot, p.School.Code)
	ctx, actor := c.Request().Context(), actorOf(c)
	if save {
		receipt, err := s.bank.Deposit(ctx, actor, p.Account, []bank.DepositRecord{in}, bank.Why{})
		if err != nil {
			return s.refuseDeposit(c, err, p)
		}
		return after(c, "/school/learners/"+url.PathEscape(p.Account), "deposited_"+receipt.Records[0].State)
	}
	means, err := s.bank.TryDeposit(ctx, actor, p.Account, in)
	if err != nil {
		return s.refuseDeposit(c, err, p)
	}
	p.Means = &means
	return s.render(c, http.StatusOK, "school_deposit", p)
}

// refuseDeposit shows the form again with what is wrong.
func (s *Server) refuseDeposit(c echo.Context, cause error, p *depositPage) error {
	if bank.CodeOf(cause) == bank.NotFound {
		cause = invalid(bank.FieldError{Field: "account", Value: p.Account, Code: "unknown_learner"})
	}
	return s.again(c, namedAsSent(cause, true), depositFields(), func(status int, f form) error {
		p.Form = f
		return s.render(c, status, "school_deposit", p)
	})
}

// findForDeposit searches for whose the result is.
func (s *Server) findForDeposit(c echo.Context) error {
	p, err := s.newDepositPage(c, "")
	if err != nil {
		return err
	}
	p.Form = readFields(c, learnerFields()...)
	q := bank.LearnerQuery{Account: p.Form.Get("account"), Name: p.Form.Get("name"), Number: p.Form.Get("number")}
	if p.Asked = q != (bank.LearnerQuery{}); !p.Asked {
		p.Form.require(s.speaker(c), "account")
		return s.render(c, http.StatusUnprocessableEntity, "school_deposit", p)
	}
	found, err := s.bank.ClassList(c.Request().Context(), actorOf(c), bank.ClassQuery{LearnerQuery: q}, bank.Window{Limit: pageSize})
	if err != nil {
		return err
	}
	for _, row := range found.Items {
		p.Found = append(p.Found, row.LearnerView)
	}
	if len(p.Found) == 0 && q.Name == "" && q.Number == "" {
		p.Elsewhere = q.Account
	}
	return s.render(c, http.StatusOK, "school_deposit", p)
}

// depositTyped is a result of the school as it was typed: a course by its code, or by a
// name that no other of its courses has.
func depositTyped(f form, s *bank.Snapshot, school string) bank.DepositRecord {
	return bank.DepositRecord{Institution: school, Kind: transfer.KindCourse, Course: courseTyped(s, school, f.Get("course")), CompletedOn: f.Get("completed_on"), Grade: f.Get("grade"),
		Scale: f.Get("scale"), Reference: f.Get("reference"), Credits: f.Get("credits"), Hours: f.Get("hours"), Level: f.Get("level"), Term: f.Get("term")}
}

// courseTyped is the code of a course that was typed; what names none, or several, stays.
func courseTyped(s *bank.Snapshot, school, text string) string {
	if _, known := s.CourseHead(transfer.CourseKey{Institution: school, Code: text}, calendar.None); known || text == "" {
		return text
	}
	list, err := s.CourseList(bank.CourseQuery{Institution: school, Q: text}, bank.Window{Limit: mostCoursesOffered}, calendar.None)
	if err != nil {
		return text
	}
	named := slices.DeleteFunc(list.Items, func(c bank.CourseInfo) bool { return c.Current.Name != text && c.Current.NameEn != text })
	if len(named) != 1 {
		return text
	}
	return named[0].Code
}

// Score is the score by which the result is compared, where its grade is a word.
func (p depositPage) Score() string {
	if p.Means == nil || isScore(p.Means.Grade) || p.Means.Record.Score == transfer.NoScore {
		return ""
	}
	return p.Means.Record.Score.String()
}

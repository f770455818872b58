package web

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// Outcomes lists the rungs of a decision.
func (v applicationView) Outcomes() []string { return bank.Outcomes() }

// Reasons lists the codes of reasons.
func (v applicationView) Reasons() []string { return bank.ReasonCodes() }

// mostAlternatives is how many courses or groups can be given in the place of others.
const mostAlternatives = 3

// Alternatives are the places for what is given instead.
func (v applicationView) Alternatives() []int { return []int{0, 1, 2}[:mostAlternatives] }

// Open lists the items that wait for a decision: all of a first one, those of an open appeal.
func (v applicationView) Open() (open []applicationItem) {
	for _, item := range v.Items {
		if v.waits(item.Number) {
			open = append(open, item)
		}
	}
	return open
}

func (v applicationView) waits(number int) bool {
	if v.Can("decide") {
		return true
	}
	return v.Can("decide_appeal") && slices.ContainsFunc(v.Appeals, func(a bank.Appeal) bool {
		return a.State == bank.AppealOpen && slices.Contains(a.Items, number)
	})
}

// decide takes the decision about an application, decideAppeal the one about an appeal.
func (s *Server) decideApplication(c echo.Context) error {
	return s.takeDecision(c, func(id string, in bank.NewDecision) error {
		_, err := s.bank.DecideApplication(c.Request().Context(), actorOf(c), id, in)
		return err
	})
}

func (s *Server) decideAppeal(c echo.Context) error {
	return s.takeDecision(c, func(id string, in bank.NewDecision) error {
		_, err := s.bank.DecideAppeal(c.Request().Context(), actorOf(c), id, in)
		return err
	})
}

func (s *Server) takeDecision(c echo.Context, decide func(id string, in bank.NewDecision) error) error {
	values, err := c.FormParams()
	if err != nil {
		return unreadable(err)
	}
	in := readDecision(values)
	id := c.Param("application")
	if err := decide(id, in); err != nil {
		return s.applicationAgain(c, itemFields(err, in.Items), decisionFields(in.Items), typedDecision(values))
	}
	return after(c, deskOf(c)+"/applications/"+id, "decided")
}

// readDecision reads the form: the fields of an item end in its number.
func readDecision(values url.Values) bank.NewDecision {
	at := func(name string, parts ...int) string {
		for _, part := range parts {
			name += "-" + strconv.Itoa(part)
		}
		return cleanText(values.Get(name))
	}
	in := bank.NewDecision{Stamp: clean(values.Get("stamp")), Text: at("text")}
	for _, text := range values["item"] {
		n, err := strconv.Atoi(text)
		if err != nil {
			continue
		}
		d := bank.ItemDecision{Item: n, Outcome: at("outcome", n), Text: at("why", n), Reasons: values[fmt.Sprint("reasons-", n)]}
		switch d.Outcome {
		case bank.ItemPartial:
			d.Credits = at("credits", n)
		case bank.ItemConditional:
			d.Condition, d.Until, d.Reasons = at("condition", n), at("until", n), nil
		case bank.ItemRefused:
			d.Remedy = at("remedy", n)
		case bank.ItemAlternative:
			d.Awards = readAlternatives(at, n)
		}
		in.Items = append(in.Items, d)
	}
	return in
}

// readAlternatives reads what is given instead: a course, or credit in a group.
func readAlternatives(at func(string, ...int) string, n int) (awards []bank.AwardInput) {
	for i := range mostAlternatives {
		a := bank.AwardInput{Course: at("course", n, i), Group: at("group", n, i), Credits: at("amount", n, i)}
		if a != (bank.AwardInput{}) {
			awards = append(awards, a)
		}
	}
	return awards
}

var itemField = regexp.MustCompile(`^items\[(\d+)\]\.([a-z]+)(?:\[(\d+)\])?(?:\.([a-z]+))?$`)

// itemFields names the fields of a decision as the form names them.
func itemFields(err error, items []bank.ItemDecision) error {
	return fieldsNamed(err, func(field string) string {
		m := itemField.FindStringSubmatch(field)
		if m == nil {
			return field
		}
		n, _ := strconv.Atoi(m[1]) // digits, and few
		if n >= len(items) {
			return field
		}
		return fieldInForm(m, items[n].Item)
	})
}

func fieldInForm(m []string, item int) string {
	switch name := m[2]; {
	case name == "item":
		return fmt.Sprint("outcome-", item)
	case name == "text":
		return fmt.Sprint("why-", item)
	case name == "awards":
		part := map[string]string{"credits": "amount", "course": "course", "group": "group"}[m[4]]
		if part == "" {
			part = "course"
		}
		return fmt.Sprint(part, "-", item, "-", orZero(m[3]))
	default:
		return fmt.Sprint(name, "-", item)
	}
}

// orZero is a number that an address of a field may lack.
func orZero(text string) string {
	if text == "" {
		return "0"
	}
	return text
}

// decisionFields are the fields of the form in the order of the page.
func decisionFields(items []bank.ItemDecision) []string {
	fields := []string{"text"}
	for _, item := range items {
		for _, name := range []string{"outcome", "credits", "reasons", "why", "remedy", "condition", "until"} {
			fields = append(fields, fmt.Sprint(name, "-", item.Item))
		}
		for i := range mostAlternatives {
			for _, name := range []string{"course", "group", "amount"} {
				fields = append(fields, fmt.Sprint(name, "-", item.Item, "-", i))
			}
		}
	}
	return fields
}

// typedDecision is what stands in the form again: texts of many lines, and the reasons
// that were ticked.
func typedDecision(values url.Values) url.Values {
	typed := url.Values{}
	for name, list := range values {
		typed.Set(name, cleanText(list[0]))
		if strings.HasPrefix(name, "reasons-") {
			for _, code := range list {
				typed.Set(name+"_"+code, "1")
			}
		}
	}
	return typed
}

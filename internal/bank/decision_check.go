package bank

import (
	"fmt"
	"slices"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// NewDecision is what somebody decides about an application, as typed or sent.
type NewDecision struct {
	Stamp string // of the application as the decider saw it
	Items []ItemDecision
	Text  string // to the learner; may be empty
	Key   string // Idempotency-Key
}

// ItemDecision is what is decided about one item. What differs from the plan is
// explained; nothing is refused without a reason, a text and what would repair it.
type ItemDecision struct {
	Item      int
	Outcome   string       // one of [Outcomes]
	Credits   string       // of a partial one: fewer than the plan's
	Awards    []AwardInput // of an alternative one: what is given instead
	Reasons   []string     // codes of [ReasonCodes]: of a refusal, and of a partial one
	Text      string       // why
	Remedy    string       // of a refusal: what would repair it
	Condition string       // of a conditional one
	Until     string       // a date: the last day to meet the condition
}

// AwardInput is a course, or credit in a group, that is given.
type AwardInput struct {
	Course, Group, Credits string // Group: of credit without a course
	Exemption              bool   // from the course: no credits
}

// longestCondition is how far ahead a condition may end, in years.
const longestCondition = 1

// decisionReader reads a decision against an application, and collects all that is
// wrong with it.
type decisionReader struct {
	fieldReader
	a       *Application
	frozen  *transfer.Case
	current *Snapshot
	today   calendar.Day
	awarded map[string]bool // courses
}

// readDecision reads what is decided about the items that are to be decided. It
// promises Invalid, naming the fields: items[0].credits, items[0].awards[1].course, text.
func readDecision(r *decisionReader, in NewDecision, open []int) ([]DecidedItem, error) {
	r.awarded = map[string]bool{}
	for _, i := range r.a.Items { // what stays as it is
		if !slices.Contains(open, i.Number) && favours(i.State) {
			for _, award := range i.GivenAs {
				r.awarded[award.Course] = award.Course != ""
			}
		}
	}
	var items []DecidedItem
	seen := map[int]bool{}
	for n, d := range in.Items {
		field := fmt.Sprintf("items[%d]", n)
		switch {
		case !slices.Contains(open, d.Item):
			r.fault(field+".item", fmt.Sprint(d.Item), "not_to_decide", nil)
		case seen[d.Item]:
			r.fault(field+".item", fmt.Sprint(d.Item), "twice_listed", nil)
		default:
			items = append(items, r.item(field, d, &r.a.Items[d.Item]))
		}
		seen[d.Item] = true
	}
	for _, n := range open {
		if !seen[n] {
			r.fault("items", fmt.Sprint(n), "undecided", map[string]any{"Item": n + 1})
		}
	}
	r.optional("text", in.Text)
	if len(r.faults) > 0 {
		return nil, invalidFields(r.faults)
	}
	slices.SortFunc(items, func(x, y DecidedItem) int { return x.Item - y.Item })
	return items, nil
}

// item reads one item. Texts are trimmed.
func (r *decisionReader) item(field string, in ItemDecision, item *ApplicationItem) DecidedItem {
	d := DecidedItem{Item: in.Item, Outcome: in.Outcome, Credits: item.Credits, Awards: item.Awards, Until: calendar.None}
	d.Text = r.optional(field+".text", in.Text)
	for i, code := range in.Reasons {
		if !slices.Contains(ReasonCodes(), code) {
			r.fault(fmt.Sprintf("%s.reasons[%d]", field, i), code, "choice", map[string]any{"Choices": strings.Join(ReasonCodes(), ", ")})
		}
	}
	d.Reasons = slices.Clone(in.Reasons)
	slices.Sort(d.Reasons)
	d.Reasons = slices.Compact(d.Reasons)
	switch in.Outcome {
	case ItemFull:
	case ItemAlternative:
		r.needed(field+".text", in.Text)
		d.Credits, d.Awards = r.alternative(field, in, item)
	case ItemPartial:
		r.needed(field+".text", in.Text)
		r.reasoned(field, in)
		d.Credits = r.fewer(field+".credits", in.Credits, item.Credits)
		d.Awards = reduced(item.Awards, d.Credits)
	case ItemConditional:
		d.Condition = r.needed(field+".condition", in.Condition)
		d.Until = r.until(field+".until", in.Until)
	case ItemRefused:
		r.needed(field+".text", in.Text)
		d.Remedy = r.needed(field+".remedy", in.Remedy)
		r.reasoned(field, in)
		d.Credits, d.Awards = 0, nil
	default:
		r.fault(field+".outcome", in.Outcome, "choice", map[string]any{"Choices": strings.Join(Outcomes(), ", ")})
	}
	if in.Outcome != ItemAlternative {
		r.award(field+".awards", d.Awards)
	}
	return d
}

// award takes note of courses that are awarded, each once.
func (r *decisionReader) award(field string, awards []transfer.Award) {
	for _, a := range awards {
		if a.Course != "" && r.awarded[a.Course] {
			r.fault(field, a.Course, "awarded_twice", nil)
		}
		r.awarded[a.Course] = a.Course != ""
	}
}

func (r *decisionReader) reasoned(field string, in ItemDecision) {
	if len(in.Reasons) == 0 {
		r.fault(field+".reasons", "", "required", nil)
	}
}

func (r *decisionReader) optional(field, text string) string {
	text = strings.TrimSpace(text)
	if text != "" {
		return r.needed(field, text)
	}
	return text
}

func (r *decisionReader) needed(field, text string) string {
	text = strings.TrimSpace(text)
	if code := textFault(text, applicationText); code != "" {
		r.fault(field, "", code, map[string]any{"Limit": applicationText})
	}
	return text
}

// fewer reads the credits of a partial outcome.
func (r *decisionReader) fewer(field, text string, planned credit.Amount) credit.Amount {
	if strings.TrimSpace(text) == "" {
		r.fault(field, "", "required", nil)
		return 0
	}
	amount := readField(&r.fieldReader, field, text, "amount", credit.ParseAmount)
	if amount >= planned {
		r.fault(field, text, "not_fewer", map[string]any{"Planned": planned.String()})
	}
	return amount
}

// until reads the last day of a condition.
func (r *decisionReader) until(field, text string) calendar.Day {
	if strings.TrimSpace(text) == "" {
		r.fault(field, "", "required", nil)
		return calendar.None
	}
	day := readField(&r.fieldReader, field, text, "date", calendar.Parse)
	if day <= r.today || day > r.today.AddYears(longestCondition) {
		r.fault(field, text, "condition_day", map[string]any{"Years": longestCondition})
	}
	return day
}

// reduced takes the credits that are fewer off the last awards first.
func reduced(awards []transfer.Award, credits credit.Amount) []transfer.Award {
	awards = slices.Clone(awards)
	for i := range awards {
		awards[i].Credits = min(awards[i].Credits, credits)
		credits -= awards[i].Credits
	}
	return awards
}

// alternative reads what is given instead.
func (r *decisionReader) alternative(field string, in ItemDecision, item *ApplicationItem) (sum credit.Amount, awards []transfer.Award) {
	if len(in.Awards) == 0 {
		r.fault(field+".awards", "", "required", nil)
	}
	for i, a := range in.Awards {
		at := fmt.Sprintf("%s.awards[%d]", field, i)
		award := transfer.Award{Course: strings.TrimSpace(a.Course), Group: strings.TrimSpace(a.Group), Exemption: a.Exemption,
			Credits: readField(&r.fieldReader, at+".credits", a.Credits, "amount", credit.ParseAmount)}
		if award.Course != "" {
			award.Group = r.courseOf(at+".course", award.Course)
		} else if !slices.ContainsFunc(r.programme().Groups, func(g transfer.Group) bool { return g.Code == award.Group }) {
			r.fault(at+".group", award.Group, "unknown_group", map[string]any{"Programme": r.a.To.Code})
		}
		if award.Exemption && (award.Credits != 0 || award.Course == "") {
			r.fault(at+".credits", a.Credits, "exemption_credits", nil)
		}
		r.award(at+".course", []transfer.Award{award})
		awards, sum = append(awards, award), sum+award.Credits
	}
	if sum > credit.MaxAmount {
		r.fault(field+".awards", sum.String(), "amount_range", nil)
	}
	if sum == item.Credits && slices.Equal(awards, item.Awards) {
		r.fault(field+".awards", "", "as_planned", nil)
	}
	return sum, awards
}

// programme is the programme as it was frozen.
func (r *decisionReader) programme() *transfer.Programme {
	at := slices.IndexFunc(r.frozen.Facts.Programmes, func(p transfer.Programme) bool { return p.ProgrammeKey == r.a.To })
	return &r.frozen.Facts.Programmes[at]
}

// courseOf is the group in which a course of the school counts, empty when it counts in none.
func (r *decisionReader) courseOf(field, code string) (group string) {
	if _, known := r.current.Map.CourseNumber(transfer.CourseKey{Institution: r.a.To.Institution, Code: code}); !known {
		r.fault(field, code, "unknown_course", map[string]any{"Institution": r.a.To.Institution})
		return ""
	}
	plan := r.programme().Plan
	at := slices.IndexFunc(plan, func(p transfer.PlanCourse) bool { return p.Course == code })
	if at < 0 {
		return ""
	}
	if plan[at].NeverExempt {
		r.fault(field, code, "never_exempt_course", nil)
	}
	return plan[at].Group
}

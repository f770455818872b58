package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// actView is something that a person may do with an evaluation now, with its form.
type actView struct {
	Action  string
	Fields  []string
	Form    form
	Experts []bank.Expert // who can be asked
	Asked   []bank.Expert // who can be relieved
	Codes   []string      // coded reasons
}

// Has says whether the form of the action has a field.
func (a actView) Has(field string) bool { return slices.Contains(a.Fields, field) }

// Main says whether the action is what the evaluation waits for, and the one of the
// page that is marked as such.
func (a actView) Main() bool { return a.Action != "refuse" && slices.Contains(mainActs(), a.Action) }

// actFields are the fields of each action, in the order of its form. What is done
// from the page itself, editing, has none.
func actFields() map[string][]string {
	return map[string][]string{
		"submit": {"text", "files"}, "withdraw": {"text"}, "answer": {"text", "files"}, "opine": {"opinion", "reasons", "text", "condition", "files"},
		"assign": {"to", "text"}, "reassign": {"from", "to", "text"}, "release": {"from", "text"}, "ask_more": {"text"}, "proceed": {"text"},
		"approve": {"text", "condition"}, "refuse": {"reasons", "text"}, "suspend": {"reasons", "text"}, "resume": {"text"},
		"end": {"last_day", "reasons", "text"}, "confirm": {"text"}, "decline": {"text"}, "take_back": {},
	}
}

// mainActs are what an evaluation waits for; the others stand behind them.
func mainActs() []string {
	return []string{"submit", "answer", "opine", "approve", "refuse", "confirm", "decline"}
}

// offerActs gives the page the forms of what the person may do now.
func (s *Server) offerActs(c echo.Context, p *casePage) error {
	var experts []bank.Expert
	if slices.Contains(p.May, "assign") {
		var err error
		if experts, err = s.bank.EvaluationExperts(c.Request().Context(), actorOf(c), p.ID); err != nil {
			return err
		}
	}
	var asked []bank.Expert
	for _, o := range p.Evaluation.Opinions {
		if o.Login != "" {
			asked = append(asked, bank.Expert{Login: o.Login, Name: p.Names["u:"+o.Login]})
		}
	}
	for _, action := range p.May {
		fields, formed := actFields()[action]
		act := actView{Action: action, Fields: fields, Experts: experts, Asked: asked, Codes: bank.ReasonCodes()}
		switch {
		case !formed, act.Has("from") && len(asked) == 0, act.Has("to") && len(experts) == 0:
		case slices.Contains(mainActs(), action):
			p.Main = append(p.Main, act)
		default:
			p.More = append(p.More, act)
		}
	}
	return nil
}

// actOnEvaluation does what a form of a case asks for.
func (s *Server) actOnEvaluation(c echo.Context) error {
	ctx, id := c.Request().Context(), c.Param("evaluation")
	files, err := readFiles(c, "files")
	if err == nil {
		var values = c.Request().Form
		_, err = s.bank.ActOnEvaluation(ctx, actorOf(c), id, bank.EvaluationAct{Action: c.FormValue("action"), Stamp: c.FormValue("stamp"), Text: cleanText(c.FormValue("text")),
			Reasons: values["reasons"], Opinion: c.FormValue("opinion"), Condition: clean(c.FormValue("condition")), From: c.FormValue("from"), To: c.FormValue("to"),
			LastDay: clean(c.FormValue("last_day")), Preview: c.FormValue("preview"), Files: files})
	}
	if err != nil {
		return s.refuseAct(c, id, err)
	}
	return after(c, evaluationAddress(id), c.FormValue("action"))
}

// refuseAct shows the case again with what was typed: with what is wrong in it, or
// with what somebody else changed in the meantime.
func (s *Server) refuseAct(c echo.Context, id string, cause error) error {
	e, err := s.bank.Evaluation(c.Request().Context(), actorOf(c), id)
	if err != nil {
		return cause
	}
	p, err := s.newCasePage(c, e)
	if err != nil {
		return err
	}
	action, say := c.FormValue("action"), s.speaker(c)
	fields := actFields()[action]
	f := readFields(c, append([]string{"action"}, fields...)...)
	f.Values.Set("text", cleanText(c.FormValue("text")))
	for _, code := range c.Request().Form["reasons"] {
		f.Values.Set("reasons_"+code, "1")
	}
	status := f.refusal(say, renamed(cause, fileFields()), append([]string{"action"}, fields...)...)
	if status == 0 {
		return cause
	}
	if bank.CodeOf(cause) == bank.Conflict {
		status = http.StatusConflict
		p.Changed = changedWords(say, cause)
		f.Faults = []formFault{{Field: "action", Message: s.problem(cause, say).Title}}
	}
	p.keepTyped(action, f)
	return s.render(c, status, "evaluation", p)
}

// fileFields leads what is wrong with any of the files to the one field they were
// chosen in.
func fileFields() map[string]string {
	to := map[string]string{}
	for i := range maxFiles {
		to[fmt.Sprintf("files[%d]", i)] = "files"
	}
	return to
}

// keepTyped puts what was typed back into the form of its action, and its faults on top.
func (p *casePage) keepTyped(action string, f form) {
	for _, list := range [][]actView{p.Main, p.More} {
		for i := range list {
			if list[i].Action == action {
				list[i].Form = f
			}
		}
	}
	for _, fault := range f.Faults {
		p.Form.Faults = append(p.Form.Faults, formFault{Field: fault.Field + "-" + action, Message: fault.Message, Named: fault.Named})
	}
}

// changedWords says what of an evaluation changed since the person looked.
func changedWords(say Speaker, err error) []string {
	var refused *bank.Error
	if !errors.As(err, &refused) || refused.Key != "error.evaluation_stale" {
		return nil
	}
	var list []string
	for _, field := range refused.Fields {
		list = append(list, say.Say("evaluation.changed."+field.Field, nil))
	}
	return list
}

// originOf reads where a proposal came from.
func originOf(text string) originView {
	kind, id, _ := strings.Cut(text, ":")
	v := originView{Kind: kind, ID: id}
	switch kind {
	case "mirror":
		v.URL = equivalenceAddress(id)
	case "request":
		v.URL = "/evaluations/requests"
	case "suggestion":
		v.URL = "/evaluations/suggestions"
	case "import":
	default:
		v.Kind = ""
	}
	return v
}

package bank

import (
	"cmp"
	"database/sql"
	"slices"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

// rosterItem is something in a class for which results are given.
type rosterItem struct {
	class   string
	final   bool
	percent bool // its scores go from 0 to 100
	due     calendar.Day
	session string
}

// rosterResult is a result as an archive says it.
type rosterResult struct {
	line         *rosterLine
	item, user   string
	score, words string
	on           calendar.Day
}

// finalWords are how schools call what is given for a whole course, and not for a part
// of it: the category or the title of the item says so.
func finalWords() []string {
	return []string{"final", "final grade", "course grade", "overall", "total", "总评", "总评成绩", "总成绩", "课程成绩", "课程总评", "最终成绩", "学期总评", "期末总评"}
}

func isFinal(text string) bool { return slices.Contains(finalWords(), strings.ToLower(text)) }

func (l *rosterLine) category(id string) {
	if title := l.need("title"); isFinal(id) || isFinal(title) {
		l.ro.finals[id] = true
	}
}

func (l *rosterLine) item(id string) {
	title := l.need("title")
	item := rosterItem{class: l.ref("classSourcedId", "classes.csv", true), due: l.day("dueDate", false), session: l.ref("academicSessionSourcedId", "academicSessions.csv", true)}
	category := l.ref("categorySourcedId", "categories.csv", true)
	l.owner("schoolSourcedId")
	item.final = l.ro.finals[category] || isFinal(title)
	item.percent = l.number("resultValueMin", "0") == 0 && l.number("resultValueMax", "100") == 100*point
	l.ro.items[id] = item
}

// point is one point of a score.
const point credit.Score = 100

// number reads a score; a blank cell holds the one that is meant without.
func (l *rosterLine) number(column, blank string) credit.Score {
	text := cmp.Or(shownFraction(halfWidth(l.get(column))), blank)
	score, err := credit.ParseScore(text)
	if err != nil {
		l.fault(column, text, "score", nil)
	}
	return score
}

// result reads a result. It is kept when it is the final one of a student of the class,
// and when it is final.
func (l *rosterLine) result(string) {
	r := rosterResult{line: l, item: l.ref("lineItemSourcedId", "lineItems.csv", true), user: l.ref("studentSourcedId", "users.csv", true),
		score: shownFraction(halfWidth(l.get("score"))), words: l.get("textScore"), on: l.day("scoreDate", false)}
	status := l.choice("scoreStatus", "exempt", "fully graded", "not submitted", "partially graded", "submitted")
	for _, flag := range []string{"inProgress", "incomplete", "late", "missing"} {
		l.choice(flag, "", "true", "false")
	}
	if len(l.faults) > 0 {
		return
	}
	class := l.ro.items[r.item].class
	if given := l.ref("classSourcedId", "classes.csv", false); given != "" && given != class {
		l.fault("classSourcedId", given, "roster_class", map[string]any{"Class": class})
	}
	if !l.ro.enrolled[[2]string{class, r.user}] {
		l.fault("studentSourcedId", r.user, "roster_not_enrolled", map[string]any{"Class": class})
	}
	switch {
	case len(l.faults) > 0:
	case status != "fully graded" || l.get("inProgress") == "true" || l.get("incomplete") == "true" || l.get("missing") == "true":
		l.ro.left("roster_not_graded", l.row.File, l.row.Number)
	default:
		l.ro.results = append(l.ro.results, r)
	}
}

// bringResults deposits the final results.
func (ro *roster) bringResults() error {
	final, given := ro.finalItems(), map[[2]string]int{}
	var rows []made
	for _, r := range ro.results {
		item := ro.items[r.item]
		switch one := [2]string{item.class, r.user}; {
		case final[item.class] == "":
			r.line.fault("lineItemSourcedId", r.item, "roster_no_final", map[string]any{"Class": item.class})
		case !item.final && final[item.class] != r.item:
			ro.left("roster_not_final", r.line.row.File, r.line.row.Number)
			continue
		case given[one] > 0:
			r.line.fault("lineItemSourcedId", r.item, "roster_two_finals", map[string]any{"Row": given[one]})
		default:
			given[one] = r.line.row.Number
		}
		cells := ro.record(&r)
		if len(r.line.faults) > 0 {
			ro.refuse(r.line)
			continue
		}
		rows = append(rows, made{r.line.row.Number, r.line.row.Line, r.line.get("sourcedId"), cells})
	}
	return ro.bring(recordFile, ro.files["results.csv"], rows, map[string]string{"learner": "studentSourcedId", "reference": "sourcedId", "institution": "classSourcedId",
		"course": "lineItemSourcedId", "title": "lineItemSourcedId", "grade": "score", "scale": "textScore", "completed_on": "scoreDate", "term": "lineItemSourcedId"})
}

// finalItems says of each class which item is the final one: one that is called so, else
// the only one that it has; empty: nobody can say.
func (ro *roster) finalItems() map[string]string {
	final, count := map[string]string{}, map[string]int{}
	for id, item := range ro.items {
		if count[item.class]++; item.final || count[item.class] == 1 && final[item.class] == "" {
			final[item.class] = id
		}
	}
	for class, id := range final {
		if count[class] > 1 && !ro.items[id].final {
			final[class] = ""
		}
	}
	return final
}

// record is a result as a row of results of the bank. Its grade is the score where that
// goes from 0 to 100, else the word, which must be one of the bank's scales.
func (ro *roster) record(r *rosterResult) []string {
	item := ro.items[r.item]
	course, session := ro.courses[ro.classes[item.class].course], ro.sessions[item.session]
	grade, scale := r.score, credit.Percent
	if !item.percent || grade == "" {
		grade, scale = r.words, ""
	}
	if grade == "" && r.score != "" {
		r.line.fault("score", r.score, "roster_range", nil)
	}
	if refused := ro.files["courses.csv"].refused[ro.classes[item.class].course]; refused > 0 {
		r.line.fault("lineItemSourcedId", r.item, "roster_follows", map[string]any{"File": "courses.csv", "Row": refused})
	}
	if refused := ro.files["users.csv"].refused[r.user]; refused > 0 {
		r.line.fault("studentSourcedId", r.user, "roster_follows", map[string]any{"File": "users.csv", "Row": refused})
	}
	account := ro.accounts[r.user]
	if account == "" && len(r.line.faults) == 0 {
		r.line.fault("studentSourcedId", r.user, "roster_no_student", nil)
	}
	on := r.on
	for _, day := range []calendar.Day{item.due, session.end} {
		if on == calendar.None {
			on = day
		}
	}
	return []string{account, r.line.get("sourcedId"), "course", course.key.Institution, course.key.Code, "", grade, scale, "", "", "", on.String(), "", session.title}
}

// settle looks, when all rows are read, at what only then can be known: whether what is
// named as above is there, and whether results that are to go are in the bank.
func (ro *roster) settle() error {
	for _, l := range ro.parents {
		if l.refers("parentSourcedId", l.row.File, l.get("parentSourcedId")); len(l.faults) > 0 {
			ro.refuse(l)
		}
	}
	for _, l := range ro.removed {
		kept, err := ro.hasResult(l.get("sourcedId"))
		switch {
		case err != nil:
			return err
		case kept:
			l.fault("status", "tobedeleted", "roster_result_gone", nil)
			ro.refuse(l)
		default:
			ro.gone(l)
		}
	}
	return nil
}

// hasResult says whether a result of one of the archive's schools stands in the bank; of a
// delta that names no school, one of the school that brings it.
func (ro *roster) hasResult(reference string) (has bool, err error) {
	schools := map[string]bool{}
	for _, org := range ro.orgs {
		schools[org.institution] = true
	}
	if len(schools) == 0 {
		schools[ro.scope] = true
	}
	for school := range schools {
		err := ro.each(func(rows *sql.Rows) error {
			has = true
			var found int
			return rows.Scan(&found)
		}, `SELECT 1 FROM record WHERE institution = $1 AND reference = $2 AND standing <> ''`, school, reference)
		if err != nil || has {
			return has, err
		}
	}
	return false, nil
}

package web

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// comparison lays the sources of a rule beside its targets, as a person judges them.
type comparison struct {
	Sources, Targets []comparedCourse
	Rows             []compareRow
}

// comparedCourse is a course in a comparison. One without hours of its own has those
// of its credits at the rate of its institution.
type comparedCourse struct {
	bank.CourseInfo
	URL      string
	Unit     bool // a standard unit of the bank rather than a course of a school
	Detail   bank.CourseEdit
	Attached []bank.AttachmentInfo // its files: outlines as they were handed in
	hours    credit.Hours
}

// compareRow is one thing that is compared. Each side has a cell for every course;
// Differs says how the sides differ, empty: they do not.
type compareRow struct {
	Key               string
	Left, Right       []compareCell
	LeftAll, RightAll string // of all courses of the side, where there are several and they add up
	Differs           string
	Long              bool     // texts, and not figures
	Missing           []string // words of the targets that no source says
}

// given says whether any course says anything of the row.
func (r compareRow) given() bool {
	return slices.ContainsFunc(slices.Concat(r.Left, r.Right), func(c compareCell) bool { return c.Value != "" })
}

// compareCell is what one course says. Shared is how much of a text the other side
// says too, in percent; -1: nothing to compare.
type compareCell struct {
	Course comparedCourse
	Value  string
	Words  []wording
	Shared int
}

// newComparison reads the courses of a rule, with their outlines.
func (s *Server) newComparison(ctx context.Context, e bank.Equivalence, n *names, say Speaker) (comparison, error) {
	var v comparison
	var targets []transfer.CourseKey
	for _, target := range e.Targets {
		if target.Course != "" {
			targets = append(targets, transfer.CourseKey{Institution: e.Institution, Code: target.Course})
		}
	}
	var sources []transfer.CourseKey
	for _, source := range e.Sources {
		sources = append(sources, source.CourseKey)
	}
	var err error
	if v.Sources, err = s.comparedCourses(ctx, sources, n); err != nil {
		return v, err
	}
	if v.Targets, err = s.comparedCourses(ctx, targets, n); err != nil {
		return v, err
	}
	rows := []compareRow{v.amounts("credits", say, comparedCourse.credits), v.amounts("hours", say, comparedCourse.allHours),
		v.amounts("practice", say, comparedCourse.practice), v.levels(say), v.categories(say),
		v.texts("outcomes", say, comparedCourse.outcomes), v.texts("outline", say, func(c comparedCourse) string { return c.Current.Outline }),
		v.texts("equipment", say, func(c comparedCourse) string { return c.Detail.Equipment }),
		v.texts("assessment", say, func(c comparedCourse) string { return c.Detail.Assessment })}
	v.Rows = keep(rows, compareRow.given)
	return v, nil
}

func (s *Server) comparedCourses(ctx context.Context, keys []transfer.CourseKey, n *names) ([]comparedCourse, error) {
	var list []comparedCourse
	for _, k := range keys {
		c := comparedCourse{CourseInfo: n.course(k), URL: courseAddress(k), Unit: n.institution(k.Institution).Kind == transfer.KindBank}
		detail, err := s.bank.CourseDetail(ctx, k, n.today)
		if err != nil && bank.CodeOf(err) != bank.NotFound {
			return nil, err
		}
		if err == nil {
			c.Detail, c.Current, c.Attached = detail.CourseEdit, detail.CourseVersion, detail.Attached
		}
		if c.hours = c.Current.Hours; c.hours < 0 {
			c.hours = n.institution(k.Institution).Rate.Hours(c.Current.Credits)
		}
		list = append(list, c)
	}
	return list, nil
}

// credits, allHours and practice are what adds up, in hundredths; false: not given.
func (c comparedCourse) credits() (int64, bool) { return int64(c.Current.Credits), true }

func (c comparedCourse) allHours() (int64, bool) { return int64(c.hours / hoursHundredth), true }

func (c comparedCourse) practice() (int64, bool) {
	return int64(c.Current.PracticeHours / hoursHundredth), c.Current.PracticeHours >= 0
}

// outcomes are the learning outcomes of a course, a line for each, by competence.
func (c comparedCourse) outcomes() string {
	var lines []string
	for _, o := range c.Detail.Outcomes {
		line := o.Competence
		if o.Level > 0 {
			line += " " + strconv.Itoa(o.Level)
		}
		if o.Text != "" {
			line += "：" + o.Text
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// hoursHundredth is a hundredth of an hour, as hours are kept.
const hoursHundredth = 100

// amounts compares what adds up over the courses of a side.
func (v *comparison) amounts(key string, say Speaker, of func(comparedCourse) (int64, bool)) compareRow {
	row := compareRow{Key: key}
	left, leftKnown := sideOf(v.Sources, of, &row.Left)
	right, rightKnown := sideOf(v.Targets, of, &row.Right)
	if len(v.Sources) > 1 && leftKnown {
		row.LeftAll = credit.Amount(left).String()
	}
	if len(v.Targets) > 1 && rightKnown {
		row.RightAll = credit.Amount(right).String()
	}
	switch {
	case !leftKnown || !rightKnown || left == right:
	case left > right:
		row.Differs = say.Say("compare.less", map[string]any{"By": credit.Amount(left - right).String()})
	default:
		row.Differs = say.Say("compare.more", map[string]any{"By": credit.Amount(right - left).String()})
	}
	return row
}

// sideOf fills the cells of a side and adds them up; known when every course gives it.
func sideOf(courses []comparedCourse, of func(comparedCourse) (int64, bool), cells *[]compareCell) (sum int64, known bool) {
	known = len(courses) > 0
	for _, c := range courses {
		cell := compareCell{Course: c}
		if value, given := of(c); given {
			cell.Value = credit.Amount(value).String()
			sum += value
		} else {
			known = false
		}
		*cells = append(*cells, cell)
	}
	return sum, known
}

// levels compares the lowest level of the sources with the highest of the targets: the
// lift that the rule gives.
func (v *comparison) levels(say Speaker) compareRow {
	row := compareRow{Key: "level"}
	lowest, highest := 0, 0
	for _, c := range v.Sources {
		row.Left = append(row.Left, compareCell{Course: c, Value: versionText(c.Current.Level)})
		if level := c.Current.Level; level > 0 && (lowest == 0 || level < lowest) {
			lowest = level
		}
	}
	for _, c := range v.Targets {
		row.Right = append(row.Right, compareCell{Course: c, Value: versionText(c.Current.Level)})
		highest = max(highest, c.Current.Level)
	}
	if lowest > 0 && highest > lowest {
		row.Differs = say.Say("compare.higher", map[string]any{"Count": highest - lowest})
	} else if highest > 0 && lowest > highest {
		row.Differs = say.Say("compare.lower", map[string]any{"Count": lowest - highest})
	}
	return row
}

// categories compares what kind of course each is.
func (v *comparison) categories(say Speaker) compareRow {
	row := compareRow{Key: "category"}
	kinds := map[string]bool{}
	for _, c := range v.Sources {
		row.Left = append(row.Left, compareCell{Course: c, Value: c.Current.Category})
		kinds[c.Current.Category] = true
	}
	other := false
	for _, c := range v.Targets {
		row.Right = append(row.Right, compareCell{Course: c, Value: c.Current.Category})
		other = other || c.Current.Category != "" && !kinds[c.Current.Category]
	}
	if other {
		row.Differs = say.Say("compare.other_category", nil)
	}
	return row
}

// texts compares what courses say at length, word by word.
func (v *comparison) texts(key string, say Speaker, of func(comparedCourse) string) compareRow {
	row := compareRow{Key: key, Long: true}
	left, right := textsOf(v.Sources, of), textsOf(v.Targets, of)
	row.Left = textCells(v.Sources, left, vocabularyOf(right...))
	row.Right = textCells(v.Targets, right, vocabularyOf(left...))
	given := func(text string) bool { return text != "" }
	if !slices.ContainsFunc(left, given) || !slices.ContainsFunc(right, given) {
		return row
	}
	for _, cell := range row.Right {
		row.Missing = append(row.Missing, ownWords(cell.Words)...)
	}
	if len(row.Missing) > 0 {
		row.Differs = say.Say("compare.words", map[string]any{"Count": len(row.Missing)})
	}
	return row
}

func textsOf(courses []comparedCourse, of func(comparedCourse) string) []string {
	var texts []string
	for _, c := range courses {
		texts = append(texts, of(c))
	}
	return texts
}

func textCells(courses []comparedCourse, texts []string, others vocabulary) []compareCell {
	var cells []compareCell
	for i, c := range courses {
		cell := compareCell{Course: c, Value: texts[i]}
		cell.Words, cell.Shared = compareWords(texts[i], others)
		cells = append(cells, cell)
	}
	return cells
}

package bank

import (
	"slices"
	"strings"
	"sync"

	"creditbank/internal/transfer"
)

// ColumnInfo is what a template says of a column of a kind of file.
type ColumnInfo struct {
	Column
	Form    string   // what it holds: code, text, date, number, flag, grade, choice; the sentence is "column."+Form
	Choices []string // of a choice: the words that it takes, in Chinese; the English ones are taken too
	Meant   []string // what the choices mean, where they are codes: "85 本科"
}

// Columns describes the columns of a kind of file. It promises Invalid for an
// unknown kind.
func Columns(name string) ([]ColumnInfo, error) {
	k, err := kindNamed(name)
	if err != nil {
		return nil, err
	}
	columns := make([]ColumnInfo, len(k.columns))
	for i, c := range k.columns {
		columns[i] = ColumnInfo{Column: c, Form: formOf(name, c.Name)}
		for _, word := range choicesOf(name, c.Name) {
			columns[i].Choices = append(columns[i].Choices, choiceName(word))
			columns[i].Form = "choice"
		}
		columns[i].code(name)
	}
	return columns, nil
}

// code makes a column of a file of a regional credit bank a choice of the codes that
// such files come with.
func (c *ColumnInfo) code(kind string) {
	list := regionalList(c.Name)
	if !isRegional(kind) || list == "" {
		return
	}
	c.Form = "codes"
	for _, code := range builtinCodes(builtinSet(kind)) {
		if code.List == list && code.Code != "" {
			c.Choices, c.Meant = append(c.Choices, code.Code), append(c.Meant, code.Code+" "+code.Name)
		}
	}
}

// ColumnForms lists what [ColumnInfo].Form may say.
func ColumnForms() []string {
	return []string{"code", "text", "date", "number", "flag", "grade", "choice", "codes", "month"}
}

func formOf(kind, column string) string {
	switch column {
	case "valid_from", "valid_to", "completed_on", "birth_date", "entered_on", "used_on", "day":
		return "date"
	case "earned", "converted":
		return "month"
	case "required", "never_exempt", "exemption", "passed", "state_controlled":
		return "flag"
	case "credits", "hours", "practice_hours", "level", "target_credits", "validity_years", "priority", "required_credits", "min_credits", "years",
		"hours_per_credit", "credit_step", "share", "maximum", "min_grade", "max_grade", "max_level_rise", "score", "class_year":
		if kind != "catalogue" {
			return "number"
		}
	case "grade":
		return "grade"
	}
	if natureOf(kind, column) == isProse {
		return "text"
	}
	return "code"
}

// choicesOf lists the words that a column takes, none for a column that takes others.
func choicesOf(kind, column string) []string {
	switch kind + "." + column {
	case "institutions.kind":
		return InstitutionKinds()
	case "records.kind":
		return RecordKinds()
	case "regions.kind":
		return []string{"province", "city", "county"}
	case "holidays.kind":
		return HolidayKinds()
	case "learners.gender":
		return []string{"male", "female", "other"}
	case "learners.id_type":
		return idTypes()
	case "equivalences.outcome":
		return []string{string(transfer.Credit), string(transfer.Refused), string(transfer.Pending)}
	case "equivalences.credit_mode":
		return []string{string(transfer.Catalogue), string(transfer.Fixed), string(transfer.FromHours)}
	case "policies.scope", "caps.scope":
		return []string{string(transfer.ScopeBank), string(transfer.ScopeInstitution), string(transfer.ScopeProgramme)}
	case "caps.cap":
		return []string{string(transfer.CapTotal), string(transfer.CapGroup), string(transfer.CapSourceKind), string(transfer.CapSourceInstitution), string(transfer.CapSourceInstitutionKind)}
	}
	return nil
}

// choiceName is the Chinese word for one of the words of choices.
func choiceName(word string) string {
	for _, pair := range choiceNames() {
		if pair[0] == word {
			return pair[1]
		}
	}
	return word
}

// choiceNames are the words of choices, in English and Chinese.
var choiceNames = sync.OnceValue(func() [][2]string {
	var names [][2]string
	for line := range strings.FieldsSeq(`
		secondary_vocational=中等职业学校 general_secondary=普通高中 comprehensive_secondary=综合高中 higher_vocational=高职专科学校
		vocational_undergraduate=职业本科学校 general_undergraduate=普通本科学校 enterprise=企业 assessment_body=评价机构 overseas=境外机构
		compulsory=义务教育学校 bank=学分银行 course=课程 certificate=证书 contest=竞赛 exam=考试 work=岗位实践 experience=职业体验 prior_learning=先前学习认定
		province=省级 city=地级 county=县级 male=男 female=女 other=其他 resident_id=居民身份证 passport=护照
		hk_macao_permit=港澳居民来往内地通行证 taiwan_permit=台湾居民来往大陆通行证 residence_permit=居住证 credit=给学分 refused=不认 pending=待评
		catalogue=按课程学分 fixed=固定学分 source=按来源学时 institution=本校 programme=本专业 total=总量 group=课程组 source_kind=来源类型
		source_institution=来源机构 source_institution_kind=来源机构类型`) {
		word, name, _ := strings.Cut(line, "=")
		names = append(names, [2]string{word, name})
	}
	return names
})

// chosen is a choice in English, of a word in either language.
func chosen(text string, choices []string) string {
	if slices.Contains(choices, text) {
		return text
	}
	for _, pair := range choiceNames() {
		if pair[1] == text && slices.Contains(choices, pair[0]) {
			return pair[0]
		}
	}
	return text
}

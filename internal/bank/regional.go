package bank

import (
	"context"
	"slices"
)

// The files that schools give to a regional credit bank (学分银行), by kind. Their
// columns are those that universities upload to one, in that order (docs/files.md):
// results of a school's own courses, results from elsewhere that it converted, and
// certificates that it converted.
const (
	RegionalCourses      = "creditbank-courses"
	RegionalExternal     = "creditbank-external"
	RegionalCertificates = "creditbank-certificates"
)

// RegionalKinds lists the kinds of files of a regional credit bank.
func RegionalKinds() []string {
	return []string{RegionalCourses, RegionalExternal, RegionalCertificates}
}

func isRegional(kind string) bool { return slices.Contains(RegionalKinds(), kind) }

// regionalColumns are the columns of a kind.
func regionalColumns(kind string) []Column {
	switch kind {
	case RegionalCourses:
		return []Column{
			{"name", "姓名", true}, {"id_number", "身份证号", false}, {"programme_name", "专业名称", false}, {"course_name", "课程名称", true},
			{"level_code", "教育层次代码", false}, {"category_code", "教育类别代码", false}, {"credits", "学分", false}, {"hours", "学时", false},
			{"grade", "成绩", true}, {"earned", "获得时间(yyyyMM)", true}, {"class_year", "届别", false}, {"graduation", "毕业结业肄业", false},
			{"season", "毕业季", false}, {"note", "备注", false}, {"student_number", "学号", false},
		}
	case RegionalExternal:
		return []Column{
			{"name", "姓名", true}, {"id_number", "身份证号", false}, {"school_code", "转换学校代码", true}, {"source_kind", "原课程来源代码(01课程类/02证书类)", false},
			{"source_programme", "原专业名称", false}, {"source_course", "原课程名称", true}, {"source_institution", "原办学机构", true},
			{"source_level", "原教育层次代码", false}, {"source_category", "原教育类别代码", false}, {"credits", "原学分", false}, {"hours", "原学时", false},
			{"grade", "原成绩", true}, {"earned", "获得时间(yyyyMM)", true}, {"class_year", "届别", false}, {"graduation", "毕业结业肄业", false},
			{"season", "毕业季", false}, {"note", "备注", false}, {"student_number", "学号", false}, {"target_level", "转换后教育层次代码", false},
			{"target_course", "转换后课程代码", true}, {"target_name", "转换后课程名称", false}, {"target_credits", "转换后学分", true},
			{"converted", "转换时间(yyyyMM)", true}, {"target_programme", "转换后专业名称", false},
		}
	}
	return []Column{
		{"name", "姓名", true}, {"id_number", "身份证号", true}, {"school_code", "转换学校代码", true}, {"source_kind", "原证书来源代码", false},
		{"certificate_type", "原证书类型", false}, {"source_course", "原证书名称", true}, {"certificate_level", "原证书等级", false},
		{"source_institution", "原发证机构", true}, {"source_level", "原教育层次代码", false}, {"source_category", "原教育类别代码", false},
		{"credits", "原学分", false}, {"hours", "原学时", false}, {"grade", "原成绩", false}, {"earned", "获得时间(yyyyMM)", true},
		{"target_level", "转换后教育层次代码", false}, {"target_course", "转换后课程代码", true}, {"target_name", "转换后课程名称", false},
		{"target_credits", "转换后学分", true}, {"converted", "转换时间(yyyyMM)", true}, {"target_programme", "转换后专业", false},
	}
}

// regionalFile is a kind whose header comes out in Chinese, as regional banks take it.
func regionalFile(name string) kind {
	return kind{
		name: name, columns: regionalColumns(name), own: true, chinese: true,
		take: func(r *importRun) error { return takeRegional(r, name) },
		give: func(ctx context.Context, b *Bank, emit func(...string) error) error {
			_, err := b.giveRegional(ctx, regionalGiving{kind: name, emit: emit})
			return err
		},
	}
}

// regionalSoft lists the columns of a kind that the bank has no place of its own for:
// what it can, it says itself, and what a file says otherwise is kept with the result.
func regionalSoft(kind string) []string {
	switch kind {
	case RegionalCourses:
		return []string{"programme_name", "level_code", "category_code", "class_year", "graduation", "season", "note"}
	case RegionalExternal:
		return []string{"source_programme", "source_level", "source_category", "class_year", "graduation", "season", "note", "target_level", "target_name", "target_programme"}
	}
	return []string{"certificate_type", "certificate_level", "source_level", "source_category", "target_level", "target_name", "target_programme"}
}

// regionalList is the list of codes that a column takes; empty: it takes none.
func regionalList(column string) string {
	switch column {
	case "level_code", "source_level", "target_level":
		return listLevel
	case "category_code", "source_category":
		return listCategory
	case "graduation":
		return listGraduation
	case "season":
		return listSeason
	case "source_kind":
		return listSource
	}
	return ""
}

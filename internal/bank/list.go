package bank

import (
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// list is a national list that is kept as it is published: a table of texts. What the
// bank makes of it stands elsewhere.
type list struct {
	kind, table string
	columns     []listColumn
}

// listColumn is a column of a list, of the file and of the table alike.
type listColumn struct {
	name, zh string
	form     listForm
	key      bool // it names the row, with the others that do
	blank    bool // and may be blank
	limit    int  // in characters
}

type listForm int

const (
	listText   listForm = iota
	listCode            // also written full-width
	listNumber          // a whole number
)

// listRow is a row of a list, in the order of its columns. It is an array so that rows
// can be compared.
type listRow [15]string

const longText = 4000

// lists are all of them, in the order in which an empty bank is filled. The files are
// taken with the columns that they are published with.
var lists = sync.OnceValue(func() []list {
	key := func(name, zh string, form listForm) listColumn {
		return listColumn{name, zh, form, true, false, nameLength}
	}
	column := func(name, zh string) listColumn { return listColumn{name, zh, listText, false, true, longText} }
	number := func(name, zh string) listColumn { return listColumn{name, zh, listNumber, false, true, codeLength} }
	return []list{
		{"catalogue-intros", "catalogue_intro", []listColumn{key("code", "专业代码", listCode), column("name", "专业名称"), column("level", "层次"), column("class_code", "专业类代码"),
			column("years", "基本修业年限"), column("careers", "职业面向"), column("abilities", "主要专业能力要求"), column("basic_courses", "专业基础课程"),
			column("core_courses", "专业核心课程"), column("practice", "实习实训"), column("qualification_certs", "职业资格证书"), column("skill_level_certs", "职业技能等级证书"),
			column("articulates_to_associate", "接续高职专科专业"), column("articulates_to_vocational_bachelor", "接续职业本科专业"), column("articulates_to_bachelor", "接续普通本科专业")}},
		{"catalogue-courses", "catalogue_course", []listColumn{key("programme_code", "专业代码", listCode), column("programme_name", "专业名称"), key("kind", "课程类型", listText),
			key("seq", "序号", listNumber), column("course_name", "课程名称")}},
		{"articulation", "catalogue_way", []listColumn{key("from_code", "专业代码", listCode), column("from_name", "专业名称"), column("from_level", "层次"),
			key("to_level", "接续层次", listText), key("to_name", "接续专业", listText), {"to_code", "接续专业代码", listCode, true, true, codeLength}}},
		{"occupations", "catalogue_occupation", []listColumn{key("programme_code", "专业代码", listCode), column("programme_name", "专业名称"),
			key("occupation_code", "职业代码", listCode), column("occupation_name", "职业名称")}},
		{"level-certificates", "level_certificate", []listColumn{key("name", "证书名称", listText), number("n_programmes", "专业数"), column("programme_codes", "适用专业代码")}},
		{"schools", "national_school", []listColumn{key("school_code", "学校标识码", listCode), column("name", "学校名称"), column("province", "省份"), column("city", "所在地"),
			column("level", "办学层次"), column("authority", "主管部门"), column("note", "备注")}},
		{"code-sets", "code_set", []listColumn{key("code_set", "代码集", listCode), column("title_and_source_note", "名称与说明"), number("n_codes", "代码数")}},
		{"codes", "code_value", []listColumn{key("code_set", "代码集", listCode), {"code", "代码", listCode, true, true, codeLength}, {"name", "名称", listText, true, true, nameLength}}},
	}
})

// file is the list as a kind of file.
func (l list) file() kind {
	k := kind{name: l.kind, mapped: true}
	for _, c := range l.columns {
		k.columns = append(k.columns, Column{c.name, c.zh, !c.blank})
	}
	k.take = func(r *importRun) error {
		return takeEach(r, entity[string, listRow]{
			read: l.read, stored: l.stored, update: l.update,
			insert: into(l.table, l.names(nil), func(k keyed[string, listRow]) []any { return l.values(k.value, nil) }),
		})
	}
	k.give = giveRows(l.query()+` ORDER BY `+strings.Join(l.names(isListKey), ", "), func(rows *sql.Rows) ([]string, error) {
		_, row, err := l.scan(rows)
		return row[:len(l.columns)], err
	})
	return k
}

func isListKey(c listColumn) bool  { return c.key }
func isListRest(c listColumn) bool { return !c.key }

// names are those of the columns of which which is true; nil: of all.
func (l list) names(which func(listColumn) bool) (names []string) {
	for _, c := range l.columns {
		if which == nil || which(c) {
			names = append(names, c.name)
		}
	}
	return names
}

// values are the cells of those columns as they are stored.
func (l list) values(row listRow, which func(listColumn) bool) (values []any) {
	for i, c := range l.columns {
		switch {
		case which != nil && !which(c):
		case c.form == listNumber:
			n, _ := strconv.Atoi(row[i]) // it was read as one; blank is 0
			values = append(values, n)
		default:
			values = append(values, row[i])
		}
	}
	return values
}

// key names a row.
func (l list) key(row listRow) string {
	var parts []string
	for i, c := range l.columns {
		if c.key {
			parts = append(parts, row[i])
		}
	}
	return strings.Join(parts, "\x1f")
}

func (l list) read(c *cells) (string, listRow) {
	var row listRow
	for i, column := range l.columns {
		switch {
		case c.raw(column.name) == "" && !column.blank:
			c.fault(column.name, "", "required", nil)
		case column.form == listNumber:
			row[i] = strconv.Itoa(c.number(column.name, 0, 0, 1_000_000))
		default:
			row[i] = c.text(column.name, column.limit)
		}
	}
	return l.key(row), row
}

func (l list) query() string {
	return `SELECT ` + strings.Join(l.names(nil), ", ") + ` FROM ` + l.table
}

func (l list) scan(rows *sql.Rows) (string, listRow, error) {
	var row listRow
	var into []any
	for i := range l.columns {
		into = append(into, &row[i])
	}
	err := rows.Scan(into...)
	return l.key(row), row, err
}

func (l list) stored(t *tx) (map[string]listRow, error) { return readMap(t, l.query(), l.scan) }

func (l list) update(t *tx, k keyed[string, listRow]) error {
	var sets []string
	for i, name := range l.names(isListRest) {
		sets = append(sets, fmt.Sprintf("%s = $%d", name, i+1))
	}
	return t.exec(`UPDATE `+l.table+` SET `+strings.Join(sets, ", ")+l.where(len(sets)), append(l.values(k.value, isListRest), l.values(k.value, isListKey)...)...)
}

// remove removes the row of a key.
func (l list) remove(t *tx, key string) error {
	var args []any
	for _, part := range strings.Split(key, "\x1f") {
		args = append(args, part)
	}
	return t.exec(`DELETE FROM `+l.table+l.where(0), args...)
}

// where finds the row of a key; its arguments come after so many others.
func (l list) where(after int) string {
	var parts []string
	for i, name := range l.names(isListKey) {
		parts = append(parts, fmt.Sprintf("%s = $%d", name, after+i+1))
	}
	return ` WHERE ` + strings.Join(parts, " AND ")
}

// listNatures say what the columns of lists hold, as far as damage goes, by kind and
// column.
var listNatures = sync.OnceValue(func() map[[2]string]nature {
	natures := map[[2]string]nature{}
	for _, l := range lists() {
		for _, c := range l.columns {
			natures[[2]string{l.kind, c.name}] = map[listForm]nature{listText: isProse, listCode: isValue, listNumber: isValue}[c.form]
		}
	}
	return natures
})

package bank

import (
	"database/sql"
	"strings"
)

// codedColumns are the columns of files in which a code of a national set (JY/T 1001)
// may stand for one of the words.
func codedColumns() map[string]string {
	return map[string]string{"learners.gender": "xb", "learners.id_type": "sfzjlx"}
}

// nationalWords are the bank's words for the names of the national sets; blank: it says
// that nothing is known. What is not here is "other" where a column has that word.
func nationalWords() map[string]string {
	return map[string]string{"男性": "male", "女性": "female", "未知的性别": "", "未说明的性别": "", "居民身份证": ResidentID, "护照": "passport",
		"台湾居民来往大陆通行证": "taiwan_permit", "境外永久居住证": "residence_permit"}
}

// nationalCodes are the names of the codes of the sets that columns take, by set and
// code.
func (r *importRun) nationalCodes() (map[[2]string]string, error) {
	names := map[[2]string]string{}
	err := r.each(func(rows *sql.Rows) error {
		var set, code, name string
		err := rows.Scan(&set, &code, &name)
		names[[2]string{set, code}] = name
		return err
	}, `SELECT code_set, code, name FROM code_value WHERE code_set IN ('xb', 'sfzjlx') AND code <> ''`)
	return names, err
}

// decode reads national codes as the words for them, and notes it.
func (c *cells) decode(names map[[2]string]string) {
	for place, set := range codedColumns() {
		kind, column, _ := strings.Cut(place, ".")
		text := c.raw(column)
		name, coded := names[[2]string{set, text}]
		if kind != c.run.in.Kind || !coded || text == "" {
			continue
		}
		word, known := nationalWords()[name]
		if !known {
			word = "other"
		}
		c.becomes(column, "national_code", word)
	}
}

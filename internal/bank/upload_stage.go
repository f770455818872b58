package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
)

// NewUpload is a file as somebody brings it.
type NewUpload struct {
	Kind    string
	Sheet   string   // of a workbook, the one that is meant; empty: the first
	Fits    []string // the kinds that the file was recognised as, when nobody said the kind
	Content []byte
}

// StageUpload takes a file to be looked at: nothing of it is in the bank yet. It is
// kept sealed, for a week at most. Registrars bring files of their own school,
// administrators of all. It promises Denied, and Invalid for a file that cannot be
// read or is larger than [MaxUpload].
func (b *Bank) StageUpload(ctx context.Context, actor Actor, in NewUpload, read StagedReader) (Upload, error) {
	k, err := kindNamed(in.Kind)
	if err != nil {
		return Upload{}, err
	}
	u := Upload{ID: newNumber(), Kind: in.Kind, State: UploadStaged, Sheet: in.Sheet, Size: int64(len(in.Content)), By: actor.Name}
	if u.Institution, err = actor.mayImport(in.Kind); err != nil {
		return Upload{}, err
	}
	if len(in.Content) > MaxUpload {
		return Upload{}, invalidField("file", "", "file_large", map[string]any{"Limit": MaxUpload >> 20})
	}
	if err := u.look(in.Content, read); err != nil {
		return Upload{}, err
	}
	u.ReadAs.Fits = in.Fits
	if u.Columns, err = b.guessColumns(ctx, k, &u); err != nil {
		return Upload{}, err
	}
	return u, b.write(ctx, actor, func(t *tx) error {
		if err := t.addUpload(&u); err != nil {
			return err
		}
		if err := t.putPart(u.ID, partFile, in.Content); err != nil {
			return err
		}
		return t.audit("upload.stage", u.ID, u.Kind)
	})
}

// look reads a file to its end, to say how it was read and how long it is.
func (u *Upload) look(content []byte, read StagedReader) error {
	s, err := read(content, u.Kind, u.Sheet)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // it was read only
	u.Header, u.ReadAs = s.Header, s.ReadAs
	for _, err := range s.Rows {
		if err != nil {
			return err
		}
		u.Rows++
	}
	return nil
}

// SetUploadKind reads a file as one of another kind than it was taken for: its columns
// are matched anew, and what was mended is void. Its codes are those of
// SetUploadColumns; Invalid also for a file that cannot be read as that kind.
func (b *Bank) SetUploadKind(ctx context.Context, actor Actor, id, kind string, stamp int64, read StagedReader) error {
	u, err := b.Upload(ctx, actor, id)
	if err == nil {
		err = u.changeable(actor)
	}
	if err != nil {
		return err
	}
	k, err := kindNamed(kind)
	if err == nil {
		_, err = actor.mayImport(kind)
	}
	if err != nil {
		return err
	}
	content, err := b.db.part(b.reading(ctx), id, partFile)
	if err != nil {
		return err
	}
	meant := Upload{Kind: kind, Institution: u.Institution, Sheet: u.Sheet}
	if content != nil { // else it is over, which the change says
		if err := meant.look(content, read); err != nil {
			return err
		}
		if meant.Columns, err = b.guessColumns(ctx, k, &meant); err != nil {
			return err
		}
	}
	return b.changeUpload(ctx, actor, id, stamp, func(t *tx, u *Upload) error {
		u.Columns, u.Mend = meant.Columns, []string{}
		for _, what := range []string{partEdits, partReport} {
			if err := t.putPart(id, what, nil); err != nil {
				return err
			}
		}
		return t.exec(`UPDATE upload SET kind = $1, header = $2, read_as = $3, row_count = $4 WHERE id = $5`, kind, inJSON(meant.Header), inJSON(meant.ReadAs), meant.Rows, id)
	})
}

func (t *tx) addUpload(u *Upload) error {
	return t.exec(`INSERT INTO upload (id, kind, institution, started_by, state, sheet, header, columns, mend, read_as, size, row_count, counts, job, stamp, made_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '[]', $9, $10, $11, '{}', '', 1, $12, $12)`,
		u.ID, u.Kind, u.Institution, u.By, u.State, u.Sheet, inJSON(u.Header), inJSON(u.Columns), inJSON(u.ReadAs), u.Size, u.Rows, micros(t.now))
}

// inJSON is a value of strings and numbers as text.
func inJSON(v any) string {
	text, _ := json.Marshal(v) // of such values it does not fail
	return string(text)
}

// guessColumns says which column of a file is which: as the school said it the last
// time, by the names of the contract, or by what schools call them. Each is meant
// by one at most.
func (b *Bank) guessColumns(ctx context.Context, k kind, u *Upload) (map[string]string, error) {
	meant := map[string]string{}
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var header, column string
		err := rows.Scan(&header, &column)
		meant[header] = column
		return err
	}, `SELECT header, meant FROM upload_column WHERE institution = $1 AND kind = $2`, u.Institution, u.Kind)
	if err != nil {
		return nil, err
	}
	columns, taken := map[string]string{}, map[string]bool{}
	put := func(name, column string) {
		if column != "" && !taken[column] && columns[name] == "" {
			columns[name], taken[column] = column, true
		}
	}
	for _, guess := range []func(name string) string{func(name string) string { return meant[name] }, k.columnNamed, k.columnCalled} {
		for _, name := range u.Header {
			put(name, guess(name))
		}
	}
	for _, name := range u.Header {
		if said, known := meant[name]; known && said == "" || columns[name] == "" {
			columns[name] = ""
		}
	}
	return columns, nil
}

// columnNamed is the column of a name of the contract, or of a file of refused rows.
func (k kind) columnNamed(name string) string {
	if slices.Contains(rejectColumns[:], name) {
		return name
	}
	if n := slices.IndexFunc(k.columns, func(c Column) bool { return c.named(name) }); n >= 0 {
		return k.columns[n].Name
	}
	return ""
}

// columnCalled is the column that schools call by a name.
func (k kind) columnCalled(name string) string {
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" 　*()（）:：_-", r) {
			return -1
		}
		return r
	}, strings.ToLower(halfWidth(name)))
	for column, names := range otherNames() {
		if slices.Contains(names, plain) && k.has(column) {
			return column
		}
	}
	for _, c := range k.columns {
		if strings.Contains(plain, c.Zh) {
			return c.Name
		}
	}
	return ""
}

func (k kind) has(column string) bool {
	return slices.ContainsFunc(k.columns, func(c Column) bool { return c.Name == column })
}

// otherNames are what schools call the columns.
func otherNames() map[string][]string {
	return map[string][]string{
		"account": {"学号", "学分银行账号", "账号", "studentid"}, "learner": {"学号", "账号", "学习者", "studentid"},
		"name": {"姓名", "学生姓名", "名称", "课程名", "课程", "专业", "学校名称"}, "id_number": {"身份证", "身份证号", "身份证号码", "证件号"},
		"id_type": {"证件"}, "gender": {"性别"}, "birth_date": {"出生年月日", "生日", "出生日期"}, "phone": {"手机", "手机号", "手机号码", "联系电话"},
		"email": {"电子邮箱", "e-mail", "电子邮件"}, "institution": {"学校代码", "学校标识码", "学校", "院校代码", "机构"}, "programme": {"专业代码", "专业", "培养方案"},
		"entered_on": {"入学时间", "入学年月", "入校日期"}, "course": {"课程号", "课程编号", "课号"}, "code": {"课程号", "课程编号", "编号", "代码"},
		"grade": {"分数", "总评成绩", "总成绩", "最终成绩", "score"}, "credits": {"学分数"}, "hours": {"总学时", "课时"}, "practice_hours": {"实训学时", "实验学时"},
		"completed_on": {"获得日期", "考试日期", "取得日期", "修读日期"}, "term": {"开课学期", "学年学期"}, "title": {"课程名称", "成果"}, "reference": {"成绩编号", "编号", "流水号"},
		"category": {"课程性质", "课程属性"}, "catalogue_code": {"专业代码", "国标专业代码"}, "years": {"修业年限"}, "required_credits": {"总学分", "毕业总学分"},
		"group": {"模块", "课程模块"}, "required": {"是否必修"}, "min_credits": {"应修学分", "最低应修学分"}, "school_number": {"全国学籍号"},
	}
}

// SetUploadColumns says which column is which; "" leaves one out. The school's next
// file of the kind begins with that. It promises NotFound, Denied, Conflict
// (error.upload_over, error.upload_changed) and Invalid for a column that is not
// there or is meant twice.
func (b *Bank) SetUploadColumns(ctx context.Context, actor Actor, id string, columns map[string]string, stamp int64) error {
	return b.changeUpload(ctx, actor, id, stamp, func(t *tx, u *Upload) error {
		k, err := kindNamed(u.Kind)
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, name := range u.Header {
			column := columns[name]
			switch {
			case column == "":
			case !k.has(column) && !slices.Contains(rejectColumns[:], column):
				return invalidField(name, column, "choice", map[string]any{"Choices": columnNames(k, false)})
			case seen[column]:
				return invalidField(name, column, "duplicate_column", nil)
			}
			seen[column] = true
			u.Columns[name] = column
			if err := t.exec(`INSERT INTO upload_column (institution, kind, header, meant) VALUES ($1, $2, $3, $4)
				ON CONFLICT (institution, kind, header) DO UPDATE SET meant = $4`, u.Institution, u.Kind, name, column); err != nil {
				return err
			}
		}
		return nil
	})
}

// MendUpload confirms troubles, of [Mendable], and puts values in the place of
// cells: by row, as a spreadsheet counts it, and column of the contract. Its codes
// are those of SetUploadColumns.
func (b *Bank) MendUpload(ctx context.Context, actor Actor, id string, troubles []string, edits map[int]map[string]string, stamp int64) error {
	return b.changeUpload(ctx, actor, id, stamp, func(t *tx, u *Upload) error {
		for _, trouble := range troubles {
			if !slices.Contains(Mendable(), trouble) {
				return invalidField("mend", trouble, "choice", map[string]any{"Choices": strings.Join(Mendable(), ", ")})
			}
			if !slices.Contains(u.Mend, trouble) {
				u.Mend = append(u.Mend, trouble)
			}
		}
		all := map[int]map[string]string{}
		if err := t.db.jsonPart(t.each, id, partEdits, &all); err != nil {
			return err
		}
		for row, cells := range edits {
			if all[row] == nil {
				all[row] = map[string]string{}
			}
			for column, text := range cells {
				all[row][column] = strings.TrimSpace(text)
			}
		}
		return t.putJSON(id, partEdits, all)
	})
}

// changeUpload changes what was staged; what was found out before is void.
func (b *Bank) changeUpload(ctx context.Context, actor Actor, id string, stamp int64, change func(*tx, *Upload) error) error {
	if u, err := b.Upload(ctx, actor, id); err == nil && u.Job != "" {
		if err := b.idle(ctx, u.Job); err != nil {
			return err
		}
	}
	return b.write(ctx, actor, func(t *tx) error {
		u, err := uploadNamed(t.each, id)
		if err == nil {
			err = u.changeable(actor)
		}
		switch {
		case err != nil:
			return err
		case u.State != UploadStaged && u.State != UploadChecked || !u.Staged:
			return &Error{Code: Conflict, Key: "error.upload_over"}
		case u.Stamp != stamp:
			return &Error{Code: Conflict, Key: "error.upload_changed"}
		}
		if err := change(t, &u); err != nil {
			return err
		}
		return t.exec(`UPDATE upload SET state = 'staged', columns = $1, mend = $2, stamp = stamp + 1, updated_at = $3 WHERE id = $4`,
			inJSON(u.Columns), inJSON(u.Mend), micros(t.now), id)
	})
}

// changeable promises NotFound for an upload of others, and Denied for who may see
// it and not bring in such files.
func (u *Upload) changeable(actor Actor) error {
	if err := u.visible(actor); err != nil {
		return err
	}
	scope, err := actor.mayImport(u.Kind)
	if err == nil && scope != "" && scope != u.Institution {
		err = notFound("upload", u.ID)
	}
	return err
}

// DropUpload removes a file that is not to be taken in after all. Its codes are
// those of SetUploadColumns.
func (b *Bank) DropUpload(ctx context.Context, actor Actor, id string) error {
	return b.write(ctx, actor, func(t *tx) error {
		u, err := uploadNamed(t.each, id)
		if err == nil {
			err = u.changeable(actor)
		}
		if err == nil && u.State != UploadStaged && u.State != UploadChecked {
			err = &Error{Code: Conflict, Key: "error.upload_over"}
		}
		if err != nil {
			return err
		}
		return t.clearUpload(id, t.now)
	})
}

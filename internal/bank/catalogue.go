package bank

import (
	"cmp"
	"database/sql"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/code"
)

// Region is a province, city or county of GB/T 2260.
type Region struct {
	Code, Name, Kind, Parent string // Parent is empty for a province
	// From and To are the first and the last day on which the code holds.
	From, To calendar.Day
}

var regionFile = kind{
	name: "regions",
	columns: []Column{
		{"code", "行政区划代码", true}, {"name", "名称", true}, {"kind", "级别", true}, {"parent_code", "上级代码", false},
		{"valid_from", "启用日期", false}, {"valid_to", "停用日期", false},
	},
	take: func(r *importRun) error {
		stored, err := r.regions()
		if err != nil {
			return err
		}
		return takeEach(r, entity[string, Region]{
			read:   func(c *cells) (string, Region) { return readRegion(c, stored) },
			stored: func(*tx) (map[string]Region, error) { return stored, nil }, insert: insertRegions,
			parent: func(r Region) (string, bool) { return r.Parent, r.Parent != "" }, parentColumn: "parent_code",
			update: updateRegion,
		})
	},
	give: giveRows(selectRegions+` ORDER BY code`, func(rows *sql.Rows) ([]string, error) {
		_, r, err := scanRegion(rows)
		return []string{r.Code, r.Name, r.Kind, r.Parent, r.From.String(), r.To.String()}, err
	}),
	mapped: true,
}

func updateRegion(t *tx, k keyed[string, Region]) error {
	v := k.value
	return t.exec(`UPDATE region SET name = $1, kind = $2, parent_code = $3, valid_from = $4, valid_to = $5 WHERE code = $6`,
		v.Name, v.Kind, textOrNil(v.Parent), dayOrNil(v.From), dayOrNil(v.To), k.key)
}

// insertRegions writes parents before children.
func insertRegions(t *tx, added []keyed[string, Region]) error {
	slices.SortFunc(added, func(a, b keyed[string, Region]) int { return cmp.Compare(a.key, b.key) })
	rows := make([][]any, len(added))
	for i, k := range added {
		rows[i] = []any{k.key, k.value.Name, k.value.Kind, textOrNil(k.value.Parent), dayOrNil(k.value.From), dayOrNil(k.value.To)}
	}
	return t.insert("region", []string{"code", "name", "kind", "parent_code", "valid_from", "valid_to"}, rows)
}

// readRegion reads a row. A file without days, as the lists are published, leaves those
// that are known.
func readRegion(c *cells, stored map[string]Region) (string, Region) {
	r := Region{
		Code: c.needed("code", 6), Name: c.needed("name", nameLength),
		Kind: c.choice("kind", "", "province", "city", "county"), Parent: c.text("parent_code", 6),
	}
	if r.Code != "" && !isRegionCode(r.Code) {
		c.fault("code", r.Code, "region", nil)
	}
	r.From, r.To = c.window()
	if old, known := stored[r.Code]; known && !c.has("valid_from") {
		r.From = old.From
	}
	if old, known := stored[r.Code]; known && !c.has("valid_to") {
		r.To = old.To
	}
	switch {
	case r.Kind == "":
		c.fault("kind", "", "required", nil)
	case r.Kind == "province" && r.Parent != "":
		c.fault("parent_code", r.Parent, "region_parent", nil)
	case r.Kind != "province" && (!isRegionCode(r.Parent) || r.Parent >= r.Code):
		c.fault("parent_code", r.Parent, "region_parent", nil)
	}
	return r.Code, r
}

// isRegionCode says whether a text has the form of GB/T 2260: six digits.
func isRegionCode(s string) bool {
	return len(s) == 6 && !slices.ContainsFunc([]byte(s), func(b byte) bool { return b < '0' || b > '9' })
}

func (t *tx) regions() (map[string]Region, error) {
	return readMap(t, selectRegions, scanRegion)
}

const selectRegions = `SELECT code, name, kind, coalesce(parent_code, ''), coalesce(valid_from, -2147483648), coalesce(valid_to, -2147483648) FROM region`

func scanRegion(rows *sql.Rows) (string, Region, error) {
	var r Region
	err := rows.Scan(&r.Code, &r.Name, &r.Kind, &r.Parent, &r.From, &r.To)
	return r.Code, r, err
}

// CatalogueEntry is a programme of the national catalogue (职业教育专业目录).
type CatalogueEntry struct {
	Code, Name, Level          string
	CategoryCode, CategoryName string // 专业大类
	ClassCode, ClassName       string // 专业类
	StateControlled            bool   // 国家控制布点专业, code with K
	Added, Source              string
}

var catalogueColumns = []string{"code", "name", "level", "category_code", "category_name", "class_code", "class_name", "state_controlled", "added", "source"}

var catalogueFile = kind{
	name: "catalogue",
	columns: []Column{
		{"code", "专业代码", true}, {"name", "专业名称", true}, {"level", "层次", true}, {"category_code", "大类代码", false},
		{"category_name", "大类名称", false}, {"class_code", "专业类代码", false}, {"class_name", "专业类名称", false},
		{"state_controlled", "国家控制", false}, {"added", "增补", false}, {"source", "来源", false},
	},
	take: func(r *importRun) error {
		return takeEach(r, entity[string, CatalogueEntry]{
			read: readCatalogueEntry, stored: storedCatalogue, insert: insertCatalogue, update: updateCatalogueEntry,
		})
	},
	give: giveRows(selectCatalogue+` ORDER BY code`, func(rows *sql.Rows) ([]string, error) {
		e, err := scanCatalogueEntry(rows)
		flag := "0"
		if e.StateControlled {
			flag = "1"
		}
		return []string{e.Code, e.Name, e.Level, e.CategoryCode, e.CategoryName, e.ClassCode, e.ClassName, flag, e.Added, e.Source}, err
	}),
	mapped: true,
}

const selectCatalogue = `SELECT code, name, level, category_code, category_name, class_code, class_name, state_controlled, added, source FROM catalogue`

func scanCatalogueEntry(rows *sql.Rows) (CatalogueEntry, error) {
	var e CatalogueEntry
	err := rows.Scan(&e.Code, &e.Name, &e.Level, &e.CategoryCode, &e.CategoryName, &e.ClassCode, &e.ClassName,
		&e.StateControlled, &e.Added, &e.Source)
	return e, err
}

func storedCatalogue(t *tx) (map[string]CatalogueEntry, error) {
	return readMap(t, selectCatalogue, func(rows *sql.Rows) (string, CatalogueEntry, error) {
		v, err := scanCatalogueEntry(rows)
		return v.Code, v, err
	})
}

func updateCatalogueEntry(t *tx, k keyed[string, CatalogueEntry]) error {
	v := k.value
	return t.exec(`UPDATE catalogue SET name = $1, level = $2, category_code = $3, category_name = $4, class_code = $5,
		class_name = $6, state_controlled = $7, added = $8, source = $9 WHERE code = $10`,
		v.Name, v.Level, v.CategoryCode, v.CategoryName, v.ClassCode, v.ClassName, v.StateControlled, v.Added, v.Source, k.key)
}

func insertCatalogue(t *tx, added []keyed[string, CatalogueEntry]) error {
	return into("catalogue", catalogueColumns, func(k keyed[string, CatalogueEntry]) []any {
		v := k.value
		return []any{k.key, v.Name, v.Level, v.CategoryCode, v.CategoryName, v.ClassCode, v.ClassName, v.StateControlled, v.Added, v.Source}
	})(t, added)
}

func readCatalogueEntry(c *cells) (string, CatalogueEntry) {
	e := CatalogueEntry{
		Code: c.needed("code", 8), Name: c.needed("name", nameLength), Level: c.needed("level", codeLength),
		CategoryCode: c.text("category_code", 8), CategoryName: c.text("category_name", nameLength),
		ClassCode: c.text("class_code", 8), ClassName: c.text("class_name", nameLength),
		StateControlled: c.flag("state_controlled"), Added: c.text("added", codeLength), Source: c.text("source", codeLength),
	}
	if e.Code != "" {
		c.catalogueCode(e)
	}
	return e.Code, e
}

// levelNames are the levels as the national catalogues call them.
func levelNames() map[code.Level]string {
	return map[code.Level]string{code.Secondary: "中职", code.Higher: "高职专科", code.Bachelor: "职业本科", code.General: "普通本科"}
}

// catalogueCode holds what an entry says against its code, which says the level
// by its first digits, the class by four, and state control by K.
func (c *cells) catalogueCode(e CatalogueEntry) {
	p, err := code.ParseProgramme(e.Code)
	if err != nil {
		c.fault("code", e.Code, "catalogue_code", nil)
		return
	}
	if want := levelNames()[p.Level()]; e.Level != "" && e.Level != want {
		c.fault("level", e.Level, "catalogue_level", map[string]any{"Want": want})
	}
	if e.ClassCode != "" && e.ClassCode != p.Class() {
		c.fault("class_code", e.ClassCode, "catalogue_class", map[string]any{"Want": p.Class()})
	}
	if e.StateControlled != p.StateControlled() {
		c.fault("state_controlled", c.raw("state_controlled"), "catalogue_controlled", nil)
	}
}

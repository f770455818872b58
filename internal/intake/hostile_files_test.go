package intake_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// hostile is a file that harms, or that somebody's spreadsheet harmed, and what must
// become of it.
type hostile struct {
	name, kind string
	make       func() []byte
	// want is how it ends: "file CODE": refused whole; "rows CODE…": read, and rows
	// refused for these; "read N NOTE…": all N rows are taken, and this is said.
	want string
}

const (
	regionHead = "code,name,kind,parent_code\n"
	regionRow  = "500000,重庆市,province,\n"
	recordHead = "learner,reference,institution,course,grade,credits,completed_on\n"
	recordRow  = "L1,r1,A,007,80,1,2026-09-01\n"
)

// hostileFiles makes all of them.
func hostileFiles() []hostile {
	var files []hostile
	add := func(name, kind, want string, make func() []byte) {
		files = append(files, hostile{name, kind, make, want})
	}
	text := func(name, kind, want, content string) {
		add(name, kind, want, func() []byte { return []byte(content) })
	}
	hostileText(add, text)
	hostileCells(text)
	hostileBooks(add)
	hostileSheets(add)
	hostileRosters(add)
	return files
}

type adding func(name, kind, want string, make func() []byte)

// hostileText are files of text whose form is the trouble.
func hostileText(add adding, text func(name, kind, want, content string)) {
	text("empty", "regions", "file empty", "")
	text("only a mark", "regions", "file empty", "\ufeff")
	text("only blanks", "regions", "file empty", " ,\n\n,,\n")
	text("header alone", "regions", "read 0", regionHead)
	text("a quote that never closes", "regions", "file quotes", regionHead+"500000,\"重庆市,province,\n"+strings.Repeat("500000,x,province,\n", 1000))
	text("text behind quotes", "regions", "file quotes", regionHead+"500000,\"重庆\"市,province,\n")
	text("too many cells", "regions", "rows columns", regionHead+"500000,重庆市,province,,,x\n")
	text("two columns of a name", "regions", "file duplicate_column", "code,name,kind,parent_code,code\n")
	text("a column without a name", "regions", "file unnamed_column", "code,,name,kind,parent_code\n")
	text("unknown columns", "regions", "file unknown_column", "code,name,kind,parent_code,geheim\n"+regionRow)
	text("a missing column", "regions", "file missing_column", "code,name\n500000,重庆市\n")
	text("spaces for separators", "regions", "file unknown_column", "code name kind parent_code\n")
	text("bars for separators", "regions", "file separator", "code|name|kind|parent_code\n")
	text("semicolons", "regions", "read 1", strings.ReplaceAll(regionHead+regionRow, ",", ";"))
	text("tabs", "regions", "read 1", strings.ReplaceAll(regionHead+regionRow, ",", "\t"))
	text("ends of lines of a Mac", "regions", "read 1", strings.ReplaceAll(regionHead+regionRow, "\n", "\r"))
	text("ends of lines of Windows", "regions", "read 1", "\ufeff"+strings.ReplaceAll(regionHead+regionRow, "\n", "\r\n"))
	text("formulas", "regions", "read 1", regionHead+"500000,\"=HYPERLINK(\"\"http://evil.example\"\",\"\"x\"\")\",province,\n")
	text("an old workbook", "regions", "file workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"+strings.Repeat("\x00", 600))
	text("a program", "regions", "file encoding_file", "\x7fELF\x02\x01\x01"+strings.Repeat("\x00\xff\x90", 4000))
	text("a picture", "regions", "file encoding_file", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe\x00")
	text("mixed encodings", "regions", "rows encoding", regionHead+regionRow+strings.Repeat("500100,市辖区市辖区,city,500000\n", 3)+"500200,\xbf\xcf,city,500000\n")
	add("GB18030", "regions", "read 1", func() []byte { return inGB18030(regionHead + regionRow) })
	add("UTF-16, little end", "regions", "read 1", func() []byte { return inUTF16(regionHead+regionRow, false, true) })
	add("UTF-16, big end", "regions", "read 1", func() []byte { return inUTF16(regionHead+regionRow, true, true) })
	add("UTF-16 without a mark", "regions", "read 1", func() []byte { return inUTF16(regionHead+regionRow, false, false) })
	add("a cell of 8 MB", "regions", "file size", func() []byte { return []byte(regionHead + "500000," + strings.Repeat("x", 8<<20) + ",province,\n") })
	add("a row of 64 MB", "regions", "file size", func() []byte { return []byte(regionHead + strings.Repeat("x,", 32<<20) + "\n") })
	add("a million columns", "regions", "file too_wide", func() []byte {
		var b bytes.Buffer
		for i := range 400_000 {
			fmt.Fprintf(&b, "c%d,", i)
		}
		return append(b.Bytes(), "x\n1\n"...)
	})
	add("a million blank lines", "regions", "read 1", func() []byte { return []byte(regionHead + strings.Repeat("\n", 1_000_000) + regionRow) })
	add("half a million bad rows", "regions", "rows required", func() []byte { return []byte(regionHead + strings.Repeat("500000,,province,\n", 100_000)) })
	add("a row again and again", "regions", "read 100000 row_twice", func() []byte { return []byte(regionHead + strings.Repeat(regionRow, 100_000)) })
}

func inGB18030(s string) []byte {
	out, _ := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(s))
	return out
}

func inUTF16(s string, big, mark bool) []byte {
	if mark {
		s = "\ufeff" + s
	}
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		pair := []byte{byte(u), byte(u >> 8)}
		if big {
			pair[0], pair[1] = pair[1], pair[0]
		}
		out = append(out, pair...)
	}
	return out
}

// hostileCells are rows that spreadsheets and hands have spoilt.
func hostileCells(text func(name, kind, want, content string)) {
	row := func(name, want, row string) { text(name, "records", want, recordHead+row) }
	row("digits lost", "rows excel_number", "1.10105E+17,r1,A,007,80,1,2026-09-01\n")
	text("digits beyond 15", "learners", "rows excel_digits", "account,name,id_number\nX,示例,110105194912310000\n")
	row("zeros lost", "rows lost_zeros", "L1,r1,A,7,80,1,2026-09-01\n")
	row("a date as a number", "rows date_serial", "L1,r1,A,007,80,1,46266\n")
	row("a date in another form", "rows date_form", "L1,r1,A,007,80,1,2026/9/1\n")
	row("3.4999999999999996", "read 1 binary_fraction", "L1,r1,A,007,80,3.4999999999999996,2026-09-01\n")
	row("wide digits", "read 1 full_width", "L1,r1,A,007,８０,1,2026-09-01\n")
	row("letter O", "rows letter_o", "L1,r1,A,OO7,80,1,2026-09-01\n")
	row("no-break spaces", "read 1", "\u00a0L1\u00a0,r1,A,007,80,1\u00a0,2026-09-01\n")
	row("zero-width spaces", "read 1 invisible", "L1\u200b,r1,A,007,80,1,2026-09-01\n")
	text("dots of names", "learners", "read 1 name_dot", "account,name\nX,阿卜杜•热合曼\n")
	row("totals", "rows total_row", recordRow+"合计,,,,,1,\n")
	row("a row twice", "read 2 row_twice", recordRow+recordRow)
	row("a contradiction", "rows contradicts", recordRow+"L1,r1,A,007,81,1,2026-09-01\n")
	row("NUL", "rows nul", "L1,r\x001,A,007,80,1,2026-09-01\n")
	row("half a character", "rows surrogate", "L1,好好好好\xed\xa0\x80,A,007,80,1,2026-09-01\n")
	row("a control character", "rows control_character", "L1,r\x071,A,007,80,1,2026-09-01\n")
	row("an error of Excel", "rows excel_error", "L1,r1,A,#REF!,80,1,2026-09-01\n")
	text("titles", "records", "read 1 title_rows", "某校 2026 年秋季成绩\n制表人：教务处\n"+recordHead+recordRow)
	text("rare characters", "learners", "read 1", "account,name\nX,𠮷𫖯\U0002B81D㐀\n")
	text("a private character", "learners", "read 1 private_use", "account,name\nX,王\ue863\n")
	text("right to left", "learners", "read 1", "account,name\nX,\u202eabc\n")
	text("marks without end", "learners", "rows too_long", "account,name\nX,Z"+strings.Repeat("\u0335", 400)+"\n")
	row("a number without end", "rows amount", "L1,r1,A,007,80,"+strings.Repeat("9", 5000)+",2026-09-01\n")
	row("a negative number", "rows amount", "L1,r1,A,007,80,-1,2026-09-01\n")
	row("a day that never was", "rows date", "L1,r1,A,007,80,1,2026-02-30\n")
	row("statements", "rows unknown_learner", "\"'; DROP TABLE record; --\",r1,A,007,80,1,2026-09-01\n")
}

// part is a file inside a workbook.
type part struct{ name, content string }

const sheetHead = `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`

// sheetOf is a sheet with rows of texts.
func sheetOf(rows ...string) string {
	var b strings.Builder
	b.WriteString(sheetHead)
	for i, row := range rows {
		fmt.Fprintf(&b, `<row r="%d">`, i+1)
		for n, cell := range strings.Split(row, ",") {
			fmt.Fprintf(&b, `<c r="%c%d" t="str"><v>%s</v></c>`, 'A'+n, i+1, cell)
		}
		b.WriteString(`</row>`)
	}
	return b.String() + `</sheetData></worksheet>`
}

// bookParts are the parts of the smallest workbook around a sheet.
func bookParts(sheet string) []part {
	return []part{
		{"[Content_Types].xml", `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
		{"_rels/.rels", `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
		{"xl/worksheets/sheet1.xml", sheet},
	}
}

// packed is a workbook of parts.
func packed(parts ...part) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		w, _ := z.Create(p.name)
		_, _ = w.Write([]byte(p.content))
	}
	_ = z.Close()
	return out.Bytes()
}

var goodSheet = sheetOf("code,name,kind,parent_code", "500000,重庆市,province,")

// hostileBooks are workbooks whose container is the trouble.
func hostileBooks(add adding) {
	good := func() []byte { return packed(bookParts(goodSheet)...) }
	with := func(more ...part) func() []byte {
		return func() []byte { return packed(append(bookParts(goodSheet), more...)...) }
	}
	add("a good workbook", "regions", "read 1", good)
	add("a workbook that is cut", "regions", "file workbook_broken", func() []byte { b := good(); return b[:len(b)*2/3] })
	add("a container without a workbook", "regions", "file workbook_broken", func() []byte { return packed(part{"x.txt", "x"}) })
	add("an empty container", "regions", "file workbook_broken", func() []byte { return append([]byte("PK\x03\x04"), packed()...) })
	add("a wrong check sum", "regions", "file workbook_broken", func() []byte {
		b := good()
		i := bytes.LastIndex(b, []byte("PK\x01\x02")) // the directory's entry of the sheet
		b[i+16] ^= 0xff
		return b
	})
	add("a part twice", "regions", "file workbook_broken", with(part{"xl/worksheets/sheet1.xml", sheetOf("code,name,kind,parent_code", "510000,四川省,province,")}))
	add("a part twice, in capitals", "regions", "file workbook_broken", with(part{"XL/worksheets/SHEET1.xml", goodSheet}))
	add("a part outside", "regions", "file workbook_broken", with(part{"../../../tmp/evil.xml", "x"}))
	add("a part at the root", "regions", "file workbook_broken", with(part{"/etc/cron.d/evil", "x"}))
	add("a part outside, the other way", "regions", "file workbook_broken", with(part{`..\..\evil.xml`, "x"}))
	add("a hundred thousand parts", "regions", "file workbook_broken", func() []byte {
		parts := bookParts(goodSheet)
		for i := range 50_000 {
			parts = append(parts, part{fmt.Sprintf("x/%d", i), ""})
		}
		return packed(parts...)
	})
	add("a bomb", "regions", "file workbook_size", func() []byte { return bomb("xl/worksheets/sheet1.xml", 1100) })
	add("a bomb of texts", "regions", "file workbook_size", func() []byte { return bomb("xl/sharedStrings.xml", 900) })
	add("a bomb of a part that nobody reads", "regions", "file workbook_size", func() []byte { return bomb("xl/media/x.png", 1100) })
	add("a bomb that lies about its size", "regions", "file workbook_broken", func() []byte {
		b := bomb("xl/media/x.png", 64)
		i := bytes.LastIndex(b, []byte("PK\x01\x02"))
		copy(b[i+24:i+28], []byte{1, 0, 0, 0})
		return b
	})
	add("70 MB", "regions", "file workbook_size", func() []byte { return append([]byte("PK\x03\x04"), make([]byte, 70<<20)...) })
}

// bomb is a workbook one part of which unpacks to so many megabytes of blanks.
func bomb(name string, megabytes int) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range bookParts(goodSheet) {
		if p.name != name {
			w, _ := z.Create(p.name)
			_, _ = w.Write([]byte(p.content))
		}
	}
	w, _ := z.Create(name)
	blanks := bytes.Repeat([]byte(" "), 1<<20)
	for range megabytes {
		_, _ = w.Write(blanks)
	}
	_ = z.Close()
	return out.Bytes()
}

// hostileSheets are workbooks whose sheet is the trouble.
func hostileSheets(add adding) {
	sheet := func(name, want, content string) {
		add(name, "regions", want, func() []byte { return packed(bookParts(content)...) })
	}
	const row1 = `<row r="1"><c r="A1" t="str"><v>code</v></c><c r="B1" t="str"><v>name</v></c><c r="C1" t="str"><v>kind</v></c></row>`
	const row2 = `<row r="2"><c r="A2" t="str"><v>500000</v></c><c r="B2" t="str"><v>重庆市</v></c><c r="C2" t="str"><v>province</v></c></row>`
	const end = `</sheetData></worksheet>`
	sheet("entities from outside", "file workbook_broken", `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>`+sheetHead+strings.ReplaceAll(row1+row2, "重庆市", "&a;")+end)
	sheet("a billion laughs", "file workbook_broken", `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`+sheetHead+row1+row2+end)
	sheet("a sheet that is cut", "file workbook_broken", sheetHead+row1+`<row r="2"><c r="A2" t="st`)
	sheet("a sheet wrongly nested", "file workbook_broken", sheetHead+row1+`<row r="2"><c r="A2" <</row>`+end)
	sheet("the last cell there is", "rows columns", sheetHead+row1+row2+`<row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row>`+end)
	sheet("a row beyond the last", "file workbook_broken", sheetHead+row1+row2+`<row r="99999999999"><c r="A99999999999" t="str"><v>x</v></c></row>`+end)
	sheet("a column beyond the last", "file workbook_broken", sheetHead+row1+`<row r="2"><c r="ZZZZZZ2" t="str"><v>x</v></c></row>`+end)
	sheet("a formula without a value", "rows not_computed", sheetHead+row1+strings.Replace(row2, `t="str"><v>重庆市</v>`, `><f>1+1</f>`, 1)+end)
	sheet("a formula", "read 1 formula", sheetHead+row1+strings.Replace(row2, "<v>重庆市", "<f>X1</f><v>重庆市", 1)+end)
	sheet("a hidden row", "read 1 hidden_rows", sheetHead+row1+strings.Replace(row2, `<row r="2"`, `<row r="2" hidden="1"`, 1)+end)
	sheet("merged cells", "rows merged", sheetHead+row1+row2+`<row r="3"><c r="A3" t="str"><v>510000</v></c><c r="B3" t="str"><v>四川省</v></c></row></sheetData><mergeCells count="1"><mergeCell ref="C2:C3"/></mergeCells></worksheet>`)
	sheet("merged cells without end", "read 1", sheetHead+row1+row2+`</sheetData><mergeCells>`+strings.Repeat(`<mergeCell ref="D2:XFD1048576"/>`, 20_000)+`</mergeCells></worksheet>`)
	sheet("NUL in a workbook", "rows nul", sheetHead+row1+strings.Replace(row2, `t="str"><v>重庆市</v>`, `t="inlineStr"><is><t>重_x0000_庆</t></is>`, 1)+end)
	sheet("half a character in a workbook", "read 1 lost_character", sheetHead+row1+strings.Replace(row2, "重庆市", "&#xD800;", 1)+end)
	sheet("a cell of 40,000 characters", "rows too_long", sheetHead+row1+strings.Replace(row2, "重庆市", strings.Repeat("x", 40_000), 1)+end)
	add("a hidden sheet", "regions", "read 1 hidden_sheets", func() []byte {
		parts := bookParts(goodSheet)
		parts[2].content = strings.Replace(parts[2].content, `</sheets>`, `<sheet name="geheim" sheetId="2" state="hidden" r:id="rId2"/></sheets>`, 1)
		parts[3].content = strings.Replace(parts[3].content, `</Relationships>`, `<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/></Relationships>`, 1)
		return packed(append(parts, part{"xl/worksheets/sheet2.xml", sheetOf("x,y")})...)
	})
	add("days of a workbook", "records", "read 1", func() []byte {
		return packed(bookParts(sheetOf("learner,reference,institution,course,grade,credits,completed_on", "L1,r1,A,007,80,1,46266"))...)
	})
}

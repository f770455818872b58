package bank_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// packageOf is a package of Office with empty parts.
func packageOf(t *testing.T, parts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range parts {
		if _, err := w.Create(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// pdf is a file of so many bytes that begins as PDF does.
func pdf(size int) []byte {
	return append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte{0}, size-9)...)
}

// A file is what its content says, whatever it is called.
func TestWhichFilesAreTaken(t *testing.T) {
	word := packageOf(t, "[Content_Types].xml", "word/document.xml")
	b := open(t, "sqlite:"+t.TempDir()+"/bank.db")
	small(t, b)
	for _, c := range []struct {
		name    string
		content []byte
		want    string // name and type, or the code of the fault
	}{
		{"大纲.pdf", pdf(100), "大纲.pdf pdf"},
		{"a.exe", pdf(100), "a.exe.pdf pdf"},
		{`C:\papers\a.PDF`, pdf(100), "a.PDF pdf"},
		{"../../etc/x", []byte("\x89PNG\r\n\x1a\nrest"), "x.png png"},
		{"a.jpg", []byte("\xff\xd8\xff\xe0"), "a.jpg jpeg"},
		{"a.docx", word, "a.docx docx"},
		{"a.xlsx", packageOf(t, "[Content_Types].xml", "xl/workbook.xml"), "a.xlsx xlsx"},
		{"a.html", []byte("<script>alert(1)</script>\n"), "a.html.txt txt"},
		{"大纲.txt", []byte("\uFEFF一、软件\r\n\t二、电路\f"), "大纲.txt txt"},
		{"largest.pdf", pdf(bank.MaxAttachment), "largest.pdf pdf"},
		{"too large.pdf", pdf(bank.MaxAttachment + 1), "file_size"},
		{"empty.txt", nil, "file_empty"},
		{"macro.docm", packageOf(t, "[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "file_type"},
		{"a.zip", packageOf(t, "a.txt"), "file_type"},
		{"broken.docx", word[:20], "file_type"},
		{"a.docx", packageOf(t, "word/document.xml"), "file_type"},
		{"a.pdf", []byte("MZ\x90\x00"), "file_type"},
		{"a.txt", []byte("\xd6\xd0\xb9\xfa"), "file_type"},
		{"a.txt", []byte("a\x00b"), "file_type"},
		{"", pdf(100), "required"},
		{"a/", pdf(100), "required"},
		{strings.Repeat("长", 201) + ".pdf", pdf(100), "too_long"},
		{"a\x07.pdf", pdf(100), "control_character"},
	} {
		id, err := b.Attach(ctx, operator, "course", "A:"+c.name, "", bank.NewAttachment{Name: c.name, Content: c.content})
		var refusal *bank.Error
		if errors.As(err, &refusal) {
			if len(refusal.Fields) != 1 || refusal.Fields[0].Field != "file" || refusal.Fields[0].Code != c.want {
				t.Errorf("%q: %v, want %s", c.name, err, c.want)
			}
			continue
		}
		info, content, err := b.Attachment(ctx, bank.Visitor, id)
		if got := info.Name + " " + info.Type; err != nil || got != c.want || !bytes.Equal(content, c.content) || info.Size != len(c.content) {
			t.Errorf("%q: %q of %d bytes, %v; want %q", c.name, got, len(content), err, c.want)
		}
	}
}

// What is nobody's stays as it came, and is there for everybody.
func TestAFileIsKeptForGood(t *testing.T) {
	onBothWithKey(t, func(t *testing.T, b *bank.Bank, dsn, _ string) {
		id, err := b.Attach(ctx, operator, "course", "A:a1", "", bank.NewAttachment{Name: "大纲.pdf", Content: pdf(5000)})
		if err != nil {
			t.Fatal(err)
		}
		raw := rawOf(t, dsn)
		for _, change := range []string{`UPDATE attachment SET name = 'x'`, `DELETE FROM attachment`} {
			if _, err := raw.Exec(change); err == nil {
				t.Errorf("%s was done", change)
			}
		}
		list, err := b.Attachments(ctx, "course", "A:a1")
		if err != nil || len(list) != 1 || list[0].ID != id || list[0].Name != "大纲.pdf" || list[0].By != "operator" || list[0].Made.IsZero() {
			t.Errorf("%+v, %v", list, err)
		}
		if list, err := b.Attachments(ctx, "course", "A:a2"); err != nil || len(list) != 0 {
			t.Errorf("another course has %+v, %v", list, err)
		}
		_, _, err = b.Attachment(ctx, operator, "nothing")
		wantCode(t, "a file that is not there", err, bank.NotFound)
		for i := range 49 {
			if _, err := b.Attach(ctx, operator, "course", "A:a1", "", bank.NewAttachment{Name: fmt.Sprint(i), Content: pdf(20)}); err != nil {
				t.Fatal(err)
			}
		}
		_, err = b.Attach(ctx, operator, "course", "A:a1", "", bank.NewAttachment{Name: "51", Content: pdf(20)})
		wantCode(t, "the 51st", err, bank.Conflict)
	})
}

// A learner's paper is sealed, for few eyes, and goes with the learner.
func TestAFileOfALearner(t *testing.T) {
	onBothOwned(t, func(t *testing.T, b *bank.Bank) {
		content := []byte("李二的成绩单")
		id, err := b.Attach(ctx, learnerO1, "application", "P1", "O1", bank.NewAttachment{Name: "李二.txt", Content: content})
		if err != nil {
			t.Fatal(err)
		}
		// Of an application that is none, nobody but the learner sees anything.
		for _, other := range []bank.Actor{learnerO2, bank.Visitor, registrarOf("A"), registrarOf("B"), administrator, {Name: "u:e", Roles: bank.IsExpert, Institution: "A"}} {
			_, _, err := b.Attachment(ctx, other, id)
			wantCode(t, other.Name, err, bank.NotFound)
		}
		seen, err := b.Attach(ctx, learnerO1, "course", "A:a1", "O1", bank.NewAttachment{Name: "李二.txt", Content: content})
		if err != nil {
			t.Fatal(err)
		}
		for _, sees := range []bank.Actor{learnerO1, registrarOf("A"), administrator, auditor} {
			info, got, err := b.Attachment(ctx, sees, seen)
			if err != nil || info.Name != "李二.txt" || !bytes.Equal(got, content) {
				t.Errorf("%s: %+v %q %v", sees.Name, info, got, err)
			}
		}
		wantLooks(t, b, learnerO1, "O1", "u:auditor file", "u:admin file", "u:registrar-A file")
		if err := b.RotatePersonalKey(ctx, operator, func(int) {}); err != nil {
			t.Fatal(err)
		}
		if _, got, err := b.Attachment(ctx, learnerO1, id); err != nil || !bytes.Equal(got, content) {
			t.Errorf("after a change of keys: %q %v", got, err)
		}
		done(t)(b.Merge(ctx, operator, "O1", "O2", bank.Why{Reason: "two_accounts"}))
		if _, got, err := b.Attachment(ctx, learnerO2, id); err != nil || !bytes.Equal(got, content) {
			t.Errorf("after a merge: %q %v", got, err)
		}
		if err := b.EraseLearner(ctx, operator, "O2", "asked for it"); err != nil {
			t.Fatal(err)
		}
		_, _, err = b.Attachment(ctx, operator, id)
		wantCode(t, "an erased learner's", err, bank.NotFound)
	})
}

package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// filesForm is a form with one file for each content, in a field.
func filesForm(t *testing.T, field string, contents ...[]byte) *http.Request {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, content := range contents {
		part, err := w.CreateFormFile(field, "大纲.pdf")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

// Files of a form come as they were sent, and not too many of them.
func TestFilesOfAForm(t *testing.T) {
	read := func(r *http.Request) ([]bank.NewAttachment, error) {
		return readFiles(echo.New().NewContext(r, httptest.NewRecorder()), "files")
	}
	files, err := read(filesForm(t, "files", []byte("%PDF-1"), []byte("%PDF-2")))
	if err != nil || len(files) != 2 || files[1].Name != "大纲.pdf" || string(files[1].Content) != "%PDF-2" {
		t.Errorf("%+v, %v", files, err)
	}
	if files, err := read(filesForm(t, "other", []byte("%PDF-1"))); err != nil || len(files) != 0 {
		t.Errorf("of another field: %+v, %v", files, err)
	}
	if _, err := read(filesForm(t, "files", make([][]byte, maxFiles+1)...)); bank.CodeOf(err) != bank.Invalid {
		t.Errorf("%d files: %v", maxFiles+1, err)
	}
	plain := httptest.NewRequest(http.MethodPost, "/", bytes.NewBufferString("files=x"))
	plain.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if files, err := read(plain); err != nil || len(files) != 0 {
		t.Errorf("of a form without files: %+v, %v", files, err)
	}
}

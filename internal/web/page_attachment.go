package web

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// maxFiles is how many files one form takes.
const maxFiles = 5

// uploadBody is the largest body of a form with files. It stays in memory while it is
// read: under 32 MB nothing of it is put into a file of the machine.
const uploadBody = maxFiles*bank.MaxAttachment + maxBody

// bodyLimit is the largest body that a route takes, in bytes.
func bodyLimit(path string) int64 {
	switch path {
	case "/school/courses/:course/files", "/admin/units/:unit/files",
		"/evaluations/:evaluation":
		return uploadBody
	case "/my/apply", "/my/applications/:application/attach", "/my/applications/:application/appeal",
		"/my/prior/new", "/my/prior/:prior", "/my/results/new":
		return uploadBody
	case apiBase + "/attestations", apiBase + "/applications", apiBase + "/applications/:application/appeal":
		return apiUploadBody
	case "/imports":
		return bank.MaxUpload + maxBody
	}
	return maxBody
}

// readFiles reads the files that a form sends in a field, up to maxFiles; none were
// chosen: none. What they are is the bank's to say. It promises Invalid and 413.
func readFiles(c echo.Context, field string) (files []bank.NewAttachment, err error) {
	form, err := c.MultipartForm()
	switch {
	case errors.Is(err, http.ErrNotMultipart):
		return nil, nil
	case err != nil:
		return nil, unreadable(err)
	}
	for _, header := range form.File[field] {
		if header.Filename == "" && header.Size == 0 {
			continue // the field was left empty
		}
		if len(files) == maxFiles {
			return nil, invalid(bank.FieldError{Field: field, Code: "file_many", Args: map[string]any{"Limit": maxFiles}})
		}
		content, err := readFile(header)
		if err != nil {
			return nil, err
		}
		files = append(files, bank.NewAttachment{Name: header.Filename, Content: content})
	}
	return files, nil
}

func readFile(header *multipart.FileHeader) ([]byte, error) {
	file, err := header.Open()
	if err != nil {
		return nil, unreadable(err)
	}
	content, err := io.ReadAll(file)
	return content, errors.Join(err, file.Close())
}

// attachmentTypes are the media types under which files are handed out.
func attachmentTypes() map[string]string {
	const office = "application/vnd.openxmlformats-officedocument."
	return map[string]string{"pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg", "txt": "text/plain; charset=utf-8",
		"docx": office + "wordprocessingml.document", "xlsx": office + "spreadsheetml.sheet"}
}

// attachment hands out a file, never to be shown within the site.
func (s *Server) attachment(c echo.Context) error {
	actor, err := s.person(c)
	if err != nil {
		return err
	}
	info, content, err := s.bank.Attachment(c.Request().Context(), actor, c.Param("attachment"))
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": info.Name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set(echo.HeaderCacheControl, "no-store")
	return c.Blob(http.StatusOK, attachmentTypes()[info.Type], content)
}

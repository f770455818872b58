package web

import (
	"encoding/base64"
	"fmt"

	"creditbank/internal/bank"
)

// apiUploadBody is the largest body of a request of a program that may carry files, in
// bytes. As base64 makes four of three, the files in it come to some 12 MB.
const apiUploadBody = 16 << 20

// fileRequest is a file in the body of a request.
type fileRequest struct {
	Name    string `json:"name" validate:"required,max=200"`
	Content string `json:"content" validate:"required"`
}

// filesOf decodes the files of a request. What they are is the bank's to say. It
// promises Invalid, naming files[0].content.
func filesOf(list []fileRequest) (files []bank.NewAttachment, err error) {
	var faults []bank.FieldError
	for i, f := range list {
		content, err := base64.StdEncoding.DecodeString(f.Content)
		if err != nil {
			faults = append(faults, bank.FieldError{Field: fmt.Sprintf("files[%d].content", i), Code: "base64"})
		}
		files = append(files, bank.NewAttachment{Name: f.Name, Content: content})
	}
	if len(faults) > 0 {
		return nil, invalid(faults...)
	}
	return files, nil
}

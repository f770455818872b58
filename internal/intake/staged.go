package intake

import (
	"bytes"

	"creditbank/internal/bank"
)

// Staged opens a file that somebody brought in the browser: the way of the command
// line into the bank. It is a [bank.StagedReader].
func Staged(content []byte, kind, sheetName string) (bank.Staged, error) {
	if kind == bank.OneRoster {
		return stagedRoster(bytes.NewReader(content))
	}
	t, err := Open(bytes.NewReader(content), kind, sheetName)
	if err != nil {
		return bank.Staged{}, err
	}
	form := t.Form()
	read := bank.ReadAs{Encoding: form.Encoding, Sheet: form.Sheet, Others: len(form.Others)}
	if form.Separator != 0 {
		read.Separator = separatorNames[form.Separator]
	}
	return bank.Staged{Header: t.Header(), Rows: t.Rows(), Notes: t.Notes(), ReadAs: read, Close: t.Close}, nil
}

// separatorNames name what stands between cells: separator.NAME is the sentence.
var separatorNames = map[byte]string{',': "comma", ';': "semicolon", '\t': "tab"}

package intake

import (
	"bufio"
	"bytes"
	"io"
	"slices"

	"creditbank/internal/bank"
	"creditbank/internal/sheet"
)

// Recognise says of which kind a file is by what is in it: an archive of tables, or a
// table by the names of its columns. Of several kinds that fit alike those at hand go
// first; none: its columns are those of no kind. sheetName is that of [Open]. It promises
// bank.Invalid for a file that cannot be read.
func Recognise(in io.Reader, sheetName string, atHand []string) ([]string, error) {
	start := bufio.NewReader(in)
	if mark, _ := start.Peek(4); sheet.IsPacked(mark) {
		packed, err := io.ReadAll(io.LimitReader(start, sheet.MaxArchive+1))
		if err != nil {
			return nil, err
		}
		if sheet.HoldsTables(packed) {
			return []string{bank.OneRoster}, nil
		}
		start = bufio.NewReader(bytes.NewReader(packed))
	}
	var top [][]string
	table, err := sheet.NewReaderWith(start, sheet.Options{Sheet: sheetName, IsHeader: func(cells []string) bool {
		top = append(top, slices.Clone(cells))
		return false
	}})
	if len(top) == 0 && err != nil {
		return nil, refusal(err)
	}
	if err == nil { // else the first row is no header; another may be
		_ = table.Close() // it was read only
	}
	return bank.Recognise(top, atHand), nil
}

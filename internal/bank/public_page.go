package bank

import "strconv"

// Page is a part of a list. Next is the cursor of the next part, empty at the end.
type Page[T any] struct {
	Items []T
	Total int
	Next  string
}

// Window says which part of a list is asked for. Cursor is the Next of the part before.
type Window struct {
	Cursor string
	Limit  int
}

// Limits of a part of a list: what is given without asking, at most to whoever asks, and
// at most into a file.
const (
	DefaultLimit = 20
	MaxLimit     = 200
	FileLimit    = 2000
)

// part is where a window begins in a list and how long it is at most. It
// promises Invalid for a cursor that is none of ours.
func (w Window) part() (start, limit int, err error) {
	if w.Cursor != "" {
		start, err = strconv.Atoi(w.Cursor)
		if err != nil || start < 0 || !plainNumber.MatchString(w.Cursor) {
			return 0, 0, invalidField("cursor", w.Cursor, "cursor", nil)
		}
	}
	if limit = w.Limit; limit <= 0 {
		limit = DefaultLimit
	}
	return start, min(limit, FileLimit), nil
}

// cut takes the part of a list. It promises Invalid for a cursor that is none of ours.
func cut[K, T any](keys []K, w Window, view func(K) T) (Page[T], error) {
	start, limit, err := w.part()
	if err != nil {
		return Page[T]{}, err
	}
	start = min(start, len(keys))
	end := min(start+limit, len(keys))
	page := Page[T]{Total: len(keys), Items: make([]T, 0, end-start)}
	for _, k := range keys[start:end] {
		page.Items = append(page.Items, view(k))
	}
	if end < len(keys) {
		page.Next = strconv.Itoa(end)
	}
	return page, nil
}

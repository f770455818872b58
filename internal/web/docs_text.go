package web

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// piece is a part of a text that is set in one way.
type piece struct {
	Kind string // code, strong, han (Chinese on an English page), or none
	Text string
}

var (
	marked = regexp.MustCompile("`[^`]+`|\\*\\*[^*]+\\*\\*")
	han    = regexp.MustCompile(`[\p{Han}\x{3000}-\x{303F}\x{FF00}-\x{FFEF}]+`)
)

// pieces reads the little Markdown that descriptions use: `code` and **strong**.
func pieces(text string) []piece {
	return split(text, marked, func(found string) piece {
		if strings.HasPrefix(found, "`") {
			return piece{"code", strings.Trim(found, "`")}
		}
		return piece{"strong", strings.Trim(found, "*")}
	})
}

// chinesePieces tells Chinese from the rest of a text.
func chinesePieces(text string) []piece {
	return split(text, han, func(found string) piece { return piece{"han", found} })
}

// split cuts a text where the pattern is found.
func split(text string, pattern *regexp.Regexp, as func(string) piece) []piece {
	var out []piece
	last := 0
	for _, at := range pattern.FindAllStringIndex(text, -1) {
		if at[0] > last {
			out = append(out, piece{Text: text[last:at[0]]})
		}
		out = append(out, as(text[at[0]:at[1]]))
		last = at[1]
	}
	if last < len(text) {
		out = append(out, piece{Text: text[last:]})
	}
	return out
}

// source is a JSON text with the place of every value in it, by pointer (RFC
// 6901). Values read into maps have lost their order; here it can be looked up.
type source struct {
	text   []byte
	places map[string]place
}

// place is where a value is: from a byte, up to another.
type place struct{ from, to int64 }

func newSource(text []byte) (*source, error) {
	s := &source{text: text, places: map[string]place{}}
	return s, s.value(json.NewDecoder(bytes.NewReader(text)), "")
}

// value notes the place of the next value and of all within it.
func (s *source) value(d *json.Decoder, pointer string) error {
	from := d.InputOffset()
	token, err := d.Token()
	switch {
	case err != nil:
		return err
	case token == json.Delim('{'):
		err = s.members(d, pointer)
	case token == json.Delim('['):
		err = skipList(d)
	}
	s.places[pointer] = place{from, d.InputOffset()}
	return err
}

// members notes the places of an object's values.
func (s *source) members(d *json.Decoder, pointer string) error {
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string) // the decoder lets nothing else be a name
		if err := s.value(d, below(pointer, name)); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// skipList passes over a list: nothing in one is looked up.
func skipList(d *json.Decoder) error {
	for d.More() {
		var element json.RawMessage
		if err := d.Decode(&element); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// pointerEscape writes a name as a step of a pointer (RFC 6901).
var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

// below is the pointer to something in what another points to.
func below(pointer string, names ...string) string {
	for _, name := range names {
		pointer += "/" + pointerEscape.Replace(name)
	}
	return pointer
}

// raw is a value as it stands in the text.
func (s *source) raw(pointer string) []byte {
	at := s.places[pointer]
	return bytes.TrimLeft(s.text[at.from:at.to], " \t\r\n:,")
}

// namesIn are the names of an object's values in the order of the text.
func namesIn[V any](s *source, pointer string, object map[string]V) []string {
	return slices.SortedFunc(maps.Keys(object), func(a, b string) int {
		return cmp.Compare(s.places[below(pointer, a)].from, s.places[below(pointer, b)].from)
	})
}

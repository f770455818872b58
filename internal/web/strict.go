package web

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"creditbank/internal/bank"
)

// maxFaults is how many faults of one body are named.
const maxFaults = 100

// readJSON fills what v points to, a struct or a list of them, or promises Invalid
// and names every field that does not fit it: unknown ones, repeated ones, values
// of another type. Names count exactly; null is a value not given. The field of
// the whole is named whole; a list may have at most most elements, 0: any number.
func (f forms) readJSON(body []byte, v any, whole string, most int) error {
	if !utf8.Valid(body) {
		return invalid(bank.FieldError{Field: "body", Code: "utf8"})
	}
	if !json.Valid(body) {
		return invalid(bank.FieldError{Field: "body", Code: "json"})
	}
	r := structReader{forms: f, text: body, path: []byte(whole)}
	r.value(reflect.ValueOf(v).Elem(), most, false)
	switch {
	case len(r.overfull) > 0:
		return invalid(r.overfull...)
	case len(r.faults) > 0:
		return invalid(r.faults...)
	}
	return nil
}

// structReader walks through a text that is valid JSON and through the value it is
// meant for.
type structReader struct {
	forms    forms
	text     []byte // what is left of it
	path     []byte // of the value at hand; empty: the whole body
	faults   []bank.FieldError
	overfull []bank.FieldError // lists that are too long: nothing else is looked at then
}

func (r *structReader) fault(code string, args map[string]any) {
	if len(r.faults) < maxFaults {
		r.faults = append(r.faults, bank.FieldError{Field: r.field(), Code: code, Args: args})
	}
}

func (r *structReader) field() string {
	if len(r.path) == 0 {
		return "body"
	}
	return string(r.path)
}

// next is the first byte of what comes next.
func (r *structReader) next() byte {
	r.text = bytes.TrimLeft(r.text, " \t\r\n")
	return r.text[0]
}

// value reads one value.
func (r *structReader) value(v reflect.Value, most int, null bool) {
	first := r.next()
	if first == 'n' && null {
		r.skip()
		return
	}
	for v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch {
	case first == '{' && v.Kind() == reflect.Struct:
		r.object(v)
	case first == '[' && v.Kind() == reflect.Slice:
		r.list(v, most)
	default:
		if !r.scalar(v, r.skip()) {
			r.fault("type", map[string]any{"Expected": expected(v.Kind())})
		}
	}
}

// scalar sets a single value from its text, and says whether it is of the type.
func (r *structReader) scalar(v reflect.Value, text []byte) bool {
	switch first := text[0]; {
	case first == '"':
		if v.Kind() == reflect.String {
			v.SetString(unquoted(text))
		}
		return v.Kind() == reflect.String
	case first == 't', first == 'f':
		if v.Kind() == reflect.Bool {
			v.SetBool(first == 't')
		}
		return v.Kind() == reflect.Bool
	case first == '-', first >= '0' && first <= '9':
		if v.Kind() != reflect.Int {
			return false
		}
		number, err := strconv.Atoi(string(text))
		if err != nil {
			r.fault("number", map[string]any{"Value": string(text), "Low": 1, "High": bank.MaxLimit})
		}
		v.SetInt(int64(number))
		return true
	}
	return false
}

// unquoted is a string without its quotes and escapes.
func unquoted(literal []byte) (text string) {
	if bytes.IndexByte(literal, '\\') < 0 {
		return string(literal[1 : len(literal)-1])
	}
	_ = json.Unmarshal(literal, &text) // the body is known to be valid
	return text
}

// expected names a type in the words of JSON; "type."+expected is its sentence.
func expected(kind reflect.Kind) string {
	switch kind {
	case reflect.Struct:
		return "object"
	case reflect.Slice:
		return "array"
	case reflect.Int:
		return "integer"
	case reflect.Bool:
		return "boolean"
	}
	return "string"
}

// skip passes over the next value, and gives its text.
func (r *structReader) skip() []byte {
	r.next()
	at, depth := 0, 0
	for {
		switch r.text[at] {
		case '{', '[':
			depth++
			at++
		case '}', ']':
			depth--
			at++
		case '"':
			at += stringLength(r.text[at:])
		case ' ', '\t', '\r', '\n', ',', ':':
			at++
			continue // between the values of a longer one
		default:
			at += literalLength(r.text[at:])
		}
		if depth == 0 {
			break
		}
	}
	value := r.text[:at]
	r.text = r.text[at:]
	return value
}

// stringLength is how long the string is with which a text begins.
func stringLength(text []byte) int {
	for at := 1; ; at++ {
		switch text[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
}

// literalLength is how long the number or word is with which a text begins.
func literalLength(text []byte) int {
	if end := bytes.IndexAny(text, " \t\r\n,:]}"); end >= 0 {
		return end
	}
	return len(text)
}

// more says whether an object or a list goes on, and passes over what is between
// its elements.
func (r *structReader) more() bool {
	first := r.next()
	if first == ',' {
		r.text = r.text[1:]
		return true
	}
	if first == '}' || first == ']' {
		r.text = r.text[1:]
		return false
	}
	return true
}

func (r *structReader) object(v reflect.Value) {
	fields := r.forms[v.Type()]
	var seen uint64
	above := len(r.path)
	for r.text = r.text[1:]; r.more(); r.path = r.path[:above] {
		name := r.skip()
		r.next()
		r.text = r.text[1:] // the colon
		field, known := fields[string(name[1:len(name)-1])]
		text := ""
		if !known {
			text = unquoted(name) // a name may be written with escapes
			field, known = fields[text]
		}
		if above > 0 {
			r.path = append(r.path, '.')
		}
		if known {
			r.path = append(r.path, field.name...)
		} else {
			r.path = append(r.path, shortened(text)...)
		}
		switch bit := uint64(1) << field.index; {
		case !known:
			r.fault("unknown_field", nil)
			r.skip()
		case seen&bit != 0:
			r.fault("repeated", nil)
			r.skip()
		default:
			seen |= bit
			r.value(v.Field(field.index), field.most, true)
		}
	}
}

func (r *structReader) list(v reflect.Value, most int) {
	v.Set(reflect.MakeSlice(v.Type(), 0, 1))
	above := len(r.path)
	n := 0
	for r.text = r.text[1:]; r.more(); n++ {
		if most > 0 && n >= most {
			r.skip()
			continue
		}
		v.Grow(1)
		v.SetLen(n + 1)
		r.path = append(strconv.AppendInt(append(r.path, '['), int64(n), 10), ']')
		r.value(v.Index(n), 0, false)
		r.path = r.path[:above]
	}
	if most > 0 && n > most {
		r.overfull = append(r.overfull, bank.FieldError{Field: r.field(), Code: "too_many", Args: map[string]any{"Limit": most, "Got": n}})
	}
}

// forms are the structs that bodies are read into, with their fields by the names
// in JSON.
type forms map[reflect.Type]map[string]formField

// formField is a field of a struct.
type formField struct {
	name  string
	index int // below 64
	most  int // of a list, from its validate tag; 0: any number
}

// newForms takes in structs and those that they hold.
func newForms(structs ...any) forms {
	f := forms{}
	for _, v := range structs {
		f.add(reflect.TypeOf(v))
	}
	return f
}

func (f forms) add(t reflect.Type) {
	for slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice}, t.Kind()) {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || f[t] != nil {
		return
	}
	f[t] = map[string]formField{}
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		f[t][name] = formField{name, field.Index[0], mostOf(field)}
		f.add(field.Type)
	}
}

// mostOf is the max of a list in its validate tag, 0 when there is none.
func mostOf(field reflect.StructField) int {
	if field.Type.Kind() != reflect.Slice {
		return 0
	}
	most, _ := strconv.Atoi(ruleOf(field, "max"))
	return most
}

// ruleOf is the value of a rule in a validate tag, "" when there is none.
func ruleOf(field reflect.StructField, rule string) string {
	for one := range strings.SplitSeq(field.Tag.Get("validate"), ",") {
		if value, found := strings.CutPrefix(one, rule+"="); found {
			return value
		}
	}
	return ""
}

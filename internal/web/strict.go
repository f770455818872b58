package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"creditbank/internal/bank"
)

// maxFaults is how many faults of one body are named.
const maxFaults = 100

// readJSON fills the struct v points to, or promises Invalid and names every
// field that does not fit it: unknown ones, repeated ones, values of another
// type. Names count exactly; null is a value not given.
func readJSON(body []byte, v any) error {
	if !utf8.Valid(body) {
		return invalid(bank.FieldError{Field: "body", Code: "utf8"})
	}
	if !json.Valid(body) {
		return invalid(bank.FieldError{Field: "body", Code: "json"})
	}
	r := structReader{decoder: json.NewDecoder(bytes.NewReader(body))}
	r.decoder.UseNumber()
	r.value("body", reflect.TypeOf(v).Elem(), 0, false)
	switch {
	case len(r.overfull) > 0:
		return invalid(r.overfull...)
	case len(r.faults) > 0:
		return invalid(r.faults...)
	}
	if err := json.Unmarshal(body, v); err != nil {
		return invalid(bank.FieldError{Field: "body", Code: "json"})
	}
	return nil
}

// structReader walks through a body that is valid JSON beside the type it is
// meant for.
type structReader struct {
	decoder  *json.Decoder
	faults   []bank.FieldError
	overfull []bank.FieldError // lists that are too long: nothing else is looked at then
}

func (r *structReader) fault(field, code string, args map[string]any) {
	if len(r.faults) < maxFaults {
		r.faults = append(r.faults, bank.FieldError{Field: field, Code: code, Args: args})
	}
}

// next is the next token; the body is known to be valid.
func (r *structReader) next() json.Token {
	token, _ := r.decoder.Token()
	return token
}

// value reads one value that is meant for a type. A list may have at most most
// elements, 0: any number.
func (r *structReader) value(path string, t reflect.Type, most int, null bool) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	token := r.next()
	switch {
	case token == nil && null:
	case token == json.Delim('{') && t.Kind() == reflect.Struct:
		r.object(path, t)
	case token == json.Delim('[') && t.Kind() == reflect.Slice:
		r.list(path, t.Elem(), most)
	default:
		if !r.scalar(path, token, t) {
			r.fault(path, "type", map[string]any{"Expected": expected(t)})
		}
		r.skip(token)
	}
}

// scalar says whether a single value is of the type.
func (r *structReader) scalar(path string, token json.Token, t reflect.Type) bool {
	switch value := token.(type) {
	case string:
		return t.Kind() == reflect.String
	case bool:
		return t.Kind() == reflect.Bool
	case json.Number:
		if t.Kind() != reflect.Int {
			return false
		}
		if _, err := strconv.Atoi(value.String()); err != nil {
			r.fault(path, "number", map[string]any{"Value": value.String(), "Low": 1, "High": bank.MaxLimit})
		}
		return true
	}
	return false
}

// expected names a type in the words of JSON; "type."+expected is its sentence.
func expected(t reflect.Type) string {
	switch t.Kind() {
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

// skip passes over the rest of a value that begins with a token.
func (r *structReader) skip(token json.Token) {
	depth := 0
	for {
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return
		}
		token = r.next()
	}
}

func (r *structReader) object(path string, t reflect.Type) {
	fields := fieldsOf(t)
	seen := map[string]bool{}
	for r.decoder.More() {
		name, _ := r.next().(string)
		at := strings.TrimPrefix(path+"."+shortened(name), "body.")
		field, known := fields[name]
		switch {
		case !known:
			r.fault(at, "unknown_field", nil)
		case seen[name]:
			r.fault(at, "repeated", nil)
		default:
			seen[name] = true
			r.value(at, field.Type, mostOf(field), true)
			continue
		}
		r.skip(r.next())
	}
	r.next()
}

func (r *structReader) list(path string, t reflect.Type, most int) {
	n := 0
	for ; r.decoder.More(); n++ {
		if most > 0 && n >= most {
			r.skip(r.next())
			continue
		}
		r.value(fmt.Sprintf("%s[%d]", path, n), t, 0, false)
	}
	r.next()
	if most > 0 && n > most {
		r.overfull = append(r.overfull, bank.FieldError{Field: path, Code: "too_many", Args: map[string]any{"Limit": most, "Got": n}})
	}
}

// fieldsOf are the fields of a struct by their names in JSON.
func fieldsOf(t reflect.Type) map[string]reflect.StructField {
	fields := map[string]reflect.StructField{}
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		fields[name] = field
	}
	return fields
}

// mostOf is the max of a list in its validate tag, 0 when there is none.
func mostOf(field reflect.StructField) int {
	for rule := range strings.SplitSeq(field.Tag.Get("validate"), ",") {
		if limit, ok := strings.CutPrefix(rule, "max="); ok && field.Type.Kind() == reflect.Slice {
			most, _ := strconv.Atoi(limit)
			return most
		}
	}
	return 0
}

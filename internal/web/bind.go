package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-playground/validator/v10"
	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
)

// bind fills a handler's struct from a JSON body. It promises Invalid, naming
// the fields that do not fit its tags or the description of the API.
func (s *Server) bind(c echo.Context, v any) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	if err := s.forms.readJSON(body, v, "", 0); err != nil {
		return err
	}
	if err := s.checkShape(v); err != nil {
		return err
	}
	return s.api.enforce(c, body, false)
}

// readBody reads a body of JSON. It promises 415 for another kind, 413 for one
// that is too large, and 400 when its sender broke off.
func readBody(c echo.Context) ([]byte, error) {
	if !isJSON(c.Request().Header) {
		return nil, echo.ErrUnsupportedMediaType
	}
	body, err := io.ReadAll(c.Request().Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, echo.ErrStatusRequestEntityTooLarge
	case err != nil:
		return nil, echo.ErrBadRequest
	}
	return body, nil
}

// isJSON says whether a body is sent as JSON in UTF-8 as it is.
func isJSON(h http.Header) bool {
	kind, args, err := mime.ParseMediaType(h.Get("Content-Type"))
	charset := args["charset"]
	return err == nil && kind == "application/json" && (charset == "" || strings.EqualFold(charset, "utf-8")) && h.Get("Content-Encoding") == ""
}

// query fills a handler's struct from the query string by its query tags; an
// empty value is one not given. It promises Invalid, naming the parameters.
func (s *Server) query(c echo.Context, v any) error {
	q := queryReader{values: c.QueryParams()}
	q.fill(reflect.ValueOf(v).Elem())
	if len(q.faults) > 0 {
		return invalid(q.faults...)
	}
	if err := s.checkShape(v); err != nil {
		return err
	}
	return s.api.enforce(c, nil, false)
}

type queryReader struct {
	values map[string][]string
	faults []bank.FieldError
}

func (q *queryReader) fill(to reflect.Value) {
	for _, field := range reflect.VisibleFields(to.Type()) {
		name := field.Tag.Get("query")
		if field.Anonymous || name == "" || len(q.values[name]) == 0 || q.values[name][0] == "" {
			continue
		}
		q.set(name, q.values[name][0], to.FieldByIndex(field.Index))
	}
}

// set writes one value: a text, or a whole number behind a pointer.
func (q *queryReader) set(name, text string, to reflect.Value) {
	if to.Kind() == reflect.String {
		to.SetString(text)
		return
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		q.faults = append(q.faults, bank.FieldError{Field: name, Value: shortened(text), Code: "number", Args: limitRange()})
		return
	}
	to.Set(reflect.ValueOf(&number))
}

// limitRange fills the sentence about the one kind of number the API takes.
func limitRange() map[string]any { return map[string]any{"Low": 1, "High": bank.MaxLimit} }

// newValidator knows the tags of the handlers' structs, and names fields as
// requests do.
func newValidator() (*validator.Validate, error) {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json")+f.Tag.Get("query"), ",")
		return name
	})
	err := v.RegisterValidation("date", func(f validator.FieldLevel) bool {
		_, err := calendar.Parse(f.Field().String())
		return err == nil
	})
	err = errors.Join(err, v.RegisterValidation("region", func(f validator.FieldLevel) bool {
		_, err := strconv.ParseUint(f.Field().String(), 10, 32)
		return err == nil && len(f.Field().String()) == len("500000")
	}))
	err = errors.Join(err, v.RegisterValidation("institution_kind", func(f validator.FieldLevel) bool {
		return slices.Contains(bank.InstitutionKinds(), f.Field().String())
	}))
	return v, err
}

// checkShape holds a struct against its validate tags: lengths, ranges, choices.
func (s *Server) checkShape(v any) error {
	err := s.validate.Struct(v)
	var wrong validator.ValidationErrors
	if !errors.As(err, &wrong) {
		return err
	}
	var fields []bank.FieldError
	for _, w := range wrong[:min(len(wrong), maxFaults)] {
		fields = append(fields, shapeFault(w))
	}
	return invalid(fields...)
}

// shapeFault words a broken tag as the bank words its own faults.
func shapeFault(w validator.FieldError) bank.FieldError {
	_, path, _ := strings.Cut(w.Namespace(), ".")
	path = strings.TrimPrefix(path, "part.") // limit and cursor are embedded
	f := bank.FieldError{Field: path, Code: w.Tag(), Value: shortened(valueText(w.Value()))}
	switch w.Tag() {
	case "max", "min":
		f.Code, f.Args = "number", limitRange()
		switch w.Kind() {
		case reflect.String:
			f.Code, f.Args = "too_long", map[string]any{"Limit": w.Param()}
		case reflect.Slice:
			f.Code, f.Args = "required", nil // lists that are too long were refused when they were read
		}
	case "institution_kind":
		f.Code, f.Args = "choice", map[string]any{"Choices": strings.Join(bank.InstitutionKinds(), ", ")}
	case "oneof":
		f.Code, f.Args = "choice", map[string]any{"Choices": strings.ReplaceAll(w.Param(), " ", ", ")}
	}
	return f
}

// valueText is the value of a field as it was sent.
func valueText(v any) string {
	switch value := v.(type) {
	case string:
		return value
	case int:
		return strconv.Itoa(value)
	}
	return ""
}

package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// form is what a person fills in, as it was sent, with what is wrong with it. A
// page shows it again with everything but the secrets.
type form struct {
	Values url.Values
	Faults []formFault // in the order of the page
	Again  []string    // secrets that are shown again all the same: what stands on a paper
}

// secretFields begin the names of the fields that no page shows again and no
// session keeps.
var secretFields = [...]string{"password", "code", "secret", "credential"}

func isSecret(name string) bool {
	for _, begin := range secretFields {
		if strings.HasPrefix(name, begin) {
			return true
		}
	}
	return false
}

// readFields takes fields out of what was posted, each a text of one line. A
// password and a sealed text of a key are taken as they are.
func readFields(c echo.Context, names ...string) form {
	f := form{Values: url.Values{}}
	for _, name := range names {
		value := c.FormValue(name)
		if !isSecret(name) {
			value = clean(value)
		}
		f.Values.Set(name, value)
	}
	return f
}

// Get is the value of a field.
func (f form) Get(name string) string { return f.Values.Get(name) }

// Shown is the value of a field as a page may show it.
func (f form) Shown(name string) string {
	if isSecret(name) && !slices.Contains(f.Again, name) {
		return ""
	}
	return f.Values.Get(name)
}

// Wrong is what is wrong with a field.
func (f form) Wrong(name string) string {
	for _, fault := range f.Faults {
		if fault.Field == name {
			return fault.Message
		}
	}
	return ""
}

// fault notes what is wrong with a field. One field has one fault.
func (f *form) fault(field, message string) { f.note(formFault{field, message, true}) }

func (f *form) note(fault formFault) {
	if f.Wrong(fault.Field) == "" {
		f.Faults = append(f.Faults, fault)
	}
}

// refusal notes a refusal of the bank: beside the fields that it names, else at
// the first of the page's own, all in the order of the page. It is the status to
// answer with, and 0 for an error that is no answer to what was typed.
func (f *form) refusal(say Speaker, err error, fields ...string) int {
	var refused *bank.Error
	if !errors.As(err, &refused) || !answersInput(refused.Code) {
		return 0
	}
	if len(refused.Fields) == 0 {
		f.note(formFault{fields[0], say.Say(refused.Key, refused.Args), false})
	}
	for _, name := range fields {
		for _, wrong := range refused.Fields {
			if wrong.Field == name {
				f.fault(name, FieldMessage(say, wrong.Value, wrong.Code, wrong.Args))
			}
		}
	}
	if len(f.Faults) == 0 { // of a field that this page does not have
		f.note(formFault{fields[0], FieldMessage(say, refused.Fields[0].Value, refused.Fields[0].Code, refused.Fields[0].Args), false})
	}
	if refused.Code == bank.TooMany {
		return http.StatusTooManyRequests
	}
	return http.StatusUnprocessableEntity
}

// answersInput says whether a refusal is about what a person typed, so that the
// form is shown again.
func answersInput(code bank.Code) bool {
	switch code {
	case bank.Invalid, bank.Unauthenticated, bank.Conflict, bank.TooMany:
		return true
	}
	return false
}

// refuse shows a page with its form again, saying what is wrong; what is no
// answer to the form goes on as it is.
func (s *Server) refuse(c echo.Context, err error, f *form, page string, data any, fields ...string) error {
	status := f.refusal(s.speaker(c), err, fields...)
	if status == 0 {
		return err
	}
	setRetryAfter(c, err)
	return s.render(c, status, page, data)
}

// fieldsNamed gives the faults of a refusal other names, for a page or an API that calls
// its fields otherwise than the bank does.
func fieldsNamed(err error, name func(field string) string) error {
	var refused *bank.Error
	if !errors.As(err, &refused) {
		return err
	}
	named := *refused
	named.Fields = slices.Clone(refused.Fields)
	for i := range named.Fields {
		named.Fields[i].Field = name(named.Fields[i].Field)
	}
	return &named
}

// renamed is fieldsNamed by a table; what it does not hold stays.
func renamed(err error, names map[string]string) error {
	return fieldsNamed(err, func(field string) string {
		if name := names[field]; name != "" {
			return name
		}
		return field
	})
}

// require notes the fields that are empty, and says whether there are any.
func (f *form) require(say Speaker, names ...string) bool {
	for _, name := range names {
		if f.Get(name) == "" {
			f.fault(name, FieldMessage(say, "", "required", nil))
		}
	}
	return len(f.Faults) > 0
}

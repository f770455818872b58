package bank

import (
	"errors"
	"fmt"
)

// Code is the kind of a refusal. The list is closed; any other error is a fault of ours.
type Code string

// The codes that methods of Bank promise.
const (
	Invalid         Code = "invalid"         // the input says something that cannot be; Fields names what
	Denied          Code = "denied"          // not for this actor
	Unauthenticated Code = "unauthenticated" // nobody knows who asks: the token is none, or over
	NotFound        Code = "not_found"       // there is no such thing, or it is not for this actor to know
	Conflict        Code = "conflict"        // it contradicts what is there
	Insufficient    Code = "insufficient"    // there is not enough to take from
	TooMany         Code = "too_many"        // more than is served at once
	Unavailable     Code = "unavailable"     // the machine or the database does not let us, or did not say whether it did
)

// Error is a refusal that a person can act on. Key names the sentence in the
// language files, Args fill it.
type Error struct {
	Code   Code
	Key    string
	Args   map[string]any
	Fields []FieldError
	cause  error
}

// FieldError names one field of the input, the value it had and what is wrong with it.
type FieldError struct {
	Field string
	Value string
	Code  string // key of the sentence: "field." + Code
	Args  map[string]any
}

// Error is for logs and tests; people get the sentence of Key in their language.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %s %v", e.Code, e.Key, e.Args)
	for _, f := range e.Fields {
		text += fmt.Sprintf("; %s: %s", f.Field, f.Code)
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.cause }

// CodeOf is the code of a refusal, or "" for an error that is a fault of ours.
func CodeOf(err error) Code {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return ""
}

func notFound(what, id string) error {
	return &Error{Code: NotFound, Key: "error.not_found." + what, Args: map[string]any{"ID": id}}
}

func invalidFields(fields []FieldError) error {
	return &Error{Code: Invalid, Key: "error.invalid_fields", Args: map[string]any{"Count": len(fields)}, Fields: fields}
}

func invalidField(field, value, code string, args map[string]any) error {
	return invalidFields([]FieldError{{Field: field, Value: value, Code: code, Args: args}})
}

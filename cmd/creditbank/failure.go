package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"creditbank/internal/bank"
	"creditbank/internal/intake"
	"creditbank/internal/web"
)

// errRefused ends a command that has already said what was found wrong.
var errRefused = errors.New("refused")

// usageError is a command line that cannot be meant: exit status 2.
type usageError struct{ refusal *bank.Error }

func (e usageError) Error() string { return e.refusal.Error() }

func (e usageError) Unwrap() error { return e.refusal }

// wrongUsage names the argument and what is wrong with it.
func wrongUsage(argument, value, code string, args map[string]any) error {
	return usageError{&bank.Error{Code: bank.Invalid, Key: "error.usage",
		Fields: []bank.FieldError{{Field: argument, Value: value, Code: code, Args: args}}}}
}

// checkKind wants a kind of file, before anything is opened.
func checkKind(kind string) error {
	if slices.Contains(bank.Kinds(), kind) {
		return nil
	}
	return wrongUsage("KIND", kind, "choice", map[string]any{"Choices": strings.Join(bank.Kinds(), ", ")})
}

// finish words an error and gives the exit status.
func (a *app) finish(err error) int {
	if err == nil {
		return exitDone
	}
	if errors.Is(err, errRefused) {
		return exitRefused
	}
	refusal, expected := a.refusal(err)
	if !expected {
		a.log.Error("command failed", "error", err.Error())
	}
	a.tell(refusal)
	var usage usageError
	if errors.As(err, &usage) || refusal.Key == "error.dsn" {
		return exitUsage
	}
	return exitRefused
}

// refusal makes a sentence of any error; what was not expected goes to the log too.
func (a *app) refusal(err error) (refusal *bank.Error, expected bool) {
	if errors.As(err, &refusal) {
		return refusal, bank.Explain(err) == nil // behind an unknown outcome stands a failure of the database
	}
	if refusal = bank.Explain(err); refusal != nil {
		return refusal, false
	}
	if errors.Is(err, context.Canceled) {
		return &bank.Error{Code: bank.Unavailable, Key: "error.stopped"}, true
	}
	if refusal = fileRefusal(err); refusal != nil {
		return refusal, true
	}
	var listening *net.OpError
	if errors.As(err, &listening) && errors.Is(err, syscall.EADDRINUSE) {
		return &bank.Error{Code: bank.Conflict, Key: "error.address_in_use", Args: map[string]any{"Address": listening.Addr}}, true
	}
	return &bank.Error{Code: "internal", Key: "error.failed", Args: map[string]any{"Cause": shortCause(err)}}, false
}

// fileRefusal says what is wrong with a file that was to be read or written; nil
// for an error of another kind.
func fileRefusal(err error) *bank.Error {
	path, cause := "", error(nil)
	var onPath *fs.PathError
	var onLink *os.LinkError
	switch {
	case errors.As(err, &onPath):
		path, cause = onPath.Path, onPath.Err
	case errors.As(err, &onLink):
		path, cause = onLink.New, onLink.Err
	default:
		return nil
	}
	path = strings.TrimSuffix(path, partSuffix)
	refusal := &bank.Error{Code: bank.Unavailable, Key: "error.file_failed", Args: map[string]any{"Path": path, "Cause": shortCause(cause)}}
	switch {
	case errors.Is(cause, fs.ErrNotExist):
		refusal.Code, refusal.Key = bank.NotFound, "error.file_missing"
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			refusal.Key, refusal.Args["Path"] = "error.db_folder", filepath.Dir(path)
		}
	case errors.Is(cause, fs.ErrPermission):
		refusal.Key = "error.file_denied"
	case errors.Is(cause, syscall.EISDIR), errors.Is(cause, syscall.ENOTDIR):
		refusal.Key = "error.file_folder"
	case errors.Is(cause, syscall.ENOSPC), errors.Is(cause, syscall.EDQUOT):
		refusal.Key = "error.file_full"
	case errors.Is(cause, syscall.EROFS):
		refusal.Key = "error.file_readonly"
	}
	return refusal
}

// shortCause is the innermost error in a few words.
func shortCause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			break
		}
		err = inner
	}
	const longest = 160
	text, _, _ := strings.Cut(err.Error(), "\n")
	if words := []rune(text); len(words) > longest {
		text = string(words[:longest]) + "…"
	}
	return text
}

// reportedField is one thing that was wrong, as JSON.
type reportedField struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// tell says a refusal: with --json as a document on standard output, else as
// sentences on standard error.
func (a *app) tell(refusal *bank.Error) {
	sentence := a.say.Say(refusal.Key, refusal.Args)
	fields := make([]reportedField, len(refusal.Fields))
	for i, f := range refusal.Fields {
		fields[i] = reportedField{f.Field, f.Code, web.FieldMessage(a.say, f.Value, f.Code, f.Args)}
	}
	if a.cli.JSON {
		type reported struct {
			Code    string          `json:"code"`
			Message string          `json:"message"`
			Errors  []reportedField `json:"errors"`
		}
		if err := a.printJSON(map[string]reported{"error": {string(refusal.Code), sentence, fields}}); err != nil {
			a.sayf("%s", sentence)
		}
		return
	}
	a.sayf("%s", sentence)
	for _, f := range fields {
		row, isRow := strings.CutPrefix(f.Field, "row ")
		switch {
		case isRow:
			a.sayf("  %s", a.say.Say("cli.row_error", map[string]any{"Row": row, "Column": "", "Message": f.Message}))
		case f.Field == intake.WholeFile:
			a.sayf("  %s", f.Message)
		default:
			a.sayf("  %s: %s", f.Field, f.Message)
		}
	}
}

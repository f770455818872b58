package main

import (
	"errors"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"

	"creditbank/internal/bank"
)

// usageForm is a way in which the parser of the command line words a fault, and which
// arguments are wrong then.
type usageForm struct {
	form *regexp.Regexp
	read func(found []string) []bank.FieldError
}

func usageForms() []usageForm {
	one := func(field, value, code string, args map[string]any) []bank.FieldError {
		return []bank.FieldError{{Field: field, Value: value, Code: code, Args: args}}
	}
	return []usageForm{
		{regexp.MustCompile(`^unknown flag (-\S+?)(?:, did you mean (.+)\?)?$`), func(found []string) []bank.FieldError {
			return one(found[1], "", "no_flag", map[string]any{"Near": strings.ReplaceAll(found[2], `"`, "")})
		}},
		{regexp.MustCompile(`^unexpected argument (.+?)(?:, did you mean (.+)\?)?$`), func(found []string) []bank.FieldError {
			return one(found[1], "", "no_argument", map[string]any{"Near": strings.ReplaceAll(found[2], `"`, "")})
		}},
		{regexp.MustCompile(`^expected one of (.+)$`), func(found []string) []bank.FieldError {
			return one("COMMAND", "", "no_command", map[string]any{"Choices": strings.NewReplacer(`"`, "", "...", "…").Replace(found[1])})
		}},
		{regexp.MustCompile(`^expected "(.+)"$`), func(found []string) []bank.FieldError { return one(found[1], "", "required", nil) }},
		{regexp.MustCompile(`^missing flags: (.+)$`), func(found []string) (faults []bank.FieldError) {
			for _, flag := range regexp.MustCompile(`--[a-z][a-z-]*`).FindAllString(found[1], -1) {
				faults = append(faults, one(flag, "", "required", nil)...)
			}
			return faults
		}},
		{regexp.MustCompile(`^(\S+) must be one of (.+) but got "(.*)"$`), func(found []string) []bank.FieldError {
			return one(found[1], found[3], "choice", map[string]any{"Choices": strings.ReplaceAll(strings.ReplaceAll(found[2], `"`, ""), ",", ", ")})
		}},
		{regexp.MustCompile(`^(\S+): expected a valid \d+ bit u?int but got "(.*)"$`), func(found []string) []bank.FieldError { return one(found[1], found[2], "no_number", nil) }},
	}
}

// misread is a command line that the parser refuses, with what is wrong with it as far
// as its words are known.
func misread(err error) error {
	for _, f := range usageForms() {
		if found := f.form.FindStringSubmatch(err.Error()); found != nil {
			return usageError{&bank.Error{Code: bank.Invalid, Key: "error.usage", Fields: f.read(found)}}
		}
	}
	return wrongUsage("COMMAND", err.Error(), "misread", nil)
}

// readAnyway reads how a command line that was refused wants to be answered: the
// language and the form, as far as they stand in it or in the environment.
func (c *cli) readAnyway(err error) {
	var failed *kong.ParseError
	if !errors.As(err, &failed) || failed.Context == nil || failed.Context.Reset() != nil {
		return
	}
	args := failed.Context.Args // the parser stops at the first fault, and so reads no flag behind it
	for i, arg := range args {
		switch flag, value, joined := strings.Cut(arg, "="); {
		case flag == "--json":
			c.JSON = true
		case flag == "--lang" && joined:
			c.Lang = value
		case flag == "--lang" && i+1 < len(args):
			c.Lang = args[i+1]
		}
	}
}

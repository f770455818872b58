package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// apiGuide is the description of the API as people read it, in one language.
type apiGuide struct {
	Base     string // where the paths begin, on this server
	Intro    [][]piece
	Sections []guideSection
	Refusals []guideAnswer // answers that operations share
	Schemas  []guideSchema
}

// guideSection holds the operations about one subject.
type guideSection struct {
	ID         string
	Title      []piece
	Operations []guideOperation
}

// guideOperation is a method of a path: what it is asked with and what it answers.
type guideOperation struct {
	ID, Method, Path string
	Summary          []piece
	Parameters       []guideField
	Body             *guideType // none: nothing is sent
	Calls            []guideCall
	Answers          []guideAnswer
	Examples         []guideExample // of what it answers
}

// guideAnswer is one answer of an operation. One that operations share has the
// name it is described under.
type guideAnswer struct {
	Status, Shared, Media string
	Meaning               []piece
	Type                  *guideType
	Examples              []guideExample
}

// guideSchema is a value that has a name: an object with its fields, or a text
// of a certain form.
type guideSchema struct {
	Name string
	guideField
	Fields []guideField
}

// guideField is a parameter, or a field of an object.
type guideField struct {
	Name, In string // In: path, query or header
	Type     guideType
	Required bool
	Meaning  []piece
	Values   []guideValue // those it can have, when they are few
	Limits   [][]piece
}

// guideValue is a value that a field can have, and what that says.
type guideValue struct {
	Value   string
	Meaning []piece
}

// guideType is what values look like: of one of the named types, or a list of such.
type guideType struct {
	List  bool
	Names []guideTypeName
}

// guideTypeName is a type of JSON, or of the description itself.
type guideTypeName struct {
	Name   string
	Linked bool
}

// guideExample is a value in full.
type guideExample struct {
	Title []piece
	Text  []piece
}

// guideCall is a request that can be tried: its address below the base, the
// headers and the body to send.
type guideCall struct {
	guideExample
	Target  string
	Headers []string
	Body    string
}

// Line is the command that sends the request with curl, for any POSIX shell.
func (c guideCall) Line(base string) string {
	words := []string{"curl " + shellQuoted(base+c.Target)}
	for _, header := range c.Headers {
		words = append(words, "-H "+shellQuoted(header))
	}
	if c.Body != "" {
		words = append(words, "-d "+shellQuoted(c.Body))
	}
	return strings.Join(words, " \\\n  ")
}

// shellQuoted keeps a shell from reading anything into a text.
func shellQuoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// apiDocs is the description of the API for people.
func (s *Server) apiDocs(c echo.Context) error {
	guide := *s.guides[s.speaker(c).Tag]
	guide.Base = s.address.of(c.Request()) + apiBase
	return s.render(c, http.StatusOK, "docs", guide)
}

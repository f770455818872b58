package web

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// status is the one table from the bank's codes to HTTP.
func status(code bank.Code) int {
	switch code {
	case bank.Invalid:
		return http.StatusUnprocessableEntity
	case bank.Unauthenticated:
		return http.StatusUnauthorized
	case bank.Denied:
		return http.StatusForbidden
	case bank.NotFound:
		return http.StatusNotFound
	case bank.Conflict:
		return http.StatusConflict
	case bank.Insufficient:
		return http.StatusConflict
	case bank.TooMany:
		return http.StatusTooManyRequests
	case bank.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// Problem is an error as a program gets it (RFC 9457).
type Problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail,omitempty"`
	Code   string         `json:"code"`
	Errors []FieldProblem `json:"errors,omitempty"`
}

// FieldProblem is what is wrong with one field.
type FieldProblem struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// fail turns any error into an answer: the one place where failures are logged.
// A refusal says what to do; a fault of ours is one calm sentence.
func (s *Server) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	p := s.problem(err, s.speaker(c))
	setRetryAfter(c, err)
	if p.Status == http.StatusUnauthorized {
		c.Response().Header().Set(echo.HeaderWWWAuthenticate, challenge(c.Request()))
	}
	if p.Status >= http.StatusInternalServerError {
		s.log.Error("request failed", slog.String("route", c.Path()), slog.String("method", c.Request().Method),
			slog.String("request", c.Response().Header().Get(echo.HeaderXRequestID)), slog.Any("error", err))
	}
	if err := s.sendProblem(c, p); err != nil {
		s.log.Error("answer not sent", slog.Any("error", err))
	}
}

// setRetryAfter says when to come back, where a refusal knows.
func setRetryAfter(c echo.Context, err error) {
	var refusal *bank.Error
	if !errors.As(err, &refusal) {
		return
	}
	if seconds, known := refusal.Args["Seconds"].(int); known && seconds > 0 {
		c.Response().Header().Set("Retry-After", strconv.Itoa(seconds))
	}
}

// sendProblem gives a program the problem and a person the page.
func (s *Server) sendProblem(c echo.Context, p Problem) error {
	switch {
	case c.Request().Method == http.MethodHead:
		return c.NoContent(p.Status)
	case isAPI(c):
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
		c.Response().Header().Set(echo.HeaderContentType, "application/problem+json")
		c.Response().WriteHeader(p.Status)
		return writeJSON(c.Response(), p)
	}
	return s.render(c, p.Status, "error", p)
}

func isAPI(c echo.Context) bool { return strings.HasPrefix(c.Request().URL.Path+"/", apiBase+"/") }

// problem words an error in the speaker's language.
func (s *Server) problem(err error, say Speaker) Problem {
	var refusal *bank.Error
	if errors.As(err, &refusal) {
		return refusalProblem(refusal, say)
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return httpProblem(http.StatusRequestEntityTooLarge, say)
	}
	var httpError *echo.HTTPError
	if errors.As(err, &httpError) && httpError.Code < http.StatusInternalServerError {
		return httpProblem(httpError.Code, say)
	}
	return Problem{Type: "about:blank", Title: say.Say("error.internal", nil), Status: http.StatusInternalServerError, Code: "internal"}
}

func refusalProblem(e *bank.Error, say Speaker) Problem {
	p := Problem{Type: "about:blank", Title: say.Say(e.Key, e.Args), Status: status(e.Code), Code: string(e.Code)}
	switch e.Code { // programs know a closed list of codes; the status says the rest
	case bank.Unavailable:
		p.Code = "internal"
	case bank.Unauthenticated:
		p.Code = string(bank.Denied)
	}
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, FieldProblem{Field: f.Field, Code: f.Code, Message: FieldMessage(say, f.Value, f.Code, f.Args)})
	}
	return p
}

// FieldMessage is the sentence for one field: what is wrong with which value.
func FieldMessage(say Speaker, value, code string, args map[string]any) string {
	filled := map[string]any{"Value": shortened(value)}
	for k, v := range args {
		filled[k] = v
	}
	if expected, ok := args["Expected"].(string); ok {
		filled["Expected"] = say.Say("type."+expected, nil)
	}
	if names, ok := args["Names"].(string); ok && say.Chinese() { // a file may say them either way
		filled["Choices"] = names
	}
	message := say.Say("field."+code, filled)
	if part, _ := args["Part"].(string); part != "" {
		return say.Say("field.in_part", map[string]any{"Part": part, "Row": args["Row"], "Message": message})
	}
	return message
}

// NoteMessage puts into words what an import says of cells that it took; names are
// the columns as the file calls them.
func NoteMessage(say Speaker, n bank.Note, names map[string]string) string {
	return say.Say("note."+n.Code, map[string]any{"Column": names[n.Column], "Row": n.Row, "Count": n.Count, "Text": n.Text})
}

func httpProblem(code int, say Speaker) Problem {
	p := Problem{Type: "about:blank", Status: code, Code: "invalid", Title: say.Say("error.bad_request", nil)}
	switch code {
	case http.StatusNotFound:
		p.Code, p.Title = "not_found", say.Say("error.no_page", nil)
	case http.StatusMethodNotAllowed:
		p.Title = say.Say("error.method", nil)
	case http.StatusMisdirectedRequest:
		p.Title = say.Say("error.misdirected", nil)
	case http.StatusRequestEntityTooLarge:
		p.Title = say.Say("error.too_large", nil)
	case http.StatusUnsupportedMediaType:
		p.Title = say.Say("error.media_type", nil)
	case http.StatusTooManyRequests:
		p.Code, p.Title = "too_many", say.Say("error.too_many", nil)
	}
	return p
}

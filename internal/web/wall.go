package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

const (
	// maxBody is the largest request that is read where no files are taken, in bytes.
	maxBody = 1 << 20
	// maxDrain is how much of a larger one is thrown away, so that its sender
	// gets to read the refusal instead of a broken connection.
	maxDrain = 64 << 20
	// statusGone is how the log names a caller who did not wait for the answer.
	statusGone = 499
)

// wall puts everything around the routes that no handler should have to think
// of: what is seen of a request from outside, what comes out when it fails, and
// what is refused before anyone looks at it.
func (s *Server) wall() {
	s.echo.Use(s.observe, compress, s.answerFailures, s.guard)
}

// headAsGet lets every page and list answer HEAD; net/http drops the body.
func headAsGet(r *http.Request) *http.Request {
	if r.Method != http.MethodHead {
		return r
	}
	get := r.WithContext(r.Context())
	get.Method = http.MethodGet
	return get
}

// observe gives the request its number, counts it and writes one log line:
// never a query, a value of a path, an address or a name.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		id := rand.Text()
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		defer func() {
			took, answer := time.Since(start), c.Response()
			method, route := methodName(c.Request().Method), routeName(c)
			s.meter.count(method, route, answer.Status, took)
			s.log.LogAttrs(c.Request().Context(), slog.LevelInfo, "request",
				slog.String("method", method), slog.String("route", route), slog.Int("status", answer.Status),
				slog.Duration("took", took), slog.Int64("bytes", answer.Size), slog.String("request", id))
		}()
		return next(c)
	}
}

// methodName keeps invented methods out of logs and series.
func methodName(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "OTHER"
}

// routeName is the pattern of the route, which holds no value of the request.
func routeName(c echo.Context) string {
	if c.Path() == "" {
		return "none"
	}
	return c.Path()
}

// answerFailures turns errors and panics into answers.
func (s *Server) answerFailures(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		defer func() {
			if caught := recover(); caught != nil {
				s.answerPanic(c, caught)
			}
		}()
		err := next(c)
		switch {
		case err == nil:
		case errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil:
			c.Response().Status = statusGone
		default:
			s.fail(err, c)
		}
		return nil
	}
}

// answerPanic answers as for any fault of ours. An answer that is already on its
// way is broken off, so that nobody takes half of it for the whole.
func (s *Server) answerPanic(c echo.Context, caught any) {
	if caught == http.ErrAbortHandler {
		panic(caught)
	}
	err := fmt.Errorf("panic: %v\n%s", caught, debug.Stack())
	if c.Response().Committed {
		s.log.Error("answer broken off", slog.String("route", routeName(c)), slog.Any("error", err))
		panic(http.ErrAbortHandler)
	}
	s.fail(err, c)
}

// guard refuses what no handler should see.
func (s *Server) guard(next echo.HandlerFunc) echo.HandlerFunc {
	var origins http.CrossOriginProtection
	return func(c echo.Context) error {
		r := c.Request()
		s.harden(c)
		if !s.address.answers(r) {
			return echo.NewHTTPError(http.StatusMisdirectedRequest)
		}
		if err := s.limits.hold(c); err != nil {
			return err
		}
		if r.ContentLength > bodyLimit(c.Path()) {
			_, _ = io.CopyN(io.Discard, r.Body, maxDrain) // a courtesy: what comes of it changes nothing
			return echo.ErrStatusRequestEntityTooLarge
		}
		r.Body = http.MaxBytesReader(c.Response(), r.Body, bodyLimit(c.Path()))
		if !isAPI(c) && (origins.Check(r) != nil || fromNowhere(r)) {
			return &bank.Error{Code: bank.Denied, Key: "error.cross_origin"}
		}
		if err := checkTexts(c); err != nil {
			return err
		}
		return next(c)
	}
}

// fromNowhere says whether a change comes with a session and without any word of
// where it was asked for. Browsers say it with Sec-Fetch-Site or Origin; those too
// old for either say it with Referer, which our pages let them send.
func fromNowhere(r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions ||
		r.Header.Get("Sec-Fetch-Site") != "" || r.Header.Get("Origin") != "" || !carriesSession(r) {
		return false
	}
	from, err := url.Parse(r.Header.Get("Referer"))
	return err != nil || from.Host != r.Host
}

// policy lets a page use what this site serves and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// harden sets the headers that every answer has, refusals included.
func (s *Server) harden(c echo.Context) {
	h := c.Response().Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	if s.address.safe(c.Request()) {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains") // ASVS 5.0, 3.4.1
	}
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	switch {
	case strings.HasPrefix(c.Request().URL.Path, "/assets/"):
		h.Set("Vary", "Accept-Encoding")
	case isAPI(c):
		h.Set("Vary", "Accept-Encoding, Accept-Language")
	default:
		h.Set("Vary", "Accept-Encoding, Accept-Language, Cookie")
	}
}

// checkTexts refuses addresses with text that nobody can have meant: broken
// UTF-8 and control characters. A list typed into a page may hold line ends.
func checkTexts(c echo.Context) error {
	allowed := "\t\r\n"
	if isAPI(c) {
		allowed = ""
	}
	for _, name := range c.ParamNames() {
		value, err := pathValue(c, name)
		if fault := textFault(value, err, ""); fault != "" {
			return invalid(bank.FieldError{Field: name, Code: fault})
		}
	}
	for pair := range strings.SplitSeq(c.Request().URL.RawQuery, "&") {
		if field, fault := pairFault(pair, allowed); fault != "" {
			return invalid(bank.FieldError{Field: field, Code: fault})
		}
	}
	return nil
}

// pairFault names the parameter of a query that is wrong, and what is.
func pairFault(pair, allowed string) (field, fault string) {
	if strings.Contains(pair, ";") {
		return "query", "percent"
	}
	name, value, _ := strings.Cut(pair, "=")
	name, err := url.QueryUnescape(name)
	if fault := textFault(name, err, ""); fault != "" {
		return "query", fault
	}
	value, err = url.QueryUnescape(value)
	return shortened(name), textFault(value, err, allowed)
}

// textFault is the code of what is wrong with a text, empty when nothing is.
func textFault(text string, unescaping error, allowed string) string {
	switch {
	case unescaping != nil:
		return "percent"
	case !utf8.ValidString(text):
		return "utf8"
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune(allowed, r) }):
		return "control_character"
	}
	return ""
}

// pathValue is a value of the path without its escapes. The router hands over
// what stood in the address when that was escaped in a way of its own, as %2F
// is, else the text itself.
func pathValue(c echo.Context, name string) (string, error) {
	if c.Request().URL.RawPath == "" {
		return c.Param(name), nil
	}
	return url.PathUnescape(c.Param(name))
}

// shortened keeps a name that someone made up from filling the answer.
func shortened(name string) string {
	const most = 100
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return name
}

// invalid is a refusal that names what is wrong.
func invalid(fields ...bank.FieldError) error {
	return &bank.Error{Code: bank.Invalid, Key: "error.invalid_fields", Args: map[string]any{"Count": len(fields)}, Fields: fields}
}

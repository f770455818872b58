package web

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"creditbank/internal/calendar"
	"creditbank/templates"
)

// pages holds every page in every language, parsed, and the files they refer to.
type pages struct {
	byTag  map[string]*template.Template // language → all pages, each under its [frameOf]
	assets *assets
	facts  atomic.Pointer[mapFacts] // of the map that was last asked about
}

// frame is what surrounds a page: its language, and the address to come back to.
type frame struct {
	Tag     string
	Back    string // path and query of this page
	Section string // part of the site that is open
	Refused bool   // the page tells of a mistake in what was sent
	Posted  string // the form of the page as it was sent, to which no address leads back
	Answers bool   // the page answers a form: no address leads back to what it says
	Who     *who   // who is signed in

	Downloads *downloadsView // lists of the page that can be taken along; nil: none
	Data      any
}

// loadPages parses every page in every language, so that a broken page stops
// the program at the start and not the reader later.
func loadPages(languages *Languages) (*pages, error) {
	files, err := loadAssets(templates.FS)
	if err != nil {
		return nil, err
	}
	p := &pages{byTag: map[string]*template.Template{}, assets: files}
	names, err := pageFiles(templates.FS)
	if err != nil {
		return nil, err
	}
	for _, tag := range languageTags {
		if p.byTag[tag], err = parsePages(names, p.functions(languages.Speaker(tag))); err != nil {
			return nil, fmt.Errorf("pages in %s: %w", tag, err)
		}
	}
	return p, nil
}

// pageFiles lists the files that are pages; those with an underscore are parts.
func pageFiles(files fs.FS) ([]string, error) {
	all, err := fs.Glob(files, "*.html")
	var names []string
	for _, name := range all {
		if !strings.HasPrefix(name, "_") {
			names = append(names, name)
		}
	}
	return names, err
}

// frameOf names the template that is the whole of a page.
func frameOf(page string) string { return "frame of " + page }

// parsePages parses the parts, which all pages share, and the pages. A page defines
// "title" and "main", and the frame asks for them: in the one set each page has them,
// and a frame, under names of its own. A set for each page would be a copy
// of all parts for each, and most of what the program does at its start and keeps in memory.
func parsePages(names []string, functions template.FuncMap) (*template.Template, error) {
	all, err := template.New("").Option("missingkey=error").Funcs(functions).ParseFS(templates.FS, "_*.html")
	if err != nil {
		return nil, err
	}
	frame, err := fs.ReadFile(templates.FS, "_frame.html")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(templates.FS, name)
		if err != nil {
			return nil, err
		}
		page := strings.TrimSuffix(name, ".html")
		own := strings.NewReplacer(`{{define "frame"}}`, `{{define "`+frameOf(page)+`"}}`,
			`{{define "title"}}`, `{{define "title of `+page+`"}}`, `{{template "title" `, `{{template "title of `+page+`" `,
			`{{define "main"}}`, `{{define "main of `+page+`"}}`, `{{template "main" `, `{{template "main of `+page+`" `)
		if _, err := all.New(name).Parse(own.Replace(string(frame) + string(text))); err != nil {
			return nil, err
		}
		for _, part := range []string{"title of ", "main of "} {
			if all.Lookup(part+page) == nil {
				return nil, fmt.Errorf("%s defines no %q", name, part)
			}
		}
	}
	return all, nil
}

// functions are what a page in one language can call.
func (p *pages) functions(say Speaker) template.FuncMap {
	return template.FuncMap{
		"t": func(key string, pairs ...any) (string, error) {
			args, err := arguments(pairs...)
			return say.Say(key, args), err
		},
		"name":           say.Name,
		"day":            func(d calendar.Day) string { return Date(say, d) },
		"moment":         func(at time.Time) string { return Moment(say, at) },
		"month":          func(d calendar.Day) string { return Month(say, d) },
		"given":          func(d calendar.Day) bool { return d != calendar.None },
		"asset":          p.assets.address,
		"set":            arguments,
		"signInURL":      signInFrom,
		"institutionURL": institutionAddress,
		"programmeURL":   programmeAddress,
		"courseURL":      courseAddress,
		"courseToken":    courseToken,
	}
}

var errPairs = errors.New("arguments come as names and values in turn")

// arguments makes a map of names and values given in turn.
func arguments(pairs ...any) (map[string]any, error) {
	args := make(map[string]any, len(pairs)/2)
	if len(pairs)%2 != 0 {
		return nil, errPairs
	}
	for i := 0; i < len(pairs); i += 2 {
		name, isText := pairs[i].(string)
		if !isText {
			return nil, errPairs
		}
		args[name] = pairs[i+1]
	}
	return args, nil
}

// render sends a page. It is made whole before anything is sent, so that a page
// that breaks half-way is never seen.
func (s *Server) render(c echo.Context, status int, page string, data any) error {
	say := s.speaker(c)
	if d := downloadOf(c); d != nil && d.format != "" {
		if lists, is := data.(lister); is && status == http.StatusOK {
			return d.take(c, lists.lists(say))
		} else if d.table != nil {
			return errPartRefused
		}
	}
	who, err := s.who(c)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	f := frame{Tag: say.Tag, Back: s.backAddress(c), Section: page, Refused: refuses(status, page), Who: who, Data: data}
	if status == http.StatusOK {
		f.Downloads = s.downloads(c, data)
	}
	if c.Request().Method == http.MethodPost {
		f.Posted, f.Answers = sentForms[page], true
	}
	if err := s.pages.byTag[say.Tag].ExecuteTemplate(&out, frameOf(page), f); err != nil {
		return fmt.Errorf("page %s: %w", page, err)
	}
	c.Response().Header().Set("Content-Language", say.Tag)
	if h := c.Response().Header(); h.Get(echo.HeaderCacheControl) == "" {
		h.Set(echo.HeaderCacheControl, "private, no-cache")
	}
	return c.HTMLBlob(status, nameFaults(out.Bytes(), say))
}

// sentForms are the forms that a page can show again in another language, by page.
var sentForms = map[string]string{"home": "list", "login": "door", "login_second": "door", "claim": "door", "invitation": "door"}

// refuses says whether an answer shows what was sent, for being wrong.
func refuses(status int, page string) bool {
	return status == http.StatusUnprocessableEntity || page != "error" && (status == http.StatusTooManyRequests || status == http.StatusConflict)
}

// backAddress is where a reader comes back to after choosing a language. What
// was posted cannot be asked for again: its page is, or the one above it.
func (s *Server) backAddress(c echo.Context) string {
	if r := c.Request(); r.Method == http.MethodGet {
		return r.URL.RequestURI()
	}
	pattern, path := c.Path(), c.Request().URL.EscapedPath()
	for !s.served[pattern] && strings.Contains(strings.TrimPrefix(pattern, "/"), "/") {
		pattern, path = pattern[:strings.LastIndex(pattern, "/")], path[:max(strings.LastIndex(path, "/"), 0)]
	}
	return path
}

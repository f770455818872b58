package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// regionalPage gives the files of a regional credit bank out, and has their codes.
type regionalPage struct {
	desk
	Kinds   []string
	Formats []string
	Whole   bool // the person asks for files of all schools
	Sets    []regionalSet
	Chosen  []regionalChoice
	All     []string // the sets there are
	Schools []regionalSchool
	Changes []regionalChange
	Look    *regionalLook     // what a file would hold that was asked for
	Asked   map[string]string // and what was asked
}

// regionalSet is a set of codes, by list.
type regionalSet struct {
	Set   string
	Lists []regionalList
}

type regionalList struct {
	List  string
	Codes []regionalCode
}

// wordField begins the names of the fields of codes: what begins with "code" is a secret.
const wordField = "word."

// regionalCode is a code with the name of its field in the form.
type regionalCode struct {
	bank.RegionalCode
	Field string
}

// regionalChoice is which set a kind of file has.
type regionalChoice struct{ Kind, Set, Field string }

type regionalSchool struct {
	bank.RegionalSchool
	Name string
}

// regionalChange is a change and who made it.
type regionalChange struct {
	bank.RegionalChange
	Called string
	What   string   // set, code or school
	Of     []string // the kind; set, list and word; or the school
}

func newRegionalChange(change bank.RegionalChange, called string) regionalChange {
	what, rest, _ := strings.Cut(change.Setting, ".")
	return regionalChange{change, called, what, strings.Split(rest, ".")}
}

// regional shows the page.
func (s *Server) regional(c echo.Context) error { return s.showRegional(c, http.StatusOK, form{}, nil) }

func (s *Server) showRegional(c echo.Context, status int, f form, look *regionalLook) error {
	d, err := s.importDesk(c)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), actorOf(c)
	p := regionalPage{desk: d, Kinds: bank.RegionalKinds(), Formats: []string{"xlsx", "csv"}, Whole: actor.Is(bank.IsAdministrator), All: bank.RegionalSets(), Look: look}
	if p.Form = f; f.Values == nil {
		p.Form.Values = url.Values{}
	}
	if look != nil {
		p.Asked = map[string]string{}
		for _, name := range regionalFields {
			p.Asked[name] = p.Form.Get(name)
		}
	}
	if done := justDone(c, "regional_set"); done != "" {
		p.Done = done
	}
	settings, err := s.bank.RegionalSettings(ctx, actor)
	if err != nil {
		return err
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	p.take(settings, n, s.speaker(c))
	for _, change := range settings.Changes {
		called, err := s.bank.Called(ctx, change.By)
		if err != nil {
			return err
		}
		p.Changes = append(p.Changes, newRegionalChange(change, called))
	}
	return s.render(c, status, "regional", p)
}

// take puts the codes into the order of the page, and into the form what it does not
// have yet.
func (p *regionalPage) take(settings bank.RegionalSettings, n *names, say Speaker) {
	put := func(field, value string) {
		if !p.Form.Values.Has(field) {
			p.Form.Values.Set(field, value)
		}
	}
	for _, kind := range p.Kinds {
		choice := regionalChoice{kind, settings.Chosen[kind], "set." + kind}
		p.Chosen = append(p.Chosen, choice)
		put(choice.Field, choice.Set)
	}
	for _, set := range p.All {
		shown := regionalSet{Set: set}
		for _, list := range bank.RegionalLists() {
			l := regionalList{List: list}
			for _, code := range settings.Codes[set] {
				if code.List == list {
					field := wordField + set + "." + list + "." + code.Word
					l.Codes = append(l.Codes, regionalCode{code, field})
					put(field, code.Code)
				}
			}
			shown.Lists = append(shown.Lists, l)
		}
		p.Sets = append(p.Sets, shown)
	}
	for _, school := range settings.Schools {
		p.Schools = append(p.Schools, regionalSchool{school, schoolName(n, say, school.Institution)})
	}
}

// regionalCodes changes the codes that a form says otherwise than they are, all or none.
func (s *Server) regionalCodes(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return unreadable(err)
	}
	var fields []string
	changes, names := map[string]string{}, map[string]string{}
	for field := range values {
		setting := field
		if rest, isWord := strings.CutPrefix(field, wordField); isWord {
			setting = "code." + rest
			names[setting] = field
		}
		if setting != field || strings.HasPrefix(field, "set.") {
			changes[setting] = clean(values.Get(field))
			fields = append(fields, field)
		}
	}
	if values.Has("school") {
		setting := "school." + clean(values.Get("school"))
		changes[setting], names[setting] = clean(values.Get("called")), "called"
		fields = append(fields, "school", "called")
		if n, err := s.names(c); err != nil {
			return err
		} else if _, known := n.snapshot.InstitutionHead(clean(values.Get("school"))); !known {
			names[setting] = "school"
		}
	}
	if err := s.bank.SetRegional(c.Request().Context(), actorOf(c), changes); err != nil {
		return s.again(c, renamed(err, names), fields, func(status int, f form) error { return s.showRegional(c, status, f, nil) })
	}
	return after(c, "/regional", "regional_set")
}

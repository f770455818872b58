package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// institutionView is an institution with its programmes and courses.
type institutionView struct {
	bank.InstitutionInfo
	Q                string
	ProgrammeList    []bank.ProgrammeInfo
	CourseList       []bank.CourseInfo
	Pager            pager
	Notices          []notice
	SendURL, TakeURL string // the map of what leaves it and comes to it

	courseRows func(context.Context) ([][]string, error)
}

func (s *Server) institutionPage(c echo.Context) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	code, err := pathValue(c, "id")
	if err != nil {
		return echo.ErrBadRequest
	}
	v := institutionView{Q: clean(c.QueryParam("q")), SendURL: address("/map", nil, "from", code), TakeURL: address("/map", nil, "to", code)}
	if v.InstitutionInfo, err = n.snapshot.Institution(code); err != nil {
		return err
	}
	if err := v.list(c, n, s.speaker(c)); err != nil {
		return err
	}
	v.courseRows = s.courseFile(v.CourseList)
	return s.render(c, http.StatusOK, "institution", v)
}

func (v *institutionView) list(c echo.Context, n *names, say Speaker) error {
	programmes, err := n.snapshot.Programmes(bank.Filter{Institution: v.Code}, bank.Window{Limit: bank.MaxLimit})
	if err != nil {
		return err
	}
	cursor, notices := plainCursor(c.QueryParams(), say)
	v.Notices = notices
	courses, err := n.snapshot.Courses(bank.Filter{Institution: v.Code, Q: v.Q}, bank.Window{Cursor: cursor, Limit: partSize(c)}, n.today)
	v.ProgrammeList, v.CourseList = programmes.Items, courses.Items
	v.Pager = newPager(c.Request().URL.EscapedPath(), c.QueryParams(), cursorStart(cursor), len(courses.Items), courses.Total)
	return err
}

// programmeView is a programme with its plan.
type programmeView struct {
	bank.ProgrammeInfo
	Institution   bank.InstitutionInfo
	CatalogueName string
	TakeURL       string
	CheckURL      string // asks about this programme
}

func (s *Server) programmePage(c echo.Context) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	k, err := pathKey(c, func(k itemKey) bool {
		_, known := n.snapshot.ProgrammeHead(transfer.ProgrammeKey(k))
		return known
	})
	if err != nil {
		return err
	}
	info, err := n.snapshot.Programme(transfer.ProgrammeKey(k), n.today)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "programme", programmeView{ProgrammeInfo: info,
		Institution:   n.institution(info.Institution),
		CatalogueName: n.snapshot.CatalogueName(info.CatalogueCode), TakeURL: address("/map", nil, "to", info.Institution),
		CheckURL: address("/", nil, paramTo, info.ProgrammeKey.Institution+":"+info.Code)})
}

// courseView is a course with all its versions and the rules about it.
type courseView struct {
	bank.CourseInfo
	Institution bank.InstitutionInfo
	Newest      []bank.CourseDetail // the last first
	Takes       []ruleView          // rules that ask for it
	TakesTotal  int
	Gives       []ruleView // rules that award it
	GivesTotal  int
	CheckURL    string
}

func (s *Server) coursePage(c echo.Context) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	k, err := pathKey(c, func(k itemKey) bool {
		_, known := n.snapshot.CourseHead(transfer.CourseKey(k), n.today)
		return known
	})
	if err != nil {
		return err
	}
	info, err := s.bank.Course(c.Request().Context(), transfer.CourseKey(k))
	if err != nil {
		return err
	}
	view, err := newCourseView(info, n)
	if err != nil {
		return err
	}
	if view.Newest, err = s.bank.CourseVersions(c.Request().Context(), info.CourseKey); err != nil {
		return err
	}
	slices.Reverse(view.Newest)
	return s.render(c, http.StatusOK, "course", view)
}

func newCourseView(info bank.CourseInfo, n *names) (courseView, error) {
	v := courseView{CourseInfo: info, Institution: n.institution(info.Institution),
		CheckURL: address("/", checkValues([]bank.CheckRecord{{Institution: info.Institution, Course: info.Code}}, ""))}
	window := bank.Window{Limit: bank.MaxLimit}
	takes, err := n.snapshot.Equivalences(bank.RuleFilter{SourceInstitution: info.Institution, SourceCourse: info.Code, On: calendar.None}, window)
	if err != nil {
		return v, err
	}
	gives, err := n.snapshot.Equivalences(bank.RuleFilter{TargetInstitution: info.Institution, TargetCourse: info.Code, On: calendar.None}, window)
	v.Takes, v.TakesTotal = ruleViews(takes.Items, n), takes.Total
	v.Gives, v.GivesTotal = ruleViews(gives.Items, n), gives.Total
	return v, err
}

// equivalenceView is an equivalence with every published version.
type equivalenceView struct {
	Code     string
	Shown    ruleView        // the version that was asked for, else the last
	Versions []ruleView      // the last first
	Halts    []bank.RuleHalt // of the version that is shown
	Stopped  bool            // it was ended, and its last day is over
}

func (s *Server) equivalencePage(c echo.Context) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	code, err := pathValue(c, "id")
	if err != nil {
		return echo.ErrBadRequest
	}
	versions, err := n.snapshot.Equivalence(code)
	if err != nil {
		return err
	}
	v := equivalenceView{Code: code, Versions: ruleViews(versions, n)}
	slices.Reverse(v.Versions)
	if v.Shown, err = v.version(c.QueryParam("version")); err != nil {
		return err
	}
	halts, err := s.bank.RuleHalts(c.Request().Context(), code)
	if err != nil {
		return err
	}
	v.halted(halts, n.today)
	return s.render(c, http.StatusOK, "equivalence", v)
}

// halted takes what was decided about the version that is shown.
func (v *equivalenceView) halted(halts []bank.RuleHalt, today calendar.Day) {
	for _, h := range halts {
		if h.Version == v.Shown.Version {
			v.Halts = append(v.Halts, h)
			v.Stopped = h.Kind == "end" && h.LastDay < today
		}
	}
}

// version is the version of a number, the last one when none is asked for.
func (v *equivalenceView) version(asked string) (ruleView, error) {
	if asked == "" {
		return v.Versions[0], nil
	}
	for _, r := range v.Versions {
		if versionText(r.Version) == asked {
			return r, nil
		}
	}
	return ruleView{}, &bank.Error{Code: bank.NotFound, Key: "error.not_found.version", Args: map[string]any{"ID": v.Code, "Version": shortened(asked)}}
}

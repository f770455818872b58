package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// courseEditPage is a course at the desk: its versions, the form of one, what it touches, its history.
type courseEditPage struct {
	courseDesk
	Key      transfer.CourseKey // without a code: a new one
	Name     string
	NameEn   string
	Versions []courseVersionRow
	Shown    bank.CourseDetail // the version in the form
	Relied   bank.Reliance     // on that version
	Outcomes []outcomeRow
	Files    []fileRow
	Touch    *touchView // what saving would touch, to be seen before it is saved
	Takes    []ruleView // rules that take the course
	Gives    []ruleView // rules that award it
	Changes  []changeRow
	Levels   []int
	MaxMB    int
	Public   string // address of the public page
	Address  string // of this page
	Version  string // which version is shown
}

// courseVersionRow is a version in the list of them.
type courseVersionRow struct {
	bank.CourseDetail
	URL  string
	Open bool
}

// fileRow is a file of the course with a tick when the version has it.
type fileRow struct {
	bank.AttachmentInfo
	URL  string
	Kept bool
}

// Kilobytes is the size as people read it, at least 1.
func (r fileRow) Kilobytes() int { return max(r.Size>>10, 1) }

// touchView is what saving touches.
type touchView struct {
	bank.CourseSaved
	Mark string
	Rows []ruleTouched
}

// ruleTouched is a rule that a change touches.
type ruleTouched struct {
	bank.TouchedRule
	URL              string
	SchoolName, InEn string
}

func newTouchView(n *names, saved bank.CourseSaved) *touchView {
	v := &touchView{CourseSaved: saved, Mark: touchMark(saved.Touch)}
	for _, r := range saved.Touch.Rules {
		in := n.institution(r.Institution)
		v.Rows = append(v.Rows, ruleTouched{r, equivalenceAddress(r.RuleRef.Code), in.Name, in.NameEn})
	}
	return v
}

// newCourseEditPage reads a course for the page, without a code an empty one.
func (s *Server) newCourseEditPage(c echo.Context, code string) (p courseEditPage, n *names, err error) {
	d, n, err := s.courseDesk(c)
	p = courseEditPage{courseDesk: d, MaxMB: bank.MaxAttachment >> 20}
	for level := range 10 {
		p.Levels = append(p.Levels, level+1)
	}
	switch {
	case err != nil:
		return p, n, err
	case d.At.Code == "":
		return p, n, echo.ErrNotFound
	case code == "":
		return p, n, nil
	}
	p.Key = transfer.CourseKey{Institution: d.At.Code, Code: code}
	p.Public, p.Address = courseAddress(p.Key), d.address(p.Key)
	return p, n, p.read(s, c, n)
}

// read fills the page of a course that is there.
func (p *courseEditPage) read(s *Server, c echo.Context, n *names) error {
	ctx := c.Request().Context()
	versions, err := s.bank.CourseVersions(ctx, p.Key)
	if err != nil {
		return err
	}
	p.Shown = versionShown(versions, c.FormValue("version"))
	p.Name, p.NameEn, p.Version = p.Shown.Name, p.Shown.NameEn, versionDay(p.Shown.From)
	for _, v := range slices.Backward(versions) {
		p.Versions = append(p.Versions, courseVersionRow{v, address(p.courseDesk.address(p.Key), nil, "version", versionDay(v.From)), v.From == p.Shown.From})
	}
	if p.Relied, err = s.bank.CourseReliance(ctx, p.Key, p.Shown.From, p.Shown.To); err != nil {
		return err
	}
	files, err := s.bank.Attachments(ctx, "course", p.Key.Institution+":"+p.Key.Code)
	if err != nil {
		return err
	}
	for _, file := range files {
		p.Files = append(p.Files, fileRow{file, "/attachments/" + file.ID, slices.Contains(p.Shown.Files, file.ID)})
	}
	view, err := newCourseView(bank.CourseInfo{CourseKey: p.Key}, n)
	if err != nil {
		return err
	}
	p.Takes, p.Gives = view.Takes, view.Gives
	changes, err := s.bank.CourseChanges(ctx, actorOf(c), bank.CourseChangeFilter{Institution: p.Key.Institution, Course: p.Key.Code}, bank.Window{Limit: pageSize})
	if err != nil {
		return err
	}
	p.Changes, err = s.changeRows(c, n, changes.Items)
	return err
}

// firstVersion names the version that has no first day.
const firstVersion = "first"

func versionDay(from calendar.Day) string {
	if from == calendar.None {
		return firstVersion
	}
	return from.String()
}

// versionShown is the version that an address names by its first day, else the last.
func versionShown(versions []bank.CourseDetail, asked string) bank.CourseDetail {
	for _, v := range versions {
		if versionDay(v.From) == asked {
			return v
		}
	}
	return versions[len(versions)-1]
}

// showCourse sends the page with a form, as it stands or as it was sent.
func (s *Server) showCourse(c echo.Context, status int, p courseEditPage, f form) error {
	if outcomeCount(f) == 0 {
		f.Values.Set("rows", strconv.Itoa(moreOutcomes))
	}
	p.Form, p.Outcomes = f, outcomeRows(f)
	if c.Request().Method == http.MethodPost {
		for i := range p.Files {
			p.Files[i].Kept = slices.Contains(f.Values["file"], p.Files[i].ID)
		}
	}
	return s.render(c, status, "school_course", p)
}

// newCourse shows an empty form.
func (s *Server) newCourse(c echo.Context) error {
	p, _, err := s.newCourseEditPage(c, "")
	if err != nil {
		return err
	}
	if !p.May {
		return &bank.Error{Code: bank.Denied, Key: "error.role"}
	}
	return s.showCourse(c, http.StatusOK, p, formOfCourse(bank.CourseForm{}, ""))
}

// editCourse shows a course.
func (s *Server) editCourse(c echo.Context) error {
	p, _, err := s.courseOfPath(c)
	if err != nil {
		return err
	}
	return s.showCourse(c, http.StatusOK, p, formOfCourse(p.Shown.Form(), p.Shown.Stamp))
}

func (s *Server) courseOfPath(c echo.Context) (courseEditPage, *names, error) {
	d, _, err := s.courseDesk(c)
	if err != nil {
		return courseEditPage{}, nil, err
	}
	k, err := d.courseNamed(c)
	if err != nil {
		return courseEditPage{}, nil, err
	}
	return s.newCourseEditPage(c, k.Code)
}

// addCourse registers a course.
func (s *Server) addCourse(c echo.Context) error {
	p, n, err := s.newCourseEditPage(c, "")
	if err != nil {
		return err
	}
	return s.takeCourse(c, p, n)
}

// saveCourse saves a version of a course.
func (s *Server) saveCourse(c echo.Context) error {
	p, n, err := s.courseOfPath(c)
	if err != nil {
		return err
	}
	return s.takeCourse(c, p, n)
}

// takeCourse takes the form: what it touches is shown before it is saved.
func (s *Server) takeCourse(c echo.Context, p courseEditPage, n *names) error {
	ctx, actor, f := c.Request().Context(), actorOf(c), readCourseFields(c)
	if c.FormValue("more") != "" {
		f.Values.Set("rows", strconv.Itoa(min(outcomeCount(f)+moreOutcomes, mostOutcomes)))
		return s.showCourse(c, http.StatusOK, p, f)
	}
	edit, err := s.bank.ReadCourse(ctx, courseForm(f, p.At.Code, p.Key.Code))
	if err != nil {
		return s.refuseCourse(c, err, p, f)
	}
	tried, err := s.bank.TryCourse(ctx, actor, edit, f.Get("stamp"))
	if err != nil {
		return s.refuseCourse(c, err, p, f)
	}
	if c.FormValue("do") == "impact" {
		return s.previewCourse(c, p, f, edit)
	}
	if touch := newTouchView(n, tried); !tried.Touch.Nothing() && f.Get("seen") != touch.Mark {
		p.Touch = touch
		return s.showCourse(c, http.StatusOK, p, f)
	}
	if _, err := s.bank.SaveCourse(ctx, actor, edit, f.Get("stamp")); err != nil {
		return s.refuseCourse(c, err, p, f)
	}
	return after(c, p.courseDesk.address(edit.CourseKey), "course_saved")
}

// previewCourse works out what the version would do to learners, before it is saved.
func (s *Server) previewCourse(c echo.Context, p courseEditPage, f form, edit bank.CourseEdit) error {
	job, err := s.bank.StartImpact(c.Request().Context(), actorOf(c), bank.ImpactTrial{Course: &edit, Stamp: f.Get("stamp")})
	if err != nil {
		return s.refuseCourse(c, err, p, f)
	}
	return c.Redirect(http.StatusSeeOther, "/impact/"+job)
}

// refuseCourse shows the form again. After a change by somebody else it carries the
// stamp of what there is now: who has seen it may save again.
func (s *Server) refuseCourse(c echo.Context, cause error, p courseEditPage, f form) error {
	status := f.refusal(s.speaker(c), namedAsTyped(cause), courseFields(f)...)
	var refusal *bank.Error
	switch {
	case status == 0:
		return cause
	case errors.As(cause, &refusal) && refusal.Code == bank.Conflict:
		status = http.StatusConflict
		if refusal.Key == "error.course_changed" {
			f.Values.Set("stamp", p.Shown.Stamp)
		}
	}
	return s.showCourse(c, status, p, f)
}

// addCourseFiles attaches files to the version that is shown.
func (s *Server) addCourseFiles(c echo.Context) error {
	p, _, err := s.courseOfPath(c)
	if err != nil {
		return err
	}
	files, err := readFiles(c, "files")
	if err == nil {
		err = s.bank.AddCourseFiles(c.Request().Context(), actorOf(c), p.Key, p.Shown.From, files)
	}
	if err != nil {
		return s.refuseCourse(c, err, p, formOfCourse(p.Shown.Form(), p.Shown.Stamp))
	}
	return after(c, p.courseDesk.address(p.Key), "files_added")
}

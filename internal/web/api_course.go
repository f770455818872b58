package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// courseRequest is the body with which a course is saved.
type courseRequest struct {
	Institution   string           `json:"institution" validate:"max=40"`
	Code          string           `json:"code" validate:"required,max=80"`
	Name          string           `json:"name" validate:"required,max=200"`
	NameEn        string           `json:"name_en" validate:"max=200"`
	Credits       string           `json:"credits" validate:"required,max=40"`
	Hours         string           `json:"hours" validate:"max=40"`
	PracticeHours string           `json:"practice_hours" validate:"max=40"`
	Category      string           `json:"category" validate:"max=40"`
	Level         string           `json:"level" validate:"max=40"`
	ValidFrom     string           `json:"valid_from" validate:"max=40"`
	ValidTo       string           `json:"valid_to" validate:"max=40"`
	Outline       string           `json:"outline" validate:"max=20000"`
	Equipment     string           `json:"equipment" validate:"max=2000"`
	Assessment    string           `json:"assessment" validate:"max=2000"`
	Outcomes      []outcomeRequest `json:"outcomes" validate:"max=60,dive"`
}

// outcomeRequest is a learning outcome.
type outcomeRequest struct {
	Competence string `json:"competence" validate:"required,max=200"`
	Level      string `json:"level" validate:"max=40"`
	Text       string `json:"text" validate:"max=2000"`
}

// form is the request as the bank reads what people type.
func (r *courseRequest) form() bank.CourseForm {
	f := bank.CourseForm{Values: map[string]string{"institution": r.Institution, "code": r.Code, "name": r.Name, "name_en": r.NameEn, "credits": r.Credits,
		"hours": r.Hours, "practice_hours": r.PracticeHours, "category": r.Category, "level": r.Level, "valid_from": r.ValidFrom, "valid_to": r.ValidTo,
		"outline": r.Outline, "equipment": r.Equipment, "assessment": r.Assessment}}
	for _, o := range r.Outcomes {
		f.Outcomes = append(f.Outcomes, map[string]string{"competence": o.Competence, "level": o.Level, "text": o.Text})
	}
	return f
}

// courseSaved is what saving a course came to.
type courseSaved struct {
	Institution string        `json:"institution"`
	Code        string        `json:"code"`
	Made        string        `json:"made"`
	Stamp       string        `json:"stamp"`
	Rules       []touchedRule `json:"rules"`
	Programmes  int           `json:"programmes"`
	Learners    int           `json:"learners"`
	Flagged     bool          `json:"flagged"`
}

// touchedRule is a published rule that the change touches.
type touchedRule struct {
	AnswerRule
	Source bool `json:"source"`
	Target bool `json:"target"`
}

// headerMatch says which state of a thing a write is about.
const headerMatch = "If-Match"

// stampOf is the stamp that If-Match names, empty without one.
func stampOf(h http.Header) string {
	return strings.Trim(strings.TrimPrefix(strings.TrimSpace(h.Get(headerMatch)), "W/"), `"`)
}

// setStamp says which state of a thing an answer is about.
func setStamp(c echo.Context, stamp string) { c.Response().Header().Set("ETag", `"`+stamp+`"`) }

// postCourse saves a version of a course of the system's own school.
func (s *Server) postCourse(c echo.Context) error {
	key, err := idempotencyKey(c.Request().Header)
	if err != nil {
		return err
	}
	var request courseRequest
	if err := s.bind(c, &request); err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), actorOf(c)
	if request.Institution == "" {
		request.Institution = actor.Institution
	}
	edit, err := s.bank.ReadCourse(ctx, request.form())
	if err != nil {
		return err
	}
	saved, replayed, err := s.bank.SaveCourseOnce(ctx, actor, key, edit, stampOf(c.Request().Header))
	if err != nil {
		return withStamp(c, err)
	}
	if replayed {
		c.Response().Header().Set(headerHit, "true")
	}
	setStamp(c, saved.Stamp)
	status := http.StatusOK
	if saved.Made == bank.SavedNew {
		status = http.StatusCreated
		c.Response().Header().Set(echo.HeaderLocation, apiBase+"/courses/"+url.PathEscape(edit.Institution+":"+edit.Code))
	}
	return answerStatus(c, status, newCourseSaved(edit.CourseKey, saved))
}

// withStamp tells with a refusal which state the thing is in now.
func withStamp(c echo.Context, err error) error {
	var refusal *bank.Error
	if errors.As(err, &refusal) {
		if stamp, known := refusal.Args["Stamp"].(string); known {
			setStamp(c, stamp)
		}
	}
	return err
}

func newCourseSaved(k transfer.CourseKey, saved bank.CourseSaved) courseSaved {
	out := courseSaved{Institution: k.Institution, Code: k.Code, Made: saved.Made, Stamp: saved.Stamp, Rules: []touchedRule{},
		Programmes: len(saved.Touch.Programmes), Learners: saved.Touch.Learners, Flagged: saved.Flags && len(saved.Touch.Rules) > 0}
	for _, r := range saved.Touch.Rules {
		out.Rules = append(out.Rules, touchedRule{answerRule(r.RuleRef), r.Source, r.Target})
	}
	return out
}

// fullCourse is a course with all that its versions say.
func (s *Server) fullCourse(c echo.Context, course bank.CourseInfo) (courseDetail, error) {
	versions, err := s.bank.CourseVersions(c.Request().Context(), course.CourseKey)
	if err != nil {
		return courseDetail{}, err
	}
	setStamp(c, versions[0].Stamp)
	out := courseDetail{courseEntry: newCourseEntry(course), Versions: make([]fullVersion, len(versions))}
	for i, v := range versions {
		out.Versions[i] = newFullVersion(v)
	}
	return out, nil
}

// fullVersion is a version of a course with all that it says.
type fullVersion struct {
	courseVersion
	Equipment  string         `json:"equipment,omitempty"`
	Assessment string         `json:"assessment,omitempty"`
	Outcomes   []outcomeEntry `json:"outcomes,omitempty"`
	Files      []fileEntry    `json:"files,omitempty"`
}

// outcomeEntry is a learning outcome of a version.
type outcomeEntry struct {
	Competence string `json:"competence"`
	Level      int    `json:"level,omitempty"`
	Text       string `json:"text,omitempty"`
}

// fileEntry is a file of a version.
type fileEntry struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Bytes int    `json:"bytes"`
	URL   string `json:"url"`
	Made  string `json:"made_on"`
}

func newFullVersion(v bank.CourseDetail) fullVersion {
	out := fullVersion{courseVersion: newCourseVersion(v.CourseVersion), Equipment: v.Equipment, Assessment: v.Assessment}
	for _, o := range v.Outcomes {
		out.Outcomes = append(out.Outcomes, outcomeEntry(o))
	}
	for _, f := range v.Attached {
		out.Files = append(out.Files, fileEntry{f.Name, f.Type, f.Size, "/attachments/" + f.ID, calendar.Of(f.Made).String()})
	}
	return out
}

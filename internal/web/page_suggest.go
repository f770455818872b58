package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// suggestion is one thing to pick while typing.
type suggestion struct {
	Key         string `json:"key"` // fills the hidden field of a row
	Code        string `json:"code"`
	Name        string `json:"name"`
	Institution string `json:"institution,omitempty"` // name of a course's school
}

// suggestions is how many things are offered while typing.
const suggestions = 8

// suggest answers the script of the form: courses of a school (empty: of all),
// or, with what=schools, schools.
func (s *Server) suggest(c echo.Context) error {
	n, err := s.names(c)
	if err != nil {
		return err
	}
	find := n.suggestCourses
	if c.QueryParam("what") == "schools" {
		find = n.suggestSchools
	}
	items, err := find(s.speaker(c), clean(c.QueryParam("q")), c.QueryParam("institution"))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"items": items})
}

func (n *names) suggestSchools(say Speaker, q, _ string) ([]suggestion, error) {
	page, err := n.snapshot.Institutions(bank.Filter{Q: q}, bank.Window{Limit: suggestions})
	items := []suggestion{}
	for _, in := range page.Items {
		items = append(items, suggestion{Key: in.Code, Code: in.Code, Name: say.Name(in.Name, in.NameEn)})
	}
	return items, err
}

func (n *names) suggestCourses(say Speaker, q, school string) ([]suggestion, error) {
	filter := bank.Filter{Q: q, Institution: newFinder(n.snapshot, n.today).school(clean(school))}
	page, err := n.snapshot.Courses(filter, bank.Window{Limit: suggestions}, n.today)
	items := []suggestion{}
	for _, course := range page.Items {
		items = append(items, suggestion{Key: courseToken(course.CourseKey), Code: course.Code,
			Name: say.Name(course.Current.Name, course.Current.NameEn), Institution: say.Name(course.InstitutionName, course.InstitutionNameEn)})
	}
	return items, err
}

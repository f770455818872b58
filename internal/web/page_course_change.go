package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// changePage is the course change report, with the rules that wait for a look.
type changePage struct {
	desk
	Flags   []flagRow
	Changes []changeRow
	Pager   pager
}

// changeRow is a change with the names of what it is about.
type changeRow struct {
	bank.CourseChange
	Name, NameEn string
	URL          string // public page of the course
	Called       string // who made it
}

// flagRow is a rule with all changes that wait for a look.
type flagRow struct {
	transfer.RuleRef
	URL        string
	School     bank.InstitutionInfo // the receiving one
	Changes    []flagChange
	MayConfirm bool
	Mark       string // the rule as a form names it
}

// flagChange is a change on which a rule stands.
type flagChange struct {
	changeRow
	Source, Target bool
}

func (s *Server) changeRow(c echo.Context, n *names, change bank.CourseChange) (row changeRow, err error) {
	course := n.course(change.CourseKey)
	row = changeRow{CourseChange: change, Name: course.Current.Name, NameEn: course.Current.NameEn, URL: courseAddress(change.CourseKey)}
	row.Called, err = s.bank.Called(c.Request().Context(), change.By)
	return row, err
}

func (s *Server) changeRows(c echo.Context, n *names, list []bank.CourseChange) ([]changeRow, error) {
	rows := make([]changeRow, len(list))
	for i, change := range list {
		var err error
		if rows[i], err = s.changeRow(c, n, change); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// courseChanges shows the report.
func (s *Server) courseChanges(c echo.Context) error {
	d, err := s.desk(c, deskOf(c)+"/changes")
	if err != nil {
		return err
	}
	n, err := s.names(c)
	if err != nil {
		return err
	}
	ctx, actor, p := c.Request().Context(), actorOf(c), changePage{desk: d}
	flags, err := s.bank.RuleFlags(ctx, actor, bank.Window{Limit: bank.MaxLimit})
	if err != nil {
		return err
	}
	if p.Flags, err = s.flagRows(c, n, flags.Items); err != nil {
		return err
	}
	changes, err := s.bank.CourseChanges(ctx, actor, bank.CourseChangeFilter{}, window(c))
	if err != nil {
		return err
	}
	p.Pager = pagerOf(c, d.Here, len(changes.Items), changes.Total, url.Values{})
	if p.Changes, err = s.changeRows(c, n, changes.Items); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "school_changes", p)
}

// flagRows puts the flags of one rule together.
func (s *Server) flagRows(c echo.Context, n *names, flags []bank.RuleFlag) ([]flagRow, error) {
	var rows []flagRow
	at := map[transfer.RuleRef]int{}
	for _, f := range flags {
		i, known := at[f.RuleRef]
		if !known {
			i = len(rows)
			at[f.RuleRef] = i
			rows = append(rows, flagRow{RuleRef: f.RuleRef, URL: equivalenceAddress(f.RuleRef.Code), School: n.institution(f.Institution), MayConfirm: f.MayConfirm,
				Mark: strconv.Itoa(f.Version) + "@" + f.RuleRef.Code})
		}
		row, err := s.changeRow(c, n, f.Change)
		if err != nil {
			return nil, err
		}
		rows[i].Changes = append(rows[i].Changes, flagChange{row, f.Source, f.Target})
	}
	return rows, nil
}

// confirmRule says that a rule still holds.
func (s *Server) confirmRule(c echo.Context) error {
	ref, known := ruleNamed(c.FormValue("rule"))
	if !known {
		return &bank.Error{Code: bank.NotFound, Key: "error.not_found.flag", Args: map[string]any{"ID": ""}}
	}
	if err := s.bank.ConfirmRule(c.Request().Context(), actorOf(c), ref); err != nil {
		return err
	}
	return after(c, deskOf(c)+"/changes", "confirmed")
}

// ruleNamed reads VERSION@CODE: a code may hold any character.
func ruleNamed(text string) (transfer.RuleRef, bool) {
	version, code, found := strings.Cut(text, "@")
	number, err := strconv.Atoi(version)
	return transfer.RuleRef{Code: code, Version: number}, found && err == nil
}

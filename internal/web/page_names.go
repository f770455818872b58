package web

import (
	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// names finds the names of things for one page, each of them once.
type names struct {
	snapshot     *bank.Snapshot
	today        calendar.Day
	institutions map[string]bank.InstitutionInfo
}

func newNames(s *bank.Snapshot, today calendar.Day) *names {
	return &names{snapshot: s, today: today, institutions: map[string]bank.InstitutionInfo{}}
}

// names are those of the map as it is now.
func (s *Server) names(c echo.Context) (*names, error) {
	snapshot, err := s.bank.Snapshot(c.Request().Context())
	if err != nil {
		return nil, err
	}
	return newNames(snapshot, s.bank.Today()), nil
}

// institution is what the public knows of an institution, without its counts;
// one that is not there is known by its code.
func (n *names) institution(code string) bank.InstitutionInfo {
	info, known := n.institutions[code]
	if known {
		return info
	}
	info.Code, info.Name = code, code
	if code == "" {
		return info
	}
	if in, known := n.snapshot.InstitutionHead(code); known {
		info = in
	}
	n.institutions[code] = info
	return info
}

// course is what the public knows of a course; one that is not there is known by its code.
func (n *names) course(k transfer.CourseKey) bank.CourseInfo {
	info, known := n.snapshot.CourseHead(k, n.today)
	if !known {
		info.CourseKey = k
		info.Current.Name = k.Code
		in := n.institution(k.Institution)
		info.InstitutionName, info.InstitutionNameEn = in.Name, in.NameEn
	}
	return info
}

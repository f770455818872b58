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
	groups       map[string]map[string]string // institution → group code → name
}

func newNames(s *bank.Snapshot, today calendar.Day) *names {
	return &names{snapshot: s, today: today, institutions: map[string]bank.InstitutionInfo{}, groups: map[string]map[string]string{}}
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

// group is the name of a requirement group: in a programme, or, where a rule
// holds for several, in the first that has it.
func (n *names) group(institution, programme, code string) string {
	known := n.groups[institution]
	if known == nil {
		known = map[string]string{}
		n.groups[institution] = known
		n.readGroups(institution, known)
	}
	if name, found := known[programme+":"+code]; found {
		return name
	}
	if name, found := known[":"+code]; found {
		return name
	}
	return code
}

func (n *names) readGroups(institution string, into map[string]string) {
	page, err := n.snapshot.Programmes(bank.Filter{Institution: institution}, bank.Window{Limit: bank.MaxLimit})
	if err != nil {
		return
	}
	for _, head := range page.Items {
		p, err := n.snapshot.Programme(head.ProgrammeKey, n.today)
		if err != nil {
			continue
		}
		for _, g := range p.Groups {
			into[head.Code+":"+g.Code] = g.Name
			if _, found := into[":"+g.Code]; !found {
				into[":"+g.Code] = g.Name
			}
		}
	}
}

package bank

import (
	"database/sql"
	"regexp"
	"strings"

	"creditbank/internal/calendar"
)

// schoolList is the national list of schools, with the regions that it names: what an
// import of institutions fills in from.
type schoolList struct {
	schools map[string]listedSchool
	regions map[string]Region
	today   calendar.Day
}

// listedSchool is a row of the national list of schools.
type listedSchool struct{ name, province, city, level string }

func (r *importRun) schoolList() (*schoolList, error) {
	s := &schoolList{schools: map[string]listedSchool{}, today: calendar.Of(r.now)}
	err := r.each(func(rows *sql.Rows) error {
		var code string
		var school listedSchool
		err := rows.Scan(&code, &school.name, &school.province, &school.city, &school.level)
		s.schools[code] = school
		return err
	}, `SELECT school_code, name, province, city, level FROM national_school`)
	if err != nil {
		return nil, err
	}
	s.regions, err = r.regions()
	return s, err
}

// fill puts what the national list says of a school where its row says nothing, and
// points out another name and a region that is none any more.
func (s *schoolList) fill(c *cells) {
	if school, listed := s.schools[halfWidth(c.raw("code"))]; listed {
		for column, text := range map[string]string{"name": school.name, "kind": school.kind(), "region": s.regionOf(school)} {
			if c.raw(column) == "" && text != "" {
				c.becomes(column, "school_filled", text)
			}
		}
		if c.raw("name") != school.name {
			c.run.report.note("school_name", "name", c.row.Number)
		}
	}
	if region, listed := s.regions[c.raw("region")]; listed && region.To != calendar.None && region.To < s.today {
		c.run.report.note("region_withdrawn", "region", c.row.Number)
	}
}

// vocationalName tells the names of undergraduate schools of vocational education: the
// Ministry names all of them so, and no others.
var vocationalName = regexp.MustCompile(`职业(技术)?大学`)

// kind is the kind of institution that a school is, as far as its level says it.
func (s listedSchool) kind() string {
	switch {
	case s.level == "专科":
		return "higher_vocational"
	case s.level == "本科" && vocationalName.MatchString(s.name):
		return "vocational_undergraduate"
	case s.level == "本科":
		return "general_undergraduate"
	}
	return ""
}

// regionOf is the region of a school, by the names of its city and province; where the
// city is called otherwise, the province.
func (s *schoolList) regionOf(school listedSchool) (code string) {
	for _, r := range s.regions {
		if r.Kind == "province" && r.Name == school.province {
			code = r.Code
		}
	}
	if code == "" || school.city == school.province {
		return code
	}
	province := code[:2]
	for _, r := range s.regions {
		if r.Kind != "province" && r.Name == school.city && strings.HasPrefix(r.Code, province) && (code[2:] == "0000" || r.Code < code) {
			code = r.Code // of several of one name the first: a city before a county
		}
	}
	return code
}

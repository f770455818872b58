package bank

import (
	"context"
	"database/sql"
	"strings"
)

// CatalogueIntro is what the national lists say of a programme of the catalogue
// (职业教育专业简介): nothing where they are not loaded.
type CatalogueIntro struct {
	Years, Careers, Practice string
	Abilities                []string
	Basic, Core              []string // names of courses
	Qualifications           []string
	Certificates             []CatalogueCertificate
	Onward, From             []CatalogueWay
	Occupations              []CatalogueOccupation
}

// CatalogueCertificate is a certificate of a skill level (职业技能等级证书).
type CatalogueCertificate struct {
	Name       string
	Programmes int // that name it; 0: not known
}

// CatalogueWay is a way from a programme to one of a higher level (接续专业).
type CatalogueWay struct {
	Code, Name, Level string // of the other end; Code is empty where the vocational catalogue does not list it
}

// CatalogueOccupation is an occupation of the national classification (职业分类大典).
type CatalogueOccupation struct{ Code, Name string }

// Any says whether the lists say anything of the programme.
func (in *CatalogueIntro) Any() bool {
	return in.Years+in.Careers+in.Practice != "" || len(in.Basic)+len(in.Core)+len(in.Onward)+len(in.From)+len(in.Occupations)+len(in.Certificates) > 0
}

// catalogueIntro reads what the lists say of a programme.
func (b *Bank) catalogueIntro(ctx context.Context, number string) (in CatalogueIntro, err error) {
	read := b.reading(ctx)
	err = read(func(rows *sql.Rows) error {
		var abilities, qualifications, certificates string
		err := rows.Scan(&in.Years, &in.Careers, &in.Practice, &abilities, &qualifications, &certificates)
		in.Abilities, in.Qualifications = parted(abilities), parted(qualifications)
		for _, name := range parted(certificates) {
			in.Certificates = append(in.Certificates, CatalogueCertificate{Name: name})
		}
		return err
	}, `SELECT years, careers, practice, abilities, qualification_certs, skill_level_certs FROM catalogue_intro WHERE code = $1`, number)
	if err != nil {
		return in, err
	}
	for _, step := range []func(reading, string) error{in.readCourses, in.readWays, in.readOccupations, in.countCertificates} {
		if err := step(read, number); err != nil {
			return in, err
		}
	}
	return in, nil
}

// parted is a text whose parts are joined with bars, as the lists are published.
func parted(text string) []string {
	var parts []string
	for part := range strings.SplitSeq(text, "|") {
		if part = strings.TrimRight(strings.TrimSpace(part), "；。"); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

func (in *CatalogueIntro) readCourses(read reading, number string) error {
	return read(func(rows *sql.Rows) error {
		var kind, name string
		err := rows.Scan(&kind, &name)
		if strings.Contains(kind, "核心") {
			in.Core = append(in.Core, name)
		} else {
			in.Basic = append(in.Basic, name)
		}
		return err
	}, `SELECT kind, course_name FROM catalogue_course WHERE programme_code = $1 ORDER BY kind, seq`, number)
}

func (in *CatalogueIntro) readWays(read reading, number string) error {
	err := read(func(rows *sql.Rows) error {
		var w CatalogueWay
		err := rows.Scan(&w.Code, &w.Name, &w.Level)
		in.Onward = append(in.Onward, w)
		return err
	}, `SELECT to_code, to_name, to_level FROM catalogue_way WHERE from_code = $1 ORDER BY to_level, to_code, to_name`, number)
	if err != nil {
		return err
	}
	return read(func(rows *sql.Rows) error {
		var w CatalogueWay
		err := rows.Scan(&w.Code, &w.Name, &w.Level)
		in.From = append(in.From, w)
		return err
	}, `SELECT from_code, from_name, from_level FROM catalogue_way WHERE to_code = $1 ORDER BY from_level, from_code`, number)
}

func (in *CatalogueIntro) readOccupations(read reading, number string) error {
	return read(func(rows *sql.Rows) error {
		var o CatalogueOccupation
		err := rows.Scan(&o.Code, &o.Name)
		in.Occupations = append(in.Occupations, o)
		return err
	}, `SELECT occupation_code, occupation_name FROM catalogue_occupation WHERE programme_code = $1 ORDER BY occupation_code`, number)
}

// countCertificates says how many programmes each certificate is for.
func (in *CatalogueIntro) countCertificates(read reading, _ string) error {
	if len(in.Certificates) == 0 {
		return nil
	}
	counts := map[string]int{}
	err := read(func(rows *sql.Rows) error {
		var name string
		var count int
		err := rows.Scan(&name, &count)
		counts[name] = count
		return err
	}, `SELECT name, n_programmes FROM level_certificate`)
	for i := range in.Certificates {
		in.Certificates[i].Programmes = counts[in.Certificates[i].Name]
	}
	return err
}

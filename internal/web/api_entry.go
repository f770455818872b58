package web

import (
	"creditbank/internal/bank"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// institutionEntry is an institution in lists.
type institutionEntry struct {
	Code           string        `json:"code"`
	Name           string        `json:"name"`
	NameEn         string        `json:"name_en,omitempty"`
	Kind           string        `json:"kind"`
	Region         string        `json:"region,omitempty"`
	RegionName     string        `json:"region_name,omitempty"`
	HoursPerCredit credit.Rate   `json:"hours_per_credit"`
	CreditStep     credit.Amount `json:"credit_step"`
}

func newInstitutionEntry(in bank.InstitutionInfo) institutionEntry {
	return institutionEntry{Code: in.Code, Name: in.Name, NameEn: in.NameEn, Kind: in.Kind, Region: in.Region, RegionName: in.RegionName,
		HoursPerCredit: in.Rate, CreditStep: in.Step}
}

// institutionDetail is an institution with what there is of it.
type institutionDetail struct {
	institutionEntry
	Programmes int `json:"programmes"`
	Courses    int `json:"courses"`
	Sending    int `json:"sending"`   // equivalences that take its courses
	Receiving  int `json:"receiving"` // equivalences that award its courses
}

func newInstitutionDetail(in bank.InstitutionInfo) institutionDetail {
	return institutionDetail{institutionEntry: newInstitutionEntry(in), Programmes: in.Programmes, Courses: in.Courses,
		Sending: in.Sending, Receiving: in.Receiving}
}

// programmeEntry is a programme in lists.
type programmeEntry struct {
	AnswerProgramme
	CatalogueCode   string         `json:"catalogue_code,omitempty"`
	CatalogueName   string         `json:"catalogue_name,omitempty"`
	Years           *credit.Amount `json:"years,omitempty"`
	RequiredCredits credit.Amount  `json:"required_credits"`
}

func newProgrammeEntry(s *bank.Snapshot, p bank.ProgrammeInfo) programmeEntry {
	return programmeEntry{AnswerProgramme: answerProgramme(s, p.ProgrammeKey), CatalogueCode: p.CatalogueCode,
		CatalogueName: s.CatalogueName(p.CatalogueCode), Years: given(p.Years, 0), RequiredCredits: p.Required}
}

// given is a value that may not be there: nil when it is the one that says so.
func given[T comparable](value, none T) *T {
	if value == none {
		return nil
	}
	return &value
}

// programmeDetail is a programme with its plan.
type programmeDetail struct {
	programmeEntry
	Groups []groupEntry `json:"groups"`
}

// groupEntry is a requirement group with its courses.
type groupEntry struct {
	Code       string        `json:"code"`
	Name       string        `json:"name"`
	MinCredits credit.Amount `json:"min_credits"`
	Courses    []planEntry   `json:"courses"`
}

// planEntry is a course of a plan.
type planEntry struct {
	Course      string        `json:"course"`
	Name        string        `json:"name"`
	NameEn      string        `json:"name_en,omitempty"`
	Credits     credit.Amount `json:"credits"`
	Required    bool          `json:"required"`
	NeverExempt bool          `json:"never_exempt"`
}

func newProgrammeDetail(s *bank.Snapshot, p bank.ProgrammeInfo) programmeDetail {
	out := programmeDetail{programmeEntry: newProgrammeEntry(s, p), Groups: make([]groupEntry, len(p.Groups))}
	for i, g := range p.Groups {
		group := groupEntry{Code: g.Code, Name: g.Name, MinCredits: g.Min, Courses: make([]planEntry, len(g.Courses))}
		for k, c := range g.Courses {
			group.Courses[k] = planEntry{Course: c.Course.Code, Name: c.Course.Current.Name, NameEn: c.Course.Current.NameEn,
				Credits: c.Course.Current.Credits, Required: c.Required, NeverExempt: c.NeverExempt}
		}
		out.Groups[i] = group
	}
	return out
}

// courseEntry is a course in lists, by the version in force.
type courseEntry struct {
	Institution       string `json:"institution"`
	InstitutionName   string `json:"institution_name"`
	InstitutionNameEn string `json:"institution_name_en,omitempty"`
	Code              string `json:"code"`
	courseVersion
}

// courseVersion is a dated version of a course.
type courseVersion struct {
	Name          string        `json:"name"`
	NameEn        string        `json:"name_en,omitempty"`
	Credits       credit.Amount `json:"credits"`
	Hours         *credit.Hours `json:"hours,omitempty"`
	PracticeHours *credit.Hours `json:"practice_hours,omitempty"`
	Category      string        `json:"category,omitempty"`
	Level         int           `json:"level,omitempty"`
	ValidFrom     string        `json:"valid_from,omitempty"`
	ValidTo       string        `json:"valid_to,omitempty"`
	Outline       string        `json:"outline,omitempty"`
}

func newCourseVersion(v bank.CourseVersion) courseVersion {
	return courseVersion{Name: v.Name, NameEn: v.NameEn, Credits: v.Credits, Hours: given(v.Hours, -1), PracticeHours: given(v.PracticeHours, -1),
		Category: v.Category, Level: v.Level, ValidFrom: v.From.String(), ValidTo: v.To.String(), Outline: v.Outline}
}

func newCourseEntry(c bank.CourseInfo) courseEntry {
	return courseEntry{Institution: c.Institution, InstitutionName: c.InstitutionName, InstitutionNameEn: c.InstitutionNameEn,
		Code: c.Code, courseVersion: newCourseVersion(c.Current)}
}

// courseDetail is a course with all its versions, oldest first.
type courseDetail struct {
	courseEntry
	Versions []fullVersion `json:"versions"`
}

// ruleDetail is an equivalence with all its published versions, oldest first.
type ruleDetail struct {
	Equivalence string      `json:"equivalence"`
	Versions    []ruleEntry `json:"versions"`
}

// ruleEntry is one published version of an equivalence.
type ruleEntry struct {
	AnswerRule
	Institution       string        `json:"institution"` // of the targets
	InstitutionName   string        `json:"institution_name"`
	InstitutionNameEn string        `json:"institution_name_en,omitempty"`
	Programme         string        `json:"programme,omitempty"` // empty: all of the institution
	ValidFrom         string        `json:"valid_from,omitempty"`
	ValidTo           string        `json:"valid_to,omitempty"`
	EffectiveTo       string        `json:"effective_to,omitempty"` // its own end, or the day before its successor begins
	Superseded        bool          `json:"superseded"`
	Suspended         bool          `json:"suspended"`
	Latest            bool          `json:"latest"`
	PublishedOn       string        `json:"published_on"`
	ValidityYears     int           `json:"validity_years,omitempty"`
	Priority          int           `json:"priority"`
	Outcome           string        `json:"outcome"`
	Reasons           []string      `json:"reasons,omitempty"`
	Note              string        `json:"note,omitempty"`
	Sources           []sourceEntry `json:"sources"`
	Targets           []targetEntry `json:"targets"`
}

// sourceEntry is a course that an equivalence asks for.
type sourceEntry struct {
	AnswerCourse
	MinGrade string `json:"min_grade,omitempty"`
	MaxGrade string `json:"max_grade,omitempty"`
}

// targetEntry is what an equivalence awards.
type targetEntry struct {
	Course     string         `json:"course,omitempty"`
	Name       string         `json:"name,omitempty"`
	NameEn     string         `json:"name_en,omitempty"`
	Group      string         `json:"group,omitempty"`
	CreditMode string         `json:"credit_mode,omitempty"`
	Credits    *credit.Amount `json:"credits,omitempty"` // of mode fixed
	Exemption  bool           `json:"exemption"`
}

func newRuleEntry(s *bank.Snapshot, r bank.RuleInfo) ruleEntry {
	out := ruleEntry{
		AnswerRule: answerRule(r.RuleRef), Institution: r.Institution, Programme: r.Programme, ValidFrom: r.From.String(), ValidTo: r.To.String(),
		EffectiveTo: r.EffectiveTo.String(), Superseded: r.Superseded, Suspended: r.Suspended, Latest: r.Latest, PublishedOn: r.Published.String(),
		ValidityYears: r.Validity, Priority: r.Priority, Outcome: string(r.Outcome), Reasons: r.Reasons, Note: r.Note,
		Sources: make([]sourceEntry, len(r.Sources)), Targets: make([]targetEntry, len(r.Targets)),
	}
	out.InstitutionName, out.InstitutionNameEn = institutionNames(s, r.Institution)
	for i, source := range r.Sources {
		c, _ := s.CourseHead(source.CourseKey, latest)
		out.Sources[i] = sourceEntry{MinGrade: score(source.Min), MaxGrade: score(source.Max), AnswerCourse: AnswerCourse{
			Institution: source.Institution, Course: source.Code, Name: c.Current.Name, NameEn: c.Current.NameEn}}
	}
	for i, t := range r.Targets {
		out.Targets[i] = newTargetEntry(s, r.Institution, t)
	}
	return out
}

func newTargetEntry(s *bank.Snapshot, institution string, t transfer.Target) targetEntry {
	c, _ := s.CourseHead(transfer.CourseKey{Institution: institution, Code: t.Course}, latest)
	out := targetEntry{Course: t.Course, Name: c.Current.Name, NameEn: c.Current.NameEn, Group: t.Group, Exemption: t.Exemption}
	if !t.Exemption {
		out.CreditMode = string(t.Mode)
	}
	if t.Mode == transfer.Fixed && !t.Exemption {
		out.Credits = &t.Credits
	}
	return out
}

package bank

import (
	"slices"

	"creditbank/internal/credit"
)

// AttestationKind is a kind of results beyond courses, with what it demands. Level,
// hours, the day and how long it holds are demanded of all.
type AttestationKind struct {
	Name    string   // attestation.kind.NAME is its sentence
	Record  string   // the kind of record that it becomes
	Issuers []string // kinds of institutions that issue it; of a placement, where it is
	Exam    bool     // has parts, each with its maximum: see [Exam]
	Logged  bool     // is kept day by day and confirmed by two mentors

	DayHours  credit.Hours // the most hours of one day; 0: not limited
	WeekHours credit.Hours // the most hours from a Monday to the Sunday; 0: not limited
	PerCredit credit.Rate  // hours that make a credit; 0: as many as the issuer's
	LeastAge  int          // in years, on its first day; 0: none
	Renews    bool         // may be renewed by a test or a newer paper
}

// Limits of placements. Nobody works more than 8 hours a day and 40 a week (State
// Council, 国务院关于职工工作时间的规定, art. 3), which holds for placements of pupils, too,
// without overtime and night shifts; a placement takes those of 16 years and more
// (职业学校学生实习管理规定, 教职成〔2021〕4号). A week of a placement is 30 hours
// (教职成〔2009〕2号), and a week of practice is one credit.
const (
	hourLong       credit.Hours = 10_000
	placementDay                = 8 * hourLong
	placementWeek               = 40 * hourLong
	placementRate  credit.Rate  = 30_00
	placementYears              = 16
)

// AttestationKinds is the one table of the kinds.
func AttestationKinds() []AttestationKind {
	schools := []string{"secondary_vocational", "general_secondary", "comprehensive_secondary", "higher_vocational", "vocational_undergraduate", "general_undergraduate"}
	bodies := []string{"assessment_body", "bank", "overseas", "enterprise"}
	workplaces := append([]string{"enterprise", "bank"}, schools...)
	placed := func(name string) AttestationKind {
		return AttestationKind{Name: name, Record: "work", Issuers: workplaces, Logged: true,
			DayHours: placementDay, WeekHours: placementWeek, PerCredit: placementRate, LeastAge: placementYears}
	}
	return []AttestationKind{
		{Name: "vocational_certificate", Record: "certificate", Issuers: bodies, Renews: true}, // 1+X 职业技能等级证书
		{Name: "qualification", Record: "certificate", Issuers: bodies, Renews: true},          // 职业资格证书
		{Name: "contest", Record: "contest", Issuers: append(slices.Clone(bodies), schools...)},
		{Name: "exam", Record: "exam", Issuers: bodies, Exam: true}, // 职教高考
		placed("placement"),      // 岗位实习
		placed("order_class"),    // 订单班
		placed("apprenticeship"), // 学徒制
		{Name: "taster", Record: "experience", Issuers: append([]string{"compulsory", "enterprise", "bank"}, schools...), DayHours: placementDay}, // 职业体验
	}
}

func attestationKind(name string) (AttestationKind, bool) {
	all := AttestationKinds()
	at := slices.IndexFunc(all, func(k AttestationKind) bool { return k.Name == name })
	if at < 0 {
		return AttestationKind{}, false
	}
	return all[at], true
}

func attestationKindNames() []string {
	var names []string
	for _, k := range AttestationKinds() {
		names = append(names, k.Name)
	}
	return names
}

// Ways lists how a result of the kind may be verified.
func (k AttestationKind) Ways() []string {
	if k.Logged {
		return []string{WayLog}
	}
	return []string{WayIssuer, WayEvidence}
}

package transfer

import "creditbank/internal/calendar"

// InForce is the policy that holds for a programme on a day, field by field, and the
// caps, each with the version that it comes from.
type InForce struct {
	MinGrade *Policy // the version whose MinGrade holds; nil: none gives one
	Validity *Policy
	MaxRise  *Policy
	Caps     []Cap // by kind and key, those that are lifted too
}

// InForce resolves programme over institution over bank. A key without a programme
// is what holds for the institution as a whole.
func (m *Map) InForce(key ProgrammeKey, on calendar.Day) InForce {
	in := InForce{Caps: m.capsOf(key, on)}
	for _, place := range places(key) {
		p, ok := latestPolicy(m.policies[place], on)
		if !ok {
			continue
		}
		if p.MinGrade != NoScore {
			in.MinGrade = &p
		}
		if p.Validity >= 0 {
			in.Validity = &p
		}
		if p.MaxRise >= 0 {
			in.MaxRise = &p
		}
	}
	return in
}

package transfer

import "slices"

// breakUnitCircles leaves out the rules from standard units to standard units
// that lead back to where they began: a unit would stand for itself. Chains
// through units go one hop, so such a rule could never serve anybody.
func (c *compiler) breakUnitCircles(rules []numbered) []numbered {
	from := map[int32][]hop{}
	for i := range rules {
		for _, h := range c.unitHops(&rules[i]) {
			from[h.from] = append(from[h.from], h)
		}
	}
	if len(from) == 0 {
		return rules
	}
	component := components32(from)
	return slices.DeleteFunc(rules, func(r numbered) bool {
		circle := slices.ContainsFunc(c.unitHops(&r), func(h hop) bool {
			to, known := component[h.to]
			return h.from == h.to || (known && to == component[h.from])
		})
		if circle {
			c.faults = append(c.faults, Fault{Rule: r.RuleRef, Field: "source_course", Code: "unit_circle"})
		}
		return circle
	})
}

// unitHops are the steps of a rule from standard unit to standard unit.
func (c *compiler) unitHops(r *numbered) []hop {
	if r.Outcome != Credit || !c.isUnit(c.institutionAt[r.Institution]) {
		return nil
	}
	var hops []hop
	for _, source := range r.sources {
		if !c.isUnit(c.m.courses[source].at) {
			continue
		}
		for _, t := range r.Targets {
			if t.Course != "" && !t.Exemption {
				hops = append(hops, hop{from: source, to: c.courseAt[CourseKey{r.Institution, t.Course}]})
			}
		}
	}
	return hops
}

func (c *compiler) isUnit(institution int32) bool {
	return c.texts.Texts.At(c.m.institutions[institution].kind) == KindBank
}

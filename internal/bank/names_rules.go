package bank

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"slices"

	"creditbank/internal/calendar"
	"creditbank/internal/packed"
	"creditbank/internal/transfer"
)

// writeRules keeps the versions that are not in the map, and of those in it what
// the map does not say: the stated ends and which is the last.
func (w *nameWriter) writeRules() error {
	w.s.past = transfer.Compile(w.replacedFacts())
	w.s.pastEnds = endRows(w.s.past, w.replacedEnds)
	w.s.ends = endRows(w.s.Map, w.stated)
	w.writeLatest()
	apart, err := w.setApart(slices.Concat(leftOut(w.facts.Rules, w.s.Map, false), leftOut(w.replaced, w.s.past, true), w.suspended))
	list := append(w.replacedVersions(), apart...)
	slices.SortFunc(list, func(a, b extraVersion) int { return transfer.CompareRefs(a.RuleRef, b.RuleRef) })
	w.s.extras = placed(w.s.Map, list)
	return err
}

// replacedFacts are the replaced versions with what they name, which need not be
// all of the bank. Of no kind, institutions hold no standard units.
func (w *nameWriter) replacedFacts() transfer.Facts {
	f := transfer.Facts{Rules: w.replaced}
	institutions, courses := map[string]bool{}, map[transfer.CourseKey]bool{}
	for i := range w.replaced {
		r := &w.replaced[i]
		institutions[r.Institution] = true
		for _, s := range r.Sources {
			courses[s.CourseKey] = true
		}
		for _, t := range r.Targets {
			courses[courseOfRule(r.Institution, t)] = true
		}
	}
	for code := range institutions {
		f.Institutions = append(f.Institutions, transfer.Institution{Code: code})
	}
	for key := range courses {
		if key.Code != "" {
			f.Courses = append(f.Courses, transfer.Course{CourseKey: key, From: calendar.None, To: calendar.None})
		}
	}
	return f
}

// leftOut are the rules that a map has not taken up.
func leftOut(rules []transfer.Rule, m *transfer.Map, replaced bool) []RuleInfo {
	refused := map[transfer.RuleRef]bool{}
	for _, f := range m.Faults() {
		refused[f.Rule] = f.Rule.Code != ""
	}
	if len(refused) == 0 {
		return nil
	}
	var list []RuleInfo
	for i := range rules {
		if refused[rules[i].RuleRef] {
			info := newRuleInfo(rules[i])
			info.Superseded = replaced
			list = append(list, info)
		}
	}
	return list
}

// setApart completes the versions that cannot be served or are not, and spells them out:
// there are few of them, if any.
func (w *nameWriter) setApart(list []RuleInfo) ([]extraVersion, error) {
	last := map[string]int{}
	for _, info := range list {
		last[info.Code] = max(last[info.Code], info.Version)
	}
	extras := make([]extraVersion, len(list))
	for i, info := range list {
		info.To = endFor(w.stated, info.RuleRef, info.To)
		info.EffectiveTo = endFor(w.replacedEnds, info.RuleRef, info.EffectiveTo)
		info.Latest = last[info.Code] == info.Version && w.outlasts(info.RuleRef)
		extras[i] = extraVersion{info.RuleRef, uint32(i) | extraApart}
		if info.Latest {
			extras[i].which |= extraLatest
		}
		var text bytes.Buffer
		if err := gob.NewEncoder(&text).Encode(info); err != nil {
			return nil, fmt.Errorf("keep %s/%d: %w", info.Code, info.Version, err)
		}
		w.s.apart.Append(text.String())
	}
	return extras, nil
}

// outlasts says whether a version is later than all of its code in the map; the
// last of those is then not the last of all.
func (w *nameWriter) outlasts(ref transfer.RuleRef) bool {
	m := w.s.Map
	from, to := m.VersionsOf(ref.Code)
	if from == to {
		return true
	}
	if m.RefAt(m.ByCode()[to-1]).Version > ref.Version {
		return false
	}
	w.s.latest.Remove(int32(to - 1))
	return true
}

// endFor is the end that a sorted list has for a version, else the one that is known.
func endFor(list []endOf, ref transfer.RuleRef, known calendar.Day) calendar.Day {
	at, found := slices.BinarySearchFunc(list, ref, func(e endOf, ref transfer.RuleRef) int { return transfer.CompareRefs(e.RuleRef, ref) })
	if !found {
		return known
	}
	return list[at].day
}

// writeLatest marks the last version of each code that the map has.
func (w *nameWriter) writeLatest() {
	m := w.s.Map
	order := m.ByCode()
	w.s.latest = packed.NewSet(int32(len(order)))
	for at := range order {
		if at+1 == len(order) || m.RefAt(order[at]).Code != m.RefAt(order[at+1]).Code {
			w.s.latest.Add(int32(at))
		}
	}
}

// extraVersion is a published version that is not in the map.
type extraVersion struct {
	transfer.RuleRef
	which uint32
}

func (w *nameWriter) replacedVersions() []extraVersion {
	list := make([]extraVersion, len(w.s.past.ByCode()))
	for at, n := range w.s.past.ByCode() {
		list[at] = extraVersion{w.s.past.RefAt(n), uint32(at)}
	}
	return list
}

// placed says of versions, which come in their order, between which rules of a map they belong.
func placed(m *transfer.Map, list []extraVersion) []extraRow {
	rows := make([]extraRow, len(list))
	order, at := m.ByCode(), 0
	for i, v := range list {
		for at < len(order) && transfer.CompareRefs(m.RefAt(order[at]), v.RuleRef) < 0 {
			at++
		}
		rows[i] = extraRow{uint32(at), v.which}
	}
	return rows
}

// endRows finds the places of the rules of which there are ends. Those that the
// map has left out are spelled out elsewhere.
func endRows(m *transfer.Map, ends []endOf) []endRow {
	slices.SortFunc(ends, func(a, b endOf) int { return transfer.CompareRefs(a.RuleRef, b.RuleRef) })
	var rows []endRow
	order, at := m.ByCode(), 0
	for _, e := range ends {
		for at < len(order) && transfer.CompareRefs(m.RefAt(order[at]), e.RuleRef) < 0 {
			at++
		}
		if at < len(order) && m.RefAt(order[at]) == e.RuleRef {
			rows = append(rows, endRow{uint32(at), e.day})
		}
	}
	return rows
}

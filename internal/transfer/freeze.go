package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"creditbank/internal/calendar"
)

// CaseFormat is the version of the JSON form of a Case.
const CaseFormat = 1

// ErrCase says that a text is not a frozen decision in a form that is known here.
var ErrCase = errors.New("not a frozen decision")

// Case is a question frozen with all that its answer depends on, and the answer:
// it can be asked again at any time, without the bank it was asked of. It holds
// no personal data: results are known by their place in the list.
//
// Its JSON form is described in docs/engine.md.
type Case struct {
	To      ProgrammeKey
	AsOf    calendar.Day
	Facts   Facts // those that the answer depends on, in an order of their own
	Records []Record
	Answer  Answer
}

// Difference is a field of an answer that came out otherwise.
type Difference struct {
	Path string `json:"path"` // such as items[0].credits
	Kept string `json:"kept"` // as JSON; empty: there was none
	Got  string `json:"got"`
}

// Freeze answers as Plan does, and keeps what the answer depends on. It reports
// false for a programme the map does not know.
func (m *Map) Freeze(to ProgrammeKey, records []Record, asOf calendar.Day) (Case, bool) {
	n, known := m.programmeAt(to)
	if !known {
		return Case{}, false
	}
	l := m.learner(records, asOf)
	return Case{To: to, AsOf: asOf, Facts: l.facts(n), Records: slices.Clone(records), Answer: l.plan(n, fullEffort())}, true
}

// Replay compiles the facts of the case, plans again and names what differs from
// the answer that was kept; nothing when all is the same.
func (c Case) Replay() (Answer, []Difference) {
	m := Compile(c.Facts)
	a, _ := m.Plan(c.To, c.Records, c.AsOf)
	kept, got := tree(frozenAnswer(&c.Answer)), tree(frozenAnswer(&a))
	var d differences
	d.compare("", kept, got)
	for _, f := range m.Faults() {
		path := fmt.Sprintf("rules[%s/%d].%s", f.Rule.Code, f.Rule.Version, f.Field)
		if f.Rule.Code == "" {
			path = fmt.Sprintf("courses[%s:%s].%s", f.Course.Institution, f.Course.Code, f.Field)
		}
		d = append(d, Difference{Path: path, Got: text(f.Code)})
	}
	return a, d
}

// tree is a value as JSON has it.
func tree(v any) any {
	written, err := json.Marshal(v)
	if err != nil {
		return err.Error() // no value of a case fails to be written
	}
	var t any
	decoder := json.NewDecoder(bytes.NewReader(written))
	decoder.UseNumber()
	if err := decoder.Decode(&t); err != nil {
		return err.Error()
	}
	return t
}

func text(v any) string {
	if v == nil {
		return ""
	}
	written, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(written)
}

// differences are found field by field; of a list that is longer or shorter each
// element too many or missing.
type differences []Difference

func (d *differences) compare(path string, kept, got any) {
	switch kept := kept.(type) {
	case map[string]any:
		if got, same := got.(map[string]any); same {
			d.fields(path, kept, got)
			return
		}
	case []any:
		if got, same := got.([]any); same {
			d.elements(path, kept, got)
			return
		}
	}
	if k, g := text(kept), text(got); k != g {
		*d = append(*d, Difference{path, k, g})
	}
}

func (d *differences) fields(path string, kept, got map[string]any) {
	var names []string
	for name := range kept {
		names = append(names, name)
	}
	for name := range got {
		if _, both := kept[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		below := name
		if path != "" {
			below = path + "." + name
		}
		d.compare(below, kept[name], got[name])
	}
}

func (d *differences) elements(path string, kept, got []any) {
	for i := range max(len(kept), len(got)) {
		var k, g any
		if i < len(kept) {
			k = kept[i]
		}
		if i < len(got) {
			g = got[i]
		}
		d.compare(fmt.Sprintf("%s[%d]", path, i), k, g)
	}
}

// MarshalJSON writes the case in its form.
func (c Case) MarshalJSON() ([]byte, error) { return json.Marshal(frozen(&c)) }

// UnmarshalJSON reads a case. What is no case, one of another format, and one
// with a field that is not known are ErrCase.
func (c *Case) UnmarshalJSON(written []byte) error {
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(written, &head); err != nil || head.Format != CaseFormat {
		return fmt.Errorf("%w: format %d", ErrCase, head.Format)
	}
	var f frozenCase
	decoder := json.NewDecoder(bytes.NewReader(written))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return fmt.Errorf("%w: %w", ErrCase, err)
	}
	*c = f.thaw()
	return nil
}

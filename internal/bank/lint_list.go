package bank

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/transfer"
)

// MapFinding is a finding of the map's lint with who answers for it. It is gone as
// soon as the map is mended.
type MapFinding struct {
	ID string // of what it says: the same as long as the map has it
	transfer.Finding
	Institution string       // who is to mend it: the school that awards or offers, unless it was given to another; empty: the bank
	Keeper      string       // the actor who looks after it; empty: nobody yet
	Until       calendar.Day // accepted as it is up to this day; calendar.None: it is not
	Reason      string       // why it is accepted
	By          string       // the actor who accepted it
	Noted       time.Time
	MayChange   bool // by the actor who asked
}

// Accepted says whether somebody has accepted the finding for a day.
func (f *MapFinding) Accepted(day calendar.Day) bool {
	return f.Until != calendar.None && day <= f.Until
}

// FindingFilter narrows the list of findings; empty fields do not.
type FindingFilter struct {
	Class       transfer.Class
	Institution string // who is to mend it
	Accepted    bool   // those that are accepted instead of those that are open
	Mine        bool   // those that the actor looks after
}

// FindingCount says how many open findings of a class the actor may see.
type FindingCount struct {
	Class transfer.Class
	Count int
}

// FindingList is a part of the list of findings, with the sums of all of them.
type FindingList struct {
	Page[MapFinding]
	Counts []FindingCount // open ones, in the order of the classes
	Put    int            // accepted ones
}

// acceptedYears is how long a finding can be accepted as it is.
const acceptedYears = 3

// Findings lists what is wrong with the published map, as it stands now:
// administrators and auditors see all, registrars and deciders what their school is
// to mend. It promises Denied, and Invalid for a foreign cursor.
func (b *Bank) Findings(ctx context.Context, actor Actor, f FindingFilter, w Window) (FindingList, error) {
	all, err := b.visibleFindings(ctx, actor)
	if err != nil {
		return FindingList{}, err
	}
	today := b.Today()
	list, counts := FindingList{}, map[transfer.Class]int{}
	var fitting []int
	for i, m := range all {
		accepted := m.Accepted(today)
		if accepted {
			list.Put++
		} else {
			counts[m.Class]++
		}
		if accepted == f.Accepted && (f.Class == "" || f.Class == m.Class) && (f.Institution == "" || f.Institution == m.Institution) && (!f.Mine || m.Keeper == actor.Name) {
			fitting = append(fitting, i)
		}
	}
	for _, class := range slices.Sorted(maps.Keys(counts)) {
		list.Counts = append(list.Counts, FindingCount{class, counts[class]})
	}
	list.Page, err = cut(fitting, w, func(i int) MapFinding {
		shown := *all[i]
		shown.MayChange = actor.Is(IsAdministrator | IsRegistrar | IsDecider)
		return shown
	})
	return list, err
}

// visibleFindings are those that an actor may see, in the order of the lint.
func (b *Bank) visibleFindings(ctx context.Context, actor Actor) ([]*MapFinding, error) {
	const whole = IsAdministrator | IsAuditor | IsOperator
	if err := actor.need(whole | IsRegistrar | IsDecider); err != nil {
		return nil, err
	}
	s, err := b.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	notes, err := b.findingNotes(ctx)
	if err != nil {
		return nil, err
	}
	today := b.Today()
	all := b.findings.of(s, today, func() []MapFinding { return s.owned(s.Map.Lint(today)) })
	list := make([]*MapFinding, 0, len(all))
	for i := range all {
		m := &all[i] // nobody changes it: others see it too
		if note, noted := notes[m.ID]; noted {
			own := *m
			note.addTo(&own)
			m = &own
		}
		if actor.Is(whole) || m.Institution == actor.Institution {
			list = append(list, m)
		}
	}
	return list, nil
}

// owned says of each finding whose it is to mend.
func (s *Snapshot) owned(found []transfer.Finding) []MapFinding {
	list := make([]MapFinding, len(found))
	for i, f := range found {
		list[i] = MapFinding{ID: findingID(&f), Finding: f, Institution: s.findingOwner(&f), Until: calendar.None}
	}
	return list
}

// findingID is a digest of what a finding says.
func findingID(f *transfer.Finding) string {
	limit := ""
	if f.Cap != nil {
		limit = fmt.Sprint(f.Cap.Kind, f.Cap.Key, f.Cap.Limit, f.Cap.Adds)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %v %q %q %q %q %d %d %d %d %d %d %d %d %q", f.Class, f.Rules, f.Course, f.Programme, f.Field, f.Code,
		f.Low, f.High, f.From, f.To, f.Stated, f.Actual, f.FromLevel, f.ToLevel, limit))
	return hex.EncodeToString(sum[:12])
}

// findingOwner is the school that awards what the rule to mend gives, else that of
// the course; of the bank's own units the bank, which is the empty one.
func (s *Snapshot) findingOwner(f *transfer.Finding) string {
	owner := f.Course.Institution
	if len(f.Rules) > 0 {
		for _, at := range s.placesOf(f.Rules[0].Code) {
			if r := s.ruleInfo(at); r.Version == f.Rules[0].Version {
				owner = r.Institution
			}
		}
	}
	n, known := s.Map.InstitutionNumber(owner)
	if !known || s.Map.InstitutionAt(n).Kind == transfer.KindBank {
		return ""
	}
	return owner
}

// findingNote is what was said of a finding.
type findingNote struct {
	institution        sql.NullString
	keeper, reason, by string
	until              calendar.Day
	noted              int64
}

func (n *findingNote) addTo(m *MapFinding) {
	if n.institution.Valid {
		m.Institution = n.institution.String
	}
	m.Keeper, m.Until, m.Reason, m.By, m.Noted = n.keeper, n.until, n.reason, n.by, time.UnixMicro(n.noted).UTC()
}

func (b *Bank) findingNotes(ctx context.Context) (map[string]*findingNote, error) {
	notes := map[string]*findingNote{}
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var id string
		n := &findingNote{}
		err := rows.Scan(&id, &n.institution, &n.keeper, &n.until, &n.reason, &n.by, &n.noted)
		notes[id] = n
		return err
	}, `SELECT id, institution, keeper, coalesce(accepted_until, -2147483648), reason, accepted_by, noted_at FROM finding_note`)
	return notes, err
}

// GiveFinding gives a finding to a school to mend, with nobody there looking after
// it yet. It is for administrators, and promises Denied, NotFound and Invalid for
// the institution.
func (b *Bank) GiveFinding(ctx context.Context, actor Actor, id, institution string) error {
	if err := actor.need(IsAdministrator); err != nil {
		return err
	}
	s, err := b.Snapshot(ctx)
	if err != nil {
		return err
	}
	if _, known := s.institutionNamed(institution); !known {
		return invalidField("institution", institution, "unknown_institution", nil)
	}
	return b.noteFinding(ctx, actor, id, "finding.give", func(t *tx) error {
		return t.exec(`INSERT INTO finding_note (id, institution, keeper, reason, accepted_by, noted_at) VALUES ($1, $2, '', '', '', $3)
			ON CONFLICT (id) DO UPDATE SET institution = excluded.institution, keeper = '', noted_at = excluded.noted_at`, id, institution, micros(t.now))
	}, institution)
}

// TakeFinding makes the actor the one who looks after a finding. It promises Denied
// and NotFound.
func (b *Bank) TakeFinding(ctx context.Context, actor Actor, id string) error {
	return b.noteFinding(ctx, actor, id, "finding.take", func(t *tx) error {
		return t.exec(`INSERT INTO finding_note (id, keeper, reason, accepted_by, noted_at) VALUES ($1, $2, '', '', $3)
			ON CONFLICT (id) DO UPDATE SET keeper = excluded.keeper, noted_at = excluded.noted_at`, id, actor.Name, micros(t.now))
	}, "")
}

// AcceptFinding says that a finding may stand as it is up to a day, and why. It
// promises Denied, NotFound and Invalid for reason and until: a day from tomorrow
// to three years on.
func (b *Bank) AcceptFinding(ctx context.Context, actor Actor, id, reason, until string) error {
	var r fieldReader
	last := readField(&r, "until", until, "date", calendar.Parse)
	today := b.Today()
	if len(r.faults) == 0 && (last <= today || last > today.AddYears(acceptedYears)) {
		r.fault("until", until, "accepted_until", map[string]any{"Years": acceptedYears})
	}
	reason = strings.TrimSpace(reason)
	if fault := reasonFault("reason", reason); fault != nil {
		r.faults = append(r.faults, *fault)
	}
	if len(r.faults) > 0 {
		return invalidFields(r.faults)
	}
	return b.noteFinding(ctx, actor, id, "finding.accept", func(t *tx) error {
		return t.exec(`INSERT INTO finding_note (id, keeper, accepted_until, reason, accepted_by, noted_at) VALUES ($1, '', $2, $3, $4, $5)
			ON CONFLICT (id) DO UPDATE SET accepted_until = excluded.accepted_until, reason = excluded.reason, accepted_by = excluded.accepted_by,
			noted_at = excluded.noted_at`, id, int64(last), reason, actor.Name, micros(t.now))
	}, "until="+last.String())
}

// ReopenFinding takes back that a finding may stand. It promises Denied and NotFound.
func (b *Bank) ReopenFinding(ctx context.Context, actor Actor, id string) error {
	return b.noteFinding(ctx, actor, id, "finding.reopen", func(t *tx) error {
		return t.exec(`UPDATE finding_note SET accepted_until = NULL, reason = '', accepted_by = '', noted_at = $1 WHERE id = $2`, micros(t.now), id)
	}, "")
}

// noteFinding writes something about a finding that the actor may change.
func (b *Bank) noteFinding(ctx context.Context, actor Actor, id, action string, write func(*tx) error, detail string) error {
	if err := actor.need(IsAdministrator | IsRegistrar | IsDecider); err != nil {
		return err
	}
	all, err := b.visibleFindings(ctx, actor)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(m *MapFinding) bool { return m.ID == id })
	if at < 0 {
		return notFound("finding", id)
	}
	about := string(all[at].Class)
	for _, r := range all[at].Rules {
		about += fmt.Sprintf(" %s@%d", r.Code, r.Version)
	}
	return b.write(ctx, actor, func(t *tx) error {
		if err := write(t); err != nil {
			return err
		}
		return t.audit(action, id, strings.TrimSpace(about+" "+detail))
	})
}

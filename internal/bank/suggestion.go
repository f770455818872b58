package bank

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"creditbank/internal/transfer"
)

// Suggestion (建议) is an equivalence that nobody has proposed and for which something
// speaks. It is never more than the beginning of a draft.
type Suggestion struct {
	ID             string // with suggestion: before it the origin of the draft that is begun from it
	Kind           string // one of [SuggestionKinds]
	Source, Target CourseInfo
	Rule           transfer.RuleRef // of a mirror: the rule whose way back it is
	Unit           CourseInfo       // of a unit: the standard unit that both courses equal
	Way            NationalWay      // between the programmes of the courses, if the national lists have one
	Likeness       int              // of the titles and what is taught, in hundredths
	SourceTitle    []MarkedText     // with the words that both have marked
	TargetTitle    []MarkedText
	SourceContent  []MarkedText // outcomes or outline, as far as both have some; with the words that both have marked
	TargetContent  []MarkedText
}

// SuggestionFilter says whose suggestions are asked for, and which.
type SuggestionFilter struct {
	Institution string // of an administrator: the school; others see those of their own
	Kind        string // empty: all
}

// SuggestionWorth says what became of the suggestions of a kind, over all schools.
type SuggestionWorth struct {
	Kind      string
	Open      int // that the school asked for has now
	Begun     int // drafts that were begun from one, and not yet decided
	Published int
	Turned    int // drafts that were refused or taken back
	NotApt    int // suggestions that somebody put aside
}

// SuggestionList is a part of the suggestions of a school.
type SuggestionList struct {
	Page[Suggestion]
	Institution string
	Worth       []SuggestionWorth // by kind, in their order
}

// Suggestions lists the equivalences that might be worth proposing for the courses of
// a school: the way back of a rule between schools of one level, the same standard
// unit, code or title, and, of one class of specialties, titles and contents that are
// alike. What has a rule, whatever it says, is not suggested, nor what was begun or
// put aside. It promises Denied, NotFound for the school, and Invalid for a foreign
// cursor; an administrator who names no school gets the worth alone.
func (b *Bank) Suggestions(ctx context.Context, actor Actor, f SuggestionFilter, w Window) (SuggestionList, error) {
	if !actor.proposes() {
		return SuggestionList{}, &Error{Code: Denied, Key: "error.role"}
	}
	if !actor.Is(IsAdministrator) {
		f.Institution = actor.Institution
	}
	list := SuggestionList{Institution: f.Institution}
	g, err := b.suggesterNow(ctx)
	if err != nil {
		return list, err
	}
	found, err := b.openPairings(ctx, g, f.Institution)
	if err != nil {
		return list, err
	}
	if list.Worth, err = b.suggestionWorth(ctx, found); err != nil {
		return list, err
	}
	found = slices.DeleteFunc(found, func(p pairing) bool { return f.Kind != "" && p.kind != f.Kind })
	list.Page, err = cut(found, w, g.suggestion)
	if err != nil {
		return list, err
	}
	return list, b.showContents(ctx, list.Items)
}

// suggesterNow is what suggestions are made from today.
func (b *Bank) suggesterNow(ctx context.Context) (*suggester, error) {
	s, err := b.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	today := b.Today()
	return b.suggests.tried(s, today, func() (*suggester, error) {
		ways, err := b.nationalWays(ctx)
		if err != nil {
			return nil, err
		}
		return newSuggester(s, today, ways), nil
	})
}

// openPairings are the suggestions of a school that nobody has begun or put aside.
func (b *Bank) openPairings(ctx context.Context, g *suggester, institution string) ([]pairing, error) {
	if institution == "" {
		return nil, nil
	}
	at, known := g.s.Map.InstitutionNumber(institution)
	if !known {
		return nil, notFound("institution", institution)
	}
	done := map[[2]transfer.CourseKey]bool{}
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var source, target transfer.CourseKey
		err := rows.Scan(&source.Institution, &source.Code, &target.Institution, &target.Code)
		done[[2]transfer.CourseKey{source, target}] = true
		return err
	}, `SELECT source_institution, source_course, target_institution, target_course FROM suggestion_refusal
		WHERE source_institution = $1 OR target_institution = $1`, institution)
	if err != nil {
		return nil, err
	}
	begun := map[string]bool{}
	err = b.db.each(ctx, func(rows *sql.Rows) error {
		var origin string
		err := rows.Scan(&origin)
		begun[origin] = true
		return err
	}, `SELECT origin FROM evaluation WHERE origin LIKE 'suggestion:%' AND state <> 'withdrawn'`)
	if err != nil {
		return nil, err
	}
	found, err := b.pairingsOf(ctx, g, at)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(found), func(p pairing) bool {
		source, target := g.s.Map.CourseAt(p.source), g.s.Map.CourseAt(p.target)
		return done[[2]transfer.CourseKey{source, target}] || begun["suggestion:"+suggestionID(p.kind, source, target)]
	}), nil
}

// suggestion tells a pairing with the names of its courses.
func (g *suggester) suggestion(p pairing) Suggestion {
	source, target := g.s.courseHead(p.source, g.today), g.s.courseHead(p.target, g.today)
	out := Suggestion{ID: suggestionID(p.kind, source.CourseKey, target.CourseKey), Kind: p.kind, Source: source, Target: target, Likeness: int(100*p.score + 0.5),
		SourceTitle: markShared(g.names[p.source], g.names[p.target]), TargetTitle: markShared(g.names[p.target], g.names[p.source])}
	out.Way = g.way(p.source, p.target)
	if p.rule >= 0 {
		out.Rule = g.s.Map.RefAt(p.rule)
	}
	if p.unit >= 0 {
		out.Unit = g.s.courseHead(p.unit, g.today)
	}
	return out
}

// suggestionWorth counts what became of suggestions, beside those that are open.
func (b *Bank) suggestionWorth(ctx context.Context, open []pairing) ([]SuggestionWorth, error) {
	var list []SuggestionWorth
	for _, kind := range SuggestionKinds() {
		list = append(list, SuggestionWorth{Kind: kind})
	}
	of := func(kind string) *SuggestionWorth {
		at := slices.IndexFunc(list, func(w SuggestionWorth) bool { return w.Kind == kind })
		if at < 0 {
			return &SuggestionWorth{}
		}
		return &list[at]
	}
	for _, p := range open {
		of(p.kind).Open++
	}
	err := b.db.each(ctx, func(rows *sql.Rows) error {
		var origin, state string
		if err := rows.Scan(&origin, &state); err != nil {
			return err
		}
		kind, _, _ := strings.Cut(strings.TrimPrefix(origin, "suggestion:"), ".")
		switch w := of(kind); {
		case underWay(state):
			w.Begun++
		case closedUnpublished(state):
			w.Turned++
		default:
			w.Published++
		}
		return nil
	}, `SELECT origin, state FROM evaluation WHERE origin LIKE 'suggestion:%'`)
	if err != nil {
		return nil, err
	}
	return list, b.db.each(ctx, func(rows *sql.Rows) error {
		var kind string
		var count int
		err := rows.Scan(&kind, &count)
		of(kind).NotApt = count
		return err
	}, `SELECT kind, count(*) FROM suggestion_refusal GROUP BY kind`)
}

// SuggestionRefusal puts a suggestion aside.
type SuggestionRefusal struct {
	Kind           string
	Source, Target transfer.CourseKey
	Reason         string
}

// RefuseSuggestion says that a suggestion is not apt, and why; it is not made again.
// It promises Denied for what neither comes from nor goes to the actor's school,
// NotFound for the courses, and Invalid for the kind and the reason.
func (b *Bank) RefuseSuggestion(ctx context.Context, actor Actor, r SuggestionRefusal) error {
	own := actor.Institution != "" && (r.Source.Institution == actor.Institution || r.Target.Institution == actor.Institution)
	if !actor.proposes() || !actor.Is(IsAdministrator) && !own {
		return &Error{Code: Denied, Key: "error.role"}
	}
	if !slices.Contains(SuggestionKinds(), r.Kind) {
		return invalidField("kind", r.Kind, "choice", map[string]any{"Choices": strings.Join(SuggestionKinds(), ", ")})
	}
	r.Reason = strings.TrimSpace(r.Reason)
	if fault := reasonFault("reason", r.Reason); fault != nil {
		return invalidFields([]FieldError{*fault})
	}
	s, err := b.Snapshot(ctx)
	if err != nil {
		return err
	}
	for _, k := range []transfer.CourseKey{r.Source, r.Target} {
		if _, known := s.Map.CourseNumber(k); !known {
			return notFound("course", k.Institution+":"+k.Code)
		}
	}
	institution := actor.Institution
	if actor.Is(IsAdministrator) {
		institution = ""
	}
	return b.write(ctx, actor, func(t *tx) error {
		err := t.exec(`INSERT INTO suggestion_refusal (source_institution, source_course, target_institution, target_course, kind, reason, refused_by, institution, refused_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
			r.Source.Institution, r.Source.Code, r.Target.Institution, r.Target.Code, r.Kind, r.Reason, actor.Name, institution, micros(t.now))
		if err != nil {
			return err
		}
		return t.audit("suggestion.refuse", suggestionID(r.Kind, r.Source, r.Target),
			r.Source.Institution+":"+r.Source.Code+" "+r.Target.Institution+":"+r.Target.Code)
	})
}

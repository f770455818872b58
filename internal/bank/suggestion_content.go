package bank

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"creditbank/internal/transfer"
)

const (
	contentRunes = 2000 // of what a course teaches that are compared
	schoolsKept  = 64   // whose pairings are kept as long as the map is the same
)

// pairingsOf are the suggestions for a school with their contents weighed. They are
// kept: a school goes through its list for days.
func (b *Bank) pairingsOf(ctx context.Context, g *suggester, at int32) ([]pairing, error) {
	g.working.Lock()
	defer g.working.Unlock()
	if list, known := g.kept[at]; known {
		return list, nil
	}
	list := g.forSchool(at)
	var keys []transfer.CourseKey
	for _, p := range list {
		if p.kind == SuggestSimilar {
			keys = append(keys, g.s.Map.CourseAt(p.source), g.s.Map.CourseAt(p.target))
		}
	}
	contents, err := b.courseContents(ctx, keys)
	if err != nil {
		return nil, err
	}
	list = g.weigh(list, contents)
	if len(g.kept) >= schoolsKept {
		clear(g.kept)
	}
	g.kept[at] = list
	return list, nil
}

// weigh counts what is taught beside the titles, where both courses say it, and keeps
// the likest of the similar ones for each course. They come after all others.
func (g *suggester) weigh(list []pairing, contents map[transfer.CourseKey]string) []pairing {
	words := map[int32]map[string]bool{}
	wordsOf := func(n int32) map[string]bool {
		if words[n] == nil {
			words[n] = wordSet(contents[g.s.Map.CourseAt(n)])
		}
		return words[n]
	}
	first := len(list)
	for i := range list {
		p := &list[i]
		if p.kind != SuggestSimilar {
			continue
		}
		first = min(first, i)
		if a, b := wordsOf(p.source), wordsOf(p.target); len(a) > 0 && len(b) > 0 {
			p.score = (1-contentWeight)*p.score + contentWeight*setCosine(a, b)
		}
	}
	likest(list[first:])
	shown := map[int32]int{}
	return slices.DeleteFunc(list, func(p pairing) bool {
		if p.kind != SuggestSimilar {
			return false
		}
		shown[p.source]++
		shown[p.target]++
		return min(shown[p.source], shown[p.target]) > likeShown
	})
}

// courseContents reads what courses teach: the outcomes of the last version, else its
// outline; at most so much of it as is compared.
func (b *Bank) courseContents(ctx context.Context, keys []transfer.CourseKey) (map[transfer.CourseKey]string, error) {
	wanted := map[transfer.CourseKey]bool{}
	var institutions, codes []string
	for _, k := range keys {
		wanted[k] = true
		institutions, codes = append(institutions, k.Institution), append(codes, k.Code)
	}
	if len(keys) == 0 {
		return nil, nil
	}
	institutions, codes = distinct(institutions), distinct(codes)
	read := func(query string) (map[transfer.CourseKey]string, error) {
		texts := map[transfer.CourseKey]string{}
		query, args := among(query, institutions, codes)
		return texts, b.db.each(ctx, func(rows *sql.Rows) error {
			var k transfer.CourseKey
			var text string
			err := rows.Scan(&k.Institution, &k.Code, &text)
			if wanted[k] {
				texts[k] = strings.TrimSpace(texts[k] + " " + text)
			}
			return err
		}, query, args...)
	}
	const last = `seq = (SELECT max(seq) FROM course_version v WHERE v.institution = c.institution AND v.course = c.course)`
	outlines, err := read(`SELECT institution, course, outline FROM course_version c WHERE institution IN (%s) AND course IN (%s) AND ` + last)
	if err != nil {
		return nil, err
	}
	outcomes, err := read(`SELECT institution, course, outcome FROM course_outcome c WHERE institution IN (%s) AND course IN (%s) AND ` + last +
		` ORDER BY institution, course, n`)
	if err != nil {
		return nil, err
	}
	for k := range wanted {
		if runes := []rune(cmp.Or(outcomes[k], outlines[k])); len(runes) > 0 {
			outlines[k] = string(runes[:min(len(runes), contentRunes)])
		}
	}
	return outlines, nil
}

func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// showContents adds what the courses teach, where both say it.
func (b *Bank) showContents(ctx context.Context, list []Suggestion) error {
	var keys []transfer.CourseKey
	for _, s := range list {
		keys = append(keys, s.Source.CourseKey, s.Target.CourseKey)
	}
	contents, err := b.courseContents(ctx, keys)
	if err != nil {
		return err
	}
	for i := range list {
		s := &list[i]
		if a, b := contents[s.Source.CourseKey], contents[s.Target.CourseKey]; a != "" && b != "" {
			s.SourceContent, s.TargetContent = markShared(a, b), markShared(b, a)
		}
	}
	return nil
}

package bank

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/unicode/norm"

	"creditbank/internal/transfer"
)

// searchIndex finds institutions, programmes and courses by name, pinyin
// initials or code. A scan of folded text serves a city: two-character words
// and single letters match without any index of words.
type searchIndex struct {
	institutions []entry[string]
	programmes   []entry[transfer.ProgrammeKey]
	courses      []entry[transfer.CourseKey]
}

// entry is one thing with the texts it is found by.
type entry[K any] struct {
	key  K
	code string // folded
	name string // folded
	abbr string // pinyin initials of the name
	hay  string // everything it is found by, folded
}

func newSearchIndex(s *Snapshot) *searchIndex {
	x := &searchIndex{}
	for code, in := range s.institutions {
		x.institutions = append(x.institutions, newEntry(code, code, in.Name, in.NameEn))
	}
	for key, p := range s.programmes {
		x.programmes = append(x.programmes, newEntry(key, key.Code, p.Name, p.NameEn, p.CatalogueCode))
	}
	for key, versions := range s.courses {
		latest := versions[len(versions)-1]
		x.courses = append(x.courses, newEntry(key, key.Code, latest.Name, latest.NameEn))
	}
	slices.SortFunc(x.institutions, func(a, b entry[string]) int { return cmp.Compare(a.key, b.key) })
	slices.SortFunc(x.programmes, func(a, b entry[transfer.ProgrammeKey]) int {
		return cmp.Or(cmp.Compare(a.key.Institution, b.key.Institution), cmp.Compare(a.key.Code, b.key.Code))
	})
	slices.SortFunc(x.courses, func(a, b entry[transfer.CourseKey]) int {
		return cmp.Or(cmp.Compare(a.key.Institution, b.key.Institution), cmp.Compare(a.key.Code, b.key.Code))
	})
	return x
}

func newEntry[K any](key K, code, name string, more ...string) entry[K] {
	texts := append([]string{Fold(code), Fold(name)}, more...)
	for i := range more {
		texts[i+2] = Fold(more[i])
	}
	abbr := Initials(name)
	texts = append(texts, abbr)
	return entry[K]{key: key, code: texts[0], name: texts[1], abbr: abbr, hay: strings.Join(texts, "\n")}
}

// Fold makes texts that people take for the same equal: full-width and
// half-width letters, upper and lower case.
func Fold(s string) string { return strings.ToLower(strings.TrimSpace(norm.NFKC.String(s))) }

// readings are words in which a character is not read as it mostly is.
var readings = strings.NewReplacer("会计", "kj", "重庆", "cq", "银行", "yh", "行业", "hy", "音乐", "yy", "乐理", "yl", "长度", "cd", "调查", "dc",
	"调研", "dy", "重点", "zd", "参数", "cs", "模具", "mj", "朝鲜", "cx", "数控", "sk", "传感", "cg", "传动", "cd", "曲线", "qx", "单片", "dp")

// Initials are the first letters of a name's pinyin, by which people find it as
// well: 计算机 → jsj.
func Initials(name string) string {
	args := pinyin.NewArgs()
	args.Style = pinyin.FirstLetter
	var b strings.Builder
	for _, r := range Fold(readings.Replace(name)) {
		if letters := pinyin.SinglePinyin(r, args); len(letters) > 0 {
			b.WriteString(letters[0])
		} else if (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// find lists the entries that hold every word of the query, the best first;
// without words all that keep lets through, in the order of keys.
func find[K any](entries []entry[K], query string, keep func(K) bool) []K {
	words := strings.Fields(Fold(query))
	type hit struct {
		at    int
		grade int
	}
	var hits []hit
	for i := range entries {
		if keep(entries[i].key) && entries[i].holds(words) {
			hits = append(hits, hit{i, entries[i].grade(words)})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.grade, b.grade) })
	keys := make([]K, len(hits))
	for i, h := range hits {
		keys[i] = entries[h.at].key
	}
	return keys
}

func (e *entry[K]) holds(words []string) bool {
	for _, w := range words {
		if !strings.Contains(e.hay, w) {
			return false
		}
	}
	return true
}

// grade says how well the first word fits; less is better.
func (e *entry[K]) grade(words []string) int {
	if len(words) == 0 {
		return 0
	}
	whole := strings.Join(words, " ")
	switch {
	case e.code == whole:
		return 0
	case e.name == whole:
		return 1
	case e.abbr == whole:
		return 2
	case strings.HasPrefix(e.name, words[0]):
		return 3
	case strings.HasPrefix(e.code, words[0]):
		return 4
	case strings.Contains(e.name, words[0]):
		return 5
	}
	return 6
}

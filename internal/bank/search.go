package bank

import (
	"slices"
	"strings"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/unicode/norm"

	"creditbank/internal/packed"
)

// searchTables find things by name, pinyin initials or code. A scan of folded
// text serves a country: two-character words and single letters match without
// any index of words, and a page waits for it no longer than a finger rests.
type searchTables struct {
	hays packed.Texts // of each thing: code, name, further texts and initials, folded, a line each
	cuts []cutRow
}

// cutRow says where in a thing's text its code, its name and its initials are.
type cutRow struct{ code, name, initials uint32 }

// The lists of things that can be searched for.
const (
	findInstitutions = iota // by the number in the map
	findProgrammes          // by institution and code
	findCourses             // by the number in the map
)

// searchWriter makes the texts by which things are found. Many things have the
// same name; it is folded once.
type searchWriter struct {
	folded  map[string]foldedName
	letters letterMemo
	line    []byte
}

type foldedName struct{ name, initials string }

// add appends a thing to a list.
func (w *searchWriter) add(x *searchTables, code, name string, more ...string) {
	folded, known := w.folded[name]
	if !known {
		folded = foldedName{Fold(name), w.letters.initials(name)}
		w.folded[name] = folded
	}
	code = Fold(code)
	w.line = append(append(append(w.line[:0], code...), '\n'), folded.name...)
	for _, text := range more {
		w.line = append(append(w.line, '\n'), Fold(text)...)
	}
	w.line = append(append(w.line, '\n'), folded.initials...)
	x.hays.Append(string(w.line))
	x.cuts = append(x.cuts, cutRow{uint32(len(code)), uint32(len(folded.name)), uint32(len(folded.initials))})
}

// Fold makes texts that people take for the same equal: full-width and
// half-width letters, upper and lower case.
func Fold(s string) string { return strings.ToLower(strings.TrimSpace(norm.NFKC.String(s))) }

// readings are words in which a character is not read as it mostly is.
var readings = strings.NewReplacer("会计", "kj", "重庆", "cq", "银行", "yh", "行业", "hy", "音乐", "yy", "乐理", "yl", "长度", "cd", "调查", "dc",
	"调研", "dy", "重点", "zd", "参数", "cs", "模具", "mj", "朝鲜", "cx", "数控", "sk", "传感", "cg", "传动", "cd", "曲线", "qx", "单片", "dp")

// Initials are the first letters of a name's pinyin, by which people find it as
// well: 计算机 → jsj.
func Initials(name string) string { return letterMemo{}.initials(name) }

// letterMemo remembers the letter for which a character stands: names share them.
type letterMemo map[rune]string

func (m letterMemo) initials(name string) string {
	var b strings.Builder
	for _, r := range Fold(readings.Replace(name)) {
		letter, known := m[r]
		if !known {
			letter = firstLetter(r)
			m[r] = letter
		}
		b.WriteString(letter)
	}
	return b.String()
}

func firstLetter(r rune) string {
	args := pinyin.NewArgs()
	args.Style = pinyin.FirstLetter
	if letters := pinyin.SinglePinyin(r, args); len(letters) > 0 {
		return letters[0]
	}
	if (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') {
		return string(r)
	}
	return ""
}

// find lists the things that hold every word of the query, the best first;
// without words all that keep lets through, in their order. keep may be nil.
func (x *searchTables) find(query string, keep func(int32) bool) []int32 {
	words := strings.Fields(Fold(query))
	if len(words) == 0 {
		return x.all(keep)
	}
	var found [worstFit + 1][]int32
	whole := strings.Join(words, " ")
	for n, hay := range x.hays.All() {
		if holdsAll(hay, words) && (keep == nil || keep(int32(n))) {
			fit := x.cuts[n].fit(hay, whole, words[0])
			found[fit] = append(found[fit], int32(n))
		}
	}
	return slices.Concat(found[:]...)
}

// all lists everything that keep lets through.
func (x *searchTables) all(keep func(int32) bool) []int32 {
	list := make([]int32, 0, len(x.cuts))
	for n := range int32(len(x.cuts)) {
		if keep == nil || keep(n) {
			list = append(list, n)
		}
	}
	return list
}

func holdsAll(hay string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(hay, w) {
			return false
		}
	}
	return true
}

const worstFit = 6

// fit says how well the query and its first word fit; less is better.
func (c cutRow) fit(hay, whole, first string) int {
	code := hay[:c.code]
	name := hay[len(code)+1:][:c.name]
	switch {
	case code == whole:
		return 0
	case name == whole:
		return 1
	case hay[len(hay)-int(c.initials):] == whole:
		return 2
	case strings.HasPrefix(name, first):
		return 3
	case strings.HasPrefix(code, first):
		return 4
	case strings.Contains(name, first):
		return 5
	}
	return worstFit
}

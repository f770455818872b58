package bank

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// titleIndex says which titles are like each other: the cosine of their words, each
// weighted by how rare it is among all titles (the logarithm of the share of titles
// without it). The words of a Chinese text are its pairs of neighbouring characters,
// which need no dictionary; those of Latin letters and digits are whole.
type titleIndex struct {
	words   map[string]int32
	weights []float64 // by word
	titles  [][]int32 // by title: its words, ascending, each once
	lengths []float64 // by title
	holding [][]int32 // by word: the titles that have it, ascending
}

// titleWord is a word of a title, with the characters it is made of.
type titleWord struct {
	text     string
	from, to int // runes of the title
}

// titleWords takes a title apart. Marks and blanks end a word, as do the particles
// that join two titles.
func titleWords(title string) []titleWord {
	var words []titleWord
	runes := []rune(title)
	folded := make([]string, len(runes))
	for i, r := range runes {
		folded[i] = strings.ToLower(norm.NFKC.String(string(r)))
	}
	for from := 0; from < len(runes); {
		kind := runeKind(folded[from])
		to := from + 1
		for to < len(runes) && runeKind(folded[to]) == kind {
			to++
		}
		switch {
		case kind == otherRune:
		case kind == latinRune || to == from+1:
			words = append(words, titleWord{strings.Join(folded[from:to], ""), from, to})
		default:
			for i := from; i+1 < to; i++ {
				words = append(words, titleWord{folded[i] + folded[i+1], i, i + 2})
			}
		}
		from = to
	}
	return words
}

const (
	otherRune = iota
	hanRune
	latinRune
)

func runeKind(folded string) int {
	for _, r := range folded {
		switch {
		case strings.ContainsRune("与和及的", r):
			return otherRune
		case unicode.Is(unicode.Han, r):
			return hanRune
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return latinRune
		}
	}
	return otherRune
}

// newTitleIndex indexes titles by their numbers.
func newTitleIndex(titles []string) *titleIndex {
	x := &titleIndex{words: map[string]int32{}, titles: make([][]int32, len(titles)), lengths: make([]float64, len(titles))}
	known := map[string][]int32{} // many courses have the same title
	for n, title := range titles {
		words, seen := known[title]
		if !seen {
			words = x.numbers(title)
			known[title] = words
		}
		x.titles[n] = words
		for _, w := range words {
			x.holding[w] = append(x.holding[w], int32(n))
		}
	}
	x.weights = make([]float64, len(x.holding))
	for w, holding := range x.holding {
		x.weights[w] = math.Log(float64(len(titles)+1) / float64(len(holding)))
	}
	for n, words := range x.titles {
		for _, w := range words {
			x.lengths[n] += x.weights[w] * x.weights[w]
		}
		x.lengths[n] = math.Sqrt(x.lengths[n])
	}
	return x
}

// numbers are the words of a title by their numbers.
func (x *titleIndex) numbers(title string) []int32 {
	var words []int32
	for _, w := range titleWords(title) {
		n, known := x.words[w.text]
		if !known {
			n = int32(len(x.holding))
			x.words[w.text] = n
			x.holding = append(x.holding, nil)
		}
		words = append(words, n)
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// alike is how like two titles of the index are, from 0 to 1.
func (x *titleIndex) alike(a, b int32) float64 {
	if x.lengths[a] == 0 || x.lengths[b] == 0 {
		return 0
	}
	var sum float64
	for _, w := range x.titles[a] {
		if _, shared := slices.BinarySearch(x.titles[b], w); shared {
			sum += x.weights[w] * x.weights[w]
		}
	}
	return min(1, sum/(x.lengths[a]*x.lengths[b])) // not above for rounding
}

// alikeTitle is a title and how like another one it is.
type alikeTitle struct {
	n     int32
	score float64
}

// nearest lists the titles that keep lets through and that are at least so like a
// title, at most so many, the likest first.
func (x *titleIndex) nearest(title int32, least float64, most int, keep func(int32) bool) []alikeTitle {
	var near []alikeTitle
	for n := range x.candidates(title, least) {
		if n == title || !keep(n) {
			continue
		}
		if score := x.alike(title, n); score >= least {
			near = append(near, alikeTitle{n, score})
		}
	}
	slices.SortFunc(near, func(a, b alikeTitle) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.n, b.n)) })
	return near[:min(most, len(near))]
}

// candidates are the titles that have one of the rarest words of a title. The words
// left out, which most titles have, could not alone make two titles so like.
func (x *titleIndex) candidates(title int32, least float64) map[int32]bool {
	words := slices.Clone(x.titles[title])
	slices.SortFunc(words, func(a, b int32) int { return cmp.Or(cmp.Compare(x.weights[b], x.weights[a]), cmp.Compare(a, b)) })
	found := map[int32]bool{}
	var left float64 // of the squares of the weights that are not looked at yet
	for _, w := range words {
		left += x.weights[w] * x.weights[w]
	}
	needed := least * x.lengths[title]
	for _, w := range words {
		if math.Sqrt(max(0, left)) < needed { // Cauchy and Schwarz: what is left is not enough
			break
		}
		for _, n := range x.holding[w] {
			found[n] = true
		}
		left -= x.weights[w] * x.weights[w]
	}
	return found
}

// MarkedText is a part of a title; Shared: another title has the same words.
type MarkedText struct {
	Text   string
	Shared bool
}

// markShared marks in a title what stands in another one as well.
func markShared(title, other string) []MarkedText {
	there := map[string]bool{}
	for _, w := range titleWords(other) {
		there[w.text] = true
	}
	runes := []rune(title)
	shared := make([]bool, len(runes))
	for _, w := range titleWords(title) {
		for i := w.from; i < w.to && there[w.text]; i++ {
			shared[i] = true
		}
	}
	var parts []MarkedText
	for from := 0; from < len(runes); {
		to := from + 1
		for to < len(runes) && shared[to] == shared[from] {
			to++
		}
		parts = append(parts, MarkedText{string(runes[from:to]), shared[from]})
		from = to
	}
	return parts
}

// wordSet are the words of a longer text.
func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range titleWords(text) {
		set[w.text] = true
	}
	return set
}

// setCosine is how like two sets of words are, from 0 to 1.
func setCosine(a, b map[string]bool) float64 {
	shared := 0
	for w := range a {
		if b[w] {
			shared++
		}
	}
	return float64(shared) / math.Sqrt(float64(len(a)*len(b)))
}

package web

import (
	"slices"
	"unicode"
)

// wording is a piece of a text that is compared with others: Own when the others do
// not have it.
type wording struct {
	Text string
	Own  bool
}

// vocabulary is what some texts say: their Latin words and numbers, and the pairs of
// neighbouring Chinese characters. A pair is the shortest thing in Chinese that mostly
// means something; the order in which two outlines list their topics means nothing.
type vocabulary map[string]bool

func vocabularyOf(texts ...string) vocabulary {
	v := vocabulary{}
	for _, text := range texts {
		for _, run := range runsOf(text) {
			switch run.kind {
			case latinRun:
				v[run.folded()] = true
			case hanRun:
				for i := range len(run.text) - 1 {
					v[string(run.text[i:i+2])] = true
				}
			}
		}
	}
	return v
}

// compareWords marks what of a text others do not say, and tells how much of it they
// do, in percent of its words; -1 where there is no word to compare.
func compareWords(text string, others vocabulary) (marked []wording, shared int) {
	all, common := 0, 0
	for _, run := range runsOf(text) {
		own := run.own(others)
		for i, r := range run.text {
			marked = appendWording(marked, string(r), own[i])
		}
		if run.kind == otherRun {
			continue
		}
		all += len(run.text)
		for _, foreign := range own {
			if !foreign {
				common++
			}
		}
	}
	if all == 0 {
		return marked, -1
	}
	return marked, common * 100 / all
}

func appendWording(list []wording, text string, own bool) []wording {
	if last := len(list) - 1; last >= 0 && list[last].Own == own {
		list[last].Text += text
		return list
	}
	return append(list, wording{text, own})
}

// ownWords are the pieces that only the text has, each once.
func ownWords(marked []wording) []string {
	var list []string
	for _, w := range marked {
		if w.Own && !slices.Contains(list, w.Text) {
			list = append(list, w.Text)
		}
	}
	return list
}

// wordRun is a stretch of a text: Chinese characters, a Latin word or number, or what
// stands between.
type wordRun struct {
	kind runKind
	text []rune
}

type runKind int

const (
	otherRun runKind = iota
	hanRun
	latinRun
)

func kindOfRune(r rune) runKind {
	switch {
	case unicode.Is(unicode.Han, r):
		return hanRun
	case unicode.IsLetter(r), unicode.IsDigit(r), r == '+', r == '#': // C++, C#
		return latinRun
	}
	return otherRun
}

func runsOf(text string) []wordRun {
	var runs []wordRun
	for _, r := range text {
		kind := kindOfRune(r)
		if last := len(runs) - 1; last >= 0 && runs[last].kind == kind {
			runs[last].text = append(runs[last].text, r)
		} else {
			runs = append(runs, wordRun{kind, []rune{r}})
		}
	}
	return runs
}

func (w wordRun) folded() string {
	folded := slices.Clone(w.text)
	for i, r := range folded {
		folded[i] = unicode.ToLower(r)
	}
	return string(folded)
}

// own says of each character whether the others lack it: a word as a whole, a Chinese
// character when none of the pairs it stands in is known. One that stands alone, such
// as 和, says nothing.
func (w wordRun) own(others vocabulary) []bool {
	own := make([]bool, len(w.text))
	switch {
	case w.kind == latinRun && !others[w.folded()]:
		for i := range own {
			own[i] = true
		}
	case w.kind == hanRun && len(w.text) > 1:
		for i := range own {
			own[i] = !(i > 0 && others[string(w.text[i-1:i+1])]) && !(i+1 < len(w.text) && others[string(w.text[i:i+2])])
		}
	}
	return own
}

package web

import (
	"strings"
	"testing"
)

// What only one of two outlines says is marked, whatever the order of the topics.
func TestCompareWords(t *testing.T) {
	for _, c := range []struct {
		text, other, marked string
		shared              int
	}{
		{"变量、循环、数组", "数组、循环、变量", "变量、循环、数组", 100},
		{"变量、循环和指针", "循环、变量", "变量、循环[和指针]", 57},
		{"C语言与Java", "c 语言", "C语言[与Java]", 37},
		{"Java programming in 48 hours", "java Programming in 32 hours", "Java programming in [48] hours", 91},
		{"", "什么", "", -1},
		{"……", "", "……", -1},
		{"数据库", "", "[数据库]", 0},
	} {
		marked, shared := compareWords(c.text, vocabularyOf(c.other))
		var got strings.Builder
		for _, w := range marked {
			if w.Own {
				got.WriteString("[" + w.Text + "]")
			} else {
				got.WriteString(w.Text)
			}
		}
		if got.String() != c.marked || shared != c.shared {
			t.Errorf("%s: %s %d %%, want %s %d %%", c.text, got.String(), shared, c.marked, c.shared)
		}
	}
}

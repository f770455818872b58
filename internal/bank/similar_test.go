package bank

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"creditbank/seeds"
	"encoding/csv"
)

// seedTitles are the titles of the courses of the seeds, and those given.
func seedTitles(t testing.TB, more ...string) []string {
	t.Helper()
	file, err := seeds.FS.Open("courses.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(rows[0], "name")
	for _, row := range rows[1:] {
		more = append(more, row[at])
	}
	return more
}

// Titles that people take for the same are like each other, and others are not.
func TestTitlesAreAlike(t *testing.T) {
	for _, c := range []struct {
		a, b        string
		least, most float64
	}{
		{"CAD机械制图", "机械制图与CAD", 0.85, 1},
		{"基础会计", "会计基础", 0.4, 0.8},
		{"电子商务", "电工电子技术", 0, 0.45},
		{"ＰＹＴＨＯＮ程序设计", "Python 程序设计", 0.99, 1},
		{"大学英语1", "大学英语2", 0.1, 0.9},
		{"数学", "语文", 0, 0},
		{"《》", "《》", 0, 0},
	} {
		x := newTitleIndex(seedTitles(t, c.a, c.b))
		if got := x.alike(0, 1); got < c.least || got > c.most || math.Abs(got-x.alike(1, 0)) > 1e-12 {
			t.Errorf("%s ~ %s: %.2f, want %.2f to %.2f", c.a, c.b, got, c.least, c.most)
		}
	}
}

// What nearest passes over is not like enough: the same as comparing with all.
func TestNearestMissesNone(t *testing.T) {
	titles := seedTitles(t)
	x := newTitleIndex(titles)
	found := 0
	for a := range int32(min(len(titles), 300)) {
		var want []string
		for b := range int32(len(titles)) {
			if a != b && x.alike(a, b) >= 0.5 {
				want = append(want, fmt.Sprint(b))
			}
		}
		var got []string
		for _, near := range x.nearest(a, 0.5, len(titles), func(int32) bool { return true }) {
			got = append(got, fmt.Sprint(near.n))
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("%s: got %v, want %v", titles[a], got, want)
		}
		found += len(want)
	}
	if found < 100 {
		t.Errorf("only %d were like each other", found)
	}
}

func TestMarkShared(t *testing.T) {
	for _, c := range []struct{ title, other, want string }{
		{"CAD机械制图", "机械制图与CAD", "[CAD机械制图]"},
		{"机械制图与CAD", "CAD机械制图", "[机械制图]与[CAD]"},
		{"基础会计", "会计基础", "[基础会计]"},
		{"电子商务", "电工电子技术", "[电子]商务"},
		{"语文", "数学", "语文"},
		{"ＣＡＤ 制图", "cad", "[ＣＡＤ] 制图"},
	} {
		got := ""
		for _, part := range markShared(c.title, c.other) {
			if part.Shared {
				part.Text = "[" + part.Text + "]"
			}
			got += part.Text
		}
		if got != c.want {
			t.Errorf("%s beside %s: %s, want %s", c.title, c.other, got, c.want)
		}
	}
}

package transfer

import (
	"math/big"
	"slices"
	"strconv"
)

// longestCycle is the largest substitution circle seen in public rule sets;
// visitsPerHop bounds the search for one circle.
const (
	longestCycle = 15
	visitsPerHop = 2_000
)

// cycles reports circles of rules from course to course that come back with more
// credits than they began with. Rules do not chain, so nobody is awarded these;
// but one of the rules must be wrong.
//
// Around a circle each course's own credits cancel out. So it grows only if some
// rule gives more than its target course is worth: from each of those the shortest
// way back is taken.
func (l *linter) cycles() {
	hops := l.hops()
	from := map[int32][]hop{}
	for _, h := range hops {
		from[h.from] = append(from[h.from], h)
	}
	component := components32(from)
	seen := map[string]bool{}
	for _, h := range hops {
		c, known := component[h.from]
		if h.awarded <= l.credits(h.to) || !known || component[h.to] != c {
			continue
		}
		back := wayBack(from, component, h)
		if back == nil {
			continue
		}
		circle := append([]hop{h}, back...)
		if key := circleKey(circle); !seen[key] && l.grows(circle) {
			seen[key] = true
			l.reportCircle(circle)
		}
	}
}

// circleKey is the same wherever the circle begins.
func circleKey(circle []hop) string {
	refs := make([]string, len(circle))
	for i, h := range circle {
		refs[i] = h.rule.Code + "\x00" + strconv.Itoa(h.rule.Version)
	}
	slices.Sort(refs)
	var key []byte
	for _, r := range refs {
		key = append(append(key, r...), 1)
	}
	return string(key)
}

// grows multiplies exactly what each rule gives for what its target is worth.
func (l *linter) grows(circle []hop) bool {
	given, worth := big.NewInt(1), big.NewInt(1)
	for _, h := range circle {
		given.Mul(given, big.NewInt(int64(h.awarded)))
		worth.Mul(worth, big.NewInt(int64(l.credits(h.to))))
	}
	return worth.Sign() > 0 && given.Cmp(worth) > 0
}

func (l *linter) reportCircle(circle []hop) {
	rules := make([]*toldRule, len(circle))
	for i, h := range circle {
		rules[i] = h.rule
	}
	l.report(Finding{Class: LintCycle, Course: circle[0].rule.Sources[0].CourseKey}, rules...)
}

// wayBack is the shortest way from where the hop leads to where it began, breadth
// first, or nil. Of rules between the same courses it takes the one that gives most.
func wayBack(from map[int32][]hop, component map[int32]int, h hop) []hop {
	if h.from == h.to {
		return []hop{}
	}
	came := map[int32]hop{}
	layer := []int32{h.to}
	for range longestCycle - 1 {
		var next []int32
		for _, at := range layer {
			for _, step := range from[at] {
				old, seen := came[step.to]
				if seen && old.from == step.from && step.awarded > old.awarded {
					came[step.to] = step
				}
				if seen || step.to == h.to || component[step.to] != component[h.from] {
					continue
				}
				came[step.to] = step
				next = append(next, step.to)
			}
		}
		if _, closed := came[h.from]; closed {
			return trace(came, h)
		}
		if len(came) > visitsPerHop {
			return nil
		}
		layer = next
	}
	return nil
}

func trace(came map[int32]hop, h hop) []hop {
	var way []hop
	for at := h.from; at != h.to; {
		step := came[at]
		way = append(way, step)
		at = step.from
	}
	slices.Reverse(way)
	return way
}

// components32 numbers the strongly connected components of the courses, by
// Tarjan's algorithm without recursion: chains of courses can be long.
func components32(from map[int32][]hop) map[int32]int {
	t := tarjan{from: from, index: map[int32]int{}, low: map[int32]int{}, component: map[int32]int{}}
	var nodes []int32
	for n := range from {
		nodes = append(nodes, n)
	}
	slices.Sort(nodes)
	for _, n := range nodes {
		if _, seen := t.index[n]; !seen {
			t.walk(n)
		}
	}
	return t.component
}

type tarjan struct {
	from       map[int32][]hop
	index, low map[int32]int
	component  map[int32]int
	open       []int32
	count      int
}

// frame is a course on the way down, and the next of its hops to follow.
type frame struct {
	node int32
	next int
}

func (t *tarjan) enter(n int32) frame {
	t.index[n], t.low[n] = len(t.index), len(t.index)
	t.open = append(t.open, n)
	return frame{node: n}
}

func (t *tarjan) walk(start int32) {
	stack := []frame{t.enter(start)}
	for len(stack) > 0 {
		f := &stack[len(stack)-1]
		if hops := t.from[f.node]; f.next < len(hops) {
			to := hops[f.next].to
			f.next++
			if _, seen := t.index[to]; !seen {
				stack = append(stack, t.enter(to))
			} else if _, done := t.component[to]; !done {
				t.low[f.node] = min(t.low[f.node], t.index[to])
			}
			continue
		}
		t.leave(f.node)
		stack = stack[:len(stack)-1]
		if len(stack) > 0 {
			above := stack[len(stack)-1].node
			t.low[above] = min(t.low[above], t.low[f.node])
		}
	}
}

// leave closes the component of which the node is the first.
func (t *tarjan) leave(n int32) {
	if t.low[n] != t.index[n] {
		return
	}
	for {
		last := t.open[len(t.open)-1]
		t.open = t.open[:len(t.open)-1]
		t.component[last] = t.count
		if last == n {
			break
		}
	}
	t.count++
}

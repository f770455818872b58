package transfer

import "slices"

// rivals are by item those that exclude it. The lists are the items that want the same
// thing, for every thing that several want: a record, a course, a rule served in several ways.
func rivals(items []*item, memory *memory) (sets []set, lists [][]int) {
	sets = memory.sets.take(len(items))
	for j := range sets {
		sets[j] = memory.set(len(items))
	}
	lists = exclusions(items, memory)
	members := memory.set(len(items))
	for _, list := range lists {
		clear(members)
		for _, j := range list {
			members.add(j)
		}
		for _, j := range list {
			sets[j].union(members)
		}
	}
	for j := range sets {
		sets[j].remove(j)
	}
	return sets, lists
}

// exclusions are the items that want the same thing, for every thing that several want.
func exclusions(items []*item, memory *memory) [][]int {
	c := claims{next: recordsOf(items), targets: make(map[int32]int, usualTargets)}
	all := 0
	for _, it := range items {
		all += len(it.records) + len(it.targets) + 1
		if len(it.trial.via) > 0 && c.rules == nil {
			c.rules = map[int32]int{}
		}
	}
	c.wants, c.count, c.ends = memory.ints.take(all)[:0], memory.ints.take(c.next+all), memory.ints.take(len(items))[:0]
	for _, it := range items {
		c.add(it)
	}
	return c.lists(items, memory)
}

// usualTargets are the courses that the items mostly want together.
const usualTargets = 64

// claims are what items want, each thing by its number: the records first.
type claims struct {
	next    int
	targets map[int32]int // by course
	rules   map[int32]int // likewise; nil when no rule is served through a standard unit, and so none in two ways
	wants   []int         // what the first item wants, and the second …
	ends    []int         // by item: where what it wants ends
	count   []int         // by thing: how many want it
}

func (c *claims) add(it *item) {
	for _, r := range it.records {
		c.want(r)
	}
	for _, t := range it.targets {
		c.want(c.number(c.targets, t))
	}
	if c.rules != nil {
		c.want(c.number(c.rules, it.trial.rule.n))
	}
	c.ends = append(c.ends, len(c.wants))
}

func (c *claims) want(thing int) {
	c.wants = append(c.wants, thing)
	c.count[thing]++
}

// number gives a thing its number when it is met first.
func (c *claims) number(at map[int32]int, key int32) int {
	n, known := at[key]
	if !known {
		n = c.next
		at[key] = n
		c.next++
	}
	return n
}

// lists are the items by what several of them want.
func (c *claims) lists(items []*item, memory *memory) [][]int {
	byThing := memory.lists.take(c.next)
	for thing, n := range c.count[:c.next] {
		byThing[thing] = memory.ints.take(n)[:0]
	}
	from := 0
	for j := range items {
		for _, thing := range c.wants[from:c.ends[j]] {
			byThing[thing] = append(byThing[thing], j)
		}
		from = c.ends[j]
	}
	return slices.DeleteFunc(byThing, func(list []int) bool { return len(list) < 2 })
}

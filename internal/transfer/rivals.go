package transfer

// rivals are by item those that exclude it. The lists are the items that want the same
// thing, for every thing that several want: a record, a course, a rule served in several ways.
func rivals(items []*item) (sets []set, lists [][]int) {
	words := (len(items) + 63) / 64
	memory := make(set, (len(items)+1)*words)
	sets = make([]set, len(items))
	for j := range sets {
		sets[j] = memory[j*words : (j+1)*words : (j+1)*words]
	}
	lists = exclusions(items)
	members := memory[len(items)*words:]
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
func exclusions(items []*item) [][]int {
	var c claims
	most := 0
	for _, it := range items {
		most = max(most, it.records[len(it.records)-1]+1)
		if len(it.trial.via) > 0 && c.rules == nil {
			c.rules = map[*rule]int{}
		}
	}
	c.byRecord, c.targets = make([][]int, most), map[int32]int{}
	for j, it := range items {
		c.add(j, it)
	}
	all := append(c.byRecord, c.others...)
	n := 0
	for _, list := range all {
		if len(list) > 1 {
			all[n] = list
			n++
		}
	}
	return all[:n]
}

// claims are the items by what they want.
type claims struct {
	byRecord [][]int
	targets  map[int32]int // by course: its list in others
	rules    map[*rule]int // likewise; nil when no rule is served through a standard unit, and so none in two ways
	others   [][]int
}

func (c *claims) add(j int, it *item) {
	for _, r := range it.records {
		c.byRecord[r] = append(c.byRecord[r], j)
	}
	for _, t := range it.targets {
		addClaim(c, c.targets, t, j)
	}
	if c.rules != nil {
		addClaim(c, c.rules, it.trial.rule, j)
	}
}

func addClaim[K comparable](c *claims, at map[K]int, key K, j int) {
	n, known := at[key]
	if !known {
		n = len(c.others)
		at[key] = n
		c.others = append(c.others, nil)
	}
	c.others[n] = append(c.others[n], j)
}

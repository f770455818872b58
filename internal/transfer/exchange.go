package transfer

import (
	"slices"

	"creditbank/internal/credit"
)

// exchange looks for a good plan without a proof: it forces one item after another
// into the plan, drops what stands against it, fills up with what still fits, and stays with
// what is worth more.
type exchange struct {
	items  []*item // those that bring most for a record first: in this order it fills up
	rivals []set   // by item: those that exclude it
	lists  [][]int // of those that want the same thing
	needs  []credit.Amount
	limits []credit.Amount
	enough worth // with so much it ends
	left   int   // attempts

	total    int           // the cap on all credits, -1 none
	smallest credit.Amount // that an item takes of it
	sparing  bool          // that cap is short: first comes what is applied wholly

	now, next, best choice
	open            set // memory of fill
	crowd           crowd
	crowded         bool  // the crowd is that of the present choice
	out             []int // what the last attempt took out
	memory          *memory
}

// choice is a set of items that may stand in one plan.
type choice struct {
	in      set
	awarded []credit.Amount // by group
	taken   []credit.Amount // by cap
	worth
}

// attempts bounds the exchanges tried, for each item.
const attempts = 1

func newExchange(items []*item, needs, limits []credit.Amount, total int, enough worth, memory *memory) *exchange {
	x := &exchange{memory: memory, items: mostForRecord(items), needs: needs, limits: limits, enough: enough, left: attempts * len(items)}
	x.total = total
	for i, it := range items {
		if total >= 0 && (i == 0 || it.takes(total) < x.smallest) {
			x.smallest = it.takes(total)
		}
	}
	x.rivals, x.lists = rivals(x.items, memory)
	x.open = memory.set(len(items))
	for n := range x.crowd {
		x.crowd[n] = memory.set(len(items))
	}
	for _, c := range []*choice{&x.now, &x.next, &x.best} {
		*c = choice{memory.set(len(items)), make([]credit.Amount, len(needs)), make([]credit.Amount, len(limits)), worth{}}
	}
	return x
}

// mostForRecord are the items with those first that bring most for a record, then in their own order. They
// come with those that bring most first: so those with as many records are in order, and are only merged.
func mostForRecord(items []*item) []*item {
	counts := make([]int, recordsCount(items)+1)
	for _, it := range items {
		counts[len(it.records)]++
	}
	lists, memory := make([][]*item, len(counts)), make([]*item, 2*len(items))
	merged := memory[:0:len(items)]
	memory = memory[len(items):]
	for n, count := range counts {
		lists[n], memory = memory[:0:count], memory[count:]
	}
	for _, it := range items {
		lists[len(it.records)] = append(lists[len(it.records)], it)
	}
	for range items {
		next := -1
		for n, list := range lists {
			if len(list) > 0 && (next < 0 || list[0].bringsMore(lists[next][0])) {
				next = n
			}
		}
		merged = append(merged, lists[next][0])
		lists[next] = lists[next][1:]
	}
	return merged
}

// recordsCount is the most records that an item wants.
func recordsCount(items []*item) (most int) {
	for _, it := range items {
		most = max(most, len(it.records))
	}
	return most
}

// bringsMore says whether an item brings more for a record than another one, or as much and stands before it.
func (it *item) bringsMore(o *item) bool {
	a, b := it.total*credit.Amount(len(o.records)), o.total*credit.Amount(len(it.records))
	return a > b || (a == b && it.place < o.place)
}

// begin starts from a plan.
func (x *exchange) begin(plan []*item) {
	if len(plan) == 0 {
		return
	}
	order := make([]int, 0, len(plan))
	for j, it := range x.items {
		if slices.Contains(plan, it) {
			order = append(order, j)
		}
	}
	x.load(order)
}

// run finds a plan.
func (x *exchange) run() {
	x.fill()
	x.climb()
	x.best.copy(&x.now)
	for kick := uint32(0); !x.done(); kick++ {
		x.shake(kick)
		x.climb()
		if x.now.compare(x.best.worth) > 0 {
			x.best.copy(&x.now)
		} else {
			x.now.copy(&x.best)
			x.crowded = false
		}
	}
}

// done says whether there is nothing more to win, or no attempt left.
func (x *exchange) done() bool {
	return x.left <= 0 || x.reached(&x.now) || x.reached(&x.best)
}

func (x *exchange) reached(c *choice) bool {
	return c.applied >= x.enough.applied && c.transferable >= x.enough.transferable
}

// climb exchanges as long as that brings more.
func (x *exchange) climb() {
	for j, since := 0, 0; since < len(x.items) && !x.done(); j, since = (j+1)%len(x.items), since+1 {
		if x.now.in.has(j) {
			continue
		}
		x.force(j)
		if x.next.compare(x.now.worth) > 0 {
			x.goOn()
			since = 0
		}
	}
}

// shake forces some items in, whatever that costs.
func (x *exchange) shake(kick uint32) {
	x.left -= 3 // also where all are in already
	for n := range uint32(3) {
		j := int((kick*3 + n + 1) * 2654435761 >> 8 % uint32(len(x.items)))
		if !x.now.in.has(j) {
			x.force(j)
			x.goOn()
		}
	}
}

// goOn makes the next choice the present one.
func (x *exchange) goOn() {
	x.now, x.next = x.next, x.now
	x.crowded = false
}

// force makes the next choice: the present one with an item, without what excludes it, and what then fits.
func (x *exchange) force(j int) {
	x.left--
	c := &x.next
	c.copy(&x.now)
	x.out = x.out[:0]
	for i := c.in.firstOf(x.rivals[j], 0); i >= 0; i = c.in.firstOf(x.rivals[j], i+1) {
		x.drop(c, i)
	}
	x.book(c, j, 1)
	for _, u := range x.items[j].uses {
		for c.taken[u.cap] > x.limits[u.cap] {
			x.drop(c, x.spare(c, u.cap, j))
		}
	}
	x.reopen(j)
	x.fillOpen(c)
}

func (x *exchange) drop(c *choice, i int) {
	x.book(c, i, -1)
	x.out = append(x.out, i)
}

// spare is the item to give up for a cap: the one that takes least of those that take
// enough, else the one that takes most.
func (x *exchange) spare(c *choice, cap, not int) int {
	over := c.taken[cap] - x.limits[cap]
	spare, size := -1, credit.Amount(0)
	for i := c.in.first(0); i >= 0; i = c.in.first(i + 1) {
		a := x.items[i].takes(cap)
		if i == not || a == 0 {
			continue
		}
		if spare < 0 || (a >= over && (size < over || a <= size)) || (a > size && size < over) {
			spare, size = i, a
		}
	}
	return spare
}

// takes is what an item takes of a cap.
func (it *item) takes(cap int) credit.Amount {
	for _, u := range it.uses {
		if u.cap == cap {
			return u.amount
		}
	}
	return 0
}

// load makes the present choice: items in an order as far as they go, and what still fits.
func (x *exchange) load(order []int) {
	c := &x.now
	clear(c.in)
	clear(c.awarded)
	clear(c.taken)
	c.worth = worth{}
	clear(x.open) // what is shut out
	for _, j := range order {
		if !x.open.has(j) && x.fits(c, j) {
			x.book(c, j, 1)
			x.open.union(x.rivals[j])
		}
	}
	x.fill()
}

// fill adds to the present choice what still fits, in order.
func (x *exchange) fill() {
	x.openTo(&x.now)
	x.fillOpen(&x.now)
	x.crowded = false
}

// fillOpen adds what still fits of what is open, in order.
func (x *exchange) fillOpen(c *choice) {
	if x.sparing {
		x.add(c, true)
	}
	x.add(c, false)
	c.applied = 0
	for g, need := range x.needs {
		c.applied += min(need, c.awarded[g])
	}
}

// add takes what is open and fits, in order; wholly: of that what would be applied wholly.
func (x *exchange) add(c *choice, wholly bool) {
	for i := x.open.first(0); i >= 0 && i < len(x.items) && !x.full(c); i = x.open.first(i + 1) {
		if x.fits(c, i) && (!wholly || x.applies(c, i)) {
			x.book(c, i, 1)
			x.open.without(x.rivals[i])
			x.open.remove(i)
		}
	}
}

// applies says whether all that an item gives would be applied.
func (x *exchange) applies(c *choice, i int) bool {
	rest := x.items[i].total
	for _, g := range x.items[i].byGroup {
		if c.awarded[g.group]+g.amount > x.needs[g.group] {
			return false
		}
		rest -= g.amount
	}
	return rest == 0
}

// full says whether the cap on all credits leaves room for no item.
func (x *exchange) full(c *choice) bool {
	return x.total >= 0 && c.taken[x.total]+x.smallest > x.limits[x.total]
}

func (x *exchange) fits(c *choice, i int) bool {
	for _, u := range x.items[i].uses {
		if c.taken[u.cap]+u.amount > x.limits[u.cap] {
			return false
		}
	}
	return true
}

func (x *exchange) book(c *choice, i int, sign credit.Amount) {
	c.in[i/64] ^= 1 << (i % 64)
	it := x.items[i]
	for _, g := range it.byGroup {
		c.awarded[g.group] += sign * g.amount
	}
	for _, u := range it.uses {
		c.taken[u.cap] += sign * u.amount
	}
	c.transferable += sign * it.total
	c.exemptions += int(sign) * it.exempt
	c.records += int(sign) * len(it.records)
}

// plan lists the best choice.
func (x *exchange) plan() (plan []*item) {
	for i := x.best.in.first(0); i >= 0; i = x.best.in.first(i + 1) {
		plan = append(plan, x.items[i])
	}
	return plan
}

func (c *choice) copy(o *choice) {
	copy(c.in, o.in)
	copy(c.awarded, o.awarded)
	copy(c.taken, o.taken)
	c.worth = o.worth
}

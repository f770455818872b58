package transfer

import "math/bits"

// crowd is, by number less one, the items that so many items of a choice exclude at least. From
// that it is seen at once what becomes free when a few of them go.
type crowd [4]set

// gather makes the crowd that of a choice.
func (x *exchange) gather(c *choice) {
	one, two, three, four := x.crowd[0], x.crowd[1], x.crowd[2], x.crowd[3]
	for _, s := range x.crowd {
		clear(s)
	}
	for w, left := range c.in {
		for ; left != 0; left &= left - 1 {
			for v, r := range x.rivals[w*64+bits.TrailingZeros64(left)] {
				four[v] |= three[v] & r
				three[v] |= two[v] & r
				two[v] |= one[v] & r
				one[v] |= r
			}
		}
	}
	x.crowded = true
}

// reopen finds what is open in the next choice, which is the present one with an item and
// without a few: what is not excluded by more items than have gone.
func (x *exchange) reopen(with int) {
	if len(x.out) >= len(x.crowd) {
		x.openTo(&x.next)
		return
	}
	if !x.crowded {
		x.gather(&x.now)
	}
	one, two, three, four := x.crowd[0], x.crowd[1], x.crowd[2], x.crowd[3]
	for w, shut := range x.rivals[with] {
		var a, b, c uint64 // that one, two and three of those that have gone exclude
		for _, i := range x.out {
			r := x.rivals[i][w]
			a, b, c = a|r, b|a&r, c|b&r
		}
		x.open[w] = ^(shut | x.next.in[w] | one[w]&^a | two[w]&^b | three[w]&^c | four[w])
	}
}

// openTo finds what is open in a choice.
func (x *exchange) openTo(c *choice) {
	for w := range x.open {
		x.open[w] = ^c.in[w]
	}
	for w, left := range c.in {
		for ; left != 0; left &= left - 1 {
			x.open.without(x.rivals[w*64+bits.TrailingZeros64(left)])
		}
	}
}

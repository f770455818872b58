package bench

import (
	"fmt"
	"slices"
	"time"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// Learner is the n-th learner's records: mostly of one to three senders, a few
// certificates, some failed, repeated or used, and for one learner in ten
// results at a receiving institution.
func (c *Country) Learner(n int) []transfer.Record { return c.learner(n, recordsEach) }

// learner is the n-th learner with so many records.
func (c *Country) learner(n, records int) []transfer.Record {
	d := c.dice(aboutLearner, n)
	senders := []int{d.IntN(c.senders)}
	for len(senders) < 1+n%3+(records-1)/recordsEach*3 {
		senders = append(senders, d.IntN(c.senders))
	}
	var list []transfer.Record
	if d.one(100) {
		list = c.results(d, c.atHome(d))
	}
	courses := c.coursesOf(d, senders, records)
	for len(list) < records {
		again := d.one(40) && len(list) > 0
		key := courses[len(list)%len(courses)]
		if again {
			key = list[d.IntN(len(list))].CourseKey
		}
		list = append(list, c.record(d, key))
	}
	return list
}

// coursesOf lists courses of the senders in a random order, each once; where
// they have too few, of any.
func (c *Country) coursesOf(d dice, senders []int, records int) []transfer.CourseKey {
	var pool []transfer.CourseKey
	for _, s := range slices.Compact(slices.Sorted(slices.Values(senders))) {
		for n := s; n < c.asked; n += c.senders {
			if key := c.askedCourse(n); key.Institution == c.sender(s) {
				pool = append(pool, key)
			}
		}
		for n := range unaskedCourses {
			pool = append(pool, c.unaskedCourse(s, n))
		}
	}
	for range 3 {
		if key := c.askedCourse(d.IntN(max(1, c.asked/20))*20 + 19); c.asked > 20 {
			pool = append(pool, key)
		}
	}
	for len(pool) < records+3 {
		pool = append(pool, c.askedCourse(d.IntN(c.asked)))
	}
	d.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
	return pool
}

// atHome lists courses of a plan that a learner has taken at its institution.
func (c *Country) atHome(d dice) []transfer.CourseKey {
	programme := d.IntN(c.Programmes)
	receiver, _ := c.home(programme)
	var keys []transfer.CourseKey
	for _, course := range c.planOf(programme)[2 : 4+d.IntN(8)] {
		keys = append(keys, c.poolCourse(receiver, course))
	}
	return keys
}

func (c *Country) results(d dice, keys []transfer.CourseKey) []transfer.Record {
	var list []transfer.Record
	for _, key := range keys {
		list = append(list, c.record(d, key))
	}
	return list
}

// record is a result in a course.
func (c *Country) record(d dice, key transfer.CourseKey) transfer.Record {
	r := transfer.Record{CourseKey: key, Kind: transfer.KindCourse, Passed: true,
		Completed: calendar.Date(2020+d.IntN(7), pick(d, time.January, time.June), 10+d.IntN(15))}
	if len(key.Institution) > len("3650990001") && key.Institution != c.bank() {
		r.Kind, r.Score = "certificate", transfer.NoScore
		return r
	}
	r.Score = credit.Score(100 * (60 + d.IntN(40)))
	if d.one(50) {
		r.Score, r.Passed = credit.Score(100*(30+d.IntN(30))), false
	}
	r.Grade = r.Score.String()
	if d.one(600) {
		r.Credits = credit.Amount(50 * (2 + d.IntN(11)))
	}
	if d.one(20) {
		r.Used = fmt.Sprintf("A%06d", d.IntN(1_000_000))
	}
	return r
}

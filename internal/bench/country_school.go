package bench

import (
	"fmt"
	"strings"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
	"creditbank/internal/transfer"
)

// Codes of schools have the form of 学校标识码 with serial numbers from 990000 on,
// those of other institutions the form of 统一社会信用代码 in region 000000, where
// nobody is registered: no code is anybody's.
func (c *Country) receiver(n int) string { return fmt.Sprintf("415099%04d", n+1) }

func (c *Country) sender(n int) string { return fmt.Sprintf("365099%04d", n+1) }

func (c *Country) examiner(n int) string { return creditCode(fmt.Sprintf("52000000%09d", n+1)) }

func (c *Country) bank() string { return creditCode("12000000000000990") }

// creditCode appends the check character of GB 32100-2015 to 17 characters.
func creditCode(s string) string {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	sum, weight := 0, 1
	for i := range len(s) {
		sum += strings.IndexByte(alphabet, s[i]) * weight
		weight = weight * 3 % len(alphabet)
	}
	check := (len(alphabet) - sum%len(alphabet)) % len(alphabet)
	return s + alphabet[check:check+1]
}

func (c *Country) institutions() []transfer.Institution {
	list := []transfer.Institution{{Code: c.bank(), Kind: transfer.KindBank, Rate: 1800, Step: 50}}
	for n := range c.receivers {
		d := c.dice(aboutInstitution, n)
		kind := weighted(d, "higher_vocational", choice[string]{80, "vocational_undergraduate"}, choice[string]{20, "general_undergraduate"})
		list = append(list, transfer.Institution{Code: c.receiver(n), Kind: kind, Rate: pick[credit.Rate](d, 1600, 1600, 1800), Step: 50})
	}
	for n := range c.senders {
		d := c.dice(aboutInstitution, c.receivers+n)
		kind := weighted(d, "secondary_vocational", choice[string]{100, "comprehensive_secondary"}, choice[string]{100, "general_secondary"})
		list = append(list, transfer.Institution{Code: c.sender(n), Kind: kind, Rate: pick[credit.Rate](d, 1600, 1700, 1800), Step: 50})
	}
	for n := range c.examiners {
		list = append(list, transfer.Institution{Code: c.examiner(n), Kind: "assessment_body", Rate: 1600, Step: 50})
	}
	return list
}

// askedCourse is the n-th course that rules ask for: one in twenty a certificate.
func (c *Country) askedCourse(n int) transfer.CourseKey {
	if n%20 == 19 {
		return transfer.CourseKey{Institution: c.examiner(n % c.examiners), Code: fmt.Sprintf("CERT%05d", n)}
	}
	at := n % c.senders
	return transfer.CourseKey{Institution: c.sender(at), Code: fmt.Sprintf("%02d%03d", 10+at%80, n/c.senders)}
}

// unaskedCourse is a course of a sender that no rule is about.
func (c *Country) unaskedCourse(sender, n int) transfer.CourseKey {
	return transfer.CourseKey{Institution: c.sender(sender), Code: fmt.Sprintf("X%04d", n)}
}

func (c *Country) unit(n int) transfer.CourseKey {
	return transfer.CourseKey{Institution: c.bank(), Code: fmt.Sprintf("U%05d", n)}
}

// poolCourse is the n-th course of a receiving institution.
func (c *Country) poolCourse(receiver, n int) transfer.CourseKey {
	letters := string([]byte{byte('A' + receiver%26), byte('A' + receiver/26%26)})
	return transfer.CourseKey{Institution: c.receiver(receiver), Code: fmt.Sprintf("%s%04d", letters, 1000+n)}
}

// eachCourse gives every version of every course.
func (c *Country) eachCourse(give func(transfer.Course)) {
	serial := 0
	next := func(key transfer.CourseKey, level int) {
		c.versions(serial, key, level, give)
		serial++
	}
	for n := range c.units {
		next(c.unit(n), 4)
	}
	for n := range c.asked {
		next(c.askedCourse(n), 3)
	}
	for s := range c.senders {
		for n := range unaskedCourses {
			next(c.unaskedCourse(s, n), 3)
		}
	}
	for r := range c.receivers {
		for n := range poolEach {
			next(c.poolCourse(r, n), 5)
		}
	}
}

// versions gives one or, for one course in fifteen, two versions of a course.
func (c *Country) versions(serial int, key transfer.CourseKey, level int, give func(transfer.Course)) {
	d := c.dice(aboutCourse, serial)
	v := transfer.Course{CourseKey: key, Credits: credit.Amount(50 * (2 + d.IntN(11))), From: calendar.Date(2018, 9, 1), To: calendar.None,
		Level: weighted(d, level, choice[int]{60, level - 1}, choice[int]{30, level + 1}, choice[int]{100, 0})}
	if d.one(400) {
		v.Hours = credit.Hours(v.Credits) * 1600
	}
	if d.one(66) {
		began := calendar.Date(2022+d.IntN(4), 9, 1)
		v.To = began - 1
		give(v)
		v.Credits, v.From, v.To = v.Credits+50, began, calendar.None
	}
	give(v)
}

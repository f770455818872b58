package web

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"creditbank/internal/calendar"
	"creditbank/internal/credit"
)

var (
	codeLike = regexp.MustCompile(`^0\d`)
	points   = regexp.MustCompile(`^(\d+(?:\.\d+)?)\s*分$`)
)

// bareGrade is a grade without the word for points: 60分 is 60.
func bareGrade(text string) string {
	text = strings.TrimSpace(norm.NFKC.String(text))
	return points.ReplaceAllString(text, "$1")
}

// isScore says whether a text is a grade in numbers. Nobody writes one with a
// zero before it; codes are written so.
func isScore(text string) bool {
	text = bareGrade(text)
	_, err := credit.ParseScore(text)
	return err == nil && !codeLike.MatchString(text)
}

// isGrade says whether a text looks like a grade of a usual scale.
func isGrade(text string) bool {
	if isScore(text) {
		return true
	}
	text = bareGrade(text)
	_, _, err := credit.Guess(credit.StandardScales(), text)
	return err == nil && !codeLike.MatchString(text)
}

var (
	dateParts = regexp.MustCompile(`^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?$`)
	dateBlock = regexp.MustCompile(`^((?:19|20)\d\d)(\d\d)(\d\d)$`)
	dateLike  = regexp.MustCompile(`^(?:19|20)\d\d(?:\d{2}|\d{4}|年|[-/.年]\d{1,2}(?:[-/.月](?:\d{1,2}[日号]?)?)?)?$`)
	termLike  = regexp.MustCompile(`^(?:19|20)\d\d\s*[-/~至]\s*(?:19|20)\d\d`)
)

// readDate gives a date as the bank writes it, empty when the text is none.
func readDate(text string) string {
	text = strings.ReplaceAll(norm.NFKC.String(strings.TrimSpace(text)), " ", "")
	parts := dateParts.FindStringSubmatch(text)
	if parts == nil {
		parts = dateBlock.FindStringSubmatch(text)
	}
	if parts == nil {
		return ""
	}
	date := parts[1] + "-" + twoDigits(parts[2]) + "-" + twoDigits(parts[3])
	if _, err := calendar.Parse(date); err != nil {
		return ""
	}
	return date
}

// isDate says whether a text is meant as a date, though it may be no day.
func isDate(text string) bool {
	text = norm.NFKC.String(strings.TrimSpace(text))
	return readDate(text) != "" || dateLike.MatchString(text)
}

func twoDigits(number string) string {
	if len(number) == 1 {
		return "0" + number
	}
	return number
}

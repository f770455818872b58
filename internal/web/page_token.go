package web

import (
	"net/url"
	"slices"
	"strings"

	"creditbank/internal/bank"
	"creditbank/internal/transfer"
)

// A token is one result in an address: INSTITUTION:CODE~GRADE~DATE~SCALE~KIND,
// without what is empty at its end. Codes hold any character, so the three that
// a token is made of are written !. !- and !! inside its parts.

const tokenParts = 5

var (
	tokenEscape   = strings.NewReplacer("!", "!!", "~", "!-", ":", "!.")
	tokenUnescape = strings.NewReplacer("!!", "!", "!-", "~", "!.", ":")
)

// token writes a result.
func token(r bank.CheckRecord) string {
	course := tokenEscape.Replace(r.Institution) + ":" + tokenEscape.Replace(r.Course)
	parts := []string{course, tokenEscape.Replace(r.Grade), tokenEscape.Replace(r.CompletedOn), tokenEscape.Replace(r.Scale), tokenEscape.Replace(r.Kind)}
	return strings.TrimRight(strings.Join(parts, "~"), "~")
}

// readToken reads a result. Whatever the text is, it comes to some result: the
// bank says what is wrong with it.
func readToken(text string) bank.CheckRecord {
	parts := strings.SplitN(text, "~", tokenParts)
	for len(parts) < tokenParts {
		parts = append(parts, "")
	}
	institution, course, _ := strings.Cut(parts[0], ":")
	return bank.CheckRecord{Institution: tokenUnescape.Replace(institution), Course: tokenUnescape.Replace(course), Grade: tokenUnescape.Replace(parts[1]),
		CompletedOn: tokenUnescape.Replace(parts[2]), Scale: tokenUnescape.Replace(parts[3]), Kind: tokenUnescape.Replace(parts[4])}
}

// courseToken names a course alone.
func courseToken(k transfer.CourseKey) string {
	return token(bank.CheckRecord{Institution: k.Institution, Course: k.Code})
}

// checkQuery is a question as it stands in an address. Learners ask it about their
// own record too: then the address holds only the results that they hope for.
type checkQuery struct {
	Records []bank.CheckRecord
	AsOf    string
	values  url.Values
	own     bool // it is about the own record
	held    int  // so many results at the beginning are of the record
}

// rankPage and planPage are the pages of the question.
func (q checkQuery) rankPage() string { return map[bool]string{false: "/", true: "/my/options"}[q.own] }
func (q checkQuery) planPage() string {
	return map[bool]string{false: "/plan", true: "/my/plan"}[q.own]
}

// typed are the results that stand in the address, to be changed by who asks.
func (q checkQuery) typed() []bank.CheckRecord { return slices.Clone(q.Records[q.held:]) }

// typedAt is the place among the typed results of one of all; -1 when the record has it.
func (q checkQuery) typedAt(record int) int { return max(-1, record-q.held) }

// Names in the address of a question.
const (
	paramRecord = "r"
	paramAsOf   = "as_of"
	paramTo     = "to"
	paramCursor = "after"
)

func readCheckQuery(values url.Values) checkQuery {
	q := checkQuery{AsOf: strings.TrimSpace(values.Get(paramAsOf)), values: values}
	for _, text := range values[paramRecord] {
		q.Records = append(q.Records, readToken(text))
	}
	return q
}

// carried is what goes along from page to page: the results and the day.
func (q checkQuery) carried() url.Values {
	return checkValues(q.typed(), q.AsOf)
}

func checkValues(records []bank.CheckRecord, asOf string) url.Values {
	values := url.Values{}
	for _, r := range records {
		values.Add(paramRecord, token(r))
	}
	if asOf != "" {
		values.Set(paramAsOf, asOf)
	}
	return values
}

// address is a path with a query; empty values are left out.
func address(path string, values url.Values, pairs ...string) string {
	all := url.Values{}
	for name, list := range values {
		all[name] = list
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if all.Del(pairs[i]); pairs[i+1] != "" {
			all.Set(pairs[i], pairs[i+1])
		}
	}
	if len(all) == 0 {
		return path
	}
	return path + "?" + all.Encode()
}

// Addresses of things.

func institutionAddress(code string) string { return "/institutions/" + url.PathEscape(code) }

func programmeAddress(k transfer.ProgrammeKey) string {
	return "/programmes/" + url.PathEscape(k.Institution+":"+k.Code)
}

func courseAddress(k transfer.CourseKey) string {
	return "/courses/" + url.PathEscape(k.Institution+":"+k.Code)
}

func equivalenceAddress(code string) string { return "/equivalences/" + url.PathEscape(code) }

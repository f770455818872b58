package bank_test

import (
	"slices"
	"strings"
	"testing"

	"creditbank/internal/bank"
)

// Demographics give learners their day of birth and their sex, which are sealed with the
// rest of the person; nothing of descent is read. A wrong day is refused by name.
func TestRosterDemographics(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		tables := rosterTables()
		tables["demographics"] = "sourcedId,status,dateLastModified,birthDate,sex,asian\nu1,,,2009-05-06,female,geheim\nu2,,,,unspecified,geheim\n"
		if r := takenRoster(t, b, tables, false); r.Refused != 0 || !r.Written {
			t.Fatalf("%+v", r)
		}
		out := export(t, b, "learners")
		if !strings.Contains(out, "A-2025010001,王小明,,,,2009-05-06,female,A,") || strings.Contains(out, "geheim") {
			t.Errorf("%s", out)
		}
		if r := takenRoster(t, b, tables, false); r.Written || r.Unchanged != r.Rows {
			t.Errorf("again: %+v", r)
		}
		delete(tables, "demographics") // what is not said stays
		if r := takenRoster(t, b, tables, false); r.Written {
			t.Errorf("without: %+v", r)
		}
		tables["demographics"] = "sourcedId,status,dateLastModified,birthDate,sex\nu1,,,6.5.2009,weiblich\nnobody,,,2009-05-06,male\n"
		r := takenRoster(t, b, tables, true)
		var said []string
		for _, e := range r.Errors {
			said = append(said, e.File+" "+e.Column+" "+e.Code)
		}
		if want := []string{"demographics.csv birthDate date", "demographics.csv sex choice", "demographics.csv sourcedId roster_dangling"}; !slices.Equal(said, want) {
			t.Errorf("%q", said)
		}
	})
}

// Of a delta, what changed is taken in as far as it can be told without what the bank does
// not keep; what is to be deleted is told row by row, and stays; rows that need more are
// refused by name.
func TestRosterDelta(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bank.Bank) {
		small(t, b)
		if r := takenRoster(t, b, rosterTables(), false); !r.Written {
			t.Fatalf("%+v", r)
		}
		when := "active,2026-09-01T08:00:00.000Z,"
		gone := strings.Replace(when, "active", "tobedeleted", 1)
		heads := rosterTables()
		delta := func(tables map[string]string) bank.ImportReport {
			t.Helper()
			tables["orgs"] = "S," + when + "School A,school,A,\n"
			for name, rows := range tables {
				head, _, _ := strings.Cut(heads[name], "\n")
				tables[name] = head + "\n" + rows
			}
			return takenArchive(t, b, rosterArchiveAs(t, "delta", tables), true)
		}
		const rest = ",,,,,,,,,,"
		r := delta(map[string]string{
			"courses": "C9," + when + ",新课,NEW1,,A,,,2,32\n",
			"users": "u1," + when + "true,u1,,大明,王,,2025010001,one@example.invalid" + rest + "A,\nu8," + when + "true,u8,,新,赵,,2026010008," + rest + "A,\n" +
				"u7," + when + "true,u7,,外,钱,,2026010007," + rest + "A,\nu2," + gone + "true,u2,,Anna,Lee,,2025010002," + rest + "A,\n",
			"roles":   "r8," + when + "u8,primary,student,,,A,\nr9," + when + "u9,primary,student,,,A,\n",
			"results": "res9," + when + "li1,u1,fully graded,90,2026-09-01,,,,,,,\nres1," + gone + "li1,u1,fully graded,86,2026-07-05,,,,,,,\n",
		})
		if r.New != 2 || r.Updated != 1 || r.Refused != 3 || !r.Written {
			t.Errorf("%+v", r)
		}
		var said []string
		for _, e := range r.Errors {
			said = append(said, e.File+" "+e.Column+" "+e.Code)
		}
		want := []string{"results.csv lineItemSourcedId roster_delta", "results.csv status roster_result_gone", "roles.csv userSourcedId roster_delta"}
		if slices.Sort(said); !slices.Equal(said, want) {
			t.Errorf("%q", said)
		}
		if !slices.ContainsFunc(r.Notes, func(n bank.Note) bool {
			return n.Code == "roster_gone_row" && n.Column == "users.csv" && n.Row == 5 && n.Text == "u2"
		}) {
			t.Errorf("%+v", r.Notes)
		}
		out := export(t, b, "learners") + export(t, b, "courses")
		for _, is := range []string{"A-2025010001,王大明,", "A-2026010008,赵新,", "A-2025010002,Anna Maria Lee,", "A,NEW1,新课,,2,32,"} {
			if !strings.Contains(out, is) {
				t.Errorf("%s is not in %s", is, out)
			}
		}
		if strings.Contains(out, "2026010007") {
			t.Error("somebody without a role came in")
		}
	})
}

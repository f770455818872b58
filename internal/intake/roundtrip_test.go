package intake_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"creditbank/internal/bank"
	"creditbank/internal/intake"
	"creditbank/seeds"
)

// given is a kind of file as it comes out, in a format.
func given(t *testing.T, b *bank.Bank, kind, format string) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := intake.NewTable(&out, format)
	if err == nil {
		err = b.Export(context.Background(), operator, kind, func(cells ...string) error { return w.Write(cells) })
	}
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return out.Bytes()
}

// nasty are pieces of what people, keyboards and programs write into cells.
var nasty = []string{"=1+1", "'", "\"", ",", ";", "\t", "\n", "\r\n", "@x", "-1", "+", "#N/A", "NULL", "1e5", "TRUE", "007", "_x0041_", "\\", "\\x41", "&amp;", "<b>", "]]>", "𠮷", "𫖯",
	"\u200b", "\u200d", "\u00a0", "\u3000", "é", "e\u0301", "ﷺ", "\u202e", "👩‍👩‍👧", "１２３", "•", "・", "·", "\ue000", "\ufffd", "学分", "null", "../..", "{{.}}", "%s", "$1", "?", "--", "/*"}

// drawn is a text that may be a name.
func drawn(random *rand.Rand) string {
	var s strings.Builder
	for range 1 + random.IntN(6) {
		s.WriteString(nasty[random.IntN(len(nasty))])
	}
	return strings.Repeat("n", random.IntN(2)) + s.String() + "z"
}

// cell is a text as it stands in a file of commas.
func cell(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// nastyFiles are files of each kind that holds texts, with whatever people write.
func nastyFiles(rows int) [][2]string {
	random := rand.New(rand.NewPCG(7, 11))
	heads := [][2]string{{"institutions", "code,name,name_en,kind\nA,Abroad,,overseas\n"}, {"courses", "institution,code,name,credits,category,outline\nA,c,C,1,,\n"},
		{"programmes", "institution,code,name,required_credits\nA,p,P,1\n"}, {"groups", "institution,programme,code,name,min_credits\nA,p,g,G,1\n"},
		{"equivalences", "equivalence,source_institution,source_course,target_institution,target_group,target_credits,note\n"},
		{"learners", "account,name,phone\nL,学员,\n"}, {"records", "learner,reference,institution,course,title,grade,completed_on,term\n"}}
	for i := range heads {
		file := strings.Builder{}
		file.WriteString(heads[i][1])
		for n := range rows {
			name := cell(drawn(random))
			file.WriteString(map[string]string{
				"institutions": fmt.Sprintf("X%d,%s,%s,overseas\n", n, name, cell(drawn(random))), "courses": fmt.Sprintf("A,%s,%s,%d.5,%s,%s\n", cell(fmt.Sprint(n, "c")), name, n%9, cell(drawn(random)), name),
				"programmes": fmt.Sprintf("A,p%d,%s,1\n", n, name), "groups": fmt.Sprintf("A,p,g%d,%s,1\n", n, name),
				"equivalences": fmt.Sprintf("E%d,A,c,A,g,1,%s\n", n, name), "learners": fmt.Sprintf("L%d,%s,%s\n", n, name, fmt.Sprint(13000000000+n)),
				"records": fmt.Sprintf("L,%s,A,c,%s,80,2026-01-01,%s\n", cell(fmt.Sprint("r", n)), name, cell(drawn(random)))}[heads[i][0]])
		}
		heads[i][1] = file.String()
	}
	return heads
}

// roundTripRows is how many rows of each of the seven kinds go round.
var roundTripRows = flag.Int("roundtrip", 60, "rows of each kind in TestRoundTrip; 100,000 in all take 15,000 and some minutes")

// What comes out goes in again without a change, of every kind, as text and as a
// workbook, whatever stands in it; and into an empty bank it makes the same again.
func TestRoundTrip(t *testing.T) {
	b := open(t)
	for _, f := range seeds.Files() {
		data, err := seeds.FS.ReadFile(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := take(b, f.Kind, "", data); err != nil || r.Refused > 0 {
			t.Fatalf("%s: %+v %v", f.Name, r, err)
		}
	}
	for _, f := range nastyFiles(*roundTripRows) {
		if r, err := take(b, f[0], "", []byte(f[1])); err != nil || r.Refused > 0 || r.New < *roundTripRows {
			t.Fatalf("%s: %d new, %+v %v", f[0], r.New, r.Errors, err)
		}
	}
	for _, format := range []string{"csv", "xlsx"} {
		other := open(t)
		for _, kind := range bank.Kinds() {
			file := given(t, b, kind, format)
			if r, err := take(b, kind, "", file); err != nil || r.Unchanged != r.Rows || r.Written {
				t.Errorf("%s as %s again: %+v %v", kind, format, r.Errors, err)
			}
			if r, err := take(other, kind, "", file); err != nil || r.Refused > 0 {
				t.Fatalf("%s as %s elsewhere: %+v %v", kind, format, r.Errors[:min(3, len(r.Errors))], err)
			}
			if kind != "uses" && !bytes.Equal(given(t, other, kind, "csv"), given(t, b, kind, "csv")) {
				t.Errorf("%s as %s comes out differently", kind, format)
			}
		}
	}
}

package web

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"

	"creditbank/internal/bank"
)

// smallMap is a map that has a case for every reason. B is the school asked for.
var smallMap = []struct{ kind, text string }{
	{"institutions", `code,name,name_en,kind,region,hours_per_credit,credit_step
3650990001,云帆学校,Yunfan School,secondary_vocational,500106,18,0.5
4150099901,云图学院,Yuntu College,higher_vocational,500110,16,0.5
OVERSEAS:1/ü,海外学院,Overseas College,overseas,,25,0.5
`},
	{"courses", `institution,code,name,name_en,credits,hours,practice_hours,category,level,valid_from,valid_to,outline
3650990001,M,程序设计,Programming,4,,,,,,,
3650990001,S1,电路,Circuits,2,,,,,,,
3650990001,S2,电路实验,Circuit Lab,2,,,,,,,
3650990001,G,英语,English,4,,,,,,,
3650990001,R,体育,Sports,2,,,,,,,
3650990001,RN,舞蹈,Dance,2,,,,,,,
3650990001,P,音乐,Music,2,,,,,,,
3650990001,W,历史,History,2,,,,,,,
3650990001,X,地理,Geography,2,,,,,,,
3650990001,N,毕业设计,Final Project,8,,,,,,,
3650990001,Z,物理,Physics,2,,,,,,,
3650990001,H,化学,Chemistry,2,,,,,,,
3650990001,C,电工证,Electrician,4,,,,,,,
3650990001,A,语文,Chinese,4,,,,,,,
3650990001,L,基础课,Basics,4,,,,3,,,
3650990001,U,书法,Calligraphy,2,,,,,,,
3650990001,F,绘画,Painting,2,,,,,,,
3650990001,C++ & A/B 50%,C 语言,C++,2,32,16,专业核心,4,2020-09-01,2023-08-31,旧大纲
3650990001,C++ & A/B 50%,C++ 语言,C++,3,48,24,专业核心,4,2023-09-01,,新大纲
3650990001,课程:一,冒号课程,,1,,,,,,,
OVERSEAS:1/ü,X:1,海外课程,Overseas Course,1,,,,,,,
4150099901,T1,软件基础,Software Basics,4,,,,,,,
4150099901,T2,电路基础,Circuit Basics,4,,,,,,,
4150099901,T8,岗位实习,Internship,8,,,,,,,
4150099901,T10,普通化学,General Chemistry,2,,,,,,,
4150099901,T11,软件导论,Introduction to Software,3,,,,,,,
4150099901,T12,高等课,Advanced Course,4,,,,6,,,
`},
	{"programmes", `institution,code,name,name_en,catalogue_code,years,required_credits
4150099901,510203,软件技术,Software Technology,510203,3,140
3650990001,P/1,计算机应用,Computer Applications,710201,3,170
`},
	{"groups", `institution,programme,code,name,min_credits
4150099901,510203,core,专业核心,40
4150099901,510203,free,任选,10
`},
	{"plans", `institution,programme,group,course,required,never_exempt
4150099901,510203,core,T1,1,0
4150099901,510203,core,T2,1,0
4150099901,510203,core,T8,1,1
4150099901,510203,free,T10,0,0
4150099901,510203,free,T11,0,0
4150099901,510203,core,T12,0,0
`},
	{"equivalences", `equivalence,source_institution,source_course,min_grade,max_grade,target_institution,target_course,target_group,target_credits,credit_mode,exemption,valid_from,valid_to,validity_years,programme,priority,outcome,reasons,note
E1,3650990001,M,,,4150099901,T1,,,,,,,,,,,,
E2,3650990001,S1,,,4150099901,T2,,,,,,,,,,,,
E2,3650990001,S2,,,,,,,,,,,,,,,,
E3,3650990001,G,75,,4150099901,,free,4,,,,,,,,,,
E4,3650990001,R,,,4150099901,T1,,,,,,,,,,refused,LEVEL|CONTENT,
E4N,3650990001,RN,,,4150099901,T1,,,,,,,,,,refused,OTHER,内容不同
E5,3650990001,P,,,4150099901,T1,,,,,,,,,,pending,,
E6,3650990001,W,,,4150099901,,free,2,,,2025-01-01,,,,,,,
E7,3650990001,X,,,4150099901,,free,2,,,,,1,,,,,
E8,3650990001,N,,,4150099901,T8,,,,,,,,,,,,
E9,3650990001,Z,,,4150099901,,free,0,fixed,,,,,,,,,
E10,3650990001,H,,,4150099901,T10,,,,,,,,,,,,
E11,3650990001,M,,,4150099901,T11,,,,,,,,,,,,
E12,3650990001,L,,,4150099901,T12,,,,,,,,,,,,
E13,3650990001,C,,,4150099901,,free,4,,,,,,,,,,
E14,3650990001,A,,70,4150099901,,free,4,,,,,,,,,,
E15 + & /50%,3650990001,C++ & A/B 50%,,,4150099901,,free,3,,,,,,,,,,
`},
	{"policies", `scope,institution,programme,valid_from,min_grade,validity_years,max_level_rise
bank,,,2020-09-01,,,1
`},
	{"caps", `scope,institution,programme,valid_from,cap,key,credits,share
bank,,,2020-09-01,source_kind,certificate,1,
`},
	{"learners", `account,name,id_type,id_number,school_number,birth_date,gender,institution,programme,entered_on,phone,email
L1,示例学员,other,X1,,,,,,,,
`},
	{"records", `learner,reference,kind,institution,course,title,grade,scale,credits,hours,level,completed_on,term
L1,R1,course,3650990001,M,,90,percent,,,,2024-06-25,
`},
	{"uses", `learner,institution,reference,used_institution,used_programme,used_on,note
L1,3650990001,R1,4150099901,510203,2025-09-15,
`},
}

// site is the whole server before a real bank, with what it logs.
type site struct {
	*Server
	t   testing.TB
	log *bytes.Buffer
	dsn string // of the bank's database
}

// newSite is a site whose bank holds the small map.
func newSite(t *testing.T) *site {
	t.Helper()
	s := newEmptySite(t)
	for _, file := range smallMap {
		fill(t, s.bank, file.kind, file.text)
	}
	return s
}

// newEmptySite has a bank in a SQLite file, on 22 November 2026.
func newEmptySite(t *testing.T) *site {
	t.Helper()
	return siteOn(t, "sqlite:"+filepath.Join(t.TempDir(), "bank.db"), bank.Options{})
}

// siteOn has an empty bank in a database.
func siteOn(t testing.TB, dsn string, o bank.Options) *site {
	t.Helper()
	b, err := bank.OpenWith(context.Background(), dsn, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	b.Now = func() time.Time { return time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC) }
	log := &bytes.Buffer{}
	s, err := New(Config{Bank: b, Log: slog.New(slog.NewJSONHandler(log, nil)), Metrics: true})
	if err != nil {
		t.Fatal(err)
	}
	return &site{Server: s, t: t, log: log, dsn: dsn}
}

func fill(t testing.TB, b *bank.Bank, kind, text string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	report, err := b.Import(context.Background(), bank.Operator("test"), bank.Import{Kind: kind, Header: rows[0], Rows: numbered(rows[1:]), Publish: true})
	if err != nil || report.Refused > 0 {
		t.Fatalf("%s: %v %+v", kind, err, report.Errors)
	}
}

func numbered(rows [][]string) iter.Seq2[bank.Row, error] {
	return func(yield func(bank.Row, error) bool) {
		for i, cells := range rows {
			if !yield(bank.Row{Line: i + 2, Cells: cells}, nil) {
				return
			}
		}
	}
}

// request makes a request; headers are pairs of name and value.
func request(method, target, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// send answers a request through the whole server. What the API answers is held
// against its description, and so is every request that it accepts.
func (s *site) send(r *http.Request) *httptest.ResponseRecorder {
	s.t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if isPath(r, "/api/v1/") {
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.described(r, w)
	}
	return w
}

func isPath(r *http.Request, prefix string) bool { return strings.HasPrefix(r.URL.Path, prefix) }

// described fails the test when an answer is not as the description says.
func (s *site) described(r *http.Request, w *httptest.ResponseRecorder) {
	s.t.Helper()
	c := s.echo.NewContext(r, w)
	s.echo.Router().Find(r.Method, rawPath(r), c)
	route, known := s.api.route(c)
	if !known {
		if w.Code < 400 {
			s.t.Errorf("%s %s: %d, which is not described", r.Method, c.Path(), w.Code)
		}
		return
	}
	params, _ := pathParams(c)
	in := &openapi3filter.RequestValidationInput{Request: r, Route: route, PathParams: params, QueryParams: filled(r.URL.Query()),
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}
	if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil && w.Code < 300 {
		s.t.Errorf("%s %s was accepted: %v", r.Method, r.URL, err)
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: w.Code, Header: w.Header(),
		Options: &openapi3filter.Options{IncludeResponseStatus: true}}
	if err := openapi3filter.ValidateResponse(context.Background(), out.SetBodyBytes(w.Body.Bytes())); err != nil {
		s.t.Errorf("%s %s: the answer %s is not as described: %v", r.Method, r.URL, w.Body, err)
	}
}

func rawPath(r *http.Request) string {
	if r.URL.RawPath != "" {
		return r.URL.RawPath
	}
	return r.URL.Path
}

// get reads a list or an entry of the API.
func (s *site) get(path string, v any) *httptest.ResponseRecorder {
	s.t.Helper()
	w := s.send(request(http.MethodGet, "/api/v1"+path, ""))
	if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
		s.t.Fatalf("%s: %v in %s", path, err, w.Body)
	}
	return w
}

// post asks the API what results are worth.
func (s *site) post(body string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	return s.send(request(http.MethodPost, "/api/v1/check", body, headers...))
}

// faults lists the fields of a problem with their codes.
func faults(t *testing.T, w *httptest.ResponseRecorder) []string {
	t.Helper()
	var p Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	if p.Status != w.Code {
		t.Errorf("the problem says %d, the answer %d", p.Status, w.Code)
	}
	var found []string
	for _, f := range p.Errors {
		found = append(found, f.Field+" "+f.Code)
		if f.Message == "" || strings.Contains(f.Message, "<no value>") || f.Message == "field."+f.Code {
			t.Errorf("%s has no sentence: %q", f.Code, f.Message)
		}
	}
	return found
}

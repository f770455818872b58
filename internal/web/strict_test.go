package web

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"creditbank/internal/bank"
)

// What the strict reader takes it reads as encoding/json does, and it takes what
// encoding/json takes, but for names in another case and repeated ones.
func FuzzStrictReader(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"records":[]}`, ` { "records" : [ { "course" : "a" } , {"course":"b","grade":null} ] , "top" : 3 , "to":{"institution":"x"} } `,
		`{"records":[{"course":"\u4e2d\"\\\ud83d\ude00\ud800"}],"as_of":"2026-09-01"}`, `{"to":null,"filter":{},"top":null}`, `{"rec\u006frds":[{}]}`,
		`{"top":1.0}`, `{"top":-9223372036854775809}`, `{"records":{}}`, `{"records":[null]}`, `{"x":[{"a":["]}",2]},3],"top":1}`, `{"top":1,"top":2}`, `{"records":[{"course":7}]}`,
		`[]`, `null`, `"a"`, `-1e3`, `true`, ``, `{`, `{"Records":[]}`,
	} {
		f.Add([]byte(seed))
	}
	all := newForms(checkRequest{})
	f.Fuzz(func(t *testing.T, body []byte) {
		var ours, theirs checkRequest
		refused := all.readJSON(body, &ours, "", 0)
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.DisallowUnknownFields()
		err := decoder.Decode(&theirs)
		if refused == nil && (err != nil || !reflect.DeepEqual(ours, theirs)) {
			t.Errorf("%q is read as %+v, by encoding/json as %+v, %v", body, ours, theirs, err)
		}
		if code := bank.CodeOf(refused); refused != nil && code != bank.Invalid {
			t.Errorf("%q: %v", body, refused)
		}
	})
}

// A body is not held against the description a second time only while the
// description has no rule that our own checks do not know.
func TestWhatDescriptionAllows(t *testing.T) {
	longest := func(n uint64) *uint64 { return &n }
	one := func(d *openapi3.Schema) *openapi3.Schema { return d.OneOf[0].Value }
	grade := func(d *openapi3.Schema) *openapi3.Schema { return one(d).Properties["grade"].Value }
	for name, change := range map[string]func(*openapi3.Schema){
		"":                                 func(*openapi3.Schema) {},
		"a pattern":                        func(d *openapi3.Schema) { grade(d).Pattern = "^[0-9]+$" },
		"a format":                         func(d *openapi3.Schema) { grade(d).Format = "date" },
		"words to choose from":             func(d *openapi3.Schema) { grade(d).Enum = []any{"a"} },
		"a shorter text":                   func(d *openapi3.Schema) { grade(d).MaxLength = longest(39) },
		"a least length":                   func(d *openapi3.Schema) { grade(d).MinLength = 1 },
		"no null":                          func(d *openapi3.Schema) { grade(d).Nullable = false },
		"another type":                     func(d *openapi3.Schema) { grade(d).Type = &openapi3.Types{"integer"} },
		"one more that must be there":      func(d *openapi3.Schema) { one(d).Required = append(one(d).Required, "grade") },
		"one that must be and is not ours": func(d *openapi3.Schema) { one(d).Required = append(one(d).Required, "colour") },
		"one less":                         func(d *openapi3.Schema) { delete(one(d).Properties, "grade") },
		"many":                             func(d *openapi3.Schema) { one(d).MinProps = 3 },
		"fewer at once":                    func(d *openapi3.Schema) { d.OneOf[1].Value.MaxItems = longest(499) },
		"two at least":                     func(d *openapi3.Schema) { d.OneOf[1].Value.MinItems = 2 },
		"each once":                        func(d *openapi3.Schema) { d.OneOf[1].Value.UniqueItems = true },
		"not that":                         func(d *openapi3.Schema) { d.Not = d.OneOf[0] },
	} {
		d := mustDocument(t)
		schema := d.spec.Paths.Value("/learners/{account}/records").Post.RequestBody.Value.Content.Get("application/json").Schema.Value
		change(schema)
		if got := allowsOneOrMore(schema, reflect.TypeFor[depositRecord](), bank.MaxBatch); got != (name == "") {
			t.Errorf("with %q it allows all that we do: %v", name, got)
		}
		if name == "" && !d.allowsDeposit {
			t.Error("deposits are held against the description a second time")
		}
	}
}

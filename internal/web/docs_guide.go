package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// guideMaker turns the description of the API into the page of it.
type guideMaker struct {
	spec    *openapi3.T
	source  *source
	say     Speaker
	refused map[string]guideAnswer // shared answers that were met
}

// newGuides makes the page in every language.
func newGuides(d *apiDocument, languages *Languages) (map[string]*apiGuide, error) {
	text, err := newSource(apiText)
	if err != nil {
		return nil, fmt.Errorf("description of the API: %w", err)
	}
	guides := map[string]*apiGuide{}
	for _, tag := range languageTags {
		m := &guideMaker{spec: d.spec, source: text, say: languages.Speaker(tag), refused: map[string]guideAnswer{}}
		if guides[tag], err = m.guide(); err != nil {
			return nil, fmt.Errorf("description of the API in %s: %w", tag, err)
		}
	}
	return guides, nil
}

func (m *guideMaker) guide() (*apiGuide, error) {
	g := &apiGuide{}
	for paragraph := range strings.SplitSeq(m.plain(m.spec.Info.Description, m.spec.Info.Extensions), "\n\n") {
		g.Intro = append(g.Intro, pieces(paragraph))
	}
	for _, tag := range m.spec.Tags {
		operations, err := m.operations(tag.Name)
		if err != nil {
			return nil, err
		}
		g.Sections = append(g.Sections, guideSection{ID: "about-" + tag.Name, Title: m.words(tag.Description, tag.Extensions), Operations: operations})
	}
	for _, name := range namesIn(m.source, "/components/responses", m.refused) {
		g.Refusals = append(g.Refusals, m.refused[name])
	}
	for _, name := range namesIn(m.source, "/components/schemas", m.spec.Components.Schemas) {
		g.Schemas = append(g.Schemas, m.schema(name, m.spec.Components.Schemas[name].Value))
	}
	return g, nil
}

// plain picks a text of the description in the language: the Chinese one is
// beside the English one, as x-zh.
func (m *guideMaker) plain(english string, extensions map[string]any) string {
	chinese, _ := extensions["x-zh"].(string)
	if chinese == "" {
		return english
	}
	return m.say.Name(chinese, english)
}

func (m *guideMaker) words(english string, extensions map[string]any) []piece {
	return pieces(m.plain(english, extensions))
}

// operations are those about a subject, in the order of the description.
func (m *guideMaker) operations(tag string) ([]guideOperation, error) {
	var list []guideOperation
	paths := m.spec.Paths.Map()
	for _, path := range namesIn(m.source, "/paths", paths) {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			o := paths[path].GetOperation(method)
			if o == nil || !slices.Contains(o.Tags, tag) {
				continue
			}
			operation, err := m.operation(path, method, o)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", method, path, err)
			}
			list = append(list, operation)
		}
	}
	return list, nil
}

// sampleToken stands in examples where a token is wanted.
const sampleToken = "creditbank_…"

func (m *guideMaker) operation(path, method string, o *openapi3.Operation) (guideOperation, error) {
	pointer := below("/paths", path, strings.ToLower(method))
	out := guideOperation{ID: "do-" + o.OperationID, Method: method, Path: apiBase + path, Summary: m.words(o.Summary, o.Extensions)}
	for _, p := range o.Parameters {
		out.Parameters = append(out.Parameters, m.parameter(p.Value))
	}
	call := guideCall{Target: exampleTarget(path, o.Parameters)}
	if o.Parameters.GetByInAndName(openapi3.ParameterInHeader, "Accept-Language") != nil {
		call.Headers = []string{"Accept-Language: " + m.say.Tag}
	}
	if o.Security != nil {
		call.Headers = append(call.Headers, "Authorization: Bearer "+sampleToken)
	}
	out.Calls = []guideCall{call}
	if o.RequestBody != nil {
		if err := m.body(&out, below(pointer, "requestBody"), o.RequestBody.Value, call); err != nil {
			return out, err
		}
	}
	return out, m.answers(&out, below(pointer, "responses"), o.Responses)
}

// answers are those of an operation, with the examples of its own ones.
func (m *guideMaker) answers(out *guideOperation, pointer string, responses *openapi3.Responses) error {
	for _, status := range namesIn(m.source, pointer, responses.Map()) {
		answer, err := m.answer(status, below(pointer, status), responses.Value(status))
		if err != nil {
			return err
		}
		out.Answers = append(out.Answers, answer)
		if answer.Shared == "" {
			out.Examples = append(out.Examples, answer.Examples...)
		}
	}
	return nil
}

// exampleTarget is a path with the examples of its parameters in it.
func exampleTarget(path string, parameters openapi3.Parameters) string {
	query := url.Values{}
	for _, p := range parameters {
		if p.Value.Example == nil {
			continue
		}
		example := fmt.Sprint(p.Value.Example)
		switch p.Value.In {
		case openapi3.ParameterInPath:
			path = strings.ReplaceAll(path, "{"+p.Value.Name+"}", url.PathEscape(example))
		case openapi3.ParameterInQuery:
			query.Set(p.Value.Name, example)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

// body tells what is sent, and makes a call of every example.
func (m *guideMaker) body(out *guideOperation, pointer string, body *openapi3.RequestBody, call guideCall) error {
	media := body.Content["application/json"]
	kind := typeOf(media.Schema)
	out.Body, out.Calls = &kind, nil
	call.Headers = append(slices.Clone(call.Headers), "Content-Type: application/json")
	pointer = below(pointer, "content", "application/json")
	for _, name := range namesIn(m.source, below(pointer, "examples"), media.Examples) {
		example := media.Examples[name].Value
		var packed bytes.Buffer
		if err := json.Compact(&packed, m.source.raw(below(pointer, "examples", name, "value"))); err != nil {
			return err
		}
		text, err := m.example(below(pointer, "examples", name, "value"))
		if err != nil {
			return err
		}
		call.guideExample = guideExample{Title: m.words(example.Summary, example.Extensions), Text: text}
		call.Body = packed.String()
		out.Calls = append(out.Calls, call)
	}
	return nil
}

// answer describes an answer. One that is shared is kept for its own section.
func (m *guideMaker) answer(status, pointer string, ref *openapi3.ResponseRef) (guideAnswer, error) {
	out := guideAnswer{Status: status, Meaning: m.words(*ref.Value.Description, ref.Value.Extensions)}
	if name, shared := strings.CutPrefix(ref.Ref, "#/components/responses/"); shared {
		out.Shared, pointer = name, below("/components/responses", name)
	}
	for media, content := range ref.Value.Content {
		kind := typeOf(content.Schema)
		out.Media, out.Type = media, &kind
		examples, err := m.examples(below(pointer, "content", media), content)
		if err != nil {
			return out, err
		}
		out.Examples = examples
	}
	if out.Shared != "" {
		m.refused[out.Shared] = out
	}
	return out, nil
}

// examples are those of a content: the one, or several with titles.
func (m *guideMaker) examples(pointer string, content *openapi3.MediaType) ([]guideExample, error) {
	if content.Example != nil {
		text, err := m.example(below(pointer, "example"))
		return []guideExample{{Text: text}}, err
	}
	var list []guideExample
	for _, name := range namesIn(m.source, below(pointer, "examples"), content.Examples) {
		text, err := m.example(below(pointer, "examples", name, "value"))
		if err != nil {
			return nil, err
		}
		example := content.Examples[name].Value
		list = append(list, guideExample{Title: m.words(example.Summary, example.Extensions), Text: text})
	}
	return list, nil
}

// example is a value of the description on lines of its own, names in the order
// in which they stand there.
func (m *guideMaker) example(pointer string) ([]piece, error) {
	var out bytes.Buffer
	if err := json.Indent(&out, m.source.raw(pointer), "", "  "); err != nil {
		return nil, fmt.Errorf("example %s: %w", pointer, err)
	}
	if m.say.Chinese() {
		return []piece{{Text: out.String()}}, nil
	}
	return chinesePieces(out.String()), nil
}

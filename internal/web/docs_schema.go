package web

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const schemaRoot = "#/components/schemas/"

// typeOf tells what the values of a schema look like.
func typeOf(ref *openapi3.SchemaRef) guideType {
	schema := ref.Value
	switch name, named := strings.CutPrefix(ref.Ref, schemaRoot); {
	case named:
		return guideType{Names: []guideTypeName{{name, true}}}
	case len(schema.AllOf) == 1: // a shared schema with a description of its own
		return typeOf(schema.AllOf[0])
	case len(schema.OneOf) > 0:
		var either guideType
		for _, one := range schema.OneOf {
			either.Names = append(either.Names, typeOf(one).Names...)
		}
		return either
	case schema.Type.Is(openapi3.TypeArray):
		list := typeOf(schema.Items)
		list.List = true
		return list
	}
	return guideType{Names: []guideTypeName{{strings.Join(schema.Type.Slice(), " "), false}}}
}

func (m *guideMaker) parameter(p *openapi3.Parameter) guideField {
	f := m.field(p.Name, p.Schema)
	f.In, f.Required, f.Meaning = p.In, p.Required, m.words(p.Description, p.Extensions)
	if p.Example != nil {
		f.Limits = append(f.Limits, m.exampleLimit(p.Example))
	}
	return f
}

func (m *guideMaker) schema(name string, schema *openapi3.Schema) guideSchema {
	out := guideSchema{Name: name, guideField: m.field("", &openapi3.SchemaRef{Value: schema})}
	pointer := below("/components/schemas", name, "properties")
	for _, field := range namesIn(m.source, pointer, schema.Properties) {
		f := m.field(field, schema.Properties[field])
		f.Required = slices.Contains(schema.Required, field)
		out.Fields = append(out.Fields, f)
	}
	return out
}

// field describes a value. What a shared schema says is said there, but for its
// meaning, when there is no other.
func (m *guideMaker) field(name string, ref *openapi3.SchemaRef) guideField {
	schema := ref.Value
	f := guideField{Name: name, Type: typeOf(ref), Meaning: m.words(schema.Description, schema.Extensions)}
	if ref.Ref == "" {
		f.Values, f.Limits = m.values(schema), m.limits(schema)
	}
	return f
}

// values are those that an enumeration allows; x-meanings tells what they say.
func (m *guideMaker) values(schema *openapi3.Schema) []guideValue {
	meanings, _ := schema.Extensions["x-meanings"].(map[string]any)
	var list []guideValue
	for _, allowed := range schema.Enum {
		value, _ := allowed.(string)
		words, _ := meanings[value].(map[string]any)
		zh, _ := words["zh"].(string)
		en, _ := words["en"].(string)
		list = append(list, guideValue{value, pieces(m.say.Name(zh, en))})
	}
	return list
}

// limits are the sentences about what a value can be.
func (m *guideMaker) limits(schema *openapi3.Schema) [][]piece {
	var list [][]piece
	add := func(sentence string) { list = append(list, pieces(sentence)) }
	if schema.MaxLength != nil {
		add(m.say.Say("docs.max_length", map[string]any{"Limit": *schema.MaxLength}))
	}
	if schema.MaxItems != nil {
		add(m.say.Say("docs.items", map[string]any{"Low": schema.MinItems, "High": *schema.MaxItems}))
	}
	if schema.Min != nil && schema.Max != nil {
		add(m.say.Say("docs.range", map[string]any{"Low": *schema.Min, "High": *schema.Max}))
	}
	if schema.Pattern != "" {
		add(m.say.Say("docs.pattern", map[string]any{"Pattern": schema.Pattern}))
	}
	if schema.Nullable {
		add(m.say.Say("docs.nullable", nil))
	}
	if schema.Default != nil {
		add(m.say.Say("docs.default", map[string]any{"Value": literal(schema.Default)}))
	}
	if schema.Example != nil {
		list = append(list, m.exampleLimit(schema.Example))
	}
	return list
}

func (m *guideMaker) exampleLimit(value any) []piece {
	return pieces(m.say.Say("docs.for_example", map[string]any{"Value": literal(value)}))
}

// literal is a value as one writes it: text without its quotation marks.
func literal(value any) string {
	if text, isText := value.(string); isText {
		return text
	}
	text, err := json.Marshal(value)
	if err != nil { // the description was read from JSON
		return ""
	}
	return string(text)
}

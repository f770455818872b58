package web

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// allows says whether a schema allows every value that readJSON and checkShape let
// through for a struct: then holding one against it again would tell nothing new.
// A schema with a rule that is not looked at here allows nothing.
func allows(schema *openapi3.Schema, t reflect.Type) bool {
	if !schema.Type.Is(openapi3.TypeObject) || schema.AdditionalProperties.Schema != nil {
		return false
	}
	closed := schema.AdditionalProperties.Has != nil && !*schema.AdditionalProperties.Has
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		property := schema.Properties[name]
		required := slices.Contains(strings.Split(field.Tag.Get("validate"), ","), "required")
		if property == nil && closed || slices.Contains(schema.Required, name) && !required {
			return false
		}
		if property != nil && !allowsText(property.Value, field, required) {
			return false
		}
	}
	for _, name := range schema.Required {
		if schema.Properties[name] == nil {
			return false
		}
	}
	rest := *schema
	rest.Type, rest.Properties, rest.Required, rest.AdditionalProperties = nil, nil, nil, openapi3.AdditionalProperties{}
	return onlyWords(rest)
}

// allowsText is allows for a field that holds a text. null is a text not given.
func allowsText(schema *openapi3.Schema, field reflect.StructField, required bool) bool {
	if field.Type.Kind() != reflect.String || !schema.Type.Is(openapi3.TypeString) || !schema.Nullable && !required {
		return false
	}
	if schema.MaxLength != nil {
		longest, err := strconv.ParseUint(ruleOf(field, "max"), 10, 64)
		if err != nil || longest > *schema.MaxLength {
			return false
		}
	}
	rest := *schema
	rest.Type, rest.Nullable, rest.MaxLength = nil, false, nil
	return onlyWords(rest)
}

// allowsOneOrMore is allows for a value that is one struct, or a list of so many at most.
func allowsOneOrMore(schema *openapi3.Schema, t reflect.Type, most uint64) bool {
	if len(schema.OneOf) != 2 {
		return false
	}
	one, list := schema.OneOf[0].Value, schema.OneOf[1].Value
	if !allows(one, t) || !list.Type.Is(openapi3.TypeArray) || list.Items == nil || !allows(list.Items.Value, t) || list.MinItems > 1 ||
		list.MaxItems != nil && *list.MaxItems < most {
		return false
	}
	both, rest := *schema, *list
	both.OneOf = nil
	rest.Type, rest.Items, rest.MinItems, rest.MaxItems = nil, nil, 0, nil
	return onlyWords(both) && onlyWords(rest)
}

// onlyWords says whether nothing is left of a schema but what it tells people.
func onlyWords(schema openapi3.Schema) bool {
	schema.Title, schema.Description, schema.Extensions, schema.Example, schema.Origin = "", "", nil, nil, nil
	return reflect.ValueOf(schema).IsZero()
}

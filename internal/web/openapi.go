package web

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"

	"creditbank/internal/bank"
)

// apiText is the description of the API (OpenAPI 3.0.3), written by hand.
//
//go:embed openapi.json
var apiText []byte

// apiBase is where the paths of the description begin.
const apiBase = "/api/v1"

// apiDocument is the description, read and checked.
type apiDocument struct {
	spec          *openapi3.T
	allowsDeposit bool // every body that bindDeposit lets through
}

// loadAPIDocument fails when the description is not sound, its examples included.
func loadAPIDocument() (*apiDocument, error) {
	spec, err := openapi3.NewLoader().LoadFromData(apiText)
	if err != nil {
		return nil, fmt.Errorf("description of the API: %w", err)
	}
	if err := spec.Validate(context.Background(), openapi3.EnableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("description of the API: %w", err)
	}
	deposit := spec.Paths.Value("/learners/{account}/records").Post.RequestBody.Value.Content.Get(echo.MIMEApplicationJSON).Schema.Value
	return &apiDocument{spec: spec, allowsDeposit: allowsOneOrMore(deposit, reflect.TypeFor[depositRecord](), bank.MaxBatch)}, nil
}

// route is the operation that a request is for; false when it is not described.
func (d *apiDocument) route(c echo.Context) (*routers.Route, bool) {
	path := describedPath(c.Path())
	item := d.spec.Paths.Value(path)
	if item == nil || item.GetOperation(c.Request().Method) == nil {
		return nil, false
	}
	method := c.Request().Method
	return &routers.Route{Spec: d.spec, Path: path, PathItem: item, Method: method, Operation: item.GetOperation(method)}, true
}

// describedPath is a path of the route table as the description writes it.
func describedPath(path string) string {
	parts := strings.Split(strings.TrimPrefix(path, apiBase), "/")
	for i, part := range parts {
		if name, isValue := strings.CutPrefix(part, ":"); isValue || part == "*" {
			parts[i] = "{" + describedName(name) + "}"
		}
	}
	return strings.Join(parts, "/")
}

// describedName is the name of a value in a path: the rest of a path is called so.
func describedName(name string) string {
	if name == "*" {
		return "path"
	}
	return name
}

// pathParams are the values in the path of a request, by their names in the
// description. It promises echo.ErrNotFound for a broken percent code.
func pathParams(c echo.Context) (map[string]string, error) {
	params := map[string]string{}
	for _, name := range c.ParamNames() {
		value, err := pathValue(c, name)
		if err != nil {
			return nil, echo.ErrNotFound
		}
		params[describedName(name)] = value
	}
	return params, nil
}

// enforceAPI lets through what the description of the API knows: its operations
// and their parameters. Values are held against it by bind and query, after
// they had the chance to name what is wrong in words of their own.
func (s *Server) enforceAPI(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set("Content-Language", s.speaker(c).Tag)
		route, described := s.api.route(c)
		if !described {
			return s.api.undescribed(c)
		}
		if err := checkNames(route.Operation, c.QueryParams()); err != nil {
			return err
		}
		return next(c)
	}
}

// undescribed is the refusal of what the description does not know: a method,
// with those that there are, or the whole path.
func (d *apiDocument) undescribed(c echo.Context) error {
	item := d.at(strings.TrimPrefix(c.Request().URL.Path, apiBase))
	if item == nil {
		return echo.ErrNotFound
	}
	methods := slices.Sorted(maps.Keys(item.Operations()))
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	c.Response().Header().Set(echo.HeaderAllow, strings.Join(methods, ", "))
	return echo.ErrMethodNotAllowed
}

// at is what the description has at a path; nil when there is nothing.
func (d *apiDocument) at(path string) *openapi3.PathItem {
	if item := d.spec.Paths.Value(path); item != nil {
		return item
	}
	given := strings.Split(path, "/")
	for described, item := range d.spec.Paths.Map() {
		parts := strings.Split(described, "/")
		if strings.HasSuffix(described, "{path}") && len(given) > len(parts) {
			parts = append(parts, given[len(parts):]...)
		}
		if slices.EqualFunc(parts, given, func(part, value string) bool {
			return part == value || strings.HasPrefix(part, "{") && value != ""
		}) {
			return item
		}
	}
	return nil
}

// checkNames refuses parameters that an operation does not have, and repeated ones.
func checkNames(o *openapi3.Operation, given map[string][]string) error {
	var fields []bank.FieldError
	for name, values := range given {
		switch {
		case o.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil:
			fields = append(fields, bank.FieldError{Field: shortened(name), Code: "unknown_field"})
		case len(values) > 1:
			fields = append(fields, bank.FieldError{Field: name, Code: "repeated"})
		}
	}
	if len(fields) == 0 {
		return nil
	}
	slices.SortFunc(fields, func(a, b bank.FieldError) int { return strings.Compare(a.Field, b.Field) })
	return invalid(fields[:min(len(fields), maxFaults)]...)
}

// enforce is the last line: a request that our own checks let through and the
// description does not allow is refused all the same. A body that is known to be
// allowed is not looked at.
func (d *apiDocument) enforce(c echo.Context, body []byte, allowed bool) error {
	route, _ := d.route(c)
	params, err := pathParams(c)
	if err != nil {
		return err
	}
	r := c.Request().WithContext(c.Request().Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	err = openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
		Request: r, Route: route, PathParams: params, QueryParams: filled(c.QueryParams()),
		Options: &openapi3filter.Options{ExcludeRequestBody: allowed, SkipSettingDefaults: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}, // the route table says who may
	})
	if err == nil {
		return nil
	}
	return invalid(bank.FieldError{Field: fieldOf(err), Code: "shape"})
}

// filled drops empty values, which are the same as none.
func filled(values map[string][]string) map[string][]string {
	kept := map[string][]string{}
	for name, list := range values {
		if list[0] != "" {
			kept[name] = list
		}
	}
	return kept
}

// fieldOf is where the description disagrees. The library's own words are not
// for people.
func fieldOf(err error) string {
	var request *openapi3filter.RequestError
	if errors.As(err, &request) && request.Parameter != nil {
		return request.Parameter.Name
	}
	var schema *openapi3.SchemaError
	if errors.As(err, &schema) && len(schema.JSONPointer()) > 0 {
		return strings.Join(schema.JSONPointer(), ".")
	}
	return "body"
}

// openAPI serves the description.
func (s *Server) openAPI(c echo.Context) error {
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, apiText)
}

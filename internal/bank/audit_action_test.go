package bank

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// actionsMade are what actions made of a beginning and a value end in.
var actionsMade = map[string][]string{
	"invitation.": {string(InviteStaff), string(InviteRecovery), string(InviteFirst)},
	"evaluation.": append(EvaluationActions(), "supersede"),
	"request.":    {"answered", "declined", "withdrawn"},
	"correction.": {CorrectionAccepted, CorrectionRefused, CorrectionWithdrawn},
}

// source is the package as it is written.
type source struct {
	t     *testing.T
	files []*ast.File
	found map[string]bool
}

// Whatever this package notes has a place in the list, and so a sentence.
func TestAuditActionsAreListed(t *testing.T) {
	s := &source{t: t, found: map[string]bool{}}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		s.files = append(s.files, file)
	}
	s.eachFunction(s.notes)
	if got, want := slices.Sorted(maps.Keys(s.found)), slices.Sorted(slices.Values(AuditActions())); !slices.Equal(got, want) {
		for _, action := range got {
			if !slices.Contains(want, action) {
				t.Errorf("%s is noted and stands in no list: see AuditActions, and audit.%s in the languages", action, action)
			}
		}
		for _, action := range want {
			if !slices.Contains(got, action) {
				t.Errorf("nothing notes %s", action)
			}
		}
	}
}

func (s *source) eachFunction(do func(*ast.FuncDecl)) {
	for _, file := range s.files {
		for _, d := range file.Decls {
			if f, is := d.(*ast.FuncDecl); is && f.Body != nil {
				do(f)
			}
		}
	}
}

// notes takes the actions that a function hands to the audit log.
func (s *source) notes(f *ast.FuncDecl) {
	if f.Name.Name == "audit" {
		return // hands on what it gets
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if called, is := n.Fun.(*ast.SelectorExpr); is && called.Sel.Name == "audit" && len(n.Args) == 3 {
				s.take(f, n.Args[0])
			}
		case *ast.CompositeLit:
			if kind, is := n.Type.(*ast.Ident); is && kind.Name == "note" {
				for _, e := range n.Elts {
					if pair := e.(*ast.KeyValueExpr); pair.Key.(*ast.Ident).Name == "Action" {
						s.take(f, pair.Value)
					}
				}
			}
		}
		return true
	})
}

// take follows an expression to the texts that it may be.
func (s *source) take(f *ast.FuncDecl, e ast.Expr) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s.found[s.text(e)] = true
	case *ast.BinaryExpr:
		begin, is := e.X.(*ast.BasicLit)
		if !is || actionsMade[s.text(begin)] == nil {
			s.t.Errorf("%s makes an action of parts that this test does not know", f.Name.Name)
			return
		}
		for _, end := range actionsMade[s.text(begin)] {
			s.found[s.text(begin)+end] = true
		}
	case *ast.Ident:
		if !s.constant(e.Name) && !s.parameter(f, e.Name) && !s.assigned(f, e.Name) {
			s.t.Errorf("%s notes %s, and this test cannot tell what that may be", f.Name.Name, e.Name)
		}
	default:
		s.t.Errorf("%s notes an action in a form that this test does not know", f.Name.Name)
	}
}

func (s *source) text(e *ast.BasicLit) string {
	text, err := strconv.Unquote(e.Value)
	if err != nil {
		s.t.Fatal(err)
	}
	return text
}

// constant takes the value of a constant of the package.
func (s *source) constant(name string) (known bool) {
	for _, file := range s.files {
		if o := file.Scope.Lookup(name); o != nil && o.Kind == ast.Con {
			s.found[s.text(o.Decl.(*ast.ValueSpec).Values[0].(*ast.BasicLit))] = true
			known = true
		}
	}
	return known
}

// parameter takes what all callers hand over.
func (s *source) parameter(f *ast.FuncDecl, name string) (known bool) {
	at := 0
	for _, field := range f.Type.Params.List {
		for _, n := range field.Names {
			if n.Name == name {
				s.eachFunction(func(caller *ast.FuncDecl) { s.arguments(caller, f.Name.Name, at) })
				return true
			}
			at++
		}
	}
	return false
}

func (s *source) arguments(caller *ast.FuncDecl, name string, at int) {
	ast.Inspect(caller, func(n ast.Node) bool {
		call, is := n.(*ast.CallExpr)
		if !is {
			return true
		}
		if called, is := call.Fun.(*ast.SelectorExpr); is && called.Sel.Name == name {
			s.take(caller, call.Args[at])
		}
		return true
	})
}

// assigned takes every text in what a variable is set to: of a table, its values.
func (s *source) assigned(f *ast.FuncDecl, name string) (known bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		set, is := n.(*ast.AssignStmt)
		if !is {
			return true
		}
		if to, is := set.Lhs[0].(*ast.Ident); !is || to.Name != name {
			return true
		}
		ast.Inspect(set.Rhs[0], func(n ast.Node) bool {
			if e, is := n.(*ast.BasicLit); is {
				s.found[s.text(e)] = true
				known = true
			}
			return true
		})
		return true
	})
	return known
}

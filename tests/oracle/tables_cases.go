package main

import (
	"hash/fnv"
	"regexp"
	"strings"

	celgo "github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types/ref"
)

// casesOf are the cases of one literal: as it stands, in the oldest and the newest version; since
// the tables declare names of their own, with every undeclared name read from `object`, on
// documents that have the fields it reads; with each literal in it replaced by something else; and,
// where it is of Kubernetes' tables, as parts of a policy.
func casesOf(text string, ofKubernetes bool) ([]map[string]any, error) {
	env, err := expressionEnvironment("1.36")
	if err != nil {
		return nil, err
	}
	cases := []map[string]any{
		tableCase("1.30", text, pod(), "alice"),
		tableCase("1.36", text, pod(), "admin"),
	}
	bound := bindNames(env, text)
	parsed, issues := env.Parse(bound)
	if issues.Err() != nil {
		return cases, nil
	}
	paths := readPaths(parsed)
	if bound != text || len(paths) > 0 {
		for turn, version := range []string{"1.36", "1.34", "1.32"} {
			cases = append(cases, tableCase(version, bound, fill(paths, turn), "alice"))
		}
	}
	output := outputType(env, bound)
	if output == nil {
		return cases, nil
	}
	versions := []string{"1.36", "1.35", "1.33", "1.31"}
	for i, changed := range replaceLiterals(bound) {
		cases = append(cases, tableCase(versions[i%len(versions)], changed, fill(paths, 0), "admin"))
	}
	if ofKubernetes {
		for turn, version := range []string{"1.36", "1.30"} {
			c := tableCase(version, "", fill(paths, turn), "admin")
			delete(c, "expr")
			c["mode"], c["policy"] = "vap", policyOf(bound, output)
			cases = append(cases, c)
		}
	}
	return cases, nil
}

// outputType is the checked type of an expression, nil where it does not compile.
func outputType(env *celgo.Env, text string) (output *celgo.Type) {
	defer func() { _ = recover() }()
	compiled, issues := env.Compile(text)
	if issues.Err() != nil {
		return nil
	}
	return compiled.OutputType()
}

// policyOf is a policy that has an expression wherever its type fits.
func policyOf(text string, output *celgo.Type) map[string]any {
	validation := map[string]any{"expression": "variables.value == variables.value && false", "message": "refused"}
	spec := map[string]any{
		"variables":        []any{map[string]any{"name": "value", "expression": text}},
		"validations":      []any{validation, map[string]any{"expression": "has(variables.value)"}},
		"auditAnnotations": []any{map[string]any{"key": "value", "valueExpression": "'%s'.format([variables.value])"}},
	}
	switch output.Kind() {
	case celgo.BoolKind:
		validation["expression"] = text
		validation["messageExpression"] = "'value is ' + string(variables.value)"
		spec["matchConditions"] = []any{map[string]any{"name": "either", "expression": "(" + text + ") || true"}}
	case celgo.StringKind:
		validation["messageExpression"] = text
		spec["auditAnnotations"] = []any{map[string]any{"key": "value", "valueExpression": text}}
	}
	return map[string]any{"metadata": map[string]any{"name": "table"}, "spec": spec}
}

// literals are what replaceLiterals takes for a literal; a field name after `object.` counts too.
var literals = regexp.MustCompile(`'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\b\d+(?:\.\d+)?u?\b|\b(?:true|false|null)\b|\bobject(?:\.\w+)+`)

// replacements are of every type, present and missing, with and without a known type.
var replacements = []string{
	"object.zz", "dyn(1.5)", "dyn('x')", "dyn({})", "dyn(null)", "object.spec.containers", "dyn([])", "dyn(b'a')",
	"dyn(1u)", "dyn(true)", "dyn(optional.none())", "dyn(duration('1s'))", "dyn(timestamp(0))", "object.metadata",
	"object.kind", "dyn(quantity('1'))", "dyn(int)", "[]", "object.spec.replicas", "(1/0)", "dyn(object.?spec)",
	"dyn(-1)", "{}", "1", "'a'", "0.0", "[1, 2]", "dyn(ip('::1'))",
}

// replaceLiterals replaces each of the first few literals by some of the replacements. Which ones
// depends on the text alone.
func replaceLiterals(text string) []string {
	const places, turns = 6, 3
	changed := []string{}
	seed := hash(text)
	for i, at := range literals.FindAllStringIndex(text, places) {
		for turn := 0; turn < turns; turn++ {
			by := replacements[(seed+7*i+11*turn)%len(replacements)]
			changed = append(changed, text[:at[0]]+by+text[at[1]:])
		}
	}
	return changed
}

func hash(text string) int {
	h := fnv.New32a()
	h.Write([]byte(text))
	return int(h.Sum32() % 10007)
}

func tableCase(version, expr string, object map[string]any, user string) map[string]any {
	return map[string]any{
		"mode": "cel", "version": version, "expr": expr, "object": object,
		"namespace": map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "shop"}},
		"user":      map[string]any{"name": user, "groups": []any{"developers"}},
	}
}

func pod() map[string]any {
	return map[string]any{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{"name": "web", "namespace": "shop", "labels": map[string]any{"app": "web"}},
		"spec": map[string]any{
			"replicas": 3, "hostNetwork": false,
			"containers": []any{map[string]any{"name": "a", "image": "registry.example/a:1", "securityContext": map[string]any{}}},
		},
	}
}

// bindNames puts `object.` before the names that the environment does not declare. A text on which
// the checker panics stays as it is.
func bindNames(env *celgo.Env, text string) (bound string) {
	defer func() {
		if recover() != nil {
			bound = text
		}
	}()
	for round := 0; round < 8; round++ {
		_, issues := env.Compile(text)
		if issues.Err() == nil {
			return text
		}
		lines := strings.SplitAfter(text, "\n")
		changed := false
		errors := issues.Errors()
		// from the last to the first, so that columns stay true
		for i := len(errors) - 1; i >= 0; i-- {
			name, ok := strings.CutPrefix(errors[i].Message, "undeclared reference to '")
			name, _, _ = strings.Cut(name, "'")
			line, column := errors[i].Location.Line()-1, errors[i].Location.Column()
			if !ok || line >= len(lines) {
				continue
			}
			runes := []rune(lines[line])
			if column >= len(runes) || !strings.HasPrefix(string(runes[column:]), name) {
				continue
			}
			if strings.HasPrefix(strings.TrimLeft(string(runes[column+len([]rune(name)):]), " "), "(") {
				continue // a function
			}
			lines[line] = string(runes[:column]) + "object." + string(runes[column:])
			changed = true
		}
		if !changed {
			return text
		}
		text = strings.Join(lines, "")
	}
	return text
}

// path is a chain of fields that an expression reads from `object`, and a value that suits its place.
type path struct {
	fields []string
	hint   any
}

func readPaths(parsed *celgo.Ast) []path {
	paths := []path{}
	root := ast.NavigateAST(parsed.NativeRep())
	for _, e := range ast.MatchDescendants(root, ast.KindMatcher(ast.SelectKind)) {
		if parent, ok := e.Parent(); ok && parent.Kind() == ast.SelectKind {
			continue
		}
		if fields := chain(e); len(fields) > 0 {
			paths = append(paths, path{fields, hint(e)})
		}
	}
	return paths
}

// chain is the fields of `object.a.b`, or nothing where an expression is something else.
func chain(e ast.Expr) []string {
	switch e.Kind() {
	case ast.IdentKind:
		if e.AsIdent() == "object" {
			return []string{}
		}
	case ast.SelectKind:
		if fields := chain(e.AsSelect().Operand()); fields != nil {
			return append(fields, e.AsSelect().FieldName())
		}
	}
	return nil
}

// hint is a value of the kind that the place of an expression asks for, where that can be seen.
func hint(e ast.NavigableExpr) any {
	parent, ok := e.Parent()
	if !ok {
		return nil
	}
	switch parent.Kind() {
	case ast.ComprehensionKind:
		return []any{int64(1), int64(2), int64(3)}
	case ast.CallKind:
		call := parent.AsCall()
		switch call.FunctionName() {
		case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Conditional:
			return true
		case "startsWith", "endsWith", "matches", "contains", "split", "replace":
			return "ab"
		}
		for _, argument := range call.Args() {
			if argument.Kind() == ast.LiteralKind {
				return plain(argument.AsLiteral())
			}
			if argument.Kind() == ast.ListKind {
				return []any{int64(1), "a"}
			}
		}
	}
	return nil
}

// plain is a literal as a document has it.
func plain(value ref.Val) any {
	switch v := value.Value().(type) {
	case bool, int64, float64, string:
		return v
	case uint64:
		return int64(v)
	default:
		return nil
	}
}

// fill makes a document with the paths. The turn decides which values the leaves without a hint get.
func fill(paths []path, turn int) map[string]any {
	pool := []any{
		int64(1), "a", []any{int64(3), int64(1), int64(2)}, map[string]any{"a": int64(1), "b": int64(2)},
		true, 2.5, []any{"b", "a"}, nil, "2024-02-29T12:30:00Z", []any{map[string]any{"name": "a", "value": int64(1)}},
	}
	document := pod()
	for _, p := range paths {
		value := p.hint
		if value == nil || turn == 2 {
			value = pool[(hash(strings.Join(p.fields, "."))+3*turn)%len(pool)]
		}
		at := document
		for i, field := range p.fields {
			if i == len(p.fields)-1 {
				if _, there := at[field]; !there {
					at[field] = value
				}
				break
			}
			next, ok := at[field].(map[string]any)
			if !ok {
				if _, there := at[field]; there {
					break
				}
				next = map[string]any{}
				at[field] = next
			}
			at = next
		}
	}
	return document
}

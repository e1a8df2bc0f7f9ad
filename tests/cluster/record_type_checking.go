package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// typeCase is a policy whose types are checked.
type typeCase struct {
	Name string `json:"name"`
	// `GROUPS/VERSIONS/RESOURCES` for each rule; groups and versions apart by `|`, resources by `,`.
	Match       []string       `json:"match"`
	ParamKind   map[string]any `json:"paramKind"`
	Variables   []any          `json:"variables"`
	Expressions []string       `json:"expressions"`
	// Message expressions of the first validations.
	Messages []string `json:"messages"`
}

// typeAnswer is a line of the answers.
type typeAnswer struct {
	Server   string              `json:"server"`
	Policy   map[string]any      `json:"policy"`
	Warnings []ExpressionWarning `json:"warnings"`
}

func (c typeCase) policy() *unstructured.Unstructured {
	var rules, validations []any
	for _, match := range c.Match {
		parts := strings.SplitN(match, "/", 3)
		rules = append(rules, map[string]any{
			"apiGroups": anys(strings.Split(parts[0], "|")), "apiVersions": anys(strings.Split(parts[1], "|")),
			"operations": []any{"*"}, "resources": anys(strings.Split(parts[2], ",")),
		})
	}
	for index, expression := range c.Expressions {
		validation := map[string]any{"expression": expression}
		if index < len(c.Messages) {
			validation["messageExpression"] = c.Messages[index]
		}
		validations = append(validations, validation)
	}
	spec := map[string]any{
		"matchConstraints": map[string]any{"resourceRules": rules}, "validations": validations,
	}
	if c.ParamKind != nil {
		spec["paramKind"] = c.ParamKind
	}
	if c.Variables != nil {
		spec["variables"] = c.Variables
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
		"metadata": map[string]any{"name": c.Name}, "spec": spec,
	}}
}

func anys(texts []string) []any {
	var all []any
	for _, text := range texts {
		all = append(all, text)
	}
	return all
}

// The type checker appends the nanoseconds of its clock to the kind that names a type.
var generatedType = regexp.MustCompile(`'([^']*?)\b([A-Z][A-Za-z]+?)\d{3,9}\b`)

// typeChecking records what the controller warns of.
func (r *recorder) typeChecking(ctx context.Context) error {
	text, err := os.ReadFile(filepath.Join(r.folder, "cases", "type-checking.yaml"))
	if err != nil {
		return err
	}
	var cases []typeCase
	if err := yaml.UnmarshalStrict(text, &cases); err != nil {
		return err
	}
	var refused []error
	for _, one := range cases {
		if _, err := r.client.apply(ctx, one.policy()); err != nil {
			refused = append(refused, err)
		}
	}
	if len(refused) > 0 {
		return errors.Join(refused...)
	}
	var lines []any
	warned := 0
	for _, one := range cases {
		warnings, err := r.expressionWarnings(ctx, one.Name)
		if err != nil {
			return err
		}
		answer := typeAnswer{r.client.Version, one.policy().Object, []ExpressionWarning{}}
		for _, warning := range warnings {
			before := ""
			for before != warning.Warning {
				before = warning.Warning
				warning.Warning = generatedType.ReplaceAllString(before, "'$1$2")
			}
			answer.Warnings = append(answer.Warnings, warning)
		}
		if len(warnings) > 0 {
			warned++
		}
		lines = append(lines, answer)
	}
	fmt.Printf("type checking: %d policies, %d with warnings\n", len(cases), warned)
	for _, one := range cases {
		if err := r.client.remove(ctx, one.policy()); err != nil {
			return err
		}
	}
	return r.writeLines("type-checking.jsonl", lines)
}

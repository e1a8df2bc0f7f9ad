package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// The group of the custom kinds whose objects are created.
const customGroup = "custom.example.com"

// customKind is a custom kind and objects of it.
type customKind struct {
	Kind         string           `json:"kind"`
	Scope        string           `json:"scope"`
	Schema       map[string]any   `json:"schema"`
	Subresources map[string]any   `json:"subresources"`
	Versions     []map[string]any `json:"versions"`
	Objects      []map[string]any `json:"objects"`
}

// customAnswer is a line of the answers: a definition, or an object of the last definition.
type customAnswer struct {
	Server     string               `json:"server,omitempty"`
	Definition map[string]any       `json:"definition,omitempty"`
	Object     map[string]any       `json:"object,omitempty"`
	Status     int                  `json:"status,omitempty"`
	Message    string               `json:"message,omitempty"`
	Causes     []metav1.StatusCause `json:"causes,omitempty"`
	Warnings   []string             `json:"warnings,omitempty"`
	Admitted   map[string]any       `json:"admitted,omitempty"`
}

func (c customKind) plural() string {
	return strings.ToLower(c.Kind) + "s"
}

func (c customKind) definition() *unstructured.Unstructured {
	if c.Versions == nil {
		c.Versions = []map[string]any{{"name": "v1", "served": true, "storage": true}}
	}
	if c.Scope == "" {
		c.Scope = "Namespaced"
	}
	var versions []any
	for _, given := range c.Versions {
		version := maps.Clone(given)
		schema, has := version["schema"].(map[string]any)
		if !has {
			schema = c.Schema
		}
		schema["type"] = "object"
		version["schema"] = map[string]any{"openAPIV3Schema": schema}
		if c.Subresources != nil {
			version["subresources"] = c.Subresources
		}
		versions = append(versions, version)
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": c.plural() + "." + customGroup},
		"spec": map[string]any{
			"group": customGroup, "scope": c.Scope, "versions": versions,
			"names": map[string]any{"kind": c.Kind, "plural": c.plural(), "singular": strings.ToLower(c.Kind)},
		},
	}}
}

// custom records what becomes of created custom objects.
func (r *recorder) custom(ctx context.Context) error {
	text, err := os.ReadFile(filepath.Join(r.folder, "cases", "custom.yaml"))
	if err != nil {
		return err
	}
	var kinds []customKind
	if err := yaml.UnmarshalStrict(text, &kinds); err != nil {
		return err
	}
	var refused []error
	for _, kind := range kinds {
		if _, err := r.client.apply(ctx, kind.definition()); err != nil {
			refused = append(refused, err)
		}
	}
	if len(refused) > 0 {
		return errors.Join(refused...)
	}
	var lines []any
	objects, accepted := 0, 0
	for _, kind := range kinds {
		definition := kind.definition()
		if err := r.established(ctx, definition.GetName()); err != nil {
			return err
		}
		if err := r.served(ctx, kind); err != nil {
			return err
		}
		lines = append(lines, customAnswer{Server: r.client.Version, Definition: definition.Object})
		for index, object := range kind.Objects {
			answer, err := r.createCustom(ctx, kind, index, object)
			if err != nil {
				return err
			}
			objects++
			if answer.Status == 201 {
				accepted++
			}
			lines = append(lines, answer)
		}
		if err := r.client.remove(ctx, definition); err != nil {
			return err
		}
	}
	fmt.Printf("custom: %d objects of %d kinds, %d accepted\n", objects, len(kinds), accepted)
	return r.writeLines("custom.jsonl", lines)
}

func (c customKind) path(version string) string {
	path := "/apis/" + customGroup + "/" + version + "/"
	if c.Scope != "Cluster" {
		path += "namespaces/default/"
	}
	return path + c.plural()
}

// served waits until the API server answers for a kind that is established.
func (r *recorder) served(ctx context.Context, kind customKind) error {
	return r.cluster.until(ctx, kind.Kind, func(ctx context.Context) (bool, error) {
		err := r.client.Typed.Discovery().RESTClient().Get().AbsPath(kind.path("v1")).Do(ctx).Error()
		if apierrors.IsNotFound(err) {
			return false, nil
		}
		return err == nil, err
	})
}

func (r *recorder) createCustom(
	ctx context.Context, kind customKind, index int, object map[string]any,
) (answer customAnswer, err error) {
	version, given := object["apiVersion"].(string)
	if !given {
		version = "v1"
	}
	object["apiVersion"] = customGroup + "/" + version
	object["kind"] = kind.Kind
	if _, given := object["metadata"]; !given {
		object["metadata"] = map[string]any{"name": fmt.Sprintf("o%d", index)}
	}
	answer.Object = object
	body, err := json.Marshal(object)
	if err != nil {
		return answer, err
	}
	found := &warnings{}
	result := r.client.Typed.Discovery().RESTClient().Post().AbsPath(kind.path(version)).
		Param("dryRun", "All").Param("fieldValidation", "Strict").
		SetHeader("Content-Type", "application/json").Body(body).
		Do(context.WithValue(ctx, warningsKey{}, found))
	slices.Sort(found.texts)
	answer.Warnings = found.texts
	if err := result.Error(); err != nil {
		var status *apierrors.StatusError
		if !errors.As(err, &status) {
			return answer, err
		}
		answer.Status = int(status.ErrStatus.Code)
		answer.Message = status.ErrStatus.Message
		if status.ErrStatus.Details != nil && status.ErrStatus.Reason == metav1.StatusReasonInvalid {
			answer.Causes = status.ErrStatus.Details.Causes
		}
		return answer, nil
	}
	result.StatusCode(&answer.Status)
	raw, err := result.Raw()
	if err != nil {
		return answer, err
	}
	var admitted unstructured.Unstructured
	if err := json.Unmarshal(raw, &admitted.Object); err != nil {
		return answer, err
	}
	admitted.SetManagedFields(nil)
	for _, field := range []string{"uid", "resourceVersion", "creationTimestamp"} {
		unstructured.RemoveNestedField(admitted.Object, "metadata", field)
	}
	answer.Admitted = admitted.Object
	return answer, nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

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
	// Earlier is the schema under which the old objects of updates are stored, where that is another.
	Earlier map[string]any `json:"earlier"`
	Updates []customUpdate `json:"updates"`
}

// customUpdate is an object that is stored, and what replaces it.
type customUpdate struct {
	Old map[string]any `json:"old"`
	New map[string]any `json:"new"`
}

// customAnswer is a line of the answers: a definition, or an object of the last definition.
type customAnswer struct {
	Server     string               `json:"server,omitempty"`
	Definition map[string]any       `json:"definition,omitempty"`
	Old        map[string]any       `json:"old,omitempty"`
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
	before := r.recordedCustom()
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
			lines = append(lines, steady(answer, before))
		}
		updates, err := r.updateCustom(ctx, kind)
		if err != nil {
			return fmt.Errorf("%s: %w", kind.Kind, err)
		}
		objects += len(updates)
		for _, answer := range updates {
			lines = append(lines, steady(answer, before))
		}
		if err := r.client.remove(ctx, definition); err != nil {
			return err
		}
	}
	fmt.Printf("custom: %d objects of %d kinds, %d accepted\n", objects, len(kinds), accepted)
	return r.writeLines("custom.jsonl", lines)
}

// recordedCustom are the answers that were recorded before, by what was sent.
func (r *recorder) recordedCustom() map[string]customAnswer {
	before := map[string]customAnswer{}
	text, err := os.ReadFile(filepath.Join(r.folder, "recorded", "custom.jsonl"))
	if err != nil {
		return before
	}
	for line := range strings.Lines(string(text)) {
		var answer customAnswer
		if json.Unmarshal([]byte(line), &answer) == nil {
			before[sentCustom(answer)] = answer
		}
	}
	return before
}

func sentCustom(answer customAnswer) string {
	text, _ := json.Marshal([]any{answer.Object, answer.Old})
	return string(text)
}

// steady is an answer without what differs from one recording to the next: the end of a generated name,
// and the order of causes that were found in Go's maps.
func steady(answer customAnswer, before map[string]customAnswer) customAnswer {
	generate, _, _ := unstructured.NestedString(answer.Object, "metadata", "generateName")
	if text, err := json.Marshal(answer); err == nil && generate != "" {
		name := regexp.MustCompile(`"` + regexp.QuoteMeta(generate) + `[a-z0-9]{5}\\?"`)
		text = name.ReplaceAllFunc(text, func(name []byte) []byte {
			return append([]byte(`"`+generate+"xxxxx"), name[len(generate)+6:]...)
		})
		answer = customAnswer{}
		if json.Unmarshal(text, &answer) != nil {
			return answer
		}
	}
	unordered := func(answer customAnswer) string {
		if len(answer.Causes) > 1 {
			answer.Message = ""
			answer.Causes = slices.SortedFunc(slices.Values(answer.Causes), func(a, b metav1.StatusCause) int {
				return strings.Compare(a.Field+a.Message, b.Field+b.Message)
			})
		}
		text, _ := json.Marshal(answer)
		return string(text)
	}
	if known, ok := before[sentCustom(answer)]; ok && unordered(known) == unordered(answer) {
		return known
	}
	return answer
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

// updateCustom stores objects, under an earlier schema where there is one, and replaces each, as a dry
// run.
func (r *recorder) updateCustom(ctx context.Context, kind customKind) (answers []customAnswer, err error) {
	if len(kind.Updates) == 0 {
		return nil, nil
	}
	name := "update"
	if kind.Earlier != nil {
		earlier := kind
		earlier.Schema = kind.Earlier
		if err := r.redefine(ctx, earlier); err != nil {
			return nil, err
		}
	}
	olds := make([]map[string]any, len(kind.Updates))
	for index, update := range kind.Updates {
		update.Old["metadata"] = map[string]any{"name": fmt.Sprintf("%s%d", name, index)}
		stored := r.sendCustom(ctx, "POST", kind.path("v1"), kind, update.Old, nil)
		if stored.Status != 201 {
			return nil, fmt.Errorf("old object %d: %d %s", index, stored.Status, stored.Message)
		}
		olds[index] = stored.Admitted
	}
	if kind.Earlier != nil {
		if err := r.redefine(ctx, kind); err != nil {
			return nil, err
		}
	}
	for index, update := range kind.Updates {
		path := fmt.Sprintf("%s/%s%d", kind.path("v1"), name, index)
		update.New["metadata"] = map[string]any{
			"name": fmt.Sprintf("%s%d", name, index), "namespace": "default",
			"resourceVersion": versionOf(olds[index]),
		}
		answer := r.sendCustom(ctx, "PUT", path, kind, update.New, []string{"All"})
		for _, object := range []map[string]any{olds[index], answer.Admitted, answer.Object} {
			forgetCustom(object)
		}
		answer.Old = olds[index]
		answers = append(answers, answer)
	}
	return answers, nil
}

func versionOf(object map[string]any) string {
	version, _, _ := unstructured.NestedString(object, "metadata", "resourceVersion")
	return version
}

func forgetCustom(object map[string]any) {
	for _, field := range []string{"uid", "resourceVersion", "creationTimestamp", "managedFields"} {
		unstructured.RemoveNestedField(object, "metadata", field)
	}
}

// redefine gives a kind that is there another schema, and waits until it is the one that counts: the
// API server takes some seconds for it.
func (r *recorder) redefine(ctx context.Context, kind customKind) error {
	applied, err := r.client.apply(ctx, kind.definition())
	if err != nil {
		return err
	}
	time.Sleep(3 * time.Second)
	return r.established(ctx, applied.GetName())
}

func (r *recorder) createCustom(
	ctx context.Context, kind customKind, index int, object map[string]any,
) (answer customAnswer, err error) {
	version, given := object["apiVersion"].(string)
	if !given {
		version = "v1"
	}
	if _, given := object["metadata"]; !given {
		object["metadata"] = map[string]any{"name": fmt.Sprintf("o%d", index)}
	}
	object["apiVersion"] = customGroup + "/" + version
	answer = r.sendCustom(ctx, "POST", kind.path(version), kind, object, []string{"All"})
	forgetCustom(answer.Admitted)
	if answer.Status == 0 {
		return answer, errors.New(answer.Message)
	}
	return answer, nil
}

// sendCustom sends an object; a status of 0 is no answer.
func (r *recorder) sendCustom(
	ctx context.Context, verb, path string, kind customKind, object map[string]any, dryRun []string,
) (answer customAnswer) {
	if _, given := object["apiVersion"]; !given {
		object["apiVersion"] = customGroup + "/v1"
	}
	object["kind"] = kind.Kind
	answer.Object = object
	body, err := json.Marshal(object)
	if err != nil {
		answer.Message = err.Error()
		return answer
	}
	found := &warnings{}
	request := r.client.Typed.Discovery().RESTClient().Verb(verb).AbsPath(path).
		Param("fieldValidation", "Strict").SetHeader("Content-Type", "application/json").Body(body)
	for _, value := range dryRun {
		request = request.Param("dryRun", value)
	}
	result := request.Do(context.WithValue(ctx, warningsKey{}, found))
	slices.Sort(found.texts)
	answer.Warnings = found.texts
	if err := result.Error(); err != nil {
		answer.Message = err.Error()
		var status *apierrors.StatusError
		if errors.As(err, &status) {
			answer.Status = int(status.ErrStatus.Code)
			answer.Message = status.ErrStatus.Message
			if status.ErrStatus.Details != nil && status.ErrStatus.Reason == metav1.StatusReasonInvalid {
				answer.Causes = status.ErrStatus.Details.Causes
			}
		}
		return answer
	}
	raw, err := result.Raw()
	if err == nil {
		err = json.Unmarshal(raw, &answer.Admitted)
	}
	if err != nil {
		answer.Message = err.Error()
		return answer
	}
	result.StatusCode(&answer.Status)
	return answer
}

package main

import (
	"context"
	"encoding/json"
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

// observation says what a policy sees of a request.
const observation = `[
  request.operation,
  request.kind.group + '/' + request.kind.version + '/' + request.kind.kind,
  request.resource.group + '/' + request.resource.version + '/' + request.resource.resource,
  request.?subResource.orValue(''),
  request.requestKind.group + '/' + request.requestKind.version + '/' + request.requestKind.kind,
  request.requestResource.group + '/' + request.requestResource.version + '/' + request.requestResource.resource,
  request.?requestSubResource.orValue(''),
  request.?name.orValue(''),
  request.?namespace.orValue(''),
  namespaceObject == null ? 'null' : namespaceObject.metadata.name,
  object == null ? 'null' : object.?kind.orValue('') + ' ' + object.?metadata.?name.orValue('') + ' ' + object.?metadata.?labels[?'app'].orValue(''),
  oldObject == null ? 'null' : oldObject.?kind.orValue('') + ' ' + oldObject.?metadata.?name.orValue('') + ' ' + oldObject.?metadata.?labels[?'app'].orValue(''),
  string(dyn(request).?options.?kind.orValue(''))
].join('|')`

const observationOfParams = `+ '|' + (params == null ? 'null' : params.kind + ' ' + params.metadata.?namespace.orValue('') + ' ' + params.metadata.name)`

// scene is a state of the cluster, and requests.
type scene struct {
	Scene      string                   `json:"scene"`
	Namespaces map[string]Labels        `json:"namespaces"`
	Stored     []map[string]any         `json:"stored"`
	Policies   map[string]scenePolicy   `json:"policies"`
	Requests   []map[string]interface{} `json:"requests"`
}

type scenePolicy struct {
	Rules             []any                     `json:"rules"`
	Exclude           []any                     `json:"exclude"`
	MatchPolicy       string                    `json:"matchPolicy"`
	ObjectSelector    map[string]any            `json:"objectSelector"`
	NamespaceSelector map[string]any            `json:"namespaceSelector"`
	FailurePolicy     string                    `json:"failurePolicy"`
	ParamKind         map[string]any            `json:"paramKind"`
	MatchConditions   []any                     `json:"matchConditions"`
	Validations       []any                     `json:"validations"`
	Bindings          map[string]map[string]any `json:"bindings"`
}

// objects are the policy and its bindings as they are sent.
func (p scenePolicy) objects(name string) []*unstructured.Unstructured {
	constraints := map[string]any{}
	set := func(fields map[string]any, name string, value any, given bool) {
		if given {
			fields[name] = value
		}
	}
	set(constraints, "resourceRules", p.Rules, true)
	set(constraints, "excludeResourceRules", p.Exclude, p.Exclude != nil)
	set(constraints, "matchPolicy", p.MatchPolicy, p.MatchPolicy != "")
	set(constraints, "objectSelector", p.ObjectSelector, p.ObjectSelector != nil)
	set(constraints, "namespaceSelector", p.NamespaceSelector, p.NamespaceSelector != nil)
	spec := map[string]any{"matchConstraints": constraints, "validations": p.Validations}
	if p.Validations == nil {
		message := observation
		if p.ParamKind != nil {
			message += observationOfParams
		}
		spec["validations"] = []any{map[string]any{"expression": "false", "messageExpression": message}}
	}
	set(spec, "failurePolicy", p.FailurePolicy, p.FailurePolicy != "")
	set(spec, "paramKind", p.ParamKind, p.ParamKind != nil)
	set(spec, "matchConditions", p.MatchConditions, p.MatchConditions != nil)
	object := func(kind, name string, spec map[string]any) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind,
			"metadata": map[string]any{"name": name}, "spec": spec,
		}}
	}
	objects := []*unstructured.Unstructured{object("ValidatingAdmissionPolicy", name, spec)}
	bindings := p.Bindings
	if bindings == nil {
		bindings = map[string]map[string]any{name: {}}
	}
	for _, binding := range slices.Sorted(maps.Keys(bindings)) {
		spec := map[string]any{"policyName": name, "validationActions": []any{"Warn"}}
		maps.Copy(spec, bindings[binding])
		objects = append(objects, object("ValidatingAdmissionPolicyBinding", binding, spec))
	}
	return objects
}

// recordedScene is the first line of a scene.
type recordedScene struct {
	Scene      string            `json:"scene"`
	Server     string            `json:"server"`
	Namespaces map[string]Labels `json:"namespaces"`
	// As they are stored.
	Stored []map[string]any `json:"stored"`
	// Policies and bindings, as they were sent.
	Policies []map[string]any `json:"policies"`
}

// recordedRequest is a line for each request.
type recordedRequest struct {
	Method string            `json:"method"`
	Path   string            `json:"path"`
	Query  map[string]string `json:"query,omitempty"`
	Body   map[string]any    `json:"body,omitempty"`
	// What is stored under the path, where the request changes or deletes it.
	Old map[string]any `json:"old,omitempty"`
	// The answers under each policy alone, but for those under which nothing is said: the API
	// server would report one denial of all, and cuts warnings that are many.
	Answers map[string]recordedAnswer `json:"answers"`
}

type recordedAnswer struct {
	Status   int      `json:"status"`
	Reason   string   `json:"reason,omitempty"`
	Message  string   `json:"message,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

// matching plays the scenes.
func (r *recorder) matching(ctx context.Context) error {
	text, err := os.ReadFile(filepath.Join(r.folder, "cases", "matching.yaml"))
	if err != nil {
		return err
	}
	var scenes []scene
	if err := yaml.UnmarshalStrict(text, &scenes); err != nil {
		return err
	}
	var lines []any
	requests := 0
	for _, scene := range scenes {
		recorded, err := r.play(ctx, scene)
		if err != nil {
			return fmt.Errorf("scene `%s`: %w", scene.Scene, err)
		}
		lines = append(lines, recorded...)
		requests += len(scene.Requests)
	}
	fmt.Printf("matching: %d requests in %d scenes\n", requests, len(scenes))
	return r.writeLines("matching.jsonl", lines)
}

func (r *recorder) play(ctx context.Context, scene scene) ([]any, error) {
	head := recordedScene{Scene: scene.Scene, Server: r.client.Version, Namespaces: scene.Namespaces}
	var setting []*unstructured.Unstructured
	for _, name := range slices.Sorted(maps.Keys(scene.Namespaces)) {
		namespace := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name},
		}}
		namespace.SetLabels(scene.Namespaces[name])
		setting = append(setting, namespace)
	}
	for _, stored := range scene.Stored {
		setting = append(setting, &unstructured.Unstructured{Object: stored})
	}
	for _, object := range setting {
		stored, err := r.client.apply(ctx, object)
		if err != nil {
			return nil, err
		}
		if object.GetKind() != "Namespace" {
			forget(stored)
			head.Stored = append(head.Stored, stored.Object)
		}
	}
	requests := make([]*recordedRequest, len(scene.Requests))
	for index, given := range scene.Requests {
		var err error
		if requests[index], err = r.prepare(ctx, given); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(scene.Policies)) {
		objects := scene.Policies[name].objects(name)
		for _, object := range objects {
			head.Policies = append(head.Policies, object.Object)
		}
		if err := r.install(ctx, objects); err != nil {
			return nil, err
		}
		for _, request := range requests {
			answer, err := r.send(ctx, request)
			if err != nil {
				return nil, err
			}
			if len(answer.Warnings) > 0 || strings.Contains(answer.Message, "ValidatingAdmissionPolicy") {
				request.Answers[name] = answer
			}
		}
		if err := r.uninstall(ctx, objects); err != nil {
			return nil, err
		}
	}
	lines := []any{head}
	for _, request := range requests {
		lines = append(lines, request)
	}
	for _, object := range slices.Backward(setting) {
		if err := r.client.remove(ctx, object); err != nil {
			return nil, err
		}
	}
	for name := range scene.Namespaces {
		err := r.cluster.until(ctx, "namespace "+name+" to end", func(ctx context.Context) (bool, error) {
			_, err := r.client.Typed.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
			return apierrors.IsNotFound(err), nil
		})
		if err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// Subresources whose requests are of the operation CONNECT, whatever the method; there is no dry
// run, and no kubelet that would do something.
var connecting = []string{"exec", "attach", "portforward", "proxy"}

// prepare reads a request, and what is stored under its path.
func (r *recorder) prepare(ctx context.Context, given map[string]any) (*recordedRequest, error) {
	line := &recordedRequest{Answers: map[string]recordedAnswer{}}
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		if path, is := given[method].(string); is {
			line.Method, line.Path = method, path
		}
	}
	if line.Method == "" {
		return nil, fmt.Errorf("a request without method and path: %v", given)
	}
	line.Body, _ = given["body"].(map[string]any)
	query, _ := given["query"].(map[string]any)
	for name, value := range query {
		if line.Query == nil {
			line.Query = map[string]string{}
		}
		line.Query[name] = fmt.Sprint(value)
	}
	if !slices.Contains([]string{"PUT", "PATCH", "DELETE"}, line.Method) {
		return line, nil
	}
	text, err := r.client.Typed.Discovery().RESTClient().Get().AbsPath(line.Path).
		SetHeader("Accept", "application/json").Do(ctx).Raw()
	if err != nil {
		return nil, fmt.Errorf("before %s %s: %w", line.Method, line.Path, err)
	}
	old := &unstructured.Unstructured{}
	if err := json.Unmarshal(text, &old.Object); err != nil {
		return nil, err
	}
	forget(old)
	line.Old = old.Object
	return line, nil
}

// send sends a request, as a dry run where there is one.
func (r *recorder) send(ctx context.Context, line *recordedRequest) (recordedAnswer, error) {
	request := r.client.Typed.Discovery().RESTClient().Verb(line.Method).AbsPath(line.Path).
		SetHeader("Accept", "application/json")
	for name, value := range line.Query {
		request.Param(name, value)
	}
	connects := slices.ContainsFunc(strings.Split(line.Path, "/"), func(segment string) bool {
		return slices.Contains(connecting, segment)
	})
	if !connects && line.Method != "GET" {
		request.Param("dryRun", "All")
	}
	if line.Body != nil {
		body, err := json.Marshal(line.Body)
		if err != nil {
			return recordedAnswer{}, err
		}
		request.Body(body)
		request.SetHeader("Content-Type", "application/json")
		if line.Method == "PATCH" {
			request.SetHeader("Content-Type", "application/merge-patch+json")
		}
	}
	var status int
	answer, err := ask(ctx, func(ctx context.Context) (*unstructured.Unstructured, error) {
		result := request.Do(ctx)
		result.StatusCode(&status)
		return nil, result.Error()
	})
	if err != nil {
		return recordedAnswer{}, fmt.Errorf("%s %s: %w", line.Method, line.Path, err)
	}
	return recordedAnswer{status, answer.Reason, answer.Message, answer.Warnings}, nil
}

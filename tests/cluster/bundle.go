package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Bundle is a built bundle: what `vapwright bundle build` wrote into a folder.
type Bundle struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Labels  struct {
		Domain string `json:"domain"`
	} `json:"labels"`
	Policies []struct {
		Name    string `json:"name"`
		Profile string `json:"profile"`
	} `json:"policies"`

	folder  string
	objects []*unstructured.Unstructured
}

func (b *Bundle) String() string { return b.Name + " " + b.Version }

// Bindings says what the bindings of a bundle do.
type Bindings string

const (
	// As they are published.
	asShipped Bindings = "as shipped"
	// The API server reports one denial of many, but every warning: with these it says what each
	// policy thinks of an object.
	allWarn Bindings = "all warn"
)

func buildBundle(ctx context.Context, vapwright Vapwright, manifest, folder string) (*Bundle, error) {
	if err := vapwright.build(ctx, manifest, folder); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		return nil, err
	}
	bundle := &Bundle{folder: folder}
	if err := json.Unmarshal(text, bundle); err != nil {
		return nil, fmt.Errorf("%s: %w", manifest, err)
	}
	bundle.objects, err = readObjects(filepath.Join(folder, "install.yaml"))
	return bundle, err
}

// with is the bundle's objects with the actions of the bindings, and the file that has them.
func (b *Bundle) with(bindings Bindings) ([]*unstructured.Unstructured, string, error) {
	if bindings == asShipped {
		return b.objects, filepath.Join(b.folder, "install.yaml"), nil
	}
	var objects []*unstructured.Unstructured
	for _, object := range b.objects {
		if object.GetKind() == "ValidatingAdmissionPolicyBinding" {
			object = object.DeepCopy()
			err := unstructured.SetNestedStringSlice(object.Object, []string{"Warn"}, "spec", "validationActions")
			if err != nil {
				return nil, "", err
			}
		}
		objects = append(objects, object)
	}
	file := filepath.Join(b.folder, "warn.yaml")
	return objects, file, writeObjects(file, objects...)
}

// install applies a bundle's objects and waits until admission goes by them.
func (t *Test) install(ctx context.Context, objects []*unstructured.Unstructured) error {
	for _, object := range objects {
		if _, err := t.client.apply(ctx, object); err != nil {
			return err
		}
	}
	return t.settle(ctx)
}

// uninstall removes a bundle's objects, bindings first, and waits until admission goes without.
func (t *Test) uninstall(ctx context.Context, objects []*unstructured.Unstructured) error {
	for index := len(objects) - 1; index >= 0; index-- {
		if err := t.client.remove(ctx, objects[index]); err != nil {
			return err
		}
	}
	return t.settle(ctx)
}

// settle waits until the API server's admission has taken in all policies and bindings so far. It
// learns of them in the order of their changes, and takes them over all at once: so a policy that
// is made last says by its denial that all before it are in force.
func (t *Test) settle(ctx context.Context) error {
	t.sentinels++
	name := fmt.Sprintf("%s-sentinel-%d", fieldManager, t.sentinels)
	policy := fmt.Sprintf(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: %[1]s}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [namespaces], resourceNames: [%[1]s]}
  validations:
  - {expression: "false", message: in force}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: %[1]s}
spec: {policyName: %[1]s, validationActions: [Deny]}
`, name)
	objects, err := parseObjects([]byte(policy))
	if err != nil {
		return err
	}
	for _, object := range objects {
		if _, err := t.client.apply(ctx, object); err != nil {
			return err
		}
	}
	defer func() {
		for _, object := range objects {
			_ = t.client.remove(ctx, object)
		}
	}()
	namespace := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name},
	}}
	return t.cluster.until(ctx, "the policies to be in force", func(ctx context.Context) (bool, error) {
		answer, err := t.client.create(ctx, namespace, "", true)
		return strings.HasSuffix(answer.Message, "denied request: in force"), err
	})
}

// typeChecked waits until the controller has checked the types of the policies, and returns the
// warnings, each with its policy.
func (t *Test) typeChecked(ctx context.Context, objects []*unstructured.Unstructured) ([]string, error) {
	var found []string
	for _, object := range objects {
		if object.GetKind() != "ValidatingAdmissionPolicy" {
			continue
		}
		warnings, err := t.expressionWarnings(ctx, object.GetName())
		if err != nil {
			return nil, err
		}
		for _, warning := range warnings {
			found = append(found, fmt.Sprintf("%s: %s: %s", object.GetName(), warning.FieldRef, warning.Warning))
		}
	}
	return found, nil
}

// ExpressionWarning is what the controller says of an expression's types.
type ExpressionWarning struct {
	FieldRef string `json:"fieldRef"`
	Warning  string `json:"warning"`
}

func (t *Test) expressionWarnings(ctx context.Context, policy string) ([]ExpressionWarning, error) {
	var warnings []ExpressionWarning
	policies := t.client.Typed.AdmissionregistrationV1().ValidatingAdmissionPolicies()
	err := t.cluster.until(ctx, "the types of "+policy+" to be checked", func(ctx context.Context) (bool, error) {
		stored, err := policies.Get(ctx, policy, metav1.GetOptions{})
		if err != nil || stored.Status.ObservedGeneration < stored.Generation {
			return false, err
		}
		if stored.Status.TypeChecking != nil {
			for _, warning := range stored.Status.TypeChecking.ExpressionWarnings {
				warnings = append(warnings, ExpressionWarning{warning.FieldRef, warning.Warning})
			}
		}
		return true, nil
	})
	return warnings, err
}

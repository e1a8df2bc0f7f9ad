package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// recorder asks the cases of the folder `cases` and writes the answers into `recorded`.
type recorder struct {
	*Test
	folder string
}

func (r *recorder) record(ctx context.Context) error {
	definitions, err := readObjects(filepath.Join(r.folder, "cases", "definitions.yaml"))
	if err != nil {
		return err
	}
	for _, definition := range definitions {
		if _, err := r.client.apply(ctx, definition); err != nil {
			return err
		}
		if err := r.established(ctx, definition.GetName()); err != nil {
			return err
		}
	}
	if err := r.client.discover(r.client.Typed.Discovery()); err != nil {
		return err
	}
	if r.compares("type-checking") {
		if err := r.typeChecking(ctx); err != nil {
			return err
		}
	}
	if r.compares("custom") {
		if err := r.custom(ctx); err != nil {
			return err
		}
	}
	if r.compares("matching") {
		return r.matching(ctx)
	}
	return nil
}

// forget drops what differs from one recording to the next, and what the controllers write.
func forget(object *unstructured.Unstructured) {
	object.SetManagedFields(nil)
	for _, field := range []string{"uid", "resourceVersion", "creationTimestamp"} {
		unstructured.RemoveNestedField(object.Object, "metadata", field)
	}
	unstructured.RemoveNestedField(object.Object, "metadata", "annotations", "deployment.kubernetes.io/revision")
	unstructured.RemoveNestedField(object.Object, "status")
}

// established waits until the API server serves a custom kind.
func (r *recorder) established(ctx context.Context, name string) error {
	definition := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
	}}
	resource, err := r.client.of(definition, "")
	if err != nil {
		return err
	}
	return r.cluster.until(ctx, name, func(ctx context.Context) (bool, error) {
		found, err := resource.Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		conditions, _, _ := unstructured.NestedSlice(found.Object, "status", "conditions")
		for _, condition := range conditions {
			fields, _ := condition.(map[string]any)
			if fields["type"] == "Established" && fields["status"] == "True" {
				return true, nil
			}
		}
		return false, nil
	})
}

// writeLines writes a file of `recorded`: one JSON value a line.
func (r *recorder) writeLines(name string, lines []any) error {
	file, err := os.Create(filepath.Join(r.folder, "recorded", name))
	if err != nil {
		return err
	}
	defer file.Close()
	writer := bufio.NewWriter(file)
	encoder := json.NewEncoder(writer)
	encoder.SetEscapeHTML(false)
	for _, line := range lines {
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return writer.Flush()
}

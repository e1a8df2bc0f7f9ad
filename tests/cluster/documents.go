package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// readObjects reads the documents of a YAML file as kubectl does.
func readObjects(path string) ([]*unstructured.Unstructured, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	objects, err := parseObjects(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return objects, nil
}

func parseObjects(text []byte) ([]*unstructured.Unstructured, error) {
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	var objects []*unstructured.Unstructured
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}

// writeObjects writes one JSON document after another, which YAML readers read as well.
func writeObjects(path string, objects ...*unstructured.Unstructured) error {
	var text bytes.Buffer
	for _, object := range objects {
		document, err := json.MarshalIndent(object.Object, "", "  ")
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "---\n%s\n", document)
	}
	return os.WriteFile(path, text.Bytes(), 0o644)
}

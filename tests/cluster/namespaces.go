package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Labels are those of a namespace.
type Labels map[string]string

func (l Labels) String() string {
	if len(l) == 0 {
		return "no labels"
	}
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(l)) {
		// The domain says nothing to a person who reads a difference.
		_, name, _ := strings.Cut(key, "/")
		parts = append(parts, name+"="+l[key])
	}
	return strings.Join(parts, ",")
}

// combinations are the ways in which a namespace can choose from a bundle: no profile, each
// profile, each without one policy, each with one exception, and the namespaces of the examples.
func (b *Bundle) combinations(examples string) ([]Labels, error) {
	label := func(name string) string { return b.Labels.Domain + "/" + name }
	var all []Labels
	add := func(pairs ...string) {
		labels := Labels{}
		for pair := range slices.Chunk(pairs, 2) {
			labels[label(pair[0])] = pair[1]
		}
		if !slices.ContainsFunc(all, func(known Labels) bool { return maps.Equal(known, labels) }) {
			all = append(all, labels)
		}
	}
	add()
	for _, profile := range []string{"baseline", "restricted", "privileged"} {
		add("profile", profile)
	}
	for _, policy := range b.Policies {
		switch policy.Profile {
		case "baseline":
			add("profile", "baseline", policy.Name, "exclude")
			add("profile", "restricted", policy.Name, "exclude")
		case "restricted":
			add("profile", "restricted", policy.Name, "exclude")
			// To take part in one policy of a profile is not offered: the label says nothing.
			add(policy.Name, "include")
		default:
			add(policy.Name, "include")
			add(policy.Name, "exclude")
			add("profile", "baseline", policy.Name, "include")
			add("profile", "restricted", policy.Name, "include")
		}
	}
	files, err := filepath.Glob(filepath.Join(examples, "*-namespace.yaml"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		objects, err := readObjects(file)
		if err != nil {
			return nil, err
		}
		for _, object := range objects {
			var pairs []string
			for key, value := range object.GetLabels() {
				if name, ours := strings.CutPrefix(key, b.Labels.Domain+"/"); ours {
					pairs = append(pairs, name, value)
				}
			}
			add(pairs...)
		}
	}
	return all, nil
}

// namespace creates a namespace with labels, and a file of it as it was sent.
func (t *Test) namespace(ctx context.Context, labels Labels) (name, file string, err error) {
	t.namespaces++
	name = fmt.Sprintf("%s-%d", fieldManager, t.namespaces)
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name},
	}}
	object.SetLabels(labels)
	if _, err := t.client.apply(ctx, object); err != nil {
		return "", "", err
	}
	t.cleanUp(func(ctx context.Context) error {
		return t.client.Typed.CoreV1().Namespaces().Delete(ctx, name, metav1.DeleteOptions{})
	})
	file = filepath.Join(t.folder, name+".json")
	return name, file, writeObjects(file, object)
}

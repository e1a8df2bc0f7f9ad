package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Test compares vapwright with a cluster.
type Test struct {
	cluster   *Cluster
	client    *Client
	vapwright Vapwright
	// The folder of what is shipped.
	policies string
	// Where files are put that vapwright reads.
	folder string
	// What is compared; empty for everything.
	only string

	sentinels, namespaces int
	undo                  []func(context.Context) error

	// How many (object, namespace, bundle) triples both were asked about.
	triples int
	// What they say otherwise, and where.
	differences []difference
}

// difference is what the two sides say otherwise of one thing in one place, and in how many more
// places they differ on it.
type difference struct {
	of, where, text string
	more            int
}

// cleanUp remembers what has to be done in the end.
func (t *Test) cleanUp(step func(context.Context) error) { t.undo = append(t.undo, step) }

// differ takes down a difference; one on the same thing elsewhere is only counted.
func (t *Test) differ(of, where, text string) {
	for index := range t.differences {
		if known := &t.differences[index]; known.of == of {
			known.more++
			return
		}
	}
	t.differences = append(t.differences, difference{of, where, text, 0})
}

// different is how many answers differ so far.
func (t *Test) different() int {
	count := len(t.differences)
	for _, difference := range t.differences {
		count += difference.more
	}
	return count
}

// resource is an object of a file, as both sides read it.
type resource struct {
	file   string
	object *unstructured.Unstructured
}

func (r resource) String() string {
	return fmt.Sprintf("%s %s of %s", r.object.GetKind(), r.object.GetName(), r.file)
}

// resources are the good and bad resources of all policies, and their files.
func (t *Test) resources() ([]resource, []string, error) {
	var all []resource
	var files []string
	for _, name := range []string{"good.yaml", "bad.yaml"} {
		found, err := filepath.Glob(filepath.Join(t.policies, "*", "*", name))
		if err != nil {
			return nil, nil, err
		}
		files = append(files, found...)
	}
	for _, file := range files {
		objects, err := readObjects(file)
		if err != nil {
			return nil, nil, err
		}
		for _, object := range objects {
			all = append(all, resource{file, object})
		}
	}
	return all, files, nil
}

// bundles compares every bundle, one after the other.
func (t *Test) bundles(ctx context.Context) error {
	manifests, err := filepath.Glob(filepath.Join(t.policies, "bundle*.yaml"))
	if err != nil {
		return err
	}
	if len(manifests) == 0 {
		return fmt.Errorf("%s has no bundle", t.policies)
	}
	if t.only == "chainsaw" {
		return nil
	}
	for index, manifest := range manifests {
		bundle, err := buildBundle(ctx, t.vapwright, manifest, filepath.Join(t.folder, fmt.Sprint("bundle-", index)))
		if err != nil {
			return err
		}
		if err := t.bundle(ctx, bundle); err != nil {
			return fmt.Errorf("%s: %w", bundle, err)
		}
	}
	return nil
}

func (t *Test) compares(part string) bool { return t.only == "" || t.only == part }

func (t *Test) bundle(ctx context.Context, bundle *Bundle) error {
	t.cleanUp(func(ctx context.Context) error { return t.uninstall(ctx, bundle.objects) })
	for _, bindings := range []Bindings{allWarn, asShipped} {
		objects, file, err := bundle.with(bindings)
		if err != nil {
			return err
		}
		if err := t.install(ctx, objects); err != nil {
			return err
		}
		warnings, err := t.typeChecked(ctx, objects)
		if err != nil {
			return err
		}
		for _, warning := range warnings {
			t.differ("type-check warning of "+bundle.String(), "bindings "+string(bindings), indent(warning))
		}
		if t.compares("resources") {
			if err := t.grid(ctx, bundle, bindings, file); err != nil {
				return err
			}
		}
	}
	if t.compares("workloads") {
		if err := t.workloads(ctx, bundle); err != nil {
			return err
		}
	}
	return t.uninstall(ctx, bundle.objects)
}

// grid compares every resource in every namespace.
func (t *Test) grid(ctx context.Context, bundle *Bundle, bindings Bindings, policies string) error {
	combinations, err := bundle.combinations(filepath.Join(t.policies, "examples"))
	if err != nil {
		return err
	}
	resources, files, err := t.resources()
	if err != nil {
		return err
	}
	before, denied, warned, others := t.different(), 0, 0, 0
	for _, labels := range combinations {
		namespace, file, err := t.namespace(ctx, labels)
		if err != nil {
			return err
		}
		said, err := t.vapwright.admit(ctx, policies, file, files...)
		if err != nil {
			return err
		}
		if err := aligned(said, resources); err != nil {
			return err
		}
		answers, err := t.sendAll(ctx, resources, namespace)
		if err != nil {
			return err
		}
		for index, answer := range answers {
			difference, err := compare(said.Objects[index], answer, resources[index])
			if err != nil {
				return err
			}
			if difference != "" {
				t.differ(resources[index].String(),
					fmt.Sprintf("a namespace with %s, bundle %s, bindings %s", labels, bundle, bindings), difference)
			}
			switch {
			case answer.Err == nil && len(answer.Warnings) > 0:
				warned++
			case strings.Contains(answer.Message, "ValidatingAdmissionPolicy"):
				denied++
			case answer.Err != nil:
				others++
			}
		}
		t.triples += len(answers)
	}
	fmt.Printf("%s, bindings %s: %d resources in %d namespaces: %d denied, %d refused otherwise, %d accepted with warnings; %d differences\n",
		bundle, bindings, len(resources), len(combinations), denied, others, warned,
		t.different()-before)
	return nil
}

// aligned makes sure that both speak of the same objects.
func aligned(said *Evaluation, resources []resource) error {
	for _, diagnostic := range said.Diagnostics {
		if diagnostic.Severity == "error" && diagnostic.Code != "invalid-object" && diagnostic.Code != "forbidden-object" {
			return fmt.Errorf("vapwright admit: %s", diagnostic.Rendered)
		}
	}
	if len(said.Objects) != len(resources) {
		return fmt.Errorf("vapwright answers for %d objects of %d", len(said.Objects), len(resources))
	}
	for index, object := range said.Objects {
		of := resources[index]
		if object.Place.File != of.file || object.Kind != of.object.GetKind() || object.Name != of.object.GetName() {
			return fmt.Errorf("vapwright answers for %s %s of %s, where %s %s of %s was asked about",
				object.Kind, object.Name, object.Place.File, of.object.GetKind(), of.object.GetName(), of.file)
		}
	}
	return nil
}

// sendAll has the API server say what it would do with each resource.
func (t *Test) sendAll(ctx context.Context, resources []resource, namespace string) ([]Answer, error) {
	answers := make([]Answer, len(resources))
	failures := make([]error, len(resources))
	var group sync.WaitGroup
	slots := make(chan struct{}, 4)
	for index, resource := range resources {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			answers[index], failures[index] = t.client.create(ctx, resource.object, namespace, true)
		})
	}
	group.Wait()
	for index, err := range failures {
		if err != nil {
			return nil, fmt.Errorf("%s: %w", resources[index].file, err)
		}
	}
	return answers, nil
}

// compare says how the two answers differ; empty where they do not. The API server reports one
// denial, so its line has to be one of ours.
func compare(ours EvaluatedObject, live Answer, of resource) (string, error) {
	line, err := kubectlLines(live, of.file, of.object)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	if outcomes := ours.Outcomes(); !slices.Contains(outcomes, line) {
		fmt.Fprintf(&text, "  the cluster:\n%s  vapwright:\n%s", indent(line), indent(outcomes...))
	}
	warnings := slices.Compact(slices.Sorted(slices.Values(ours.Warnings())))
	if !slices.Equal(warnings, live.Warnings) {
		fmt.Fprintf(&text, "  the cluster warns:\n%s  vapwright warns:\n%s",
			indent(live.Warnings...), indent(warnings...))
	}
	return text.String(), nil
}

func indent(texts ...string) string {
	if len(texts) == 0 {
		return "    (nothing)\n"
	}
	var lines strings.Builder
	for _, text := range texts {
		for _, line := range strings.Split(text, "\n") {
			fmt.Fprintf(&lines, "    %s\n", line)
		}
	}
	return lines.String()
}

// report prints what differs, and whether that fails the test.
func (t *Test) report(least int) error {
	for _, difference := range t.differences {
		fmt.Fprintf(os.Stderr, "difference: %s\n  in %s\n%s", difference.of, difference.where, difference.text)
		if difference.more > 0 {
			fmt.Fprintf(os.Stderr, "  and in %d more places\n", difference.more)
		}
	}
	if len(t.differences) > 0 {
		return fmt.Errorf("%d of %d answers differ, on %d things", t.different(), t.triples, len(t.differences))
	}
	if t.triples < least {
		return fmt.Errorf("%d triples were compared, which is less than %d", t.triples, least)
	}
	return nil
}

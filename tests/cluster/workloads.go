package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
)

// How many workloads of each kind are made of the shipped Deployments' Pods.
const perKind = 6

// What a controller's client puts before the message where it had ten like it.
const combined = "(combined from similar events): "

// workloads creates workloads for good, waits until their controllers tried to create a Pod of
// each, and compares the events.
func (t *Test) workloads(ctx context.Context, bundle *Bundle) error {
	objects, err := t.workloadObjects()
	if err != nil {
		return err
	}
	if err := t.node(ctx); err != nil {
		return err
	}
	before, refused := t.different(), 0
	for _, labels := range []Labels{
		{bundle.Labels.Domain + "/profile": "restricted"},
		{bundle.Labels.Domain + "/profile": "baseline"},
	} {
		namespace, file, err := t.namespace(ctx, labels)
		if err != nil {
			return err
		}
		input := filepath.Join(t.folder, namespace+"-workloads.json")
		if err := writeObjects(input, objects...); err != nil {
			return err
		}
		said, err := t.vapwright.admit(ctx, filepath.Join(bundle.folder, "install.yaml"), file, input)
		if err != nil {
			return err
		}
		var expected []workload
		for index, object := range objects {
			answer, err := t.client.create(ctx, object, namespace, false)
			if err != nil {
				return err
			}
			if answer.Err != nil {
				of := resource{input, object}
				difference, err := compare(said.Objects[index], answer, of)
				if err != nil {
					return err
				}
				if difference != "" {
					t.differ(of.String(), "a namespace with "+labels.String(), difference)
				}
				continue
			}
			expected = append(expected, newWorkload(object, said.Objects[index]))
		}
		if err := t.controllersDone(ctx, namespace, expected); err != nil {
			return err
		}
		count, err := t.compareEvents(ctx, namespace, labels, expected)
		if err != nil {
			return err
		}
		refused += count
	}
	t.triples += 2 * len(objects)
	fmt.Printf("%s: %d workloads created in 2 namespaces: the Pods of %d refused by an event; %d differences\n",
		bundle, len(objects), refused, t.different()-before)
	return nil
}

// workload is one that was created, and what vapwright says of its Pods.
type workload struct {
	object *unstructured.Unstructured
	// What vapwright expects of `kubectl get events`: rows without the time, generated names
	// replaced.
	events []string
	// Finds the names that are generated of the workload's.
	generated *regexp.Regexp
}

// The letters of generated names (`k8s.io/apimachinery/pkg/util/rand`).
const letters = "[bcdfghjklmnpqrstvwxz2456789]"

func newWorkload(object *unstructured.Unstructured, said EvaluatedObject) workload {
	suffix := "-(" + letters + "{5})"
	switch object.GetKind() {
	case "Deployment":
		suffix = "-(" + letters + "{6,10})(-" + letters + "{5})?"
	case "CronJob":
		suffix = `-(\d{8})(-` + letters + "{5})?"
	case "StatefulSet":
		suffix = "-(never)"
	}
	result := workload{
		object:    object,
		generated: regexp.MustCompile(`\b` + regexp.QuoteMeta(object.GetName()) + suffix + `\b`),
	}
	columns := regexp.MustCompile(` {2,}`)
	for index, line := range strings.Split(said.Events, "\n") {
		if index == 0 {
			// the heading
			continue
		}
		row := columns.Split(line, 5)
		result.events = append(result.events, result.normal(row[1:]))
	}
	return result
}

func (w workload) normal(row []string) string {
	return w.generated.ReplaceAllString(strings.Join(row, " | "), w.object.GetName()+"-GENERATED")
}

// is says whether a name is the workload's own or generated of it.
func (w workload) is(name string) bool {
	return name == w.object.GetName() || w.generated.FindString(name) == name
}

// controllersDone waits until there is a Pod or a refusal of each workload.
func (t *Test) controllersDone(ctx context.Context, namespace string, workloads []workload) error {
	var missing []string
	err := t.cluster.until(ctx, "controllers to create Pods", func(ctx context.Context) (bool, error) {
		pods, err := t.client.Typed.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err
		}
		events, err := t.client.Typed.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{
			FieldSelector: "reason=FailedCreate",
		})
		if err != nil {
			return false, err
		}
		missing = nil
		for _, workload := range workloads {
			done := false
			for _, pod := range pods.Items {
				for _, owner := range pod.OwnerReferences {
					done = done || workload.is(owner.Name)
				}
			}
			for _, event := range events.Items {
				done = done || workload.is(event.InvolvedObject.Name)
			}
			if !done {
				missing = append(missing, workload.object.GetKind()+" "+workload.object.GetName())
			}
		}
		return len(missing) == 0, nil
	})
	if err != nil && len(missing) > 0 {
		return fmt.Errorf("%w: neither a Pod nor a refusal of %s", err, strings.Join(missing, ", "))
	}
	return err
}

// compareEvents compares what `kubectl get events` prints with what vapwright says it does.
func (t *Test) compareEvents(ctx context.Context, namespace string, labels Labels, workloads []workload) (int, error) {
	// The API server itself makes the rows that kubectl prints.
	table := &metav1.Table{}
	err := t.client.Typed.CoreV1().RESTClient().Get().Namespace(namespace).Resource("events").
		VersionedParams(&metav1.ListOptions{FieldSelector: "reason=FailedCreate"}, scheme.ParameterCodec).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").
		Do(ctx).Into(table)
	if err != nil {
		return 0, err
	}
	rows := make([][]string, len(table.Rows))
	for index, cells := range table.Rows {
		for column, definition := range table.ColumnDefinitions {
			if definition.Priority == 0 && definition.Name != "Last Seen" {
				rows[index] = append(rows[index], fmt.Sprint(cells.Cells[column]))
			}
		}
	}
	refused := 0
	for _, workload := range workloads {
		var live []string
		for _, row := range rows {
			// Type, Reason, Object, Message
			if _, name, _ := strings.Cut(row[2], "/"); workload.is(name) {
				row[3] = strings.TrimPrefix(row[3], combined)
				live = append(live, workload.normal(row))
			}
		}
		slices.Sort(live)
		live = slices.Compact(live)
		if len(live) > 0 {
			refused++
		}
		different := (len(live) == 0) != (len(workload.events) == 0)
		for _, row := range live {
			different = different || !slices.Contains(workload.events, row)
		}
		if different {
			t.differ("events of "+workload.object.GetKind()+" "+workload.object.GetName(),
				"a namespace with "+labels.String(),
				fmt.Sprintf("  the cluster:\n%s  vapwright:\n%s", indent(live...), indent(workload.events...)))
		}
	}
	return refused, nil
}

// workloadObjects are the examples, every workload among the good and bad resources, and one of
// each other kind for some of the Deployments, all with names of their own.
func (t *Test) workloadObjects() ([]*unstructured.Unstructured, error) {
	resources, _, err := t.resources()
	if err != nil {
		return nil, err
	}
	var all []*unstructured.Unstructured
	add := func(object *unstructured.Unstructured) {
		object.SetNamespace("")
		object.SetName(fmt.Sprintf("w%d", len(all)))
		if object.GetKind() == "CronJob" {
			_ = unstructured.SetNestedField(object.Object, "* * * * *", "spec", "schedule")
		}
		all = append(all, object)
	}
	for _, example := range []string{"echo.yaml", "mediawiki.yaml"} {
		objects, err := readObjects(filepath.Join(t.policies, "examples", example))
		if err != nil {
			return nil, err
		}
		for _, object := range objects {
			add(object)
		}
	}
	var deployments []*unstructured.Unstructured
	for _, resource := range resources {
		switch resource.object.GetKind() {
		case "Pod":
		case "Deployment":
			deployments = append(deployments, resource.object)
			add(resource.object.DeepCopy())
		default:
			add(resource.object.DeepCopy())
		}
	}
	step := max(1, len(deployments)/perKind)
	for index := 0; index < len(deployments); index += step {
		for _, make := range []func(*unstructured.Unstructured) *unstructured.Unstructured{
			replicaSet, replicationController, statefulSet, daemonSet, job,
		} {
			add(make(deployments[index]))
		}
	}
	return all, nil
}

// with is an object of another kind with the fields of a Deployment's spec that are named.
func with(deployment *unstructured.Unstructured, apiVersion, kind string, fields ...string) *unstructured.Unstructured {
	spec := map[string]any{}
	for _, field := range fields {
		if value, found, _ := unstructured.NestedFieldCopy(deployment.Object, "spec", field); found {
			spec[field] = value
		}
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": apiVersion, "kind": kind, "metadata": map[string]any{}, "spec": spec,
	}}
}

func replicaSet(deployment *unstructured.Unstructured) *unstructured.Unstructured {
	return with(deployment, "apps/v1", "ReplicaSet", "selector", "template")
}

func replicationController(deployment *unstructured.Unstructured) *unstructured.Unstructured {
	object := with(deployment, "v1", "ReplicationController", "template")
	selector, _, _ := unstructured.NestedMap(deployment.Object, "spec", "selector", "matchLabels")
	_ = unstructured.SetNestedMap(object.Object, selector, "spec", "selector")
	return object
}

func statefulSet(deployment *unstructured.Unstructured) *unstructured.Unstructured {
	object := with(deployment, "apps/v1", "StatefulSet", "selector", "template")
	_ = unstructured.SetNestedField(object.Object, "service", "spec", "serviceName")
	return object
}

func daemonSet(deployment *unstructured.Unstructured) *unstructured.Unstructured {
	return with(deployment, "apps/v1", "DaemonSet", "selector", "template")
}

func job(deployment *unstructured.Unstructured) *unstructured.Unstructured {
	object := with(deployment, "batch/v1", "Job", "template")
	_ = unstructured.SetNestedField(object.Object, "Never", "spec", "template", "spec", "restartPolicy")
	return object
}

// node makes sure that there is a node, for which a DaemonSet's controller creates a Pod.
func (t *Test) node(ctx context.Context) error {
	nodes, err := t.client.Typed.CoreV1().Nodes().List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil || len(nodes.Items) > 0 {
		return err
	}
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Node", "metadata": map[string]any{"name": fieldManager},
	}}
	t.cleanUp(func(ctx context.Context) error { return t.client.remove(ctx, object) })
	if _, err = t.client.apply(ctx, object); err != nil {
		return err
	}
	// Admission marks a new node as not ready, where a DaemonSet has no Pod.
	_, err = t.client.Typed.CoreV1().Nodes().Patch(ctx, fieldManager, types.MergePatchType,
		[]byte(`{"spec": {"taints": null}}`), metav1.PatchOptions{})
	return err
}

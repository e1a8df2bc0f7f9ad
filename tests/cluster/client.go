package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// What objects are applied as. Whatever else is in a cluster is not touched.
const fieldManager = "vapwright-cluster-test"

// Client asks an API server.
type Client struct {
	dynamic.Interface
	Typed  kubernetes.Interface
	mapper meta.RESTMapper
	// What the API server says of itself, such as `v1.36.2`.
	Version string
}

// Answer is what an API server says to one request.
type Answer struct {
	// The HTTP status.
	Code int
	// Both empty where the request is accepted.
	Reason, Message string
	// The texts of the Warning headers, sorted, each once.
	Warnings []string
	// What came back.
	Object *unstructured.Unstructured
	Err    error
}

type warningsKey struct{}

type warnings struct {
	sync.Mutex
	texts []string
}

// collect puts each warning into the context of the request it answers.
type collect struct{}

func (collect) HandleWarningHeaderWithContext(ctx context.Context, code int, _ string, text string) {
	found, ok := ctx.Value(warningsKey{}).(*warnings)
	if !ok || code != 299 {
		return
	}
	found.Lock()
	defer found.Unlock()
	found.texts = append(found.texts, text)
}

func newClient(config *rest.Config) (*Client, error) {
	config = rest.CopyConfig(config)
	config.QPS = -1
	config.WarningHandlerWithContext = collect{}
	typed, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	version, err := typed.Discovery().ServerVersion()
	if err != nil {
		return nil, err
	}
	client := &Client{Interface: objects, Typed: typed, Version: version.GitVersion}
	return client, client.discover(typed.Discovery())
}

// discover learns the kinds of the cluster; a new CustomResourceDefinition asks for it again.
func (c *Client) discover(from discovery.DiscoveryInterface) error {
	groups, err := restmapper.GetAPIGroupResources(from)
	if err != nil {
		return err
	}
	c.mapper = restmapper.NewDiscoveryRESTMapper(groups)
	return nil
}

// of is where objects of the object's kind are sent, in its namespace or in the one given.
func (c *Client) of(object *unstructured.Unstructured, namespace string) (dynamic.ResourceInterface, error) {
	mapping, err := c.mapping(object.GroupVersionKind())
	if err != nil {
		return nil, err
	}
	resource := c.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return resource, nil
	}
	if object.GetNamespace() != "" {
		namespace = object.GetNamespace()
	}
	return resource.Namespace(namespace), nil
}

func (c *Client) mapping(kind schema.GroupVersionKind) (*meta.RESTMapping, error) {
	return c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
}

// ask sends one request and says what came back; an error is no answer.
func ask(
	ctx context.Context,
	send func(context.Context) (*unstructured.Unstructured, error),
) (Answer, error) {
	found := &warnings{}
	object, err := send(context.WithValue(ctx, warningsKey{}, found))
	slices.Sort(found.texts)
	answer := Answer{Code: 200, Warnings: slices.Compact(found.texts), Object: object, Err: err}
	if err == nil {
		return answer, nil
	}
	var status *apierrors.StatusError
	if !errors.As(err, &status) {
		return answer, err
	}
	answer.Code = int(status.ErrStatus.Code)
	answer.Reason = string(status.ErrStatus.Reason)
	answer.Message = status.ErrStatus.Message
	return answer, nil
}

// create sends an object as `kubectl create` does; all of `options` but the dry run is kubectl's.
func (c *Client) create(
	ctx context.Context, object *unstructured.Unstructured, namespace string, dryRun bool,
) (Answer, error) {
	resource, err := c.of(object, namespace)
	if err != nil {
		return Answer{}, err
	}
	options := metav1.CreateOptions{
		FieldManager:    "kubectl-create",
		FieldValidation: metav1.FieldValidationStrict,
	}
	if dryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	return ask(ctx, func(ctx context.Context) (*unstructured.Unstructured, error) {
		return resource.Create(ctx, object, options)
	})
}

// apply sends an object as `kubectl apply --server-side` does, and fails where another than this
// test made the object or owns a field of it.
func (c *Client) apply(ctx context.Context, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	resource, err := c.of(object, "")
	if err != nil {
		return nil, err
	}
	name := object.GetName()
	old, err := resource.Get(ctx, name, metav1.GetOptions{})
	if err == nil && !slices.ContainsFunc(old.GetManagedFields(), func(entry metav1.ManagedFieldsEntry) bool {
		return entry.Manager == fieldManager
	}) {
		return nil, fmt.Errorf("%s %s is in the cluster already, and not from this test", object.GetKind(), name)
	}
	answer, err := ask(ctx, func(ctx context.Context) (*unstructured.Unstructured, error) {
		return resource.Apply(ctx, name, object, metav1.ApplyOptions{FieldManager: fieldManager})
	})
	if err != nil {
		return nil, err
	}
	if answer.Err != nil {
		return nil, fmt.Errorf("%s %s is not accepted: %w", object.GetKind(), name, answer.Err)
	}
	if len(answer.Warnings) > 0 {
		return nil, fmt.Errorf("%s %s is accepted with warnings: %q", object.GetKind(), name, answer.Warnings)
	}
	return answer.Object, nil
}

// remove deletes an object that `apply` made.
func (c *Client) remove(ctx context.Context, object *unstructured.Unstructured) error {
	resource, err := c.of(object, "")
	if err != nil {
		return err
	}
	err = resource.Delete(ctx, object.GetName(), metav1.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

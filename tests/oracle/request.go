package main

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kjson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
)

// decode keeps integers as int64, as the API server does.
func decode(line []byte, c *Case) error {
	var raw map[string]any
	if err := kjson.Unmarshal(line, &raw); err != nil {
		return err
	}
	if err := kjson.Unmarshal(line, c); err != nil {
		return err
	}
	for name, field := range map[string]*map[string]any{
		"policy": &c.Policy, "params": &c.Params, "namespace": &c.Namespace,
		"object": &c.Object, "oldObject": &c.OldObject,
	} {
		if value, ok := raw[name].(map[string]any); ok {
			*field = value
		}
	}
	for name, field := range map[string]*[]map[string]any{"policies": &c.Policies, "objects": &c.Objects} {
		values, _ := raw[name].([]any)
		*field = nil
		for _, value := range values {
			if value, ok := value.(map[string]any); ok {
				*field = append(*field, value)
			}
		}
	}
	return nil
}

func object(content map[string]any) runtime.Object {
	if content == nil {
		return nil
	}
	return &unstructured.Unstructured{Object: content}
}

// plural is the resource of a kind where the case does not name it.
func plural(kind string) string {
	lower := strings.ToLower(kind)
	switch {
	case strings.HasSuffix(lower, "ss"), strings.HasSuffix(lower, "x"), strings.HasSuffix(lower, "ch"):
		return lower + "es"
	case strings.HasSuffix(lower, "s"):
		return lower
	case strings.HasSuffix(lower, "y"):
		return strings.TrimSuffix(lower, "y") + "ies"
	default:
		return lower + "s"
	}
}

type request struct {
	attributes *admission.VersionedAttributes
	resource   schema.GroupVersionResource
	namespace  *corev1.Namespace
	params     runtime.Object
}

func (c *Case) request() (*request, error) {
	described := c.Object
	if described == nil {
		described = c.OldObject
	}
	u := unstructured.Unstructured{Object: described}
	gvk := schema.FromAPIVersionAndKind(u.GetAPIVersion(), u.GetKind())
	resource := c.Resource
	if resource == "" {
		resource = plural(gvk.Kind)
	}
	gvr := gvk.GroupVersion().WithResource(resource)

	var namespace *corev1.Namespace
	namespaceName := u.GetNamespace()
	if c.Namespace != nil {
		namespace = &corev1.Namespace{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(c.Namespace, namespace); err != nil {
			return nil, err
		}
		namespaceName = namespace.Name
	}
	operation := admission.Operation(c.Operation)
	if operation == "" {
		operation = admission.Create
	}
	var options runtime.Object = &metav1.CreateOptions{}
	switch operation {
	case admission.Update:
		options = &metav1.UpdateOptions{}
	case admission.Delete:
		options = &metav1.DeleteOptions{}
	case admission.Connect:
		options = nil
	}
	extra := map[string][]string{}
	for key, values := range c.User.Extra {
		extra[key] = values
	}
	info := &user.DefaultInfo{Name: c.User.Name, UID: c.User.UID, Groups: c.User.Groups, Extra: extra}
	attributes := admission.NewAttributesRecord(object(c.Object), object(c.OldObject), gvk, namespaceName,
		u.GetName(), gvr, c.Subresource, operation, options, c.DryRun, info)
	versioned := &admission.VersionedAttributes{
		Attributes:         attributes,
		VersionedKind:      gvk,
		VersionedObject:    object(c.Object),
		VersionedOldObject: object(c.OldObject),
	}
	if gvk.Group == "" && gvk.Version == "v1" && gvk.Kind == "Namespace" {
		namespace = nil // the dispatcher of policies has it so
	}
	return &request{attributes: versioned, resource: gvr, namespace: namespace, params: object(c.Params)}, nil
}

// adminAuthorizer allows the user admin everything and has no opinion otherwise.
type adminAuthorizer struct{}

func (adminAuthorizer) Authorize(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	if a.GetUser() != nil && a.GetUser().GetName() == "admin" {
		return authorizer.DecisionAllow, "", nil
	}
	return authorizer.DecisionNoOpinion, "", nil
}

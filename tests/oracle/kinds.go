package main

import (
	"reflect"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/conversion"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
)

// admissionScheme has the built-in kinds without the API server's internal ones: an object is its
// own internal form. There are no defaults, which are k8s.io/kubernetes'.
var admissionScheme = newAdmissionScheme()

func newAdmissionScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientscheme.AddToScheme(scheme))
	for kind, goType := range scheme.AllKnownTypes() {
		if kind.Version == runtime.APIVersionInternal {
			continue
		}
		zero := reflect.New(goType).Interface()
		utilruntime.Must(scheme.AddConversionFunc(zero, zero, func(from, to any, _ conversion.Scope) error {
			reflect.ValueOf(to).Elem().Set(reflect.ValueOf(from).Elem())
			return nil
		}))
	}
	return scheme
}

func isBuiltIn(kind schema.GroupVersionKind) bool {
	return admissionScheme.Recognizes(kind)
}

// typedObject is an object of a built-in kind as its Go type holds it, of any other kind as it is.
func typedObject(content map[string]any) (runtime.Object, error) {
	if content == nil {
		return nil, nil
	}
	u := &unstructured.Unstructured{Object: runtime.DeepCopyJSON(content)}
	if !isBuiltIn(u.GroupVersionKind()) {
		return u, nil
	}
	typed, err := admissionScheme.New(u.GroupVersionKind())
	if err != nil {
		return nil, err
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, typed); err != nil {
		return nil, err
	}
	typed.GetObjectKind().SetGroupVersionKind(u.GroupVersionKind())
	return typed, nil
}

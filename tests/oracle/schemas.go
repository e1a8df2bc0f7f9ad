package main

import (
	"context"
	"fmt"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/client-go/applyconfigurations"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
)

// converters are the schemas by which apply configurations are merged: of the built-in kinds those
// of client-go (the API server takes them from its OpenAPI documents), of custom kinds those that
// the API server publishes for their definitions. A custom kind without a definition has a schema
// deduced from its objects: all its lists are atomic.
type converters struct {
	custom map[schema.GroupVersionKind]managedfields.TypeConverter
}

var builtInSchemas = applyconfigurations.NewTypeConverter(clientscheme.Scheme)

func newConverters(definitions []*apiextensionsv1.CustomResourceDefinition) (*converters, error) {
	out := &converters{custom: map[schema.GroupVersionKind]managedfields.TypeConverter{}}
	for _, definition := range definitions {
		for _, version := range definition.Spec.Versions {
			published, err := builder.BuildOpenAPIV3(definition, version.Name, builder.Options{V2: false})
			if err != nil {
				return nil, fmt.Errorf("%s: %w", definition.Name, err)
			}
			converter, err := managedfields.NewTypeConverter(published.Components.Schemas, false)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", definition.Name, err)
			}
			kind := schema.GroupVersionKind{Group: definition.Spec.Group, Version: version.Name, Kind: definition.Spec.Names.Kind}
			out.custom[kind] = converter
		}
	}
	return out, nil
}

// GetTypeConverter implements patch.TypeConverterManager.
func (c *converters) GetTypeConverter(kind schema.GroupVersionKind) managedfields.TypeConverter {
	if clientscheme.Scheme.Recognizes(kind) {
		return builtInSchemas
	}
	if converter, ok := c.custom[kind]; ok {
		return converter
	}
	return managedfields.NewDeducedTypeConverter()
}

// Run implements patch.TypeConverterManager.
func (c *converters) Run(context.Context) {}

package main

import (
	"context"
	"errors"
	"fmt"
	"sort"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/policy/generic"
	"k8s.io/apiserver/pkg/admission/plugin/policy/matching"
	"k8s.io/apiserver/pkg/admission/plugin/policy/mutating"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/warning"
	"k8s.io/client-go/informers"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"
)

// answerMutation is mode map: one MutatingAdmissionPolicy, whatever it matches, with one binding.
func answerMutation(c *Case) map[string]any {
	var policy admissionregistrationv1.MutatingAdmissionPolicy
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(c.Policy, &policy); err != nil {
		return map[string]any{"error": err.Error()}
	}
	everything := "*"
	policy.Spec.MatchConstraints = &admissionregistrationv1.MatchResources{
		ResourceRules: []admissionregistrationv1.NamedRuleWithOperations{{
			RuleWithOperations: admissionregistrationv1.RuleWithOperations{
				Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.OperationAll},
				Rule: admissionregistrationv1.Rule{
					APIGroups: []string{everything}, APIVersions: []string{everything}, Resources: []string{"*/*"},
				},
			},
		}},
	}
	binding := admissionregistrationv1.MutatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: policy.Name}}
	binding.Spec.PolicyName = policy.Name
	objects := c.Objects
	if policy.Spec.ParamKind != nil && c.Params != nil {
		params := unstructured.Unstructured{Object: c.Params}
		binding.Spec.ParamRef = &admissionregistrationv1.ParamRef{
			Name: params.GetName(), Namespace: params.GetNamespace(), ParameterNotFoundAction: ptr.To(admissionregistrationv1.DenyAction),
		}
		objects = append(append([]map[string]any{}, objects...), c.Params)
	}
	w, err := newWorld(c, objects)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	problems, err := w.addMutating(&policy, []*mutating.PolicyBinding{&binding})
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	if len(problems) > 0 {
		return map[string]any{"compileErrors": problems}
	}
	return w.admit()
}

// answerAdmission is mode admit: policies of both kinds and their bindings, matched and evaluated as
// the API server's two plugins do, the mutating one twice where a policy asks for it.
func answerAdmission(c *Case) map[string]any {
	w, err := newWorld(c, c.Objects)
	if err == nil {
		err = w.addPolicies(c.Policies)
	}
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	return w.admit()
}

// world is an API server at the moment of a request.
type world struct {
	c           *Case
	request     *request
	objects     []map[string]any
	definitions []*apiextensionsv1.CustomResourceDefinition
	namespaces  cache.Indexer
	mutating    []mutating.PolicyHook
	validating  []validating.PolicyHook
}

func newWorld(c *Case, objects []map[string]any) (*world, error) {
	request, err := c.request()
	if err != nil {
		return nil, err
	}
	w := &world{c: c, request: request, objects: objects, namespaces: cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{})}
	namespace := request.namespace
	if namespace == nil {
		namespace = &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: request.attributes.GetNamespace()}}
	}
	if namespace.Name != "" {
		if err := w.namespaces.Add(namespace); err != nil {
			return nil, err
		}
	}
	for _, object := range objects {
		if object["kind"] != "CustomResourceDefinition" {
			continue
		}
		var definition apiextensionsv1.CustomResourceDefinition
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object, &definition); err != nil {
			return nil, err
		}
		w.definitions = append(w.definitions, &definition)
	}
	return w, nil
}

// addPolicies adds policies with their bindings, both in the order of their names: an API server's
// own order is that of Go's maps.
func (w *world) addPolicies(documents []map[string]any) error {
	var mutatingPolicies []*mutating.Policy
	var validatingPolicies []*validating.Policy
	mutatingBindings := map[string][]*mutating.PolicyBinding{}
	validatingBindings := map[string][]*validating.PolicyBinding{}
	sorted := append([]map[string]any{}, documents...)
	sort.SliceStable(sorted, func(i, j int) bool {
		a, b := unstructured.Unstructured{Object: sorted[i]}, unstructured.Unstructured{Object: sorted[j]}
		return a.GetName() < b.GetName()
	})
	for _, document := range sorted {
		var err error
		read := func(into any) { err = runtime.DefaultUnstructuredConverter.FromUnstructured(document, into) }
		switch document["kind"] {
		case "MutatingAdmissionPolicy":
			policy := &mutating.Policy{}
			read(policy)
			mutatingPolicies = append(mutatingPolicies, policy)
		case "MutatingAdmissionPolicyBinding":
			binding := &mutating.PolicyBinding{}
			read(binding)
			mutatingBindings[binding.Spec.PolicyName] = append(mutatingBindings[binding.Spec.PolicyName], binding)
		case "ValidatingAdmissionPolicy":
			policy := &validating.Policy{}
			read(policy)
			validatingPolicies = append(validatingPolicies, policy)
		case "ValidatingAdmissionPolicyBinding":
			binding := &validating.PolicyBinding{}
			read(binding)
			validatingBindings[binding.Spec.PolicyName] = append(validatingBindings[binding.Spec.PolicyName], binding)
		default:
			err = fmt.Errorf("no policy: %v", document["kind"])
		}
		if err != nil {
			return err
		}
	}
	for _, policy := range mutatingPolicies {
		if bindings := mutatingBindings[policy.Name]; len(bindings) > 0 {
			if _, err := w.addMutating(policy, bindings); err != nil {
				return err
			}
		}
	}
	for _, policy := range validatingPolicies {
		if bindings := validatingBindings[policy.Name]; len(bindings) > 0 {
			if err := w.addValidating(policy, bindings); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *world) addMutating(policy *mutating.Policy, bindings []*mutating.PolicyBinding) ([]string, error) {
	compiled, err := compileMutation(w.c.Version, policy)
	if err != nil {
		return nil, err
	}
	setDefaults(policy.Spec.MatchConstraints, &policy.Spec.FailurePolicy)
	for _, binding := range bindings {
		setDefaults(binding.Spec.MatchResources, nil)
	}
	hook := mutating.PolicyHook{Policy: policy, Bindings: bindings, Evaluator: compiled.evaluator}
	hook.ParamInformer, hook.ParamScope, hook.ConfigurationError = w.params(policy.Spec.ParamKind)
	w.mutating = append(w.mutating, hook)
	return compiled.errors, nil
}

func (w *world) addValidating(policy *validating.Policy, bindings []*validating.PolicyBinding) error {
	compiled, err := compile(w.c.Version, policy)
	if err != nil {
		return err
	}
	setDefaults(policy.Spec.MatchConstraints, &policy.Spec.FailurePolicy)
	for _, binding := range bindings {
		setDefaults(binding.Spec.MatchResources, nil)
	}
	hook := validating.PolicyHook{Policy: policy, Bindings: bindings, Evaluator: compiled.validator}
	hook.ParamInformer, hook.ParamScope, hook.ConfigurationError = w.params(policy.Spec.ParamKind)
	w.validating = append(w.validating, hook)
	return nil
}

// setDefaults does what k8s.io/kubernetes' pkg/apis/admissionregistration/v1/defaults.go does.
func setDefaults(resources *admissionregistrationv1.MatchResources, failurePolicy **admissionregistrationv1.FailurePolicyType) {
	if resources != nil {
		if resources.MatchPolicy == nil {
			resources.MatchPolicy = ptr.To(admissionregistrationv1.Equivalent)
		}
		if resources.NamespaceSelector == nil {
			resources.NamespaceSelector = &metav1.LabelSelector{}
		}
		if resources.ObjectSelector == nil {
			resources.ObjectSelector = &metav1.LabelSelector{}
		}
	}
	if failurePolicy != nil && *failurePolicy == nil {
		*failurePolicy = ptr.To(admissionregistrationv1.Fail)
	}
}

// clusterKinds are built-in kinds whose objects are in no namespace.
var clusterKinds = map[string]bool{
	"ClusterRole": true, "ClusterRoleBinding": true, "CSIDriver": true, "CSINode": true, "DeviceClass": true,
	"FlowSchema": true, "IngressClass": true, "Namespace": true, "Node": true, "PersistentVolume": true,
	"PriorityClass": true, "PriorityLevelConfiguration": true, "RuntimeClass": true, "StorageClass": true,
	"ValidatingWebhookConfiguration": true, "MutatingWebhookConfiguration": true,
}

// params are the objects that may be parameters of a kind, their scope, or that there is no such
// kind: a custom kind is known by its definition or by its objects.
func (w *world) params(kind *admissionregistrationv1.ParamKind) (informers.GenericInformer, meta.RESTScope, error) {
	if kind == nil {
		return nil, nil, nil
	}
	gvk := schema.FromAPIVersionAndKind(kind.APIVersion, kind.Kind)
	indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	builtIn := isBuiltIn(gvk)
	known, namespaced := builtIn, builtIn && !clusterKinds[gvk.Kind]
	for _, object := range w.objects {
		u := unstructured.Unstructured{Object: object}
		if u.GroupVersionKind() != gvk {
			continue
		}
		known = true
		namespaced = namespaced || !builtIn && u.GetNamespace() != ""
		typed, err := typedObject(object)
		if err != nil {
			return nil, nil, err
		}
		if builtIn {
			// informers of built-in kinds leave it out
			typed.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
		}
		if err := indexer.Add(typed); err != nil {
			return nil, nil, err
		}
	}
	for _, definition := range w.definitions {
		if definition.Spec.Group == gvk.Group && definition.Spec.Names.Kind == gvk.Kind {
			known, namespaced = true, definition.Spec.Scope == apiextensionsv1.NamespaceScoped
		}
	}
	if !known {
		return nil, nil, fmt.Errorf("failed to find resource referenced by paramKind: '%v'", gvk)
	}
	resource := gvk.GroupVersion().WithResource(plural(gvk.Kind)).GroupResource()
	scope := meta.RESTScopeRoot
	if namespaced {
		scope = meta.RESTScopeNamespace
	}
	return &paramInformer{lister: cache.NewGenericLister(indexer, resource)}, scope, nil
}

// paramInformer is an informer that has seen all there is.
type paramInformer struct{ lister cache.GenericLister }

func (i *paramInformer) Lister() cache.GenericLister         { return i.lister }
func (i *paramInformer) Informer() cache.SharedIndexInformer { return syncedInformer{} }

type syncedInformer struct{ cache.SharedIndexInformer }

func (syncedInformer) HasSynced() bool { return true }

// recorded keeps what plugins say beside their verdict.
type recorded struct {
	admission.Attributes
	warnings []string
}

func (r *recorded) AddWarning(_, text string) { r.warnings = append(r.warnings, text) }

func (w *world) admit() map[string]any {
	object, err := typedObject(w.c.Object)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	old, err := typedObject(w.c.OldObject)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	given := w.request.attributes
	attributes := &recorded{
		Attributes: admission.NewAttributesRecord(object, old, given.GetKind(), given.GetNamespace(), given.GetName(),
			given.GetResource(), given.GetSubresource(), given.GetOperation(), given.GetOperationOptions(), given.IsDryRun(), given.GetUserInfo()),
	}
	ctx := warning.WithWarningRecorder(context.Background(), attributes)
	answer := map[string]any{}
	if err := w.dispatch(ctx, attributes); err != nil {
		answer["status"] = statusOf(err)
	} else if patched := attributes.GetObject(); patched != nil {
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(patched)
		if err != nil {
			return map[string]any{"error": err.Error()}
		}
		answer["patched"] = content
	}
	if len(attributes.warnings) > 0 {
		answer["warnings"] = attributes.warnings
	}
	return answer
}

// dispatch does what the API server's chain of admission plugins does, which has these two.
func (w *world) dispatch(ctx context.Context, a admission.Attributes) error {
	schemas, err := newConverters(w.definitions)
	if err != nil {
		return err
	}
	matcher := matching.NewMatcher(corelisters.NewNamespaceLister(w.namespaces), nil)
	interfaces := admission.NewObjectInterfacesFromScheme(admissionScheme)
	mutator := mutating.NewDispatcher(adminAuthorizer{}, matcher, schemas)
	if a.GetOperation() != admission.Delete {
		if err := mutator.Dispatch(ctx, a, interfaces, w.mutating); err != nil {
			return err
		}
		if reinvocation := a.GetReinvocationContext(); reinvocation.ShouldReinvoke() {
			reinvocation.SetIsReinvoke()
			if err := mutator.Dispatch(ctx, a, interfaces, w.mutating); err != nil {
				return err
			}
		}
	}
	validator := validating.NewDispatcher(adminAuthorizer{}, generic.NewPolicyMatcher(matcher))
	return validator.Dispatch(ctx, a, interfaces, w.validating)
}

func statusOf(err error) map[string]any {
	var status *apierrors.StatusError
	if !errors.As(err, &status) {
		return map[string]any{"message": err.Error()}
	}
	answer := map[string]any{
		"code": status.ErrStatus.Code, "reason": string(status.ErrStatus.Reason), "message": status.ErrStatus.Message,
	}
	if details := status.ErrStatus.Details; details != nil && len(details.Causes) > 0 {
		causes := []string{}
		for _, cause := range details.Causes {
			causes = append(causes, cause.Message)
		}
		answer["causes"] = causes
	}
	return answer
}

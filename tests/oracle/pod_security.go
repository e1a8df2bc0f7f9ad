package main

import (
	"context"
	"encoding/json"
	"fmt"

	admissionv1 "k8s.io/api/admission/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/pod-security-admission/admission"
	admissionapi "k8s.io/pod-security-admission/admission/api"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/metrics"
	"k8s.io/pod-security-admission/policy"
)

// podSecurityKinds are the kinds that Pod Security admission looks at.
var podSecurityKinds = map[string]struct {
	kind schema.GroupVersionKind
	make func() runtime.Object
}{
	"namespaces":             {corev1.SchemeGroupVersion.WithKind("Namespace"), func() runtime.Object { return &corev1.Namespace{} }},
	"pods":                   {corev1.SchemeGroupVersion.WithKind("Pod"), func() runtime.Object { return &corev1.Pod{} }},
	"podtemplates":           {corev1.SchemeGroupVersion.WithKind("PodTemplate"), func() runtime.Object { return &corev1.PodTemplate{} }},
	"replicationcontrollers": {corev1.SchemeGroupVersion.WithKind("ReplicationController"), func() runtime.Object { return &corev1.ReplicationController{} }},
	"daemonsets":             {appsv1.SchemeGroupVersion.WithKind("DaemonSet"), func() runtime.Object { return &appsv1.DaemonSet{} }},
	"deployments":            {appsv1.SchemeGroupVersion.WithKind("Deployment"), func() runtime.Object { return &appsv1.Deployment{} }},
	"replicasets":            {appsv1.SchemeGroupVersion.WithKind("ReplicaSet"), func() runtime.Object { return &appsv1.ReplicaSet{} }},
	"statefulsets":           {appsv1.SchemeGroupVersion.WithKind("StatefulSet"), func() runtime.Object { return &appsv1.StatefulSet{} }},
	"cronjobs":               {batchv1.SchemeGroupVersion.WithKind("CronJob"), func() runtime.Object { return &batchv1.CronJob{} }},
	"jobs":                   {batchv1.SchemeGroupVersion.WithKind("Job"), func() runtime.Object { return &batchv1.Job{} }},
}

// answerPodSecurity has Pod Security admission, as it is without configuration, decide a case.
func answerPodSecurity(c *Case) map[string]any {
	fail := func(err error) map[string]any { return map[string]any{"error": err.Error()} }
	known, ok := podSecurityKinds[c.Resource]
	if !ok {
		return fail(fmt.Errorf("no such resource: %q", c.Resource))
	}
	server, err := api.ParseVersion("v" + c.Version)
	if err != nil {
		return fail(err)
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), &server)
	if err != nil {
		return fail(err)
	}
	namespace := &corev1.Namespace{}
	attributes := &api.AttributesRecord{
		Kind:        known.kind,
		Resource:    known.kind.GroupVersion().WithResource(c.Resource),
		Subresource: c.Subresource,
		Operation:   admissionv1.Operation(c.Operation),
		Username:    c.User.Name,
	}
	if err := typed(c.Namespace, namespace); err != nil {
		return fail(err)
	}
	if attributes.Object, err = typedAs(c.Object, known.make); err != nil {
		return fail(err)
	}
	if attributes.OldObject, err = typedAs(c.OldObject, known.make); err != nil {
		return fail(err)
	}
	if object, ok := attributes.Object.(metav1.Object); ok {
		attributes.Name = object.GetName()
	}
	attributes.Namespace = namespace.Name
	admit := &admission.Admission{
		Configuration: &admissionapi.PodSecurityConfiguration{
			Defaults: admissionapi.PodSecurityDefaults{
				Enforce: "privileged", EnforceVersion: "latest",
				Audit: "privileged", AuditVersion: "latest",
				Warn: "privileged", WarnVersion: "latest",
			},
		},
		Evaluator:       evaluator,
		Metrics:         noMetrics{},
		NamespaceGetter: oneNamespace{namespace},
		PodLister:       noPods{},
	}
	if err := admit.CompleteConfiguration(); err != nil {
		return fail(err)
	}
	if err := admit.ValidateConfiguration(); err != nil {
		return fail(err)
	}
	response := admit.Validate(context.Background(), attributes)
	answer := map[string]any{"warnings": response.Warnings, "audit": map[string]string{}}
	for key, value := range response.AuditAnnotations {
		answer["audit"].(map[string]string)[api.AuditAnnotationPrefix+key] = value
	}
	if !response.Allowed {
		answer["denied"] = response.Result.Message
	}
	return answer
}

func typedAs(from map[string]any, make func() runtime.Object) (runtime.Object, error) {
	if from == nil {
		return nil, nil
	}
	object := make()
	return object, typed(from, object)
}

func typed(from map[string]any, to any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, to)
}

type oneNamespace struct{ namespace *corev1.Namespace }

func (o oneNamespace) GetNamespace(context.Context, string) (*corev1.Namespace, error) {
	return o.namespace, nil
}

type noPods struct{}

func (noPods) ListPods(context.Context, string) ([]*corev1.Pod, error) { return nil, nil }

type noMetrics struct{}

func (noMetrics) RecordEvaluation(metrics.Decision, api.LevelVersion, metrics.Mode, api.Attributes) {
}
func (noMetrics) RecordExemption(api.Attributes)   {}
func (noMetrics) RecordError(bool, api.Attributes) {}

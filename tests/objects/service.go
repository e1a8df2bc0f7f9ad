package main

import (
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	api "k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// beginService does what a Service's storage does before validation, as far as it needs no
// cluster: nothing is allocated, and what would be is taken for right. The function that it
// returns undoes it.
func beginService(obj runtime.Object) (func(), error) {
	service, ok := obj.(*api.Service)
	if !ok {
		return func() {}, nil
	}
	spec := &service.Spec
	before := spec.DeepCopy()
	if len(spec.ClusterIPs) == 0 && len(spec.ClusterIP) > 0 {
		spec.ClusterIPs = []string{spec.ClusterIP}
	}
	if spec.Type != api.ServiceTypeExternalName {
		if spec.IPFamilyPolicy == nil {
			policy := api.IPFamilyPolicySingleStack
			if spec.ClusterIP == api.ClusterIPNone && len(spec.Selector) == 0 {
				policy = api.IPFamilyPolicyRequireDualStack
			}
			spec.IPFamilyPolicy = &policy
		}
		errs := validation.ValidateServiceClusterIPsRelatedFields(service, nil)
		if len(errs) == 0 && *spec.IPFamilyPolicy == api.IPFamilyPolicySingleStack {
			at := field.NewPath("spec", "ipFamilyPolicy")
			if len(spec.ClusterIPs) == 2 {
				errs = append(errs, field.Invalid(at, spec.IPFamilyPolicy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified"))
			}
			if len(spec.IPFamilies) == 2 {
				errs = append(errs, field.Invalid(at, spec.IPFamilyPolicy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified"))
			}
		}
		if len(errs) > 0 {
			return nil, apierrors.NewInvalid(api.Kind("Service"), service.Name, errs)
		}
	}
	if spec.Type == api.ServiceTypeLoadBalancer && spec.ExternalTrafficPolicy == api.ServiceExternalTrafficPolicyLocal && spec.HealthCheckNodePort == 0 {
		spec.HealthCheckNodePort = 30000
	}
	return func() {
		spec.ClusterIPs = before.ClusterIPs
		spec.IPFamilyPolicy = before.IPFamilyPolicy
		spec.HealthCheckNodePort = before.HealthCheckNodePort
	}, nil
}

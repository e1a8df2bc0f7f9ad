package main

import (
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/client-go/kubernetes/fake"

	_ "k8s.io/kubernetes/pkg/controlplane"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/mutatingwebhookconfiguration"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/validatingwebhookconfiguration"
	"k8s.io/kubernetes/pkg/registry/apps/controllerrevision"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/replicaset"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/certificates/certificates"
	"k8s.io/kubernetes/pkg/registry/coordination/lease"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/endpoint"
	"k8s.io/kubernetes/pkg/registry/core/limitrange"
	"k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/core/node"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolume"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim"
	"k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/podtemplate"
	"k8s.io/kubernetes/pkg/registry/core/replicationcontroller"
	"k8s.io/kubernetes/pkg/registry/core/resourcequota"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/discovery/endpointslice"
	"k8s.io/kubernetes/pkg/registry/flowcontrol/flowschema"
	"k8s.io/kubernetes/pkg/registry/flowcontrol/prioritylevelconfiguration"
	"k8s.io/kubernetes/pkg/registry/networking/ingress"
	"k8s.io/kubernetes/pkg/registry/networking/ingressclass"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/node/runtimeclass"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrole"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrolebinding"
	"k8s.io/kubernetes/pkg/registry/rbac/role"
	"k8s.io/kubernetes/pkg/registry/rbac/rolebinding"
	"k8s.io/kubernetes/pkg/registry/resource/deviceclass"
	"k8s.io/kubernetes/pkg/registry/resource/resourceclaimtemplate"
	"k8s.io/kubernetes/pkg/registry/scheduling/priorityclass"
	"k8s.io/kubernetes/pkg/registry/storage/csidriver"
	"k8s.io/kubernetes/pkg/registry/storage/storageclass"
	"k8s.io/kubernetes/pkg/registry/storage/volumeattachment"
)

type registered struct {
	resource string
	strategy rest.RESTCreateStrategy
}

func kind(group, kind string) schema.GroupKind {
	return schema.GroupKind{Group: group, Kind: kind}
}

const (
	networking = "networking.k8s.io"
	rbac       = "rbac.authorization.k8s.io"
	storage    = "storage.k8s.io"
	hooks      = "admissionregistration.k8s.io"
	flow       = "flowcontrol.apiserver.k8s.io"
)

var resources = map[schema.GroupKind]registered{
	kind("", "Pod"):                                          {"pods", pod.Strategy},
	kind("", "PodTemplate"):                                  {"podtemplates", podtemplate.Strategy},
	kind("", "ReplicationController"):                        {"replicationcontrollers", replicationcontroller.Strategy},
	kind("", "Service"):                                      {"services", service.Strategy},
	kind("", "ServiceAccount"):                               {"serviceaccounts", serviceaccount.Strategy},
	kind("", "Secret"):                                       {"secrets", secret.Strategy},
	kind("", "ConfigMap"):                                    {"configmaps", configmap.Strategy},
	kind("", "Namespace"):                                    {"namespaces", namespace.Strategy},
	kind("", "Node"):                                         {"nodes", node.Strategy},
	kind("", "Endpoints"):                                    {"endpoints", endpoint.Strategy},
	kind("", "LimitRange"):                                   {"limitranges", limitrange.Strategy},
	kind("", "ResourceQuota"):                                {"resourcequotas", resourcequota.Strategy},
	kind("", "PersistentVolume"):                             {"persistentvolumes", persistentvolume.Strategy},
	kind("", "PersistentVolumeClaim"):                        {"persistentvolumeclaims", persistentvolumeclaim.Strategy},
	kind("apps", "Deployment"):                               {"deployments", deployment.Strategy},
	kind("apps", "StatefulSet"):                              {"statefulsets", statefulset.Strategy},
	kind("apps", "DaemonSet"):                                {"daemonsets", daemonset.Strategy},
	kind("apps", "ReplicaSet"):                               {"replicasets", replicaset.Strategy},
	kind("apps", "ControllerRevision"):                       {"controllerrevisions", controllerrevision.Strategy},
	kind("batch", "Job"):                                     {"jobs", job.Strategy},
	kind("batch", "CronJob"):                                 {"cronjobs", cronjob.Strategy},
	kind("autoscaling", "HorizontalPodAutoscaler"):           {"horizontalpodautoscalers", horizontalpodautoscaler.Strategy},
	kind("policy", "PodDisruptionBudget"):                    {"poddisruptionbudgets", poddisruptionbudget.Strategy},
	kind("certificates.k8s.io", "CertificateSigningRequest"): {"certificatesigningrequests", certificates.Strategy},
	kind("coordination.k8s.io", "Lease"):                     {"leases", lease.Strategy},
	kind("discovery.k8s.io", "EndpointSlice"):                {"endpointslices", endpointslice.Strategy},
	kind(networking, "Ingress"):                              {"ingresses", ingress.Strategy},
	kind(networking, "IngressClass"):                         {"ingressclasses", ingressclass.Strategy},
	kind(networking, "NetworkPolicy"):                        {"networkpolicies", networkpolicy.Strategy},
	kind("node.k8s.io", "RuntimeClass"):                      {"runtimeclasses", runtimeclass.Strategy},
	kind("scheduling.k8s.io", "PriorityClass"):               {"priorityclasses", priorityclass.Strategy},
	kind(rbac, "Role"):                                       {"roles", role.Strategy},
	kind(rbac, "RoleBinding"):                                {"rolebindings", rolebinding.Strategy},
	kind(rbac, "ClusterRole"):                                {"clusterroles", clusterrole.Strategy},
	kind(rbac, "ClusterRoleBinding"):                         {"clusterrolebindings", clusterrolebinding.Strategy},
	kind(storage, "StorageClass"):                            {"storageclasses", storageclass.Strategy},
	kind(storage, "CSIDriver"):                               {"csidrivers", csidriver.Strategy},
	kind(storage, "VolumeAttachment"):                        {"volumeattachments", volumeattachment.Strategy},
	kind(hooks, "ValidatingWebhookConfiguration"):            {"validatingwebhookconfigurations", validatingwebhookconfiguration.Strategy},
	kind(hooks, "MutatingWebhookConfiguration"):              {"mutatingwebhookconfigurations", mutatingwebhookconfiguration.Strategy},
	kind("resource.k8s.io", "DeviceClass"):                   {"deviceclasses", deviceclass.Strategy},
	kind("resource.k8s.io", "ResourceClaimTemplate"):         {"resourceclaimtemplates", resourceclaimtemplate.NewStrategy(fake.NewClientset().CoreV1().Namespaces())},
	kind(flow, "FlowSchema"):                                 {"flowschemas", flowschema.Strategy},
	kind(flow, "PriorityLevelConfiguration"):                 {"prioritylevelconfigurations", prioritylevelconfiguration.Strategy},
}

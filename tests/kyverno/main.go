// Answers as Kyverno's admission webhook: a line of JSON with policies and a request in, a line with
// its answer out. It is Kyverno's own policy cache, engine and handler, without a cluster: there are
// no roles, and of the namespace an expression sees the name alone.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/go-logr/logr"
	kyvernov1 "github.com/kyverno/kyverno/api/kyverno/v1"
	"github.com/kyverno/kyverno/pkg/clients/dclient"
	"github.com/kyverno/kyverno/pkg/config"
	"github.com/kyverno/kyverno/pkg/engine"
	"github.com/kyverno/kyverno/pkg/engine/factories"
	"github.com/kyverno/kyverno/pkg/engine/jmespath"
	imageverifycache "github.com/kyverno/kyverno/pkg/image/verification/cache"
	"github.com/kyverno/kyverno/pkg/policycache"
	reportutils "github.com/kyverno/kyverno/pkg/utils/report"
	"github.com/kyverno/kyverno/pkg/webhooks/handlers"
	"github.com/kyverno/kyverno/pkg/webhooks/resource/validation"
	webhookutils "github.com/kyverno/kyverno/pkg/webhooks/utils"
	admissionv1 "k8s.io/api/admission/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	corev1listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
)

type Case struct {
	Id        string                     `json:"id"`
	Policies  []json.RawMessage          `json:"policies"`
	Object    *unstructured.Unstructured `json:"object"`
	OldObject *unstructured.Unstructured `json:"oldObject,omitempty"`
	Operation string                     `json:"operation,omitempty"`
	// The labels of the namespace.
	Labels map[string]string         `json:"labels,omitempty"`
	User   authenticationv1.UserInfo `json:"user,omitempty"`
}

// The answer of one webhook: that of the policies whose failure policy is Fail, or Ignore.
type Answer struct {
	Message  string   `json:"message,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	Rules    []Rule   `json:"rules,omitempty"`
}

type Rule struct {
	Policy  string `json:"policy"`
	Name    string `json:"name"`
	Status  string `json:"status"`
	Message string `json:"message"`
}

type Line struct {
	Case
	Expected map[string]Answer `json:"expected"`
}

// What a cluster would say of kinds: those that Kyverno's pod policies are about, and whatever else a
// case has.
type finder struct{ kind schema.GroupVersionKind }

var kinds = []schema.GroupVersionKind{
	{Version: "v1", Kind: "Pod"}, {Version: "v1", Kind: "ReplicationController"},
	{Group: "apps", Version: "v1", Kind: "Deployment"}, {Group: "apps", Version: "v1", Kind: "DaemonSet"},
	{Group: "apps", Version: "v1", Kind: "StatefulSet"}, {Group: "apps", Version: "v1", Kind: "ReplicaSet"},
	{Group: "batch", Version: "v1", Kind: "Job"}, {Group: "batch", Version: "v1", Kind: "CronJob"},
}

func (f finder) FindResources(group, version, kind, subresource string) (map[dclient.TopLevelApiDescription]metav1.APIResource, error) {
	found := map[dclient.TopLevelApiDescription]metav1.APIResource{}
	fits := func(wanted, is string) bool { return wanted == "*" || wanted == is }
	for _, known := range append([]schema.GroupVersionKind{f.kind}, kinds...) {
		if subresource == "" && fits(group, known.Group) && fits(version, known.Version) && fits(kind, known.Kind) {
			found[dclient.TopLevelApiDescription{GroupVersion: known.GroupVersion(), Kind: known.Kind, Resource: resource(known).Resource}] = metav1.APIResource{}
		}
	}
	return found, nil
}

func resource(kind schema.GroupVersionKind) schema.GroupVersionResource {
	plural, _ := meta.UnsafeGuessKindToResource(kind)
	return plural
}

func answer(c Case) (map[string]Answer, error) {
	ctx := context.Background()
	configuration := config.NewDefaultConfiguration(false)
	jp := jmespath.New(configuration)
	object := c.Object
	if object == nil {
		object = c.OldObject
	}
	kind := object.GroupVersionKind()
	policies := policycache.NewCache()
	for _, raw := range c.Policies {
		policy, key, err := policy(raw)
		if err != nil {
			return nil, err
		}
		if err := policies.Set(key, policy, finder{kind}); err != nil {
			return nil, err
		}
	}
	indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{})
	var namespace *corev1.Namespace
	if name := object.GetNamespace(); name != "" {
		namespace = &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: c.Labels}}
		if err := indexer.Add(namespace); err != nil {
			return nil, err
		}
	}
	request := handlers.AdmissionRequest{GroupVersionKind: kind}
	request.AdmissionRequest = admissionv1.AdmissionRequest{
		Kind:      metav1.GroupVersionKind(kind),
		Resource:  metav1.GroupVersionResource(resource(kind)),
		Name:      object.GetName(),
		Namespace: object.GetNamespace(),
		Operation: admissionv1.Operation(c.Operation),
		UserInfo:  c.User,
	}
	if c.Operation == "" {
		request.Operation = admissionv1.Create
	}
	for _, side := range []struct {
		from *unstructured.Unstructured
		to   *runtime.RawExtension
	}{{c.Object, &request.Object}, {c.OldObject, &request.OldObject}} {
		if side.from != nil {
			raw, err := side.from.MarshalJSON()
			if err != nil {
				return nil, err
			}
			side.to.Raw = raw
		}
	}
	e := engine.NewEngine(configuration, jp, nil, nil, imageverifycache.DisabledImageVerifyCache(),
		factories.DefaultContextLoaderFactory(nil), nil, nil)
	handler := validation.NewValidationHandler(logr.Discard(), nil, e, policies,
		webhookutils.NewPolicyContextBuilder(configuration, jp), nil, false, nil, corev1listers.NewNamespaceLister(indexer))
	answers := map[string]Answer{}
	for _, failure := range []kyvernov1.FailurePolicyType{kyvernov1.Fail, kyvernov1.Ignore} {
		chosen := func(of policycache.PolicyType) (chosen []kyvernov1.PolicyInterface) {
			for _, policy := range policies.GetPolicies(of, schema.GroupVersionResource(request.Resource), "", namespace) {
				if policy.GetSpec().GetFailurePolicy(ctx) == failure {
					chosen = append(chosen, policy)
				}
			}
			return chosen
		}
		enforced, warned := chosen(policycache.ValidateEnforce), chosen(policycache.ValidateAuditWarn)
		if len(enforced) == 0 && len(warned) == 0 {
			continue
		}
		allowed, message, warnings, responses := handler.HandleValidationEnforce(ctx, request, enforced, warned, time.Now())
		name := config.ValidatingWebhookName + "-" + strings.ToLower(string(failure))
		said := Answer{Warnings: warnings}
		if !allowed {
			// as the API server words a webhook's refusal
			said.Message = fmt.Sprintf("admission webhook %q denied the request: %s", name, message)
		}
		for _, response := range responses {
			for _, rule := range response.PolicyResponse.Rules {
				said.Rules = append(said.Rules, Rule{response.Policy().GetName(), rule.Name(), string(rule.Status()), rule.Message()})
			}
		}
		// policies are asked in the order of a map
		sort.SliceStable(said.Rules, func(i, j int) bool { return said.Rules[i].Policy < said.Rules[j].Policy })
		sort.Strings(said.Warnings)
		answers[name] = said
	}
	return answers, nil
}

func policy(raw json.RawMessage) (kyvernov1.PolicyInterface, string, error) {
	var kind metav1.TypeMeta
	if err := json.Unmarshal(raw, &kind); err != nil {
		return nil, "", err
	}
	if kind.Kind == "Policy" {
		policy := &kyvernov1.Policy{}
		err := json.Unmarshal(raw, policy)
		return policy, policy.Namespace + "/" + policy.Name, err
	}
	policy := &kyvernov1.ClusterPolicy{}
	err := json.Unmarshal(raw, policy)
	return policy, policy.Name, err
}

func main() {
	reportutils.NewReportingConfig(nil)
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		text, err := lines.ReadBytes('\n')
		if len(text) > 1 {
			line := Line{}
			if err := json.Unmarshal(text, &line.Case); err != nil {
				fmt.Fprintln(os.Stderr, "kyverno:", err)
				os.Exit(1)
			}
			if line.Expected, err = answer(line.Case); err != nil {
				fmt.Fprintf(os.Stderr, "kyverno: %s: %v\n", line.Id, err)
				os.Exit(1)
			}
			encoder := json.NewEncoder(out)
			encoder.SetEscapeHTML(false)
			if err := encoder.Encode(line); err != nil {
				panic(err)
			}
		}
		if err != nil {
			return
		}
	}
}

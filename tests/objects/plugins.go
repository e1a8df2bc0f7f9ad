package main

import (
	"context"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	schedulinghelpers "k8s.io/kubernetes/pkg/apis/scheduling/v1"
	"k8s.io/kubernetes/plugin/pkg/admission/defaulttolerationseconds"
	"k8s.io/kubernetes/plugin/pkg/admission/limitranger"
	"k8s.io/kubernetes/plugin/pkg/admission/priority"
	"k8s.io/kubernetes/plugin/pkg/admission/runtimeclass"
	"k8s.io/kubernetes/plugin/pkg/admission/serviceaccount"
	"k8s.io/kubernetes/plugin/pkg/admission/storage/storageobjectinuseprotection"
)

// plugins are those of the API server's own, in its order, that change or refuse workloads.
type plugins struct {
	chain []admission.Interface
	stop  context.CancelFunc
}

type fromInformers interface {
	SetExternalKubeInformerFactory(informers.SharedInformerFactory)
	SetExternalKubeClientSet(kubernetes.Interface)
}

var empty *plugins

func pluginsFor(one *Case) (*plugins, error) {
	if len(one.Cluster) == 0 && !one.ServiceAccount {
		if empty == nil {
			made, err := makePlugins(nil, false)
			if err != nil {
				return nil, err
			}
			made.stop = func() {}
			empty = made
		}
		return empty, nil
	}
	var objects []runtime.Object
	for _, raw := range one.Cluster {
		object, _, err := scheme.Codecs.UniversalDeserializer().Decode(raw, nil, nil)
		if err != nil {
			return nil, err
		}
		legacyscheme.Scheme.Default(object)
		objects = append(objects, object)
	}
	return makePlugins(objects, one.ServiceAccount)
}

// systemClasses are the PriorityClasses that every cluster has.
func systemClasses() []runtime.Object {
	var objects []runtime.Object
	for _, class := range schedulinghelpers.SystemPriorityClasses() {
		legacyscheme.Scheme.Default(class)
		objects = append(objects, class)
	}
	return objects
}

func makePlugins(objects []runtime.Object, serviceAccount bool) (*plugins, error) {
	ctx, stop := context.WithCancel(context.Background())
	client := fake.NewClientset(append(objects, systemClasses()...)...)
	factory := informers.NewSharedInformerFactory(client, 0)
	limits, err := limitranger.NewLimitRanger(nil)
	if err != nil {
		stop()
		return nil, err
	}
	tolerations := defaulttolerationseconds.NewDefaultTolerationSeconds()
	tolerations.InspectFeatureGates(utilfeature.DefaultFeatureGate)
	chain := []admission.Interface{limits}
	if serviceAccount {
		chain = append(chain, serviceaccount.NewServiceAccount())
	}
	registry := admission.NewPlugins()
	storageobjectinuseprotection.Register(registry)
	storage, err := registry.InitPlugin(storageobjectinuseprotection.PluginName, nil, admission.PluginInitializers{})
	if err != nil {
		stop()
		return nil, err
	}
	chain = append(chain, priority.NewPlugin(), tolerations, storage, runtimeclass.NewRuntimeClass())
	for _, plugin := range chain {
		if plugin, ok := plugin.(fromInformers); ok {
			plugin.SetExternalKubeInformerFactory(factory)
			plugin.SetExternalKubeClientSet(client)
		}
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	return &plugins{chain, stop}, nil
}

func (p *plugins) admit(ctx context.Context, attributes admission.Attributes) error {
	for _, plugin := range p.chain {
		mutating, ok := plugin.(admission.MutationInterface)
		if !ok || !mutating.Handles(attributes.GetOperation()) {
			continue
		}
		if err := mutating.Admit(ctx, attributes, nil); err != nil {
			return err
		}
	}
	return nil
}

func (p *plugins) validate(ctx context.Context, attributes admission.Attributes) error {
	for _, plugin := range p.chain {
		validating, ok := plugin.(admission.ValidationInterface)
		if !ok || !validating.Handles(attributes.GetOperation()) {
			continue
		}
		if err := validating.Validate(ctx, attributes, nil); err != nil {
			return err
		}
	}
	return nil
}

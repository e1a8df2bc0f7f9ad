// Command objects says what kube-apiserver's own code makes of an object that is created: decoded
// into its type, defaulted, through the admission plugins that change or refuse Pods, prepared and
// validated by its resource's strategy. One JSON object a line in, one a line out.
package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/user"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/capabilities"
)

// Case is one object, and how the API server is set.
type Case struct {
	ID     string          `json:"id"`
	Object json.RawMessage `json:"object"`
	// Namespace is that of an object that names none; `default` where it is not given.
	Namespace string `json:"namespace,omitempty"`
	// ForbidPrivileged is `--allow-privileged=false`.
	ForbidPrivileged bool `json:"forbidPrivileged,omitempty"`
	// ServiceAccount says whether the plugin `ServiceAccount` is on.
	ServiceAccount bool `json:"serviceAccount,omitempty"`
	// Cluster holds objects that admission plugins look up.
	Cluster []json.RawMessage `json:"cluster,omitempty"`
}

// Answer is what the API server says.
type Answer struct {
	ID       string                `json:"id,omitempty"`
	Status   int32                 `json:"status"`
	Message  string                `json:"message,omitempty"`
	Causes   []metav1.StatusCause  `json:"causes,omitempty"`
	Admitted *runtime.RawExtension `json:"admitted,omitempty"`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "golden" {
		for _, name := range os.Args[2:] {
			if err := golden(name); err != nil {
				fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
				os.Exit(1)
			}
		}
		return
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	if len(os.Args) > 3 && os.Args[1] == "generate" {
		seed, _ := strconv.ParseUint(os.Args[2], 10, 64)
		count, _ := strconv.Atoi(os.Args[3])
		only := strings.Join(os.Args[4:], "")
		if err := generate(out, seed, count, only); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	do := answerAll
	if len(os.Args) > 1 && os.Args[1] == "shrink" {
		do = shrink
	}
	if err := do(os.Stdin, out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answerAll(in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for lines.Scan() {
		var one Case
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			return err
		}
		if err := encoder.Encode(answer(&one)); err != nil {
			return err
		}
	}
	return lines.Err()
}

func answer(one *Case) (given Answer) {
	given.ID = one.ID
	defer func() {
		if found := recover(); found != nil {
			given.Status = 500
			given.Message = fmt.Sprint("panic: ", found)
		}
	}()
	admitted, err := create(one)
	if err == nil {
		given.Status = 201
		given.Admitted = &runtime.RawExtension{Raw: admitted}
		return given
	}
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		given.Status = status.Status().Code
		given.Message = status.Status().Message
		if details := status.Status().Details; details != nil {
			given.Causes = details.Causes
		}
		return given
	}
	given.Status = 500
	given.Message = err.Error()
	return given
}

// create does what the handler of POST requests does up to the validating admission policies.
func create(one *Case) ([]byte, error) {
	var kind metav1.TypeMeta
	if err := json.Unmarshal(one.Object, &kind); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	gvk := kind.GroupVersionKind()
	found, known := resources[gvk.GroupKind()]
	if !known || !legacyscheme.Scheme.Recognizes(gvk) {
		return nil, fmt.Errorf("no strategy for %v", gvk)
	}
	strategy := found.strategy
	capabilities.ResetForTest()
	capabilities.Setup(!one.ForbidPrivileged, 0)

	original, err := legacyscheme.Scheme.New(schema.GroupVersionKind{
		Group: gvk.Group, Version: runtime.APIVersionInternal, Kind: gvk.Kind,
	})
	if err != nil {
		return nil, err
	}
	obj, _, err := decoder(gvk).Decode(one.Object, &gvk, original)
	if err != nil {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: %v", gvk.Kind, gvk.Version, gvk.Kind, err))
	}
	objectMeta, err := meta.Accessor(obj)
	if err != nil {
		return nil, err
	}
	// kubectl sends an object to the namespace that it names
	namespace := cmp.Or(objectMeta.GetNamespace(), one.Namespace, "default")
	if !strategy.NamespaceScoped() {
		namespace = ""
	}
	if gvk.GroupKind() == (schema.GroupKind{Kind: "Namespace"}) {
		namespace = objectMeta.GetName()
	}
	ctx := genericapirequest.WithNamespace(context.Background(), namespace)
	resource := gvk.GroupVersion().WithResource(found.resource)
	ctx = genericapirequest.WithRequestInfo(ctx, &genericapirequest.RequestInfo{
		IsResourceRequest: true, Verb: "create", APIGroup: gvk.Group, APIVersion: gvk.Version,
		Resource: found.resource, Namespace: namespace,
	})
	rest.WipeObjectMetaSystemFields(objectMeta)
	if err := rest.EnsureObjectNamespaceMatchesRequestNamespace(rest.ExpectedNamespaceForResource(namespace, resource), objectMeta); err != nil {
		return nil, err
	}
	who := &user.DefaultInfo{Name: "admin", Groups: []string{"system:masters", "system:authenticated"}}
	ctx = genericapirequest.WithUser(ctx, who)
	attributes := admission.NewAttributesRecord(obj, nil, gvk, namespace, objectMeta.GetName(), resource, "", admission.Create, &metav1.CreateOptions{}, false, who)
	plugins, err := pluginsFor(one)
	if err != nil {
		return nil, err
	}
	defer plugins.stop()
	if err := plugins.admit(ctx, attributes); err != nil {
		return nil, err
	}
	rest.FillObjectMetaSystemFields(objectMeta)
	objectMeta.SetUID("00000000-0000-0000-0000-000000000000")
	if objectMeta.GetGenerateName() != "" && objectMeta.GetName() == "" {
		objectMeta.SetName(objectMeta.GetGenerateName() + "xxxxx")
	}
	restore, err := beginService(obj)
	if err != nil {
		return nil, err
	}
	if err := rest.BeforeCreate(strategy, ctx, obj); err != nil {
		return nil, err
	}
	restore()
	if err := plugins.validate(ctx, attributes); err != nil {
		return nil, err
	}
	objectMeta.SetUID("")
	objectMeta.SetCreationTimestamp(metav1.Time{})
	written, err := runtime.Encode(legacyscheme.Codecs.LegacyCodec(gvk.GroupVersion()), obj)
	return tokenVolume.ReplaceAll(written, []byte("kube-api-access-xxxxx")), err
}

// tokenVolume has a name with a random end.
var tokenVolume = regexp.MustCompile("kube-api-access-[a-z0-9]{5}")

var decoders = map[schema.GroupVersion]runtime.Decoder{}

// decoder reads as the API server does when fields are validated strictly.
func decoder(gvk schema.GroupVersionKind) runtime.Decoder {
	gv := gvk.GroupVersion()
	if known, ok := decoders[gv]; ok {
		return known
	}
	codecs := serializer.NewCodecFactory(legacyscheme.Scheme)
	info, _ := runtime.SerializerInfoForMediaType(codecs.SupportedMediaTypes(), "application/json")
	internal := schema.GroupVersion{Group: gv.Group, Version: runtime.APIVersionInternal}
	decoders[gv] = codecs.DecoderToVersion(info.StrictSerializer, internal)
	return decoders[gv]
}

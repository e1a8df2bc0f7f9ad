package main

import (
	"context"
	"errors"
	"math"
	"time"

	celgo "github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/version"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/library"
)

var environments = map[string]*environment.EnvSet{}
var expressionEnvironments = map[string]*celgo.Env{}

func environmentOf(v string) *environment.EnvSet {
	set, ok := environments[v]
	if !ok {
		set = environment.MustBaseEnvSet(version.MustParse(v))
		environments[v] = set
	}
	return set
}

// expressionEnvironment declares what an expression of a policy with params sees, as the
// admission plugin's compiler does.
func expressionEnvironment(v string) (*celgo.Env, error) {
	if env, ok := expressionEnvironments[v]; ok {
		return env, nil
	}
	requestType, namespaceType := plugincel.BuildRequestType(), plugincel.BuildNamespaceType()
	set, err := environmentOf(v).Extend(
		environment.VersionedOptions{
			IntroducedVersion: version.MajorMinor(1, 0),
			EnvOptions: []celgo.EnvOption{
				celgo.Variable(plugincel.ObjectVarName, celgo.DynType),
				celgo.Variable(plugincel.OldObjectVarName, celgo.DynType),
				celgo.Variable(plugincel.ParamsVarName, celgo.DynType),
				celgo.Variable(plugincel.NamespaceVarName, namespaceType.CelType()),
				celgo.Variable(plugincel.RequestVarName, requestType.CelType()),
				celgo.Variable(plugincel.AuthorizerVarName, library.AuthorizerType),
				celgo.Variable(plugincel.RequestResourceAuthorizerVarName, library.ResourceCheckType),
			},
			DeclTypes: []*apiservercel.DeclType{namespaceType, requestType},
		},
		environment.StrictCostOpt,
	)
	if err != nil {
		return nil, err
	}
	env := set.NewExpressionsEnv()
	expressionEnvironments[v] = env
	return env, nil
}

func answerCEL(c *Case) map[string]any {
	env, err := expressionEnvironment(c.Version)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	ast, issues := env.Compile(c.Expr)
	if issues != nil && issues.Err() != nil {
		return map[string]any{"compileErrors": []string{issues.String()}}
	}
	answer := map[string]any{"type": ast.OutputType().String()}
	program, err := env.Program(ast, celgo.InterruptCheckFrequency(celconfig.CheckFrequency), celgo.CostLimit(celconfig.PerCallLimit))
	if err != nil {
		answer["compileErrors"] = []string{"program: " + err.Error()}
		return answer
	}
	activation, err := c.activation()
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	value, details, err := program.ContextEval(context.Background(), activation)
	if details != nil && details.ActualCost() != nil {
		answer["cost"] = *details.ActualCost()
	}
	if err != nil {
		answer["error"] = err.Error()
		return answer
	}
	answer["value"] = protocolValue(value)
	return answer
}

func (c *Case) activation() (map[string]any, error) {
	request, err := c.request()
	if err != nil {
		return nil, err
	}
	a := request.attributes
	admissionRequest := plugincel.CreateAdmissionRequest(a.Attributes, metav1.GroupVersionResource(request.resource), metav1.GroupVersionKind(a.VersionedKind))
	requestMap, err := runtime.DefaultUnstructuredConverter.ToUnstructured(admissionRequest)
	if err != nil {
		return nil, err
	}
	activation := map[string]any{
		"object": nullable(c.Object), "oldObject": nullable(c.OldObject), "params": nullable(c.Params),
		"request":                    requestMap,
		"namespaceObject":            nil,
		"authorizer":                 library.NewAuthorizerVal(a.GetUserInfo(), adminAuthorizer{}),
		"authorizer.requestResource": library.NewResourceAuthorizerVal(a.GetUserInfo(), adminAuthorizer{}, a),
	}
	if request.namespace != nil {
		namespace, err := runtime.DefaultUnstructuredConverter.ToUnstructured(plugincel.CreateNamespaceObject(request.namespace))
		if err != nil {
			return nil, err
		}
		activation["namespaceObject"] = namespace
	}
	return activation, nil
}

func nullable(content map[string]any) any {
	if content == nil {
		return nil
	}
	return content
}

// protocolValue is the JSON of a value in the case protocol.
func protocolValue(value ref.Val) any {
	switch v := value.(type) {
	case types.Null:
		return nil
	case types.Bool:
		return bool(v)
	case types.Int:
		return int64(v)
	case types.Uint:
		return uint64(v)
	case types.Double:
		switch f := float64(v); {
		case math.IsNaN(f):
			return "NaN"
		case math.IsInf(f, 1):
			return "+Inf"
		case math.IsInf(f, -1):
			return "-Inf"
		default:
			return f
		}
	case types.String:
		return string(v)
	case types.Bytes:
		return append([]byte{}, v...) // never nil, which JSON would make null
	case types.Duration, types.Timestamp:
		return value.ConvertToType(types.StringType).Value()
	case *types.Optional:
		if !v.HasValue() {
			return map[string]any{"optional": nil}
		}
		return map[string]any{"optional": protocolValue(v.GetValue())}
	case ref.Type:
		return v.TypeName()
	case traits.Lister:
		list := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			list = append(list, protocolValue(it.Next()))
		}
		return list
	case traits.Mapper:
		entries := map[string]any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			text, ok := key.ConvertToType(types.StringType).Value().(string)
			if !ok {
				text = "?"
			}
			entries[text] = protocolValue(v.Get(key))
		}
		return entries
	default:
		return map[string]any{value.Type().TypeName(): opaqueText(value)}
	}
}

var errNoText = errors.New("no text")

func opaqueText(value ref.Val) string {
	if text, ok := value.ConvertToType(types.StringType).Value().(string); ok {
		return text
	}
	switch v := value.Value().(type) {
	case interface{ String() string }:
		return v.String()
	case time.Duration:
		return v.String()
	default:
		return errNoText.Error()
	}
}

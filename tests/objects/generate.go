package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"sigs.k8s.io/yaml"
)

//go:embed seeds.yaml
var seedText string

//go:embed cluster.yaml
var clusterText []byte

// generate writes cases: the seeds, each damaged in one to three places.
func generate(out io.Writer, seed uint64, count int, only string) error {
	var seeds []map[string]any
	for _, document := range strings.Split(seedText, "\n---\n") {
		one := map[string]any{}
		if err := yaml.Unmarshal([]byte(document), &one); err != nil {
			return err
		}
		if only == "" || one["kind"] == only {
			seeds = append(seeds, one)
		}
	}
	var cluster []json.RawMessage
	if err := yaml.Unmarshal(clusterText, &cluster); err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(seed, 0))
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for number := range count {
		from := seeds[random.IntN(len(seeds))]
		object := runtime.DeepCopyJSON(jsonOf(from))
		gv, err := schema.ParseGroupVersion(fmt.Sprint(object["apiVersion"]))
		if err != nil {
			return err
		}
		typed, err := legacyscheme.Scheme.New(gv.WithKind(fmt.Sprint(object["kind"])))
		if err != nil {
			return err
		}
		if number >= len(seeds) {
			m := mutator{random}
			for range 1 + random.IntN(3) {
				m.damage(object, reflect.TypeOf(typed).Elem())
			}
		} else {
			object = runtime.DeepCopyJSON(jsonOf(seeds[number]))
		}
		raw, err := json.Marshal(object)
		if err != nil {
			return err
		}
		one := Case{ID: fmt.Sprintf("%d-%d", seed, number), Object: raw, ForbidPrivileged: random.IntN(4) == 0}
		if object["kind"] == "Pod" && random.IntN(3) == 0 {
			one.ServiceAccount = random.IntN(2) == 0
			for _, object := range cluster {
				// the plugin waits long for an account that is not there
				if random.IntN(2) == 0 || one.ServiceAccount && strings.Contains(string(object), "ServiceAccount") {
					one.Cluster = append(one.Cluster, object)
				}
			}
		}
		if err := encoder.Encode(one); err != nil {
			return err
		}
	}
	return nil
}

// jsonOf turns float64 that are whole into int64, as DeepCopyJSON wants them.
func jsonOf(value map[string]any) map[string]any {
	return whole(value).(map[string]any)
}

func whole(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, item := range value {
			value[key] = whole(item)
		}
	case []any:
		for at, item := range value {
			value[at] = whole(item)
		}
	case float64:
		if value == float64(int64(value)) {
			return int64(value)
		}
	}
	return value
}

type mutator struct {
	*rand.Rand
}

func (m mutator) one(words ...string) string {
	return words[m.IntN(len(words))]
}

// damage changes one place below a value.
func (m mutator) damage(value any, of reflect.Type) {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	switch value := value.(type) {
	case map[string]any:
		if of.Kind() == reflect.Struct && !opaque(of) {
			m.damageStruct(value, of)
		} else if of.Kind() == reflect.Map {
			m.damageMap(value, of.Elem())
		}
	case []any:
		if len(value) > 0 && of.Kind() == reflect.Slice {
			at := m.IntN(len(value))
			if changed, ok := m.scalar(value[at], of.Elem(), ""); ok {
				value[at] = changed
			} else {
				m.damage(value[at], of.Elem())
			}
		}
	}
}

func (m mutator) damageMap(value map[string]any, of reflect.Type) {
	keys := sortedKeys(value)
	switch choice := m.IntN(4); {
	case choice == 0 || len(keys) == 0:
		value[m.one("a", "x/y", "A b", "cpu", "memory", "hugepages-2Mi", "example.com/gpu", "storage", "-x", "app", "pods", "nope", "ephemeral-storage", "requests.cpu")] = m.fresh(of, 0, "")
	case choice == 1:
		delete(value, keys[m.IntN(len(keys))])
	default:
		key := keys[m.IntN(len(keys))]
		if changed, ok := m.scalar(value[key], of, key); ok {
			value[key] = changed
		} else {
			m.damage(value[key], of)
		}
	}
}

type named struct {
	name string
	of   reflect.Type
}

// fields are those of a struct by their names in JSON, those of embedded structs too.
func fields(of reflect.Type) []named {
	var found []named
	for at := range of.NumField() {
		field := of.Field(at)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" && field.Anonymous {
			inner := field.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			found = append(found, fields(inner)...)
		} else if name != "" && name != "-" {
			found = append(found, named{name, field.Type})
		}
	}
	return found
}

func opaque(of reflect.Type) bool {
	switch of {
	case reflect.TypeFor[resource.Quantity](), reflect.TypeFor[intstr.IntOrString](),
		reflect.TypeFor[metav1.Time](), reflect.TypeFor[metav1.MicroTime](),
		reflect.TypeFor[runtime.RawExtension](), reflect.TypeFor[metav1.FieldsV1]():
		return true
	}
	return false
}

func (m mutator) damageStruct(value map[string]any, of reflect.Type) {
	all := fields(of)
	var there, absent []named
	for _, field := range all {
		switch _, ok := value[field.name]; {
		case (field.name == "apiVersion" || field.name == "kind") && of.NumField() > 2 && all[0].name == "kind":
		case field.name == "status" || field.name == "managedFields":
		case ok:
			there = append(there, field)
		default:
			absent = append(absent, field)
		}
	}
	if len(absent) > 0 && (len(there) == 0 || m.IntN(5) == 0) {
		field := absent[m.IntN(len(absent))]
		value[field.name] = m.fresh(field.of, 0, field.name)
		return
	}
	if len(there) == 0 {
		return
	}
	field := there[m.IntN(len(there))]
	inner := field.of
	for inner.Kind() == reflect.Pointer {
		inner = inner.Elem()
	}
	if m.IntN(8) == 0 {
		delete(value, field.name)
		return
	}
	if changed, ok := m.scalar(value[field.name], inner, field.name); ok {
		value[field.name] = changed
		return
	}
	if list, ok := value[field.name].([]any); ok && inner.Kind() == reflect.Slice {
		switch choice := m.IntN(8); {
		case choice == 0 && len(list) > 0:
			again := runtime.DeepCopyJSONValue(list[m.IntN(len(list))])
			value[field.name] = append(list, again)
			return
		case choice == 1 && len(list) > 0:
			at := m.IntN(len(list))
			value[field.name] = append(list[:at:at], list[at+1:]...)
			return
		case choice == 2 || len(list) == 0:
			value[field.name] = append(list, m.fresh(inner.Elem(), 0, field.name))
			return
		}
	}
	m.damage(value[field.name], inner)
}

// scalar is another value in place of one that has no parts.
func (m mutator) scalar(old any, of reflect.Type, name string) (any, bool) {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	switch old.(type) {
	case map[string]any, []any:
		return nil, false
	}
	if m.IntN(60) == 0 {
		return []any{"x", int64(7), true, nil, map[string]any{}, []any{}, 1.5}[m.IntN(7)], true
	}
	return m.fresh(of, 0, name), true
}

// words are values of fields, good and bad, by the fields' names.
var words = map[string][]string{
	"restartPolicy":            {"Always", "OnFailure", "Never", "", "x"},
	"dnsPolicy":                {"ClusterFirst", "None", "Default", "ClusterFirstWithHostNet", "x", ""},
	"imagePullPolicy":          {"Always", "Never", "IfNotPresent", "x"},
	"pullPolicy":               {"Always", "Never", "x"},
	"terminationMessagePolicy": {"File", "FallbackToLogsOnError", "x", ""},
	"protocol":                 {"TCP", "UDP", "SCTP", "tcp", ""},
	"operator":                 {"In", "NotIn", "Exists", "DoesNotExist", "Equal", "Gt", "Lt", "", "x"},
	"effect":                   {"NoSchedule", "PreferNoSchedule", "NoExecute", "", "x"},
	"type":                     {"Localhost", "RuntimeDefault", "Unconfined", "", "x", "Directory", "Recreate", "RollingUpdate", "OnDelete", "Socket", "ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "Container", "Pod", "Utilization", "Resource"},
	"procMount":                {"Default", "Unmasked", "x"},
	"scheme":                   {"HTTP", "HTTPS", "http"},
	"whenUnsatisfiable":        {"DoNotSchedule", "ScheduleAnyway", "x", ""},
	"nodeAffinityPolicy":       {"Honor", "Ignore", "x"},
	"mountPropagation":         {"None", "HostToContainer", "Bidirectional", "x"},
	"recursiveReadOnly":        {"Disabled", "IfPossible", "Enabled", "x"},
	"fsGroupChangePolicy":      {"Always", "OnRootMismatch", "x"},
	"supplementalGroupsPolicy": {"Merge", "Strict", "x"},
	"seLinuxChangePolicy":      {"Recursive", "MountOption", "x"},
	"preemptionPolicy":         {"PreemptLowerPriority"},
	"priorityClassName":        {"", "system-node-critical", "a", "main"},
	"runtimeClassName":         {"a", "main"},
	"serviceAccountName":       {"a", "default", ""},
	"accessModes":              {"ReadWriteOnce", "ReadOnlyMany", "ReadWriteOncePod", "x"},
	"volumeMode":               {"Block", "Filesystem", "x"},
	"fieldPath":                {"metadata.name", "metadata.labels['a']", "metadata.annotations['A b']", "spec.nodeName", "status.podIP", "metadata.labels", "spec.host", "x", "metadata.name['a']", ""},
	"resource":                 {"limits.cpu", "requests.memory", "limits.hugepages-2Mi", "x", "", "requests.ephemeral-storage"},
	"subPath":                  {"a/b", "/a", "../a", "a/.."},
	"subPathExpr":              {"a", "$(X)/b", "/x", ""},
	"mountPath":                {"/a", "/data", "a", "", "/b"},
	"devicePath":               {"/dev/a", "/a", "a/../b", ""},
	"path":                     {"/a", "a", "../b", "..b", "", "a/../b", "/", "config"},
	"ip":                       {"10.0.0.1", "::1", "1.2.3", "010.0.0.1", "::ffff:1.2.3.4", "x", ""},
	"nameservers":              {"10.0.0.1", "x", "1.1.1.01"},
	"searches":                 {"a.b", ".", "a_b", "A", "x."},
	"schedule":                 {"* * * * *", "*/5 1-3 * jan mon", "@daily", "@every 5m", "@every x", "@every 5", "@nope", "60 * * * *", "* * *", "a * * * *", "5-1 * * * *", "*/0 * * * *", "1/2/3 * * * *", "1-2-3 * * * *", "TZ=UTC * * * * *", "CRON_TZ=x * * * * *", "TZ=0", "-1 * * * *", "0 0 0 * *", "99999999999999999999 * * * *", "* * * * sun", "* * * 13 *", "  * * * * *  ", ",, * * * *"},
	"timeZone":                 {"Europe/Berlin", "UTC", "Local", "x", "", "../x", "europe/berlin", "Etc/GMT+1", "a b"},
	"concurrencyPolicy":        {"Allow", "Forbid", "Replace", "x"},
	"completionMode":           {"Indexed", "NonIndexed", "x"},
	"podReplacementPolicy":     {"Failed", "TerminatingOrFailed", "x"},
	"action":                   {"Count", "FailIndex", "FailJob", "Ignore", "", "x", "Restart", "RestartAllContainers"},
	"succeededIndexes":         {"0-1", "1,3", "0-1-2", "a", "9", "3,1", "", "2-1"},
	"managedBy":                {"a.b/c", "x", "kubernetes.io/job-controller", "a.b/", "A/b", "a/b c"},
	"podManagementPolicy":      {"OrderedReady", "Parallel", "x"},
	"whenDeleted":              {"Retain", "Delete", "x"},
	"hostname":                 {"a", "a.b", "A", ""},
	"hostnameOverride":         {"a", "a.b", "A", ""},
	"serviceName":              {"a", "a.b", "A", "", "svc"},
	"stopSignal":               {"SIGTERM", "x"},
	"runAsUserName":            {"user", "", `a\b`, `a\b\c`, ". .", "a@b", `.x\u`, "a\tb", `dom.ain\u`},
	"gmsaCredentialSpecName":   {"a", "A b", ""},
	"localhostProfile":         {"a/b", "/a", "../a", " a", ""},
	"divisor":                  {"1", "1m", "1Mi", "7", "0"},
	"add":                      {"CAP_SYS_ADMIN", "NET_ADMIN", "ALL"},
	"key":                      {"a", "A b", "", "kubernetes.io/hostname", "metadata.name", "a/b/c", ".."},
	"values":                   {"a", "A b", "x", "5"},
	"matchLabelKeys":           {"a", "A b", "app", "b"},
	"mismatchLabelKeys":        {"a", "b", "app"},
	"topologyKey":              {"zone", "", "a b"},
	"resourceName":             {"cpu", "memory", "", "x"},
	"volumeName":               {"empty", "data", "", "A", "config"},
	"driver":                   {"a.b", "A.B", "", "a b", strings.Repeat("d", 70)},
	"iqn":                      {"iqn.2001-04.com.example:storage", "eui.0123456789abcdef", "naa.x", "x", "", "iqn.x"},
	"initiatorName":            {"iqn.2001-04.com.example:storage", "x", "naa.0123456789abcdef0123456789abcdef"},
	"registry":                 {"a:1", "a", "a:1,b", "[::1]:2", "::1:2", ""},
	"diskURI":                  {"https://x", "/subscriptions/x", "x", ""},
	"kind":                     {"Managed", "Shared", "Dedicated", "x", "PersistentVolumeClaim", "Pod", "", "Event"},
	"cachingMode":              {"None", "ReadOnly", "x"},
	"finalizers":               {"a.b/c", "orphan", "foregroundDeletion", "x", "A b", "kubernetes"},
	"conditionType":            {"a", "a.b/c", "A b", ""},
	"apiGroup":                 {"", "a.b", "A b"},
	"uid":                      {"x", ""},
	"value":                    {"a", "A b", "", "5", "$(X)"},
	"image":                    {"x", "", " x", "nginx:1"},
	"containerName":            {"main", "nope", ""},
	"targetContainerName":      {"main", "nope"},
	"name":                     {"a", "main", "A b", "", "a.b", "data", "config", "-a", "abc-", strings.Repeat("x", 64), "empty", "1a", "net.core.somaxconn", "kernel.shm_rmid_forced", "secret", "a<b", "gpu"},
}

func (m mutator) text(name string) string {
	if known, ok := words[name]; ok {
		return known[m.IntN(len(known))]
	}
	return m.one("a", "b", "A b", "", "x.y", "a/b", "<&>", "ä", strings.Repeat("y", 70), "0", "example.com", "\"q\"", "1a")
}

// fresh is a new value of a type.
func (m mutator) fresh(of reflect.Type, depth int, name string) any {
	switch of {
	case reflect.TypeFor[resource.Quantity]():
		return m.one("1", "100m", "1Gi", "-1", "3Mi", "4Mi", "0", "2.5", "0.5", "1500m", "x", "1e3", "128974848")
	case reflect.TypeFor[intstr.IntOrString]():
		return []any{int64(80), "http", int64(0), int64(70000), "25%", "x y", "150%", "0%", int64(-1), int64(1), "5"}[m.IntN(11)]
	case reflect.TypeFor[metav1.Time](), reflect.TypeFor[metav1.MicroTime]():
		return "2026-01-01T00:00:00Z"
	case reflect.TypeFor[runtime.RawExtension]():
		return map[string]any{"a": "b"}
	}
	switch of.Kind() {
	case reflect.Pointer:
		return m.fresh(of.Elem(), depth, name)
	case reflect.String:
		return m.text(name)
	case reflect.Bool:
		return m.IntN(2) == 0
	case reflect.Int32, reflect.Int64, reflect.Int:
		return []int64{0, 1, 2, 80, 8080, -1, 65536, 420, 512, 100001, 3, 30, 300, 1 << 31, 1 << 33, 10, 1000}[m.IntN(17)]
	case reflect.Float64:
		return 1.5
	case reflect.Slice:
		if of.Elem().Kind() == reflect.Uint8 {
			return m.one("YQ==", "", "a")
		}
		list := []any{}
		for range m.IntN(3) {
			list = append(list, m.fresh(of.Elem(), depth+1, name))
		}
		return list
	case reflect.Map:
		made := map[string]any{}
		for range m.IntN(2) {
			made[m.one("a", "cpu", "A b", "x/y", "memory", "app")] = m.fresh(of.Elem(), depth+1, "")
		}
		return made
	case reflect.Struct:
		made := map[string]any{}
		for _, field := range fields(of) {
			chance := 2 + 2*depth
			if field.name == "name" || field.name == "key" {
				chance = 1
			}
			if depth < 6 && m.IntN(chance) == 0 && field.name != "managedFields" {
				made[field.name] = m.fresh(field.of, depth+1, field.name)
			}
		}
		return made
	}
	return nil
}

func sortedKeys(value map[string]any) []string {
	keys := make([]string, 0, len(value))
	for key := range value {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

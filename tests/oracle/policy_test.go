package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"reflect"
	"testing"
	_ "unsafe" // for linkname

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// upstreamCompilePolicy is what kube-apiserver compiles a stored policy with. It is not exported, and
// takes no version: so the oracle puts the same exported parts together itself, and this test holds it to
// the original.
//
//go:linkname upstreamCompilePolicy k8s.io/apiserver/pkg/admission/plugin/policy/validating.compilePolicy
func upstreamCompilePolicy(policy *admissionregistrationv1.ValidatingAdmissionPolicy) validating.Validator

func TestPoliciesAreCompiledAsUpstreamDoes(t *testing.T) {
	text, err := os.ReadFile("../golden/admission.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	shared, compared := fields{}, 0
	for number, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		own := fields{}
		if err := json.Unmarshal(line, &own); err != nil {
			t.Fatal(err)
		}
		if with, ok := own["with"]; ok {
			shared = fields{}
			if err := json.Unmarshal(with, &shared); err != nil {
				t.Fatal(err)
			}
			continue
		}
		whole := fields{"version": json.RawMessage(`"1.36"`)}
		for _, part := range []fields{shared, own} {
			for name, value := range part {
				whole[name] = value
			}
		}
		delete(whole, "answers")
		line, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		var c Case
		if err := decode(line, &c); err != nil {
			t.Fatal(err)
		}
		if c.Mode != "vap" {
			continue
		}
		answer := answerLine(line)
		if answer["compileErrors"] != nil {
			continue // upstream does not tell them: it evaluates the others
		}
		var policy admissionregistrationv1.ValidatingAdmissionPolicy
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(c.Policy, &policy); err != nil {
			t.Fatal(err)
		}
		request, err := c.request()
		if err != nil {
			t.Fatal(err)
		}
		result := upstreamCompilePolicy(&policy).Validate(context.Background(), request.resource, request.attributes,
			request.params, request.namespace, celconfig.RuntimeCELCostBudget, adminAuthorizer{})
		if theirs := decisions(result); !reflect.DeepEqual(theirs, answer["decisions"]) {
			t.Errorf("line %d: upstream decides\n%v, the oracle\n%v", number+1, theirs, answer["decisions"])
		}
		theirs := audit(result)
		if ours, _ := answer["audit"].([]map[string]any); len(theirs)+len(ours) > 0 && !reflect.DeepEqual(theirs, ours) {
			t.Errorf("line %d: upstream annotates\n%v, the oracle\n%v", number+1, theirs, ours)
		}
		compared++
	}
	if compared < 50 {
		t.Errorf("only %d policies were compared", compared)
	}
}

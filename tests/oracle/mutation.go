package main

import (
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/mutating"
	"k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	"k8s.io/apiserver/pkg/cel/environment"
)

// compiledMutation is a MutatingAdmissionPolicy's expressions, put together as the mutating plugin's
// compilePolicy does.
type compiledMutation struct {
	evaluator mutating.PolicyEvaluator
	errors    []string
}

func compileMutation(v string, policy *admissionregistrationv1.MutatingAdmissionPolicy) (*compiledMutation, error) {
	options := plugincel.OptionalVariableDeclarations{HasParams: policy.Spec.ParamKind != nil, HasAuthorizer: true}
	extended, err := environmentOf(v).Extend(environment.StrictCostOpt)
	if err != nil {
		return nil, err
	}
	compiler, err := plugincel.NewCompositedCompiler(extended)
	if err != nil {
		return nil, err
	}
	out := &compiledMutation{}
	for _, variable := range policy.Spec.Variables {
		result := compiler.CompileAndStoreVariable(&validating.Variable{Name: variable.Name, Expression: variable.Expression}, options, environment.NewExpressions)
		if result.Error != nil {
			out.errors = append(out.errors, "variable "+variable.Name+": "+result.Error.Error())
		}
	}
	if len(policy.Spec.MatchConditions) > 0 {
		accessors := make([]plugincel.ExpressionAccessor, len(policy.Spec.MatchConditions))
		for i := range policy.Spec.MatchConditions {
			accessors[i] = (*matchconditions.MatchCondition)(&policy.Spec.MatchConditions[i])
		}
		conditions := compiler.CompileCondition(accessors, options, environment.NewExpressions)
		for _, err := range conditions.CompilationErrors() {
			out.errors = append(out.errors, "matchCondition: "+err.Error())
		}
		out.evaluator.Matcher = matchconditions.NewMatcher(conditions, policy.Spec.FailurePolicy, "policy", "validate", policy.Name)
	}
	options.HasPatchTypes = true
	compile := func(accessor plugincel.ExpressionAccessor) plugincel.MutatingEvaluator {
		evaluator := compiler.CompileMutatingEvaluator(accessor, options, environment.NewExpressions)
		for _, err := range evaluator.CompilationErrors() {
			out.errors = append(out.errors, "mutation: "+err.Error())
		}
		return evaluator
	}
	for _, m := range policy.Spec.Mutations {
		switch {
		case m.PatchType == admissionregistrationv1.PatchTypeJSONPatch && m.JSONPatch != nil:
			evaluator := compile(&patch.JSONPatchCondition{Expression: m.JSONPatch.Expression})
			out.evaluator.Mutators = append(out.evaluator.Mutators, patch.NewJSONPatcher(evaluator))
		case m.PatchType == admissionregistrationv1.PatchTypeApplyConfiguration && m.ApplyConfiguration != nil:
			evaluator := compile(&patch.ApplyConfigurationCondition{Expression: m.ApplyConfiguration.Expression})
			out.evaluator.Mutators = append(out.evaluator.Mutators, patch.NewApplyConfigurationPatcher(evaluator))
		}
	}
	out.evaluator.CompositedCompiler = compiler
	return out, nil
}

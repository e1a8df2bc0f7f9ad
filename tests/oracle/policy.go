package main

import (
	"context"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

// compiled is a policy's expressions, put together as the validating plugin's compilePolicy does.
type compiled struct {
	validator validating.Validator
	errors    []string
}

func answerPolicy(c *Case) map[string]any {
	var policy admissionregistrationv1.ValidatingAdmissionPolicy
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(c.Policy, &policy); err != nil {
		return map[string]any{"error": err.Error()}
	}
	compiled, err := compile(c.Version, &policy)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	if len(compiled.errors) > 0 {
		return map[string]any{"compileErrors": compiled.errors}
	}
	request, err := c.request()
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	result := compiled.validator.Validate(context.Background(), request.resource, request.attributes,
		request.params, request.namespace, celconfig.RuntimeCELCostBudget, adminAuthorizer{})
	answer := map[string]any{"decisions": decisions(result)}
	if audit := audit(result); len(audit) > 0 {
		answer["audit"] = audit
	}
	return answer
}

func compile(v string, policy *admissionregistrationv1.ValidatingAdmissionPolicy) (*compiled, error) {
	hasParams := policy.Spec.ParamKind != nil
	declarations := plugincel.OptionalVariableDeclarations{HasParams: hasParams, HasAuthorizer: true}
	messageDeclarations := plugincel.OptionalVariableDeclarations{HasParams: hasParams}
	compiler, err := plugincel.NewCompositedCompiler(environmentOf(v))
	if err != nil {
		return nil, err
	}
	var problems []string
	for _, variable := range policy.Spec.Variables {
		result := compiler.CompileAndStoreVariable(&validating.Variable{Name: variable.Name, Expression: variable.Expression}, declarations, environment.NewExpressions)
		if result.Error != nil {
			problems = append(problems, "variable "+variable.Name+": "+result.Error.Error())
		}
	}
	collect := func(name string, accessors []plugincel.ExpressionAccessor, d plugincel.OptionalVariableDeclarations) plugincel.ConditionEvaluator {
		evaluator := compiler.CompileCondition(accessors, d, environment.NewExpressions)
		for _, err := range evaluator.CompilationErrors() {
			problems = append(problems, name+": "+err.Error())
		}
		return evaluator
	}
	var matcher matchconditions.Matcher
	if len(policy.Spec.MatchConditions) > 0 {
		accessors := make([]plugincel.ExpressionAccessor, len(policy.Spec.MatchConditions))
		for i := range policy.Spec.MatchConditions {
			accessors[i] = (*matchconditions.MatchCondition)(&policy.Spec.MatchConditions[i])
		}
		matcher = matchconditions.NewMatcher(collect("matchCondition", accessors, declarations),
			policy.Spec.FailurePolicy, "policy", "validate", policy.Name)
	}
	validations := make([]plugincel.ExpressionAccessor, len(policy.Spec.Validations))
	messages := make([]plugincel.ExpressionAccessor, len(policy.Spec.Validations))
	for i, validation := range policy.Spec.Validations {
		validations[i] = &validating.ValidationCondition{Expression: validation.Expression, Message: validation.Message, Reason: validation.Reason}
		if validation.MessageExpression != "" {
			messages[i] = &validating.MessageExpressionCondition{MessageExpression: validation.MessageExpression}
		}
	}
	audits := make([]plugincel.ExpressionAccessor, len(policy.Spec.AuditAnnotations))
	for i, annotation := range policy.Spec.AuditAnnotations {
		audits[i] = &validating.AuditAnnotationCondition{Key: annotation.Key, ValueExpression: annotation.ValueExpression}
	}
	validator := validating.NewValidator(
		collect("validation", validations, declarations),
		matcher,
		collect("auditAnnotation", audits, declarations),
		collect("messageExpression", messages, messageDeclarations),
		policy.Spec.FailurePolicy, nil)
	return &compiled{validator: validator, errors: problems}, nil
}

func decisions(result validating.ValidateResult) []map[string]any {
	answer := []map[string]any{}
	for _, d := range result.Decisions {
		answer = append(answer, map[string]any{
			"Action": string(d.Action), "Evaluation": string(d.Evaluation), "Message": d.Message, "Reason": string(d.Reason),
		})
	}
	return answer
}

func audit(result validating.ValidateResult) []map[string]any {
	answer := []map[string]any{}
	for _, a := range result.AuditAnnotations {
		answer = append(answer, map[string]any{"key": a.Key, "value": a.Value, "action": string(a.Action), "error": a.Error})
	}
	return answer
}

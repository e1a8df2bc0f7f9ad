package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	celgo "github.com/google/cel-go/cel"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	kjson "k8s.io/apimachinery/pkg/util/json"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// benchInput is tests/bench/expressions.json.
type benchInput struct {
	Object      map[string]any `json:"object"`
	Expressions []struct {
		Name string `json:"name"`
		Expr string `json:"expr"`
	} `json:"expressions"`
}

// benchmark prints, for each expression of a file, the CPU time of one evaluation and of one
// compilation (parse, check and program), in nanoseconds, cost tracking on; and what binding the
// document costs.
func benchmark(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var input benchInput
	if err := kjson.Unmarshal(text, &input); err != nil {
		return err
	}
	env, err := expressionEnvironment("1.36")
	if err != nil {
		return err
	}
	c := &Case{Object: input.Object}
	activation, err := c.activation()
	if err != nil {
		return err
	}
	results := []map[string]any{}
	for _, e := range input.Expressions {
		compile := func() (celgo.Program, error) {
			ast, issues := env.Compile(e.Expr)
			if issues != nil && issues.Err() != nil {
				return nil, issues.Err()
			}
			return env.Program(ast, celgo.InterruptCheckFrequency(celconfig.CheckFrequency), celgo.CostLimit(celconfig.PerCallLimit))
		}
		program, err := compile()
		if err != nil {
			return err
		}
		value, details, err := program.ContextEval(context.Background(), activation)
		if err != nil {
			return err
		}
		evaluate := cpuTime(func() { _, _, _ = program.ContextEval(context.Background(), activation) })
		compiling := cpuTime(func() { _, _ = compile() })
		results = append(results, map[string]any{
			"name": e.Name, "value": protocolValue(value), "cost": *details.ActualCost(),
			"evaluate": evaluate, "compile": compiling,
		})
	}
	// as the API server does: policies see its typed object as a map
	var pod corev1.Pod
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(input.Object, &pod); err != nil {
		return err
	}
	binding := cpuTime(func() { _, _ = runtime.DefaultUnstructuredConverter.ToUnstructured(&pod) })
	out, err := json.Marshal(map[string]any{"version": celVersion(), "bind": binding, "expressions": results})
	if err != nil {
		return err
	}
	fmt.Println(string(out))
	return nil
}

// celVersion is the version of cel-go that this program was built with.
func celVersion() string {
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, module := range build.Deps {
			if module.Path == "github.com/google/cel-go" {
				return module.Version
			}
		}
	}
	return "unknown"
}

// cpuTime is the least CPU time of one call, in nanoseconds, over five rounds of about 100 ms.
func cpuTime(call func()) float64 {
	iterations := 1
	for start := time.Now(); time.Since(start) < 50*time.Millisecond; iterations++ {
		call()
	}
	iterations *= 2
	least := 0.0
	for round := 0; round < 5; round++ {
		before := processTime()
		for i := 0; i < iterations; i++ {
			call()
		}
		one := float64(processTime()-before) / float64(iterations)
		if round == 0 || one < least {
			least = one
		}
	}
	return least
}

func processTime() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return syscall.TimevalToNsec(usage.Utime) + syscall.TimevalToNsec(usage.Stime)
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// Vapwright is the program that is compared with the cluster.
type Vapwright string

// Evaluation is what is read of the answer of `vapwright admit --output json`.
type Evaluation struct {
	Objects     []EvaluatedObject `json:"objects"`
	Diagnostics []struct {
		Severity string `json:"severity"`
		Code     string `json:"code"`
		Rendered string `json:"rendered"`
	} `json:"diagnostics"`
}

// EvaluatedObject is what becomes of one object.
type EvaluatedObject struct {
	Kind  string `json:"kind"`
	Name  string `json:"name"`
	Place struct {
		File string `json:"file"`
	} `json:"place"`
	Rows []struct {
		Verdict string `json:"verdict"`
		Reason  string `json:"reason"`
		Text    string `json:"text"`
	} `json:"rows"`
	// Why the API server refuses it by itself, if it does.
	Refused *struct{} `json:"refused"`
	// What `kubectl` prints: warnings, then every denial, or that the object was accepted.
	Kubectl string `json:"kubectl"`
	// What `kubectl get events` prints.
	Events string `json:"events"`
}

// Warnings are the lines of kubectl's output that are warnings, without their prefix.
func (o EvaluatedObject) Warnings() []string {
	var texts []string
	for _, line := range strings.Split(o.Kubectl, "\n") {
		if text, is := strings.CutPrefix(line, "Warning: "); is {
			texts = append(texts, text)
		}
	}
	return texts
}

// Outcomes are the lines of kubectl's output that are not warnings: one where the object is
// accepted, one for each denial otherwise.
func (o EvaluatedObject) Outcomes() []string {
	var lines []string
	for _, line := range strings.Split(o.Kubectl, "\n") {
		if !strings.HasPrefix(line, "Warning: ") {
			lines = append(lines, line)
		}
	}
	if o.Refused != nil {
		// one answer, with a line for each cause
		return []string{strings.Join(lines, "\n")}
	}
	return lines
}

// admit asks what a cluster does with the objects of the files, in a namespace, under policies.
func (v Vapwright) admit(ctx context.Context, policies, namespace string, files ...string) (*Evaluation, error) {
	arguments := []string{"admit", "--output=json", "--dry-run", "--policies=" + policies, "--namespace=" + namespace}
	output, err := exec.CommandContext(ctx, string(v), append(arguments, files...)...).Output()
	// 1 says that an object is denied.
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		if exit != nil {
			return nil, fmt.Errorf("vapwright admit: %w: %s", err, exit.Stderr)
		}
		return nil, err
	}
	var evaluation Evaluation
	if err := json.Unmarshal(output, &evaluation); err != nil {
		return nil, err
	}
	return &evaluation, nil
}

// build writes a bundle's files into a folder.
func (v Vapwright) build(ctx context.Context, manifest, folder string) error {
	output, err := exec.CommandContext(ctx, string(v), "bundle", "build", manifest, "--out", folder).CombinedOutput()
	if err != nil {
		return fmt.Errorf("vapwright bundle build %s: %w: %s", manifest, err, output)
	}
	return nil
}

// tests writes the Chainsaw suites of policies into a folder.
func (v Vapwright) tests(ctx context.Context, folder string, policies ...string) error {
	arguments := append([]string{"convert", "--tests", folder}, policies...)
	output, err := exec.CommandContext(ctx, string(v), arguments...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("vapwright convert --tests: %w: %s", err, output)
	}
	return nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// chainsaw has Chainsaw run the suites that vapwright writes for the shipped policies.
func (t *Test) chainsaw(ctx context.Context, program string) error {
	folder := filepath.Join(t.folder, "chainsaw")
	files, err := filepath.Glob(filepath.Join(t.policies, "*", "*", "policy.yaml"))
	if err != nil {
		return err
	}
	if err := t.vapwright.tests(ctx, folder, files...); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, program, "test", folder,
		"--no-color", "--report-format=JSON", "--report-name=report", "--report-path="+t.folder)
	command.Env = append(os.Environ(), "KUBECONFIG="+t.cluster.Kubeconfig())
	output, err := command.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	text, readErr := os.ReadFile(filepath.Join(t.folder, "report.json"))
	if readErr != nil {
		return fmt.Errorf("chainsaw has no report: %w\n%s", errors.Join(err, readErr), output)
	}
	var report struct {
		Tests []struct {
			Name  string `json:"name"`
			Steps []struct {
				Name       string `json:"name"`
				Operations []struct {
					Failure *struct {
						Error string `json:"error"`
					} `json:"failure"`
				} `json:"operations"`
			} `json:"steps"`
		} `json:"tests"`
	}
	if err := json.Unmarshal(text, &report); err != nil {
		return err
	}
	before, steps := t.different(), 0
	for _, test := range report.Tests {
		for _, step := range test.Steps {
			steps++
			for _, operation := range step.Operations {
				if operation.Failure != nil {
					t.differ("Chainsaw's test of "+test.Name, step.Name, indent(operation.Failure.Error))
				}
			}
		}
	}
	if exit != nil && t.different() == before {
		return fmt.Errorf("chainsaw: %w\n%s", exit, tail(string(output), 40))
	}
	if len(report.Tests) < len(files) {
		return fmt.Errorf("chainsaw ran %d suites of %d\n%s", len(report.Tests), len(files), tail(string(output), 40))
	}
	fmt.Printf("Chainsaw: %d suites with %d steps; %d differences\n", len(report.Tests), steps, t.different()-before)
	return nil
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// tail is the end of a text.
func tail(text string, count int) string {
	lines := strings.Split(strings.TrimSpace(colours.ReplaceAllString(text, "")), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}

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
	before, steps := t.different(), 0
	for _, file := range files {
		done, err := t.suite(ctx, program, filepath.Join(folder, filepath.Base(filepath.Dir(file))))
		if err != nil {
			return err
		}
		steps += done
	}
	fmt.Printf("Chainsaw: %d suites with %d steps; %d differences\n", len(files), steps, t.different()-before)
	return nil
}

// suite has Chainsaw run the suite in a folder, and says how many steps it had. What it made is
// deleted here, without waiting for namespaces to be gone, each of which takes five seconds: only
// the policies must be, before the next suite.
func (t *Test) suite(ctx context.Context, program, folder string) (steps int, err error) {
	for _, name := range []string{"namespaces.yaml", "policies.yaml"} {
		objects, err := readObjects(filepath.Join(folder, name))
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, t.uninstall(ctx, objects)) }()
	}
	name := filepath.Base(folder)
	command := exec.CommandContext(ctx, program, "test", folder, "--skip-delete", "--namespace=default",
		"--no-color", "--report-format=JSON", "--report-name="+name, "--report-path="+t.folder)
	command.Env = append(os.Environ(), "KUBECONFIG="+t.cluster.Kubeconfig())
	output, err := command.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	text, readErr := os.ReadFile(filepath.Join(t.folder, name+".json"))
	if readErr != nil {
		return 0, fmt.Errorf("chainsaw has no report: %w\n%s", errors.Join(err, readErr), output)
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
		return 0, err
	}
	before := t.different()
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
		return 0, fmt.Errorf("chainsaw: %w\n%s", exit, tail(string(output), 40))
	}
	if len(report.Tests) != 1 || steps == 0 {
		return 0, fmt.Errorf("chainsaw did not run %s\n%s", folder, tail(string(output), 40))
	}
	return steps, nil
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// tail is the end of a text.
func tail(text string, count int) string {
	lines := strings.Split(strings.TrimSpace(colours.ReplaceAllString(text, "")), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}

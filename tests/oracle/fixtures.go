package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	_ "unsafe" // for linkname

	corev1 "k8s.io/api/core/v1"
	"k8s.io/component-base/featuregate"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	fixtures "k8s.io/pod-security-admission/test"
)

// The module keeps its fixtures to its own test run, which needs a cluster. These are its types
// and its function (test/fixtures.go).

type fixtureKey struct {
	version api.Version
	level   api.Level
	check   policy.CheckID
}

type fixtureData struct {
	expectErrorSubstring string
	failRequiresFeatures []featuregate.Feature
	failRequiresError    bool
	pass                 []*corev1.Pod
	fail                 []*corev1.Pod
}

//go:linkname getFixtures k8s.io/pod-security-admission/test.getFixtures
func getFixtures(key fixtureKey) (fixtureData, error)

// Fixture is a Pod that a level of a version allows or not.
type Fixture struct {
	Level   string         `json:"level"`
	Version string         `json:"version"`
	Check   policy.CheckID `json:"check"`
	Passes  bool           `json:"passes"`
	Expect  string         `json:"expect,omitempty"`
	Object  *corev1.Pod    `json:"object"`
}

// podSecurityFixtures prints the fixtures of a level of a version, one a line, as the module's
// test run makes them: the minimal Pods, and those of each check.
func podSecurityFixtures(version, level string) error {
	parsed, err := api.ParseVersion("v" + strings.TrimPrefix(version, "v"))
	if err != nil {
		return fmt.Errorf("%q %v", version, err)
	}
	lv, err := api.ParseLevel(level)
	if err != nil {
		return fmt.Errorf("%q %v", level, err)
	}
	out := json.NewEncoder(os.Stdout)
	print := func(check policy.CheckID, passes bool, expect string, pods ...*corev1.Pod) error {
		for _, pod := range pods {
			pod = pod.DeepCopy()
			pod.APIVersion, pod.Kind, pod.Name = "v1", "Pod", "test"
			fixture := Fixture{level, parsed.String(), check, passes, expect, pod}
			if err := out.Encode(fixture); err != nil {
				return err
			}
		}
		return nil
	}
	minimal := []func(api.Level, api.Version) (*corev1.Pod, error){fixtures.GetMinimalValidPod}
	if lv == api.LevelRestricted {
		minimal = append(minimal, fixtures.GetMinimalValidLinuxPod, fixtures.GetMinimalValidWindowsPod)
	}
	for _, get := range minimal {
		pod, err := get(lv, parsed)
		if err != nil {
			return err
		}
		if err := print("base", true, "", pod); err != nil {
			return err
		}
	}
	for _, check := range policy.DefaultChecks() {
		if parsed.Older(check.Versions[0].MinimumVersion) || (check.Level != lv && lv != api.LevelRestricted) {
			continue
		}
		found, err := getFixtures(fixtureKey{parsed, lv, check.ID})
		if err != nil {
			return err
		}
		if err := print(check.ID, true, "", found.pass...); err != nil {
			return err
		}
		if err := print(check.ID, false, found.expectErrorSubstring, found.fail...); err != nil {
			return err
		}
	}
	return nil
}

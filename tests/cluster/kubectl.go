package main

import (
	"bytes"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/printers"
	"k8s.io/kubectl/pkg/cmd/util"
)

// kubectl's own code words what it prints, but hands the words to one function for the whole
// program.
var kubectlLock sync.Mutex

// kubectlLines is what `kubectl create --dry-run=server` prints for an answer, without the warnings.
func kubectlLines(answer Answer, file string, sent *unstructured.Unstructured) (string, error) {
	if answer.Err == nil {
		var line bytes.Buffer
		printer := printers.NamePrinter{Operation: "created (server dry run)"}
		err := printer.PrintObj(sent, &line)
		return strings.TrimSuffix(line.String(), "\n"), err
	}
	kubectlLock.Lock()
	defer kubectlLock.Unlock()
	var printed string
	util.BehaviorOnFatal(func(text string, _ int) { printed = text })
	defer util.DefaultBehaviorOnFatal()
	util.CheckErr(util.AddSourceToErr("creating", file, answer.Err))
	return strings.TrimSuffix(printed, "\n"), nil
}

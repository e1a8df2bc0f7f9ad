package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Golden is a case with what is expected of it.
type Golden struct {
	Case
	Expected *Answer `json:"expected"`
}

func eachCase(in io.Reader, out io.Writer, visit func(*Golden)) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for lines.Scan() {
		var one Golden
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			return err
		}
		visit(&one)
		if err := encoder.Encode(one); err != nil {
			return err
		}
	}
	return lines.Err()
}

// golden writes what is expected of the cases of a file anew.
func golden(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	err = eachCase(bytes.NewReader(text), &out, func(one *Golden) {
		given := expected(&one.Case)
		// what is found in a map comes in a random order
		if one.Expected == nil || !reflect.DeepEqual(sorted(given), sorted(one.Expected)) {
			one.Expected = given
		}
	})
	if err != nil {
		return err
	}
	return os.WriteFile(name, out.Bytes(), 0o644)
}

func expected(one *Case) *Answer {
	given := answer(one)
	given.ID = ""
	return &given
}

// sorted is an answer as JSON in which the order of what is wrong does not matter.
func sorted(given *Answer) any {
	one := *given
	if len(one.Causes) > 1 {
		one.Message = ""
		one.Causes = slices.SortedFunc(slices.Values(one.Causes), func(a, b metav1.StatusCause) int {
			return strings.Compare(a.Field+a.Message, b.Field+b.Message)
		})
	}
	text, err := json.Marshal(one)
	if err != nil {
		return err
	}
	var read any
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	return read
}

// shrink leaves out of the cases what does not change the answers.
func shrink(in io.Reader, out io.Writer) error {
	return eachCase(in, out, func(one *Golden) {
		wanted := expected(&one.Case)
		one.Expected = wanted
		if wanted.Status == 201 {
			return
		}
		same := func(changed *Case) bool {
			return reflect.DeepEqual(sorted(expected(changed)), sorted(wanted))
		}
		object := map[string]any{}
		if json.Unmarshal(one.Object, &object) != nil {
			return
		}
		holds := func() bool {
			text, err := json.Marshal(object)
			changed := one.Case
			changed.Object = text
			return err == nil && same(&changed)
		}
		var visit func(node any)
		visit = func(node any) {
			switch node := node.(type) {
			case map[string]any:
				keys := make([]string, 0, len(node))
				for key := range node {
					keys = append(keys, key)
				}
				slices.Sort(keys)
				for _, key := range keys {
					value := node[key]
					delete(node, key)
					if holds() {
						continue
					}
					node[key] = value
					if items, ok := value.([]any); ok {
						for index := len(items) - 1; index >= 0; index-- {
							fewer := slices.Delete(slices.Clone(items), index, index+1)
							node[key] = fewer
							if holds() {
								items = fewer
							} else {
								node[key] = items
							}
						}
						value = items
					}
					visit(value)
				}
			case []any:
				for _, item := range node {
					visit(item)
				}
			}
		}
		visit(object)
		if text, err := json.Marshal(object); err == nil {
			one.Object = text
		}
		for index := len(one.Cluster) - 1; index >= 0; index-- {
			fewer := one.Case
			fewer.Cluster = slices.Delete(slices.Clone(one.Cluster), index, index+1)
			if same(&fewer) {
				one.Case = fewer
			}
		}
	})
}

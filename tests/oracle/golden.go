package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
)

// goldenVersions are those in which a golden case is asked.
var goldenVersions = []string{"1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36"}

// steadyRuns is how often the newest version is asked, to find answers that differ from run to run.
const steadyRuns = 8

type fields map[string]json.RawMessage

// golden writes the answers into files of golden cases (tests/golden/README.md). What stands there
// as an answer is not read.
func golden(files []string) error {
	var unsteady []error
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var out bytes.Buffer
		shared := fields{}
		for number, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
			at := func(err error) error { return fmt.Errorf("%s:%d: %w", file, number+1, err) }
			var c fields
			if err := json.Unmarshal(line, &c); err != nil {
				return at(err)
			}
			if with, ok := c["with"]; ok {
				shared = fields{}
				if err := json.Unmarshal(with, &shared); err != nil {
					return at(err)
				}
			} else {
				answers, err := goldenAnswers(shared, c)
				if err != nil {
					unsteady = append(unsteady, at(err))
				}
				c["answers"] = answers
			}
			if err := writeFields(&out, c); err != nil {
				return at(err)
			}
		}
		if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return errors.Join(unsteady...)
}

// goldenAnswers maps a version to the answer from that version on.
func goldenAnswers(shared, own fields) (json.RawMessage, error) {
	c := fields{}
	for name, value := range shared {
		c[name] = value
	}
	for name, value := range own {
		c[name] = value
	}
	delete(c, "answers")
	var from string
	if text, ok := c["from"]; ok {
		if err := json.Unmarshal(text, &from); err != nil {
			return nil, err
		}
		delete(c, "from")
	}
	answers := fields{}
	var last []byte
	for _, version := range goldenVersions {
		if version < from {
			continue
		}
		answer, err := goldenAnswer(c, version)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(answer, last) {
			answers[version] = answer
			last = answer
		}
	}
	var unsteady error
	for run := 1; run < steadyRuns; run++ {
		answer, err := goldenAnswer(c, goldenVersions[len(goldenVersions)-1])
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(answer, last) {
			unsteady = fmt.Errorf("the answer differs from run to run: %s and %s", last, answer)
		}
	}
	var out bytes.Buffer
	if err := writeFields(&out, answers); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(out.Bytes()), unsteady
}

func goldenAnswer(c fields, version string) ([]byte, error) {
	var line, out bytes.Buffer
	c["version"] = json.RawMessage(`"` + version + `"`)
	if err := writeFields(&line, c); err != nil {
		return nil, err
	}
	answer := answerLine(line.Bytes())
	if answer["panic"] != nil || answer["type"] == nil && answer["error"] != nil {
		return nil, fmt.Errorf("no golden case: %v", answer)
	}
	delete(answer, "id")
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answer); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(out.Bytes()), nil
}

// writeFields writes a line: what is asked first, the answers last.
func writeFields(out *bytes.Buffer, c fields) error {
	rank := map[string]int{"name": -2, "expr": -1, "answers": 1}
	names := make([]string, 0, len(c))
	for name := range c {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		if rank[names[i]] != rank[names[j]] {
			return rank[names[i]] < rank[names[j]]
		}
		return names[i] < names[j]
	})
	for i, name := range names {
		if i == 0 {
			out.WriteByte('{')
		} else {
			out.WriteByte(',')
		}
		fmt.Fprintf(out, "%q:", name)
		if err := json.Compact(out, c[name]); err != nil {
			return err
		}
	}
	out.WriteString("}\n")
	return nil
}

package main

import (
	"bufio"
	"encoding/json"
	"os"
	"regexp"
)

// answerRegexps reads lines {"pattern", "text"} and answers {"error"}, or {"found"}: the places of
// all matches in the text, in bytes.
func answerRegexps() error {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<24)
	out := bufio.NewWriter(os.Stdout)
	for in.Scan() {
		var line struct{ Pattern, Text string }
		if err := json.Unmarshal(in.Bytes(), &line); err != nil {
			return err
		}
		answer := map[string]any{}
		if pattern, err := regexp.Compile(line.Pattern); err != nil {
			answer["error"] = err.Error()
		} else {
			found := pattern.FindAllStringIndex(line.Text, -1)
			if found == nil {
				found = [][]int{}
			}
			answer["found"] = found
		}
		text, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		out.Write(text)
		out.WriteByte('\n')
	}
	if err := in.Err(); err != nil {
		return err
	}
	return out.Flush()
}

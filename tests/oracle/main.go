// The oracle answers the case protocol with k8s.io/apiserver's own code: one JSON object a line
// in, one a line out, in order.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
)

// Case is one line of input.
type Case struct {
	ID          string           `json:"id"`
	Version     string           `json:"version"`
	Mode        string           `json:"mode"`
	Expr        string           `json:"expr"`
	Policy      map[string]any   `json:"policy"`
	Policies    []map[string]any `json:"policies"`
	Objects     []map[string]any `json:"objects"`
	Params      map[string]any   `json:"params"`
	Namespace   map[string]any   `json:"namespace"`
	Object      map[string]any   `json:"object"`
	OldObject   map[string]any   `json:"oldObject"`
	Operation   string           `json:"operation"`
	Resource    string           `json:"resource"`
	Subresource string           `json:"subresource"`
	DryRun      bool             `json:"dryRun"`
	User        User             `json:"user"`
}

// User is who asks.
type User struct {
	Name   string              `json:"name"`
	UID    string              `json:"uid"`
	Groups []string            `json:"groups"`
	Extra  map[string][]string `json:"extra"`
}

func main() {
	// as the API server's own default (JSONPatchMaxCopyBytes)
	jsonpatch.AccumulatedCopySizeLimit = 3 * 1024 * 1024
	var err error
	switch {
	case len(os.Args) == 3 && os.Args[1] == "bench":
		err = benchmark(os.Args[2])
	case len(os.Args) > 2 && os.Args[1] == "tables":
		err = tables(os.Args[2:])
	case len(os.Args) == 2 && os.Args[1] == "regexp":
		err = answerRegexps()
	case len(os.Args) == 2 && os.Args[1] == "unicode":
		err = printUnicode()
	case len(os.Args) == 4 && os.Args[1] == "pod-security-fixtures":
		err = podSecurityFixtures(os.Args[2], os.Args[3])
	case len(os.Args) > 2 && os.Args[1] == "golden":
		err = golden(os.Args[2:])
	default:
		answerAll()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

func answerAll() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 1 {
			answer := answerLine(line)
			text, marshalErr := json.Marshal(answer)
			if marshalErr != nil {
				text, _ = json.Marshal(map[string]any{"id": answer["id"], "error": marshalErr.Error()})
			}
			out.Write(text)
			out.WriteByte('\n')
			if in.Buffered() == 0 {
				out.Flush() // whoever asks may wait for this answer before the next question
			}
		}
		if err != nil {
			return
		}
	}
}

func answerLine(line []byte) (answer map[string]any) {
	var c Case
	defer func() {
		if p := recover(); p != nil {
			answer = map[string]any{"id": c.ID, "panic": fmt.Sprint(p)}
		}
	}()
	if err := decode(line, &c); err != nil {
		return map[string]any{"id": c.ID, "error": err.Error()}
	}
	if c.Version == "" {
		c.Version = "1.36"
	}
	switch c.Mode {
	case "cel":
		answer = answerCEL(&c)
	case "pod-security":
		answer = answerPodSecurity(&c)
	case "map":
		answer = answerMutation(&c)
	case "admit":
		answer = answerAdmission(&c)
	default:
		answer = answerPolicy(&c)
	}
	answer["id"] = c.ID
	return answer
}

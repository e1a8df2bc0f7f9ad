package main

import (
	"bytes"
	"os"
)

// golden writes the answers to a file of cases anew, each case followed by what is expected.
func golden(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := answerAll(bytes.NewReader(text), &out); err != nil {
		return err
	}
	return os.WriteFile(name, out.Bytes(), 0o644)
}

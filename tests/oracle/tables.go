package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// tables prints a case for each expression of the test tables of Go modules: every string literal
// of a `_test.go` file that has to do with CEL. Which literals are no expressions is for the parsers
// to say, and they have to say it alike.
func tables(modules []string) error {
	found := map[string]bool{}
	for _, module := range modules {
		err := filepath.WalkDir(module, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() && entry.Name() == "vendor" {
				return filepath.SkipDir
			}
			if entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
				return nil
			}
			return testFile(module, path, found)
		})
		if err != nil {
			return err
		}
	}
	if len(found) == 0 {
		return fmt.Errorf("no literals in %q", modules)
	}
	texts := make([]string, 0, len(found))
	for text := range found {
		texts = append(texts, text)
	}
	sort.Strings(texts)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	lines := json.NewEncoder(out)
	for i, text := range texts {
		cases, err := casesOf(text, found[text])
		if err != nil {
			return err
		}
		for j, c := range cases {
			c["id"] = fmt.Sprintf("%d.%d", i, j)
			if err := lines.Encode(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// testFile adds the string literals of a file, those that are put together with `+` as one, and
// whether they are of Kubernetes.
func testFile(module, path string, found map[string]bool) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	inside, err := filepath.Rel(filepath.Dir(module), path)
	if err != nil {
		return err
	}
	if !concernsCEL("/"+inside, file) {
		return nil
	}
	ofKubernetes := strings.Contains(filepath.ToSlash(module), "/k8s.io/")
	for _, declaration := range file.Decls {
		ast.Inspect(declaration, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.Field:
				n.Tag = nil
			case ast.Expr:
				text, ok := literal(n)
				if ok && text != "" && utf8.ValidString(text) {
					found[text] = found[text] || ofKubernetes
				}
				return !ok
			}
			return true
		})
	}
	return nil
}

// concernsCEL says whether a file lies in a folder of that name, cel-go's own among them, or imports
// one.
func concernsCEL(path string, file *ast.File) bool {
	if strings.Contains(filepath.ToSlash(path), "/cel") {
		return true
	}
	for _, spec := range file.Imports {
		if strings.Contains(spec.Path.Value, "/cel") {
			return true
		}
	}
	return false
}

// literal is the text of a string literal or of a sum of them.
func literal(expr ast.Expr) (string, bool) {
	switch e := expr.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.ParenExpr:
		return literal(e.X)
	case *ast.BinaryExpr:
		left, ok := literal(e.X)
		if ok && e.Op == token.ADD {
			right, ok := literal(e.Y)
			return left + right, ok
		}
	}
	return "", false
}

package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strings"
	"unicode"
)

// printUnicode prints the table that shared/cel/src/re2/unicode.txt is: general categories,
// scripts and case orbits as this Go's package unicode has them.
func printUnicode() error {
	out := bufio.NewWriter(os.Stdout)
	fmt.Fprintf(out, "# Unicode %s as Go's package unicode has it, written by `make unicode`.\n", unicode.Version)
	fmt.Fprintln(out, "# NAME RANGE...   a general category or a script; a range is GAP or GAP+MORE in hexadecimal: how many")
	fmt.Fprintln(out, "#                 code points lie between it and the last range, and how many follow its first")
	fmt.Fprintln(out, "# ~ FIRST LAST STRIDE DELTA   code points that are the same as those DELTA further, but for case")
	fmt.Fprintln(out, "# = CODE...                   more than two that are the same but for case")
	for _, name := range names(unicode.Categories) {
		// the others are unions of these, and Cn is the rest
		if len(name) == 2 && name != "LC" && name != "Cn" {
			fmt.Fprintln(out, name+ranges(unicode.Categories[name]))
		}
	}
	for _, name := range names(unicode.Scripts) {
		// Go's regexp finds no name of several words: it drops the underscores before it looks
		if !strings.Contains(name, "_") {
			fmt.Fprintln(out, name+ranges(unicode.Scripts[name]))
		}
	}
	printFolds(out)
	return out.Flush()
}

func names(tables map[string]*unicode.RangeTable) []string {
	list := []string{}
	for name := range tables {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}

func ranges(table *unicode.RangeTable) string {
	var text strings.Builder
	next := rune(0)
	for code := rune(0); code <= unicode.MaxRune; code++ {
		if !unicode.Is(table, code) {
			continue
		}
		first := code
		for code < unicode.MaxRune && unicode.Is(table, code+1) {
			code++
		}
		fmt.Fprintf(&text, " %x", first-next)
		if code > first {
			fmt.Fprintf(&text, "+%x", code-first)
		}
		next = code + 1
	}
	return text.String()
}

type pairs struct{ first, last, stride, delta rune }

func printFolds(out *bufio.Writer) {
	var runs []pairs
	var orbits []string
	for code := rune(0); code <= unicode.MaxRune; code++ {
		orbit := []rune{code}
		for other := unicode.SimpleFold(code); other != code; other = unicode.SimpleFold(other) {
			orbit = append(orbit, other)
		}
		sorted := sort.SliceIsSorted(orbit, func(i, j int) bool { return orbit[i] < orbit[j] })
		switch {
		case !sorted || len(orbit) == 1: // or it begins with another code point
		case len(orbit) > 2:
			orbits = append(orbits, strings.Trim(fmt.Sprintf("%x", orbit), "[]"))
		default:
			delta := orbit[1] - code
			joined := false
			for i := len(runs) - 1; i >= 0 && i >= len(runs)-2 && !joined; i-- {
				run := &runs[i]
				step := code - run.last
				if run.delta == delta && step <= 2 && (run.first == run.last || step == run.stride) {
					run.last, run.stride, joined = code, step, true
				}
			}
			if !joined {
				runs = append(runs, pairs{code, code, 1, delta})
			}
		}
	}
	for _, run := range runs {
		fmt.Fprintf(out, "~ %x %x %x %x\n", run.first, run.last, run.stride, run.delta)
	}
	for _, orbit := range orbits {
		fmt.Fprintln(out, "= "+orbit)
	}
}

// Kubernetes' own merge of patches, for tests/stack: what kubectl calls, for many pairs at once, and kubectl itself.
//
//	strategic-merge merge          a pair a line on standard input, what became of it a line on standard output
//	strategic-merge rules          each field that Kubernetes merges otherwise than by default, a line each
//	strategic-merge table          the same as src/stack/merge/key_table.rs
//	strategic-merge kubectl ...    kubectl
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
)

// How often each pair is merged: Go visits the keys of a map in another order each time.
const rounds = 8

type pair struct {
	Original json.RawMessage `json:"original"`
	Patch    json.RawMessage `json:"patch"`
}

type outcome struct {
	Result json.RawMessage `json:"result,omitempty"`
	// Why Kubernetes refuses the patch.
	Refused string `json:"refused,omitempty"`
	// What Kubernetes panics with.
	Panicked string `json:"panicked,omitempty"`
	// Whether it does one thing now and another then.
	Unsteady bool `json:"unsteady,omitempty"`
}

func main() {
	command := ""
	if len(os.Args) > 1 {
		command = os.Args[1]
	}
	switch command {
	case "merge":
		mergeAll()
	case "rules":
		printRules()
	case "table":
		printTable()
	case "kubectl":
		os.Args = os.Args[1:]
		os.Exit(cli.Run(kubectl.NewDefaultKubectlCommand()))
	default:
		fmt.Fprintln(os.Stderr, "strategic-merge merge|rules|table|kubectl")
		os.Exit(2)
	}
}

func mergeAll() {
	pairs := json.NewDecoder(bufio.NewReader(os.Stdin))
	results := bufio.NewWriter(os.Stdout)
	defer results.Flush()
	written := json.NewEncoder(results)
	for pairs.More() {
		var each pair
		if err := pairs.Decode(&each); err != nil {
			panic(err)
		}
		if err := written.Encode(mergeOften(each)); err != nil {
			panic(err)
		}
	}
}

func mergeOften(each pair) outcome {
	first := merge(each)
	for range rounds {
		next := merge(each)
		sameKind := (first.Refused == "") == (next.Refused == "") && (first.Panicked == "") == (next.Panicked == "")
		if !sameKind || !bytes.Equal(first.Result, next.Result) {
			return outcome{Unsteady: true}
		}
	}
	return first
}

// merge does what `kubectl patch --local` does; for a kind that it does not know, what it does with `--type=merge`.
func merge(each pair) (done outcome) {
	defer func() {
		if reason := recover(); reason != nil {
			done = outcome{Panicked: fmt.Sprint(reason)}
		}
	}()
	var kind struct{ APIVersion, Kind string }
	if err := json.Unmarshal(each.Original, &kind); err != nil {
		return outcome{Refused: err.Error()}
	}
	var result []byte
	object, err := scheme.Scheme.New(schema.FromAPIVersionAndKind(kind.APIVersion, kind.Kind))
	if err == nil {
		result, err = strategicpatch.StrategicMergePatch(each.Original, each.Patch, object)
	} else {
		result, err = jsonpatch.MergePatch(each.Original, each.Patch)
	}
	if err != nil {
		return outcome{Refused: err.Error()}
	}
	return outcome{Result: result}
}

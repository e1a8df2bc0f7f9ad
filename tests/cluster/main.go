// Command cluster compares vapwright with a real Kubernetes API server.
//
//	cluster compare       everything that is shipped
//	cluster record        writes the answers to the cases of tests/cluster, for other tests
//	cluster shell         starts the cluster and a shell that can ask it
//
// Without KUBECONFIG it starts etcd, kube-apiserver and kube-controller-manager, and ends them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"syscall"
	"time"
)

type options struct {
	server, vapwright, chainsaw string
	policies, only              string
	folder                      string
	least                       int
}

func main() {
	// The started processes end with the thread that started them: see ownGroup.
	runtime.LockOSThread()
	var given options
	flag.StringVar(&given.server, "server", "", "the program with etcd, kube-apiserver and kube-controller-manager")
	flag.StringVar(&given.vapwright, "vapwright", "vapwright", "the program that is compared")
	flag.StringVar(&given.chainsaw, "chainsaw", "chainsaw", "the program that runs Chainsaw's suites")
	flag.StringVar(&given.policies, "policies", "policies", "the folder of what is shipped")
	flag.StringVar(&given.folder, "folder", "tests/cluster", "the folder with `cases` and `recorded`")
	flag.StringVar(&given.only, "only", "", "only `PART`: compare resources, workloads or chainsaw; record type-checking, custom or matching")
	flag.IntVar(&given.least, "least", 1000, "how many (object, namespace, bundle) triples are compared at least")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, given, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, given options, arguments []string) error {
	if len(arguments) != 1 || !slices.Contains([]string{"compare", "record", "shell"}, arguments[0]) {
		return errors.New("say `compare`, `record` or `shell`")
	}
	begin := time.Now()
	cluster, err := open(ctx, given.server)
	if err != nil {
		return err
	}
	defer cluster.Stop()
	if arguments[0] == "shell" {
		shell := exec.CommandContext(ctx, os.Getenv("SHELL"))
		shell.Env = append(os.Environ(), "KUBECONFIG="+cluster.Kubeconfig())
		shell.Stdin, shell.Stdout, shell.Stderr = os.Stdin, os.Stdout, os.Stderr
		return shell.Run()
	}
	client, err := newClient(cluster.Config)
	if err != nil {
		return err
	}
	fmt.Printf("the API server, %s, is ready after %.0f s\n", client.Version, time.Since(begin).Seconds())
	folder, err := os.MkdirTemp("", "vapwright-compare-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	test := &Test{
		cluster: cluster, client: client, vapwright: Vapwright(given.vapwright),
		policies: given.policies, folder: folder, only: given.only,
	}
	defer test.undoAll(cluster)
	if arguments[0] == "record" {
		recorder := recorder{test, given.folder}
		return recorder.record(ctx)
	}
	err = test.bundles(ctx)
	if err == nil && test.compares("chainsaw") {
		err = test.chainsaw(ctx, given.chainsaw)
	}
	least := given.least
	if !test.compares("resources") {
		least = 0
	}
	if err := errors.Join(err, test.report(least)); err != nil {
		return err
	}
	fmt.Printf("%d (object, namespace, bundle) triples: no difference (%.0f s)\n", test.triples, time.Since(begin).Seconds())
	return nil
}

func open(ctx context.Context, server string) (*Cluster, error) {
	if os.Getenv("KUBECONFIG") != "" {
		return ofKubeconfig()
	}
	if server == "" {
		return nil, errors.New("neither --server nor KUBECONFIG names a cluster")
	}
	return start(ctx, server)
}

// undoAll leaves a cluster as it was found; one that was started here ends anyway.
func (t *Test) undoAll(cluster *Cluster) {
	if cluster.folder != "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, step := range slices.Backward(t.undo) {
		if err := step(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "cluster: cleaning up:", err)
		}
	}
}

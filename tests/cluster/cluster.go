package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// How long a server may take to start or a controller to act before that is an error.
const patience = 5 * time.Minute

// Controllers whose work is asked for: those that create Pods, the one that type-checks policies,
// and those that they and their credentials need.
var controllers = []string{
	"clusterrole-aggregation-controller",
	"cronjob-controller",
	"daemonset-controller",
	"deployment-controller",
	"garbage-collector-controller",
	"job-controller",
	"namespace-controller",
	"replicaset-controller",
	"replicationcontroller-controller",
	"serviceaccount-controller",
	"statefulset-controller",
	"validatingadmissionpolicy-status-controller",
}

// Cluster is an API server that can be asked: one that was started here, or any other.
type Cluster struct {
	Config *rest.Config
	// What was started here, in this order.
	processes []*process
	folder    string
}

type process struct {
	name string
	log  string
	*exec.Cmd
	ended chan struct{}
}

// ofKubeconfig is the cluster that the current context of KUBECONFIG names.
func ofKubeconfig() (*Cluster, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil).ClientConfig()
	if err != nil {
		return nil, err
	}
	return &Cluster{Config: config}, nil
}

// start runs etcd, kube-apiserver and kube-controller-manager on loopback, from the program at
// `server`, in a folder that ends with them.
func start(ctx context.Context, server string) (cluster *Cluster, err error) {
	folder, err := os.MkdirTemp("", "vapwright-cluster-")
	if err != nil {
		return nil, err
	}
	cluster = &Cluster{folder: folder}
	defer func() {
		if err != nil {
			err = errors.Join(err, cluster.tails())
			cluster.Stop()
		}
	}()
	ports, err := freePorts(3)
	if err != nil {
		return cluster, err
	}
	url := func(scheme string, port int) string { return fmt.Sprintf("%s://127.0.0.1:%d", scheme, port) }
	file := func(name string) string { return filepath.Join(folder, name) }
	token, err := writeSecrets(folder)
	if err != nil {
		return cluster, err
	}

	err = cluster.run(server, "etcd",
		"--data-dir="+file("etcd"),
		"--listen-client-url="+url("http", ports[0]),
		"--listen-peer-url="+url("http", ports[1]))
	if err != nil {
		return cluster, err
	}
	err = cluster.run(server, "kube-apiserver",
		"--etcd-servers="+url("http", ports[0]),
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", ports[2]),
		"--cert-dir="+file("certificates"),
		// Nobody connects to it by this address, but it may not be of loopback.
		"--advertise-address=192.0.2.1",
		"--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=192.0.2.0/24",
		"--token-auth-file="+file("tokens.csv"),
		"--authorization-mode=RBAC",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file="+file("service-account.key"),
		"--service-account-signing-key-file="+file("service-account.key"),
		// As the recorded answers in shared/data were made: a Pod gets no volume that its author
		// did not write, so that what is compared is the author's object.
		"--disable-admission-plugins=ServiceAccount",
		// Without it nothing privileged is valid, and no policy is asked.
		"--allow-privileged=true",
		"--profiling=false",
	)
	if err != nil {
		return cluster, err
	}
	certificate := file("certificates/apiserver.crt")
	if err = cluster.until(ctx, "kube-apiserver's certificate", func(context.Context) (bool, error) {
		_, err := os.Stat(certificate)
		return err == nil, nil
	}); err != nil {
		return cluster, err
	}
	cluster.Config = &rest.Config{
		Host:            url("https", ports[2]),
		BearerToken:     token,
		TLSClientConfig: rest.TLSClientConfig{CAFile: certificate},
	}
	if err = cluster.until(ctx, "kube-apiserver", cluster.ready); err != nil {
		return cluster, err
	}
	if err = cluster.writeKubeconfig(file("kubeconfig")); err != nil {
		return cluster, err
	}
	err = cluster.run(server, "kube-controller-manager",
		"--kubeconfig="+file("kubeconfig"),
		// Chainsaw's suites delete namespaces: with the usual 20 requests a second each takes half a minute
		"--kube-api-qps=2000",
		"--kube-api-burst=4000",
		"--controllers="+strings.Join(controllers, ","),
		// Each controller asks as its own service account, as in a cluster that people run.
		"--use-service-account-credentials=true",
		"--service-account-private-key-file="+file("service-account.key"),
		"--leader-elect=false",
		"--secure-port=0",
		"--profiling=false",
	)
	return cluster, err
}

// Kubeconfig is the file that names the cluster.
func (c *Cluster) Kubeconfig() string {
	if c.folder == "" {
		return os.Getenv("KUBECONFIG")
	}
	return filepath.Join(c.folder, "kubeconfig")
}

// Stop ends what was started here, the last first, and removes the folder.
func (c *Cluster) Stop() {
	for index := len(c.processes) - 1; index >= 0; index-- {
		process := c.processes[index]
		_ = process.Process.Signal(syscall.SIGTERM)
		select {
		case <-process.ended:
		case <-time.After(10 * time.Second):
			_ = process.Process.Kill()
			<-process.ended
		}
	}
	if c.folder != "" {
		_ = os.RemoveAll(c.folder)
	}
}

func (c *Cluster) run(server, name string, flags ...string) error {
	log := filepath.Join(c.folder, name+".log")
	output, err := os.Create(log)
	if err != nil {
		return err
	}
	defer output.Close()
	command := exec.Command(server, append([]string{name}, flags...)...)
	command.Stdout, command.Stderr = output, output
	command.SysProcAttr = ownGroup()
	if err := command.Start(); err != nil {
		return err
	}
	started := &process{name: name, log: log, Cmd: command, ended: make(chan struct{})}
	c.processes = append(c.processes, started)
	go func() {
		_ = command.Wait()
		close(started.ended)
	}()
	return nil
}

// until waits for a condition, as long as everything that was started runs.
func (c *Cluster) until(ctx context.Context, what string, condition wait.ConditionWithContextFunc) error {
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, patience, true,
		func(ctx context.Context) (bool, error) {
			for _, process := range c.processes {
				select {
				case <-process.ended:
					return false, fmt.Errorf("%s ended", process.name)
				default:
				}
			}
			return condition(ctx)
		})
	if err != nil {
		return fmt.Errorf("waiting for %s: %w", what, err)
	}
	return nil
}

func (c *Cluster) ready(ctx context.Context) (bool, error) {
	client, err := kubernetes.NewForConfig(c.Config)
	if err != nil {
		return false, err
	}
	_, err = client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
	return err == nil, nil
}

// tails are the last lines that each process wrote.
func (c *Cluster) tails() error {
	var tails []error
	for _, process := range c.processes {
		text, _ := os.ReadFile(process.log)
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		if len(lines) > 8 {
			lines = lines[len(lines)-8:]
		}
		tails = append(tails, fmt.Errorf("%s wrote last:\n%s", process.name, strings.Join(lines, "\n")))
	}
	return errors.Join(tails...)
}

func (c *Cluster) writeKubeconfig(path string) error {
	const name = "vapwright"
	certificate, err := os.ReadFile(c.Config.CAFile)
	if err != nil {
		return err
	}
	return clientcmd.WriteToFile(api.Config{
		Clusters: map[string]*api.Cluster{
			name: {Server: c.Config.Host, CertificateAuthorityData: certificate},
		},
		AuthInfos:      map[string]*api.AuthInfo{name: {Token: c.Config.BearerToken}},
		Contexts:       map[string]*api.Context{name: {Cluster: name, AuthInfo: name}},
		CurrentContext: name,
	}, path)
}

// writeSecrets writes the administrator's token, which is returned, and the key that signs those of
// service accounts.
func writeSecrets(folder string) (string, error) {
	random := make([]byte, 16)
	_, _ = rand.Read(random)
	token := hex.EncodeToString(random)
	line := token + ",kubernetes-admin,kubernetes-admin,system:masters\n"
	if err := os.WriteFile(filepath.Join(folder, "tokens.csv"), []byte(line), 0o600); err != nil {
		return "", err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	bytes, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return "", err
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: bytes})
	return token, os.WriteFile(filepath.Join(folder, "service-account.key"), block, 0o600)
}

// freePorts finds loopback ports that nobody listens on.
func freePorts(count int) ([]int, error) {
	var ports []int
	for range count {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

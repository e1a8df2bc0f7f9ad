package main

import (
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/embed"
)

// etcdCommand runs one member of etcd. What it stores lives as long as a test, so it does not
// wait for the disk.
func etcdCommand() *cobra.Command {
	config := embed.NewConfig()
	config.LogLevel = "warn"
	config.UnsafeNoFsync = true
	var clients, peers string
	command := &cobra.Command{
		Use:          "etcd",
		SilenceUsage: true,
		RunE: func(*cobra.Command, []string) error {
			client, err := url.Parse(clients)
			if err != nil {
				return err
			}
			peer, err := url.Parse(peers)
			if err != nil {
				return err
			}
			config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{*client}, []url.URL{*client}
			config.ListenPeerUrls, config.AdvertisePeerUrls = []url.URL{*peer}, []url.URL{*peer}
			config.InitialCluster = config.InitialClusterFromName(config.Name)
			etcd, err := embed.StartEtcd(config)
			if err != nil {
				return err
			}
			defer etcd.Close()
			end := make(chan os.Signal, 1)
			signal.Notify(end, os.Interrupt, syscall.SIGTERM)
			select {
			case <-end:
				return nil
			case err := <-etcd.Err():
				return err
			}
		},
	}
	command.Flags().StringVar(&config.Dir, "data-dir", "", "the folder of what is stored")
	command.Flags().StringVar(&clients, "listen-client-url", "", "where kube-apiserver connects")
	command.Flags().StringVar(&peers, "listen-peer-url", "", "where other members would connect")
	return command
}

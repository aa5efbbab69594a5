package main

import (
	"sync"

	"github.com/cloudnativelabs/kube-router/v2/pkg/controllers/netpol"
	"github.com/cloudnativelabs/kube-router/v2/pkg/healthcheck"
	"github.com/cloudnativelabs/kube-router/v2/pkg/options"
	"github.com/spf13/cobra"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// policies enforces NetworkPolicies on the pods of one node: kube-router's firewall, without its routes and its proxy.
func policies() *cobra.Command {
	config := options.NewKubeRouterConfig()
	command := &cobra.Command{Use: "policies", RunE: func(command *cobra.Command, _ []string) error {
		rest, err := clientcmd.BuildConfigFromFlags("", config.Kubeconfig)
		if err != nil {
			return err
		}
		client, err := kubernetes.NewForConfig(rest)
		if err != nil {
			return err
		}
		return enforce(config, client, command.Context().Done())
	}}
	config.AddFlags(command.Flags())
	return command
}

func enforce(config *options.KubeRouterConfig, client kubernetes.Interface, stop <-chan struct{}) error {
	factory := informers.NewSharedInformerFactory(client, 0)
	pods := factory.Core().V1().Pods().Informer()
	namespaces := factory.Core().V1().Namespaces().Informer()
	rules := factory.Networking().V1().NetworkPolicies().Informer()
	factory.Start(stop)
	factory.WaitForCacheSync(stop)

	commands, sets, err := netpol.NewIPTablesHandlers(config)
	if err != nil {
		return err
	}
	var lock sync.Mutex
	firewall, err := netpol.NewNetworkPolicyController(client, config, pods, rules, namespaces, &lock, commands, sets)
	if err != nil {
		return err
	}
	// Each change of a pod costs some hundred milliseconds, and concerns only those who have policies. The first policy
	// brings the firewall up to date with the pods that it was not told of.
	needed := func(handler cache.ResourceEventHandler) cache.ResourceEventHandler {
		anyRules := func(any) bool { return len(rules.GetStore().ListKeys()) > 0 }
		return cache.FilteringResourceEventHandler{FilterFunc: anyRules, Handler: handler}
	}
	for informer, handler := range map[cache.SharedIndexInformer]cache.ResourceEventHandler{
		pods:       needed(firewall.PodEventHandler),
		namespaces: needed(firewall.NamespaceEventHandler),
		rules:      firewall.NetworkPolicyEventHandler,
	} {
		if _, err := informer.AddEventHandler(handler); err != nil {
			return err
		}
	}
	// The firewall stops where its heartbeats are not taken.
	beats := make(chan *healthcheck.ControllerHeartbeat)
	go func() {
		for range beats {
		}
	}()
	var running sync.WaitGroup
	running.Add(1)
	firewall.Run(beats, stop, &running)
	return nil
}

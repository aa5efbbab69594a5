// The ingress controller skipper, of the parts of it that an Ingress needs: its client of Kubernetes, its routing and its
// proxy. Its own program compiles twice as much, of which a test cluster uses nothing.
package main

import (
	"crypto/tls"
	"flag"
	"log"
	"net/http"
	"time"

	"github.com/zalando/skipper/dataclients/kubernetes"
	"github.com/zalando/skipper/filters"
	"github.com/zalando/skipper/loadbalancer"
	"github.com/zalando/skipper/proxy"
	"github.com/zalando/skipper/routing"
	"github.com/zalando/skipper/secrets/certregistry"
)

// How long skipper's own program waits for a backend.
const patience = time.Minute

func main() {
	class := flag.String("class", "^skipper$", "a pattern of the ingress classes that are served")
	plain := flag.String("http", ":8080", "the address for HTTP")
	secure := flag.String("https", ":8443", "the address for HTTPS, with the certificates that the Ingresses name")
	// The default of skipper's own program.
	every := flag.Duration("poll", 3*time.Second, "how often the API server is asked for changes")
	flag.Parse()

	certificates := certregistry.NewCertRegistry()
	client, err := kubernetes.New(kubernetes.Options{
		KubernetesInCluster:            true,
		KubernetesEnableEndpointslices: true,
		IngressClass:                   *class,
		PathMode:                       kubernetes.PathPrefix,
		CertificateRegistry:            certificates,
	})
	if err != nil {
		log.Fatalf("the API server cannot be asked: %v", err)
	}
	endpoints := routing.NewEndpointRegistry(routing.RegistryOptions{})
	routes := routing.New(routing.Options{
		FilterRegistry:  make(filters.Registry),
		PollTimeout:     *every,
		DataClients:     []routing.DataClient{client},
		PostProcessors:  []routing.PostProcessor{loadbalancer.NewAlgorithmProvider(), endpoints},
		SignalFirstLoad: true,
	})
	handler := proxy.WithParams(proxy.Params{
		Routing:               routes,
		EndpointRegistry:      endpoints,
		Timeout:               patience,
		ResponseHeaderTimeout: patience,
	})

	// A pod that listens has routes: its readiness is that of the port.
	<-routes.FirstLoad()
	ended := make(chan error)
	go func() { ended <- http.ListenAndServe(*plain, handler) }()
	go func() {
		server := &http.Server{
			Addr:      *secure,
			Handler:   handler,
			TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certificates.GetCertFromHello},
		}
		ended <- server.ListenAndServeTLS("", "")
	}()
	log.Fatal(<-ended)
}

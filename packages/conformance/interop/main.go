// A client of exec and port-forward URLs made of Kubernetes' own Go library, the one that kubectl, the kubelet and crictl use.
//
//	interop exec spdy|websocket URL [-stdin]       the standard streams are the command's; exits as the command did
//	interop forward spdy|websocket URL PORT...     prints the local port of each, a line each, and serves until it is killed
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/client-go/util/exec"
	"k8s.io/streaming/pkg/httpstream"
)

func main() {
	if len(os.Args) < 4 {
		fail(errors.New("usage: interop exec|forward spdy|websocket URL [-stdin|PORT...]"))
	}
	address, err := url.Parse(os.Args[3])
	if err != nil {
		fail(err)
	}
	config := &rest.Config{TLSClientConfig: rest.TLSClientConfig{Insecure: true}}
	run := map[string]func(*rest.Config, string, *url.URL, []string) error{"exec": runExec, "forward": forward}[os.Args[1]]
	if run == nil {
		fail(fmt.Errorf("%q is neither exec nor forward", os.Args[1]))
	}
	if err := run(config, os.Args[2], address, os.Args[4:]); err != nil {
		fail(err)
	}
}

func fail(err error) {
	var status exec.CodeExitError
	if errors.As(err, &status) {
		os.Exit(status.Code)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(255)
}

func runExec(config *rest.Config, transport string, address *url.URL, args []string) error {
	executor, err := newExecutor(config, transport, address)
	if err != nil {
		return err
	}
	options := remotecommand.StreamOptions{Stdout: os.Stdout, Stderr: os.Stderr}
	if len(args) > 0 && args[0] == "-stdin" {
		options.Stdin = os.Stdin
	}
	return executor.StreamWithContext(context.Background(), options)
}

func newExecutor(config *rest.Config, transport string, address *url.URL) (remotecommand.Executor, error) {
	if transport == "websocket" {
		return remotecommand.NewWebSocketExecutor(config, http.MethodGet, address.String())
	}
	return remotecommand.NewSPDYExecutor(config, http.MethodPost, address)
}

func forward(config *rest.Config, transport string, address *url.URL, args []string) error {
	dialer, err := newDialer(config, transport, address)
	if err != nil {
		return err
	}
	ports := make([]string, 0, len(args))
	for _, port := range args {
		ports = append(ports, ":"+port)
	}
	ready := make(chan struct{})
	forwarder, err := portforward.NewOnAddressesForStreaming(dialer, []string{"127.0.0.1"}, ports, make(chan struct{}), ready, io.Discard, os.Stderr)
	if err != nil {
		return err
	}
	go func() {
		<-ready
		forwarded, err := forwarder.GetPorts()
		if err != nil {
			fail(err)
		}
		for _, port := range forwarded {
			fmt.Println(port.Local)
		}
	}()
	return forwarder.ForwardPorts()
}

func newDialer(config *rest.Config, transport string, address *url.URL) (httpstream.Dialer, error) {
	if transport == "websocket" {
		return portforward.NewSPDYOverWebsocketDialerForStreaming(address, config)
	}
	roundTripper, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		return nil, err
	}
	return spdy.NewDialerForStreaming(upgrader, &http.Client{Transport: roundTripper}, http.MethodPost, address), nil
}

//go:build !js

// Command server serves a built Residua from a folder of this machine, and stores shares in a file.
//
//	go run ./web/server [-addr 127.0.0.1:8080] [-dir dist] [-shares FILE] [-tls [-cert FILE -key FILE]]
//
// When it listens it prints a line with its address, and one with the place of the shares. Port 0 takes any free port.
// With -tls it speaks HTTPS, and prints how other devices in the same network open it.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/seed8935e608/residua/web"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

// The default addresses. Only with TLS do browsers on other devices get everything that the page needs, so only then
// does the server listen on all addresses.
const (
	plainAddr  = "127.0.0.1:8080"
	secureAddr = ":8443"
)

// memoryLimit is the limit from which Go's garbage collector works harder. Eight uploads of the largest kind need half
// of it; without a limit their garbage would pile up.
const memoryLimit = 160 << 20

// options are the command line's options.
type options struct {
	addr, dir         string
	shares            string
	room              int64 // limit of all shares, in MiB
	uploads           int
	client            string
	tls               bool
	certFile, keyFile string
}

// parse reads the command line, and returns an error for options that do not fit together.
func parse(args []string, stderr io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.addr, "addr", "", "listen on this `host:port`; port 0 takes any free one "+
		"(default "+plainAddr+"; with -tls "+secureAddr+", which is all addresses)")
	flags.StringVar(&o.dir, "dir", "dist", "serve this `folder`, made by ./build.sh")
	flags.StringVar(&o.shares, "shares", stateFile(),
		"keep what is shared in this `file`; \"\" keeps it until the server ends")
	flags.Int64Var(&o.room, "shares-size", 1024, "keep at most this many `MiB` of shares; the oldest go first")
	flags.IntVar(&o.uploads, "uploads", 30, "take at most this many uploads a `minute` from one address")
	flags.StringVar(&o.client, "client-header", "",
		"behind a proxy: the `header`, as X-Forwarded-For, in which it says the client's address")
	flags.BoolVar(&o.tls, "tls", false, "speak https, for phones in the same network; "+
		"without -cert by a certificate made here, of which browsers warn")
	flags.StringVar(&o.certFile, "cert", "",
		"with -tls: a PEM `file` with a certificate that an authority has signed, "+
			"followed by the intermediate ones")
	flags.StringVar(&o.keyFile, "key", "", "with -cert: the PEM `file` with its key")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case o.room < 8 || o.room > 1<<20 || o.uploads < 1:
		return o, errors.New("-shares-size must be from 8 MiB to 1 TiB, and -uploads at least 1")
	case (o.certFile == "") != (o.keyFile == ""):
		return o, errors.New("-cert and -key belong together: the file of a certificate, and that of its key")
	case o.certFile != "" && !o.tls:
		return o, errors.New("-cert and -key need -tls")
	case flags.NArg() > 0:
		return o, fmt.Errorf("nothing is known to do with %q; see -help", flags.Args())
	}
	if o.addr == "" {
		o.addr = plainAddr
		if o.tls {
			o.addr = secureAddr
		}
	}
	return o, nil
}

// run serves until ctx ends. When it listens it prints to stdout the address, the place of the shares, and with TLS
// what people with other devices must know.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(o.dir, "index.html")); err != nil {
		return fmt.Errorf("the folder %s holds no built site (%w); run ./build.sh first", o.dir, err)
	}
	// With a root, no symbolic link leads out of the folder.
	root, err := os.OpenRoot(o.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	kept, where, err := openShares(o.shares, o.shares == stateFile(), o.room<<20)
	if err != nil {
		return err
	}
	defer kept.Close()
	listener, err := net.Listen("tcp", o.addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is taken by another program; choose another port, with -addr or ./build.sh serve "+
			"HOST:PORT", o.addr)
	}
	if err != nil {
		return fmt.Errorf("cannot listen on %q: %w", o.addr, err)
	}
	defer listener.Close()
	debug.SetMemoryLimit(memoryLimit)
	server := newServer(web.Handler(root.FS(), web.Shares{Store: kept, Admit: newLimiter(o.uploads, o.client).admit}))
	if !o.tls {
		fmt.Fprintf(stdout, "Residua is at http://%s/\n%s\n", visible(listener.Addr()), where)
		return serve(ctx, server, listener)
	}
	addresses := machineAddresses()
	id, err := newIdentity(o.certFile, o.keyFile, addresses)
	if err != nil {
		return err
	}
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{id.certificate}}
	invitation := invite(id, listener.Addr(), addresses)
	fmt.Fprintf(stdout, "Residua is at %s\n%s\n", invitation.here, where)
	invitation.print(stdout)
	return serve(ctx, server, redirector{listener})
}

func newServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second, // also limits TLS handshakes
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      10 * time.Minute, // a shard of 8 MB on a line of 15 kB/s
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          log.New(handshakeFilter{log.Writer()}, "", log.LstdFlags),
	}
}

// serve answers requests until ctx ends, then lets running ones finish. It speaks TLS if the server has a configuration
// for that.
func serve(ctx context.Context, server *http.Server, listener net.Listener) error {
	ended := make(chan error, 1)
	go func() {
		if server.TLSConfig != nil {
			ended <- server.ServeTLS(listener, "", "")
		} else {
			ended <- server.Serve(listener)
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		return server.Close() // cuts downloads that are still running
	}
	return nil
}

// visible is the address to open in a browser. For a server that listens on all addresses it is 127.0.0.1, the only one
// to which browsers give threads without a certificate.
func visible(addr net.Addr) string {
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return addr.String()
}

//go:build !js

// Command server serves a built Residua from a folder of this machine, and keeps
// what is shared in a file.
//
//	go run ./web/server [-addr 127.0.0.1:8080] [-dir dist] [-shares FILE]
//
// When it listens it prints a line with its address, and one that says where
// shares are kept. Port 0 takes any free port.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
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

// memoryLimit is where Go's collector begins to work harder. Eight uploads of the
// largest kind need half of it; without a limit their garbage would pile up.
const memoryLimit = 160 << 20

// run serves until ctx ends. It writes the address to stdout when requests are
// answered, and where shares are kept.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", "127.0.0.1:8080", "listen on this `host:port`; port 0 takes any free one")
	dir := flags.String("dir", "dist", "serve this `folder`, made by ./build.sh")
	shares := flags.String("shares", stateFile(), "keep what is shared in this `file`; \"\" keeps it until the server ends")
	room := flags.Int64("shares-size", 1024, "keep at most this many `MiB` of shares; the oldest go first")
	uploads := flags.Int("uploads", 30, "take at most this many uploads a `minute` from one address")
	client := flags.String("client-header", "", "behind a proxy: the `header`, as X-Forwarded-For, in which it says the client's address")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *room < 8 || *room > 1<<20 || *uploads < 1 {
		return fmt.Errorf("-shares-size must be from 8 MiB to 1 TiB, and -uploads at least 1")
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("nothing is known to do with %q; see -help", flags.Args())
	}
	if _, err := os.Stat(filepath.Join(*dir, "index.html")); err != nil {
		return fmt.Errorf("the folder %s holds no built site (%w); run ./build.sh first", *dir, err)
	}
	// A root, so that no link in the folder leads out of it.
	root, err := os.OpenRoot(*dir)
	if err != nil {
		return err
	}
	defer root.Close()
	kept, where, err := openShares(*shares, *shares == stateFile(), *room<<20)
	if err != nil {
		return err
	}
	defer kept.Close()
	listener, err := net.Listen("tcp", *addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is taken by another program; choose another port, with -addr or ./build.sh serve HOST:PORT", *addr)
	}
	if err != nil {
		return fmt.Errorf("cannot listen on %q: %w", *addr, err)
	}
	debug.SetMemoryLimit(memoryLimit)
	handler := web.Handler(root.FS(), web.Shares{Store: kept, Admit: newLimiter(*uploads, *client).admit})
	return serve(ctx, listener, handler, stdout, where)
}

// serve answers requests until ctx ends, then lets those under way finish. It
// says where shares are kept.
func serve(ctx context.Context, listener net.Listener, handler http.Handler, stdout io.Writer, where string) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      10 * time.Minute, // a shard of 8 MB on a line of 15 kB/s
		IdleTimeout:       2 * time.Minute,
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	fmt.Fprintf(stdout, "Residua is at http://%s/\n", visible(listener.Addr()))
	fmt.Fprintln(stdout, where)
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		return server.Close() // a download that is still going on is cut
	}
	return nil
}

// visible is the address to open in a browser: of a server that listens on all
// addresses, the one of this machine. Browsers give threads to it, too, as to
// no other address without a certificate.
func visible(addr net.Addr) string {
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return addr.String()
}

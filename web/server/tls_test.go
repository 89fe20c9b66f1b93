//go:build !js

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// startTLS runs a server with -tls on a loopback address until the test ends or end is called, which returns the
// server's output.
func startTLS(t *testing.T, args ...string) (address string, end func() string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	output, stdout := io.Pipe()
	ended := make(chan error, 1)
	args = append([]string{"-tls", "-addr", "127.0.0.1:0", "-dir", built(t), "-shares", ""}, args...)
	go func() {
		ended <- run(ctx, args, stdout, io.Discard)
		stdout.Close()
	}()
	lines := bufio.NewReader(output)
	first, _ := lines.ReadString('\n')
	address, ok := strings.CutPrefix(first, "Residua is at https://")
	if !ok {
		stop()
		t.Fatalf("it says %q and ends with %v", first, <-ended)
	}
	rest := make(chan string, 1)
	go func() {
		all, _ := io.ReadAll(lines)
		rest <- first + string(all)
	}()
	said := ""
	end = func() string {
		if stop(); said == "" {
			said = <-rest
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		return said
	}
	t.Cleanup(func() { end() })
	return strings.TrimSuffix(address, "/\n"), end
}

// clientOf is a client that trusts the certificates in a PEM file and follows no redirect.
func clientOf(t *testing.T, path string, http2 bool) *http.Client {
	t.Helper()
	trusted := x509.NewCertPool()
	if pem, err := os.ReadFile(path); err != nil || !trusted.AppendCertsFromPEM(pem) {
		t.Fatalf("%s holds no certificate (%v)", path, err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}, ForceAttemptHTTP2: http2}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func TestTLS(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	address, end := startTLS(t)
	for proto, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2.0": true} {
		answer, err := clientOf(t, certificateFile(), http2).Get("https://" + address)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != 200 || string(body) != "<!doctype html>" || answer.Proto != proto {
			t.Errorf("got %s %d %q, %v", answer.Proto, answer.StatusCode, body, err)
		}
		if answer.Header.Get("Cross-Origin-Opener-Policy") != "same-origin" {
			t.Error("the safety headers are missing")
		}
		// This header would keep users from going past the browser's warning.
		if answer.Header.Get("Strict-Transport-Security") != "" {
			t.Error("it sends HSTS")
		}
	}
	kept, err := readCertificate(certificateFile())
	if err != nil {
		t.Fatal(err)
	}
	said := end()
	for _, want := range []string{
		"/\nShares are kept until this server ends\n",
		"by no authority",
		fingerprint(kept.Leaf),
		"The certificate is new; it is kept in " + certificateFile(),
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q but\n%s", want, said)
		}
	}
	for _, not := range []string{"Other devices", "█"} { // no other device can reach it
		if strings.Contains(said, not) {
			t.Errorf("it says %q:\n%s", not, said)
		}
	}

	_, end = startTLS(t)
	if said := end(); !strings.Contains(said, fingerprint(kept.Leaf)) {
		t.Errorf("a restart does not give the same certificate:\n%s", said)
	}
}

func TestGivenCertificate(t *testing.T) {
	state := t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	made, err := makeCertificate(nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "both.pem")
	if err := os.WriteFile(path, made, 0o600); err != nil {
		t.Fatal(err)
	}
	address, end := startTLS(t, "-cert", path, "-key", path)
	if !strings.HasPrefix(address, "localhost:") { // the certificate's first name
		t.Errorf("the address is %s", address)
	}
	_, port, _ := net.SplitHostPort(address)
	answer, err := clientOf(t, path, true).Get("https://127.0.0.1:" + port)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if said := end(); strings.Contains(said, "warns") {
		t.Errorf("it says\n%s", said)
	}
	if left, _ := os.ReadDir(state); len(left) > 0 {
		t.Errorf("it has made %v", left)
	}
}

func TestRedirect(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	address, _ := startTLS(t)
	client := clientOf(t, certificateFile(), true)
	for _, c := range []struct{ method, path string }{
		{"GET", "/"}, {"HEAD", "/"}, {"POST", "/api/share"},
		{"GET", "/static/app.js?a=1&b=%20"}, {"GET", "/a%2Fb%20c"}, {"GET", "//other.example/"},
	} {
		r, err := http.NewRequest(c.method, "http://"+address+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != 308 || answer.Header.Get("Location") != "https://"+address+c.path {
			t.Errorf("%s %s: %d to %q", c.method, c.path, answer.StatusCode, answer.Header.Get("Location"))
		}
	}
	// In pieces, as on a slow line.
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, piece := range []string{"G", "ET /slow HT", "TP/1.1\r\nHost: " + address, "\r\n\r\n"} {
		io.WriteString(conn, piece)
		time.Sleep(time.Millisecond)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || answer.StatusCode != 308 || answer.Header.Get("Location") != "https://"+address+"/slow" {
		t.Errorf("got %v, %v", answer, err)
	}
	for _, nonsense := range []string{
		"\x00",
		"hello\r\n\r\n",
		"GET / HTTP/1.0\r\n\r\n", // to no host
		"CONNECT other.example:443 HTTP/1.1\r\nHost: other.example\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, nonsense)
		conn.(*net.TCPConn).CloseWrite()
		if got, _ := io.ReadAll(conn); len(got) > 0 {
			t.Errorf("to %q it answers %q", nonsense, got)
		}
		conn.Close()
	}
}

// Clients that send nothing, or part of a request, block nobody.
func TestSlowClients(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	address, _ := startTLS(t)
	for _, begun := range []string{"", "G", "GET / HTTP/1.1\r\nHost: h\r\n", "\x16", "\x16\x03\x01\x01"} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, begun)
	}
	answer, err := clientOf(t, certificateFile(), true).Get("https://" + address)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
}

// newPair makes a certificate for no address.
func newPair(t *testing.T) tls.Certificate {
	t.Helper()
	made, err := makeCertificate(nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(made, made)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// The server drops them after the time for a handshake.
func TestSlowClientsAreDropped(t *testing.T) {
	pair := newPair(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := newServer(http.NotFoundHandler())
	server.ReadHeaderTimeout = 20 * time.Millisecond
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, server, redirector{listener}) }()
	for _, begun := range []string{"", "G", "GET / HTTP/1.1\r\nHost: h\r\n", "\x16"} {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, begun)
		if got, _ := io.ReadAll(conn); len(got) > 0 { // without the drop this would wait for ever
			t.Errorf("to %q it answers %q", begun, got)
		}
		conn.Close()
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestHandshakeFilter(t *testing.T) {
	var logged bytes.Buffer
	l := log.New(handshakeFilter{&logged}, "", 0)
	l.Print("http: TLS handshake error from 192.0.2.1:5000: remote error: tls: unknown certificate")
	l.Print("http: Accept error: too many open files")
	if logged.String() != "http: Accept error: too many open files\n" {
		t.Errorf("the log has %q", logged.String())
	}
}

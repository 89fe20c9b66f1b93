//go:build !js

package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// An identity is what a server with -tls shows to browsers.
type identity struct {
	certificate tls.Certificate
	own         bool   // no authority has signed it
	where       string // an own one is kept, in words
}

// newIdentity takes the certificate of an authority from certFile and its key
// from keyFile, or without them one of this machine's own, for addresses.
func newIdentity(certFile, keyFile string, addresses []netip.Addr) (id identity, err error) {
	if certFile == "" {
		id.own = true
		id.certificate, id.where, err = ownCertificate(certificateFile(), addresses, time.Now())
	} else if id.certificate, err = tls.LoadX509KeyPair(certFile, keyFile); err != nil {
		err = fmt.Errorf("-cert %s and -key %s cannot be used: %w", certFile, keyFile, err)
	}
	return id, err
}

// A redirector is the listener below TLS. It answers a client that does not
// speak TLS, because somebody has typed an address without https.
type redirector struct{ net.Listener }

func (l redirector) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &peeked{Conn: conn}, nil
}

// A peeked is a connection whose first byte says whether TLS follows. It looks
// at that in the first Read, which belongs to the TLS handshake: no other
// connection waits for this client, and the server bounds the time of handshakes.
type peeked struct {
	net.Conn
	known bool // the first byte has come
}

// recordHandshake is the first byte of every TLS connection: its first record's
// type (RFC 8446, 5.1).
const recordHandshake = 0x16

func (c *peeked) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.known || n == 0 {
		return n, err
	}
	c.known = true
	if p[0] != recordHandshake {
		redirect(c.Conn, p[:n])
		return 0, io.EOF
	}
	return n, err
}

// maxPlainRequest bounds what is read of a request without TLS.
const maxPlainRequest = 16 << 10

// redirect answers an HTTP request, of which the beginning was read, with the
// same address in https. Whatever else comes gets no answer.
func redirect(conn net.Conn, begun []byte) {
	all := io.MultiReader(bytes.NewReader(begun), conn)
	r, err := http.ReadRequest(bufio.NewReader(io.LimitReader(all, maxPlainRequest)))
	if err != nil || r.Host == "" || !strings.HasPrefix(r.URL.Path, "/") {
		return
	}
	to := *r.URL
	to.Scheme, to.Host, to.User = "https", r.Host, nil
	answer := http.Response{
		StatusCode: http.StatusPermanentRedirect,
		ProtoMajor: 1,
		ProtoMinor: 1,
		Request:    r,
		Close:      true,
		Header: http.Header{
			"Location":      {to.String()},
			"Cache-Control": {"no-store"}, // another day a server without TLS may have this port
		},
	}
	answer.Write(conn) // an error means that nobody listens any more
}

// A handshakeFilter leaves failed TLS handshakes out of the log. Each browser
// that warns before it goes on makes one, and so does each redirect.
type handshakeFilter struct{ log io.Writer }

func (f handshakeFilter) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("TLS handshake error")) {
		return len(line), nil
	}
	return f.log.Write(line)
}

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

// An identity is the certificate that a server with -tls shows to browsers.
type identity struct {
	certificate tls.Certificate
	own         bool   // self-signed
	where       string // where a self-signed one is kept, in words
}

// newIdentity reads an authority's certificate from certFile and its key from keyFile, or without them takes this
// machine's own, for addresses.
func newIdentity(certFile, keyFile string, addresses []netip.Addr) (id identity, err error) {
	if certFile == "" {
		id.own = true
		id.certificate, id.where, err = ownCertificate(certificateFile(), addresses, time.Now())
	} else if id.certificate, err = tls.LoadX509KeyPair(certFile, keyFile); err != nil {
		err = fmt.Errorf("-cert %s and -key %s cannot be used: %w", certFile, keyFile, err)
	}
	return id, err
}

// A redirector is the listener below TLS. It answers clients that do not speak TLS, because users type addresses
// without https.
type redirector struct{ net.Listener }

func (l redirector) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &peeked{Conn: conn}, nil
}

// A peeked is a connection whose first byte says whether TLS follows. It looks at the byte in the first Read, which is
// part of the TLS handshake: so no other connection waits for this client, and the server limits the time of
// handshakes.
type peeked struct {
	net.Conn
	known bool // the first byte has been read
}

// recordHandshake is the first byte of every TLS connection: the type of the first record (RFC 8446, 5.1).
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

// maxPlainRequest limits what is read of a request without TLS, in bytes.
const maxPlainRequest = 16 << 10

// redirect answers an HTTP request, whose first bytes are begun, with a redirect to the same address in https. Anything
// else gets no answer.
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
			"Cache-Control": {"no-store"}, // a server without TLS may have this port later
		},
	}
	answer.Write(conn) // an error means that the client is gone
}

// A handshakeFilter keeps failed TLS handshakes out of the log. Each redirect causes one, and so does each browser that
// warns of the certificate.
type handshakeFilter struct{ log io.Writer }

func (f handshakeFilter) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("TLS handshake error")) {
		return len(line), nil
	}
	return f.log.Write(line)
}

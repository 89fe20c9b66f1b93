//go:build !js

package main

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"golang.org/x/time/rate"
)

const (
	// uploadsAtOnce limits the memory for uploads: each has up to 4 MiB, and as much again when it is rewritten.
	uploadsAtOnce = 8
	// perAddress is how many of these may come from one address, so that a slow client cannot block all others.
	perAddress = 2
	// maxAddresses limits each of the two generations of the table of addresses.
	maxAddresses = 4096
)

// A limiter decides who may upload now.
//
// Its table has two generations. An address that comes again moves to the new one. When that is full it becomes the old
// one, and the former old one is dropped. So the table never grows beyond its limit, and a dropped address had been
// away while at least maxAddresses others came.
type limiter struct {
	perMinute int
	header    string // the request header in which a proxy writes the client's address, or ""

	mu       sync.Mutex
	new, old map[netip.Addr]*client
	uploads  int // current uploads of all clients
}

// A client is one address.
type client struct {
	bucket  *rate.Limiter
	uploads int // current uploads
}

func newLimiter(perMinute int, header string) *limiter {
	return &limiter{perMinute: perMinute, header: header, new: map[netip.Addr]*client{}}
}

// admit admits an upload if there is room for it. leave must be called when the upload is over.
func (l *limiter) admit(r *http.Request) (leave func(), ok bool) {
	address := l.addressOf(r)
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.client(address)
	if l.uploads >= uploadsAtOnce || c.uploads >= perAddress || !c.bucket.Allow() {
		return nil, false
	}
	l.uploads++
	c.uploads++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.uploads--
		c.uploads--
	}, true
}

// client finds or adds an address's entry. The caller holds the lock.
func (l *limiter) client(address netip.Addr) *client {
	c := l.new[address]
	if c == nil {
		if c = l.old[address]; c == nil {
			// The bucket holds a minute's uploads, and fills up in a minute.
			c = &client{bucket: rate.NewLimiter(rate.Limit(float64(l.perMinute)/60), l.perMinute)}
		}
		if len(l.new) >= maxAddresses {
			l.old, l.new = l.new, make(map[netip.Addr]*client, maxAddresses)
		}
		l.new[address] = c
	}
	return c
}

// addressOf is the client's address. For IPv6 it is the network, which a household or machine has for itself (RFC
// 6177). It is the zero address if there is none.
func (l *limiter) addressOf(r *http.Request) netip.Addr {
	text, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		text = r.RemoteAddr
	}
	if l.header != "" {
		// Each proxy appends to a list. Only the last entry is from our own proxy.
		list := strings.Split(strings.Join(r.Header.Values(l.header), ","), ",")
		text = strings.TrimSpace(list[len(list)-1])
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	address = address.Unmap().WithZone("")
	if address.Is6() {
		prefix, _ := address.Prefix(64) // cannot fail for IPv6
		return prefix.Addr()
	}
	return address
}

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
	// uploadsAtOnce bounds the memory that uploads take: each is up to 4 MiB, and
	// as much again when it is written anew.
	uploadsAtOnce = 8
	// perAddress of them may come from one address, so that one slow client
	// cannot keep all others out.
	perAddress = 2
	// maxAddresses bounds the table of addresses, two generations of it.
	maxAddresses = 4096
)

// A limiter says who may upload now.
//
// The table has two generations. An address that comes again moves to the new
// one; when that is full it becomes the old one, and what was in the old one is
// forgotten. So the table is bounded whatever comes, and who is forgotten was
// away for at least maxAddresses others.
type limiter struct {
	perMinute int
	header    string // of requests: a proxy writes the client's address there; or ""

	mu       sync.Mutex
	new, old map[netip.Addr]*client
	uploads  int // under way, of all clients
}

// A client is one address.
type client struct {
	bucket  *rate.Limiter
	uploads int // under way
}

func newLimiter(perMinute int, header string) *limiter {
	return &limiter{perMinute: perMinute, header: header, new: map[netip.Addr]*client{}}
}

// admit counts an upload in, if there may be one more; leave counts it out.
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

// client finds or makes an address's entry. The caller has the lock.
func (l *limiter) client(address netip.Addr) *client {
	c := l.new[address]
	if c == nil {
		if c = l.old[address]; c == nil {
			// A whole minute's uploads at once, and as many a minute after that.
			c = &client{bucket: rate.NewLimiter(rate.Limit(float64(l.perMinute)/60), l.perMinute)}
		}
		if len(l.new) >= maxAddresses {
			l.old, l.new = l.new, make(map[netip.Addr]*client, maxAddresses)
		}
		l.new[address] = c
	}
	return c
}

// addressOf is the client's address; of IPv6 the network, which one household
// or machine has for itself (RFC 6177). What is no address is the zero one.
func (l *limiter) addressOf(r *http.Request) netip.Addr {
	text, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		text = r.RemoteAddr
	}
	if l.header != "" {
		// Each proxy appends to a list; only the last entry is our own proxy's word.
		list := strings.Split(strings.Join(r.Header.Values(l.header), ","), ",")
		text = strings.TrimSpace(list[len(list)-1])
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	address = address.Unmap().WithZone("")
	if address.Is6() {
		prefix, _ := address.Prefix(64) // 64 is no error for IPv6
		return prefix.Addr()
	}
	return address
}

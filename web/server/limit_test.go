//go:build !js

package main

import (
	"fmt"
	"net/http/httptest"
	"testing"
)

// from asks for an upload from an address. header is the value that a proxy wrote.
func from(l *limiter, address, header string) (leave func(), ok bool) {
	r := httptest.NewRequest("POST", "/api/share", nil)
	r.RemoteAddr = address
	if header != "" {
		r.Header.Set("X-Forwarded-For", header)
	}
	return l.admit(r)
}

// pass is an upload that ends at once.
func pass(l *limiter, address, header string) bool {
	leave, ok := from(l, address, header)
	if ok {
		leave()
	}
	return ok
}

// passes counts how many of n uploads pass.
func passes(l *limiter, n int, address func(int) string) (passed int) {
	for i := range n {
		if pass(l, address(i), "") {
			passed++
		}
	}
	return passed
}

func always(address string) func(int) string { return func(int) string { return address } }

func TestLimit(t *testing.T) {
	l := newLimiter(30, "")
	if got := passes(l, 40, always("192.0.2.1:1000")); got != 30 {
		t.Errorf("%d of 40 passed", got)
	}
	for address, want := range map[string]bool{
		"192.0.2.1:2000":          false, // another port is no other address
		"[::ffff:192.0.2.1]:3000": false, // nor is IPv4 in IPv6
		"192.0.2.2:1000":          true,
		"[2001:db8::1]:1000":      true,
		"nonsense":                true,
	} {
		if got := pass(l, address, ""); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	// A household has a whole network.
	if got := passes(l, 40, func(i int) string { return fmt.Sprintf("[2001:db8:0:1::%x]:1", i) }); got != 30 {
		t.Errorf("%d of 40 passed from one network", got)
	}
}

func TestLimitAtOnce(t *testing.T) {
	l := newLimiter(1000, "")
	var leaves []func()
	for i := range uploadsAtOnce {
		leave, ok := from(l, fmt.Sprintf("192.0.2.%d:1", i/perAddress), "")
		if !ok {
			t.Fatalf("upload %d did not pass", i)
		}
		leaves = append(leaves, leave)
	}
	if pass(l, "192.0.2.99:1", "") {
		t.Error("there are more uploads than there may be")
	}
	leaves[0]()
	if !pass(l, "192.0.2.99:1", "") {
		t.Error("there is room, and yet nobody passes")
	}
	if pass(l, "192.0.2.1:1", "") {
		t.Error("one address has more uploads than it may have")
	}
	for _, leave := range leaves[1:] {
		leave()
	}
	if !pass(l, "192.0.2.1:1", "") || l.uploads != 0 {
		t.Errorf("%d uploads are under way after all are over", l.uploads)
	}
}

// The table keeps its limit whatever addresses come, and frequent ones stay in it.
func TestLimitTable(t *testing.T) {
	l := newLimiter(2, "")
	passes(l, 2, always("192.0.2.1:1"))
	for i := range 5 * maxAddresses {
		pass(l, fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255), "")
		if i%1000 == 0 && pass(l, "192.0.2.1:1", "") {
			t.Fatalf("forgotten after %d others", i)
		}
	}
	if n := len(l.new) + len(l.old); n > 2*maxAddresses {
		t.Errorf("the table has %d addresses", n)
	}
}

// Behind a proxy the last entry counts. The others are from the client.
func TestLimitBehindProxy(t *testing.T) {
	l := newLimiter(1, "X-Forwarded-For")
	for _, c := range []struct {
		header string
		want   bool
	}{
		{"192.0.2.1", true},
		{"192.0.2.1", false},
		{"192.0.2.7, 192.0.2.1", false},
		{"192.0.2.1, 192.0.2.2", true},
		{"forged", true}, // everything that is not an address is one client
		{"forged again", false},
	} {
		if got := pass(l, "127.0.0.1:1", c.header); got != c.want {
			t.Errorf("%q: %v", c.header, got)
		}
	}
}

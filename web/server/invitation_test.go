//go:build !js

package main

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"rsc.io/qr"
)

func TestInvite(t *testing.T) {
	made, err := makeCertificate(addressesOf("192.168.1.5", "10.0.0.1", "2001:db8::5"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(made, made)
	if err != nil {
		t.Fatal(err)
	}
	own := identity{certificate: pair, own: true}
	named := func(names ...string) identity {
		return identity{certificate: tls.Certificate{Leaf: &x509.Certificate{DNSNames: names}}}
	}
	addresses := addressesOf("192.168.1.5", "10.0.0.1", "2001:db8::5", "2001:db8::6")
	for _, c := range []struct {
		name   string
		id     identity
		listen string
		here   string
		others []string
	}{
		{"all addresses", own, "0.0.0.0:8443", "https://127.0.0.1:8443/",
			// Not 2001:db8::6, which is newer than the certificate.
			[]string{"https://192.168.1.5:8443/", "https://10.0.0.1:8443/", "https://[2001:db8::5]:8443/"}},
		{"all addresses, IPv6 too", own, "[::]:1", "https://127.0.0.1:1/",
			[]string{"https://192.168.1.5:1/", "https://10.0.0.1:1/", "https://[2001:db8::5]:1/"}},
		{"this machine only", own, "127.0.0.1:8443", "https://127.0.0.1:8443/", nil},
		{"this machine only, IPv6", own, "[::1]:8443", "https://[::1]:8443/", nil},
		{"one address", own, "10.0.0.1:8443", "https://10.0.0.1:8443/", []string{"https://10.0.0.1:8443/"}},
		{"an authority's", named("school.example", "*.school.example", "www.school.example"), "0.0.0.0:443",
			"https://school.example:443/",
			[]string{"https://school.example:443/", "https://www.school.example:443/"}},
		{"an authority's, this machine only", named("localhost"), "127.0.0.1:8443", "https://localhost:8443/", nil},
		{"an authority's, for any name", named("*.school.example"), "0.0.0.0:8443", "https://127.0.0.1:8443/", nil},
	} {
		i := invite(c.id, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(c.listen)), addresses)
		if i.here != c.here || !reflect.DeepEqual(i.others, c.others) {
			t.Errorf("%s: %q and %q", c.name, i.here, i.others)
		}
	}
}

func TestPrint(t *testing.T) {
	pair := newPair(t)
	i := invitation{
		identity: identity{pair, true, "It is kept."},
		here:     "https://127.0.0.1:8443/",
		others:   []string{"https://192.168.1.5:8443/", "https://10.0.0.1:8443/"},
	}
	var out strings.Builder
	i.print(&out)
	for _, want := range []string{
		"open\n  https://192.168.1.5:8443/\n  https://10.0.0.1:8443/\n",
		"made by this computer and by no authority",
		"  " + fingerprint(pair.Leaf) + "\nIt is kept.\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q but\n%s", want, out.String())
		}
	}
	if strings.ContainsAny(out.String(), "█▀▄\x1b") {
		t.Errorf("a program that reads it gets a QR code:\n%s", out.String())
	}
	i.own = false
	out.Reset()
	i.print(&out)
	if strings.Contains(out.String(), "warns") || !strings.Contains(out.String(), "192.168.1.5") {
		t.Errorf("with an authority's certificate it says\n%s", out.String())
	}
}

// The printed code is the library's, module by module, with its quiet zone.
func TestQR(t *testing.T) {
	const text = "https://192.168.123.231:8443/"
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	dark := map[rune][2]bool{'█': {false, false}, '▀': {false, true}, '▄': {true, false}, ' ': {true, true}}
	for _, colour := range []bool{false, true} {
		var out strings.Builder
		printQR(&out, text, colour)
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if want := (code.Size + 2*4 + 1) / 2; len(lines) != want {
			t.Fatalf("%d lines, want %d", len(lines), want)
		}
		for row, line := range lines {
			if colour {
				var begun, ended bool
				line, begun = strings.CutPrefix(line, "\x1b[38;5;231;48;5;16m")
				line, ended = strings.CutSuffix(line, "\x1b[0m")
				if !begun || !ended {
					t.Fatalf("line %d has not its colours", row)
				}
			}
			modules := []rune(line)
			if len(modules) != code.Size+2*4 {
				t.Fatalf("line %d has %d columns", row, len(modules))
			}
			for column, r := range modules {
				for half, got := range dark[r] {
					if x, y := column-4, 2*row+half-4; got != code.Black(x, y) {
						t.Fatalf("the module at %d, %d is dark: %v", x, y, got)
					}
				}
			}
		}
	}
}

func TestBestFirst(t *testing.T) {
	all := addressesOf("2001:db8::5", "203.0.113.9", "172.17.0.1", "192.168.1.5", "10.0.0.1")
	for routed, want := range map[string][]netip.Addr{
		"192.168.1.5": addressesOf("192.168.1.5", "172.17.0.1", "10.0.0.1", "203.0.113.9", "2001:db8::5"),
		"203.0.113.9": addressesOf("203.0.113.9", "172.17.0.1", "192.168.1.5", "10.0.0.1", "2001:db8::5"),
		// This one is not among them.
		"192.0.2.7": addressesOf("172.17.0.1", "192.168.1.5", "10.0.0.1", "203.0.113.9", "2001:db8::5"),
	} {
		if got := bestFirst(all, netip.MustParseAddr(routed)); !reflect.DeepEqual(got, want) {
			t.Errorf("routed by %s: %v", routed, got)
		}
	}
	for _, address := range machineAddresses() {
		if address.IsLoopback() || address.IsLinkLocalUnicast() || address.Is4In6() {
			t.Errorf("others cannot open %s", address)
		}
	}
}

//go:build !js

package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func addressesOf(texts ...string) (addresses []netip.Addr) {
	for _, text := range texts {
		addresses = append(addresses, netip.MustParseAddr(text))
	}
	return addresses
}

func TestMakeCertificate(t *testing.T) {
	now := time.Now()
	made, err := makeCertificate(addressesOf("192.168.1.5", "2001:db8::5"), now)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(made, made)
	if err != nil {
		t.Fatal(err)
	}
	leaf := pair.Leaf
	for _, host := range append(machineNames(), "localhost", "127.0.0.1", "::1", "192.168.1.5", "2001:db8::5") {
		if err := leaf.VerifyHostname(host); err != nil {
			t.Error(err)
		}
	}
	for _, host := range []string{"192.168.1.6", "example.org", "org.local.localhost"} {
		if leaf.VerifyHostname(host) == nil {
			t.Errorf("it is good for %s", host)
		}
	}
	const day = 24 * time.Hour
	if leaf.NotAfter.Sub(leaf.NotBefore) > 397*day || leaf.NotAfter.Sub(now) < 396*day || !leaf.NotBefore.Before(now) {
		t.Errorf("valid from %v to %v", leaf.NotBefore, leaf.NotAfter)
	}
	if key, ok := leaf.PublicKey.(*ecdsa.PublicKey); !ok || key.Curve != elliptic.P256() {
		t.Errorf("the key is a %T", leaf.PublicKey)
	}
	serverAuth := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if !slices.Equal(leaf.ExtKeyUsage, serverAuth) || leaf.KeyUsage != x509.KeyUsageDigitalSignature {
		t.Errorf("for %v, %v", leaf.ExtKeyUsage, leaf.KeyUsage)
	}
	if leaf.IsCA || !leaf.BasicConstraintsValid {
		t.Error("it could sign others")
	}
	if err := leaf.CheckSignature(leaf.SignatureAlgorithm, leaf.RawTBSCertificate, leaf.Signature); err != nil {
		t.Error(err)
	}
	sum := sha256.Sum256(leaf.Raw)
	if got := strings.ToLower(strings.ReplaceAll(fingerprint(leaf), ":", "")); got != hex.EncodeToString(sum[:]) {
		t.Errorf("the fingerprint is %s", fingerprint(leaf))
	}
}

func TestOwnCertificate(t *testing.T) {
	now := time.Now()
	both := addressesOf("192.168.1.5", "2001:db8::5")
	for _, c := range []struct {
		name          string
		before, after []netip.Addr // of the machine
		later         time.Duration
		damage        bool
		anew          bool
	}{
		{"the same", both, both, 0, false, false},
		{"a year later", both, both, 365 * 24 * time.Hour, false, false},
		{"soon at its end", both, both, 380 * 24 * time.Hour, false, true},
		{"ended", both, both, 400 * 24 * time.Hour, false, true},
		{"from the future", both, both, -48 * time.Hour, false, true},
		{"an address more", both, addressesOf("192.168.1.5", "10.0.0.1"), 0, false, true},
		{"an address less", both, addressesOf("192.168.1.5"), 0, false, false},
		{"no network", both, nil, 0, false, false},
		{"an IPv6 address more", both, addressesOf("192.168.1.5", "2001:db8::6"), 0, false, false},
		{"nothing but an IPv6 address more", both, addressesOf("2001:db8::6"), 0, false, true},
		{"damaged", both, both, 0, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "new", "certificate.pem")
			first, where, err := ownCertificate(path, c.before, now)
			if err != nil || where != "The certificate is new; it is kept in "+path {
				t.Fatalf("%q, %v", where, err)
			}
			if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
				t.Errorf("the file is %v, %v", info.Mode(), err)
			}
			if c.damage {
				if err := os.Truncate(path, 500); err != nil {
					t.Fatal(err)
				}
			}
			second, where, err := ownCertificate(path, c.after, now.Add(c.later))
			if err != nil {
				t.Fatal(err)
			}
			anew := !bytes.Equal(first.Leaf.Raw, second.Leaf.Raw)
			if anew != c.anew || anew != strings.Contains(where, "is new") {
				t.Errorf("made anew: %v, and it says %q", anew, where)
			}
			if !serves(second.Leaf, c.after, now.Add(c.later)) {
				t.Error("it does not serve")
			}
			third, _, err := ownCertificate(path, c.after, now.Add(c.later))
			if err != nil || !bytes.Equal(second.Leaf.Raw, third.Leaf.Raw) {
				t.Errorf("the next run has another one (%v)", err)
			}
			if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".tmp-*")); len(left) > 0 || err != nil {
				t.Errorf("it left %v", left)
			}
		})
	}
}

// If nothing can be saved, the server works and says so.
func TestOwnCertificateWithoutPlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", filepath.Join(file, "certificate.pem")} {
		c, where, err := ownCertificate(path, nil, time.Now())
		if err != nil || c.Leaf == nil || !strings.Contains(where, "for this run only") {
			t.Errorf("%q: %q, %v", path, where, err)
		}
	}
}

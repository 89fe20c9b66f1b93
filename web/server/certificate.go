//go:build !js

package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	// certificateLife is the longest validity that browsers accept.
	certificateLife = 397 * 24 * time.Hour
	// renewBefore is how long before its end a certificate is replaced, so that none expires during a course.
	renewBefore = 30 * 24 * time.Hour
)

// certificateFile is the path of the server's own certificate and key: beside the shares, or "" if the user has no such
// folder.
func certificateFile() string {
	shares := stateFile()
	if shares == "" {
		return ""
	}
	return filepath.Join(filepath.Dir(shares), "certificate.pem")
}

// ownCertificate is a self-signed certificate for this machine at these addresses. Browsers remember that a user has
// accepted one, so the one in the file at path is used as long as possible. Else it makes a new one, and saves it there
// with its key. where says in words, for the person who started the server, how long it will last.
func ownCertificate(path string, addresses []netip.Addr, now time.Time) (c tls.Certificate, where string, err error) {
	if c, err = readCertificate(path); err == nil && serves(c.Leaf, addresses, now) {
		return c, "The certificate is kept in " + path, nil
	}
	made, err := makeCertificate(addresses, now)
	if err != nil {
		return c, "", fmt.Errorf("no certificate can be made: %w", err)
	}
	if c, err = tls.X509KeyPair(made, made); err != nil {
		return c, "", err
	}
	if err := keepCertificate(path, made); err != nil {
		return c, fmt.Sprintf("The certificate is for this run only, and browsers will warn again after it: %v", err),
			nil
	}
	return c, "The certificate is new; it is kept in " + path, nil
}

func readCertificate(path string) (tls.Certificate, error) {
	kept, err := os.ReadFile(path)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(kept, kept)
}

// serves reports whether a certificate is valid for long enough, and for the addresses. IPv6 addresses count only if
// there are no others: most machines get a new one every day, and a new certificate would ask all users again.
func serves(leaf *x509.Certificate, addresses []netip.Addr, now time.Time) bool {
	if now.Before(leaf.NotBefore) || now.Add(renewBefore).After(leaf.NotAfter) {
		return false
	}
	needed := slices.DeleteFunc(slices.Clone(addresses), netip.Addr.Is6)
	if len(needed) == 0 {
		needed = addresses
	}
	for _, address := range needed {
		if leaf.VerifyHostname(address.String()) != nil {
			return false
		}
	}
	return true
}

// makeCertificate makes a self-signed certificate for this machine, with a new key. The result has both, as PEM.
func makeCertificate(addresses []netip.Addr, now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	from := now.Add(-time.Hour) // a phone's clock may be slow
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "Residua"},
		NotBefore:             from,
		NotAfter:              from.Add(certificateLife),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, // IsCA is false: trusting it means trusting this server only
		DNSNames:              machineNames(),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	for _, address := range addresses {
		template.IPAddresses = append(template.IPAddresses, address.AsSlice())
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	var both bytes.Buffer
	err = errors.Join(
		pem.Encode(&both, &pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
		pem.Encode(&both, &pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	)
	return both.Bytes(), err
}

// keepCertificate writes the file at path, whole or not at all, readable only by its owner.
func keepCertificate(path string, both []byte) (err error) {
	if path == "" {
		return errors.New("this user has no folder for it")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*") // CreateTemp makes files that only the owner can read
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(both)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

var dnsName = regexp.MustCompile(`^[a-z0-9_-]+(\.[a-z0-9_-]+)*$`)

// machineNames are localhost and this machine's name, also with .local. Names that cannot be in a certificate are left
// out.
func machineNames() []string {
	names := []string{"localhost"}
	host, err := os.Hostname()
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if err != nil || !dnsName.MatchString(host) {
		return names
	}
	short, _, _ := strings.Cut(host, ".")
	for _, name := range []string{short + ".local", host} {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// fingerprint is a certificate's SHA-256, as browsers show it.
func fingerprint(certificate *x509.Certificate) string {
	sum := sha256.Sum256(certificate.Raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum[:]), " ", ":")
}

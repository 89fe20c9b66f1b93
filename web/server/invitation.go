//go:build !js

package main

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"

	"rsc.io/qr"
)

// An invitation is what people must know to open a server with -tls in the browsers of one room.
type invitation struct {
	identity
	here   string   // the URL for browsers on this machine
	others []string // URLs for those elsewhere, the best first; none if they cannot reach the server
}

// invite finds the URLs of a server that listens at listening, on a machine with these addresses.
func invite(id identity, listening net.Addr, addresses []netip.Addr) invitation {
	at := listening.(*net.TCPAddr).AddrPort()
	atURL := func(host string) string {
		return fmt.Sprintf("https://%s/", net.JoinHostPort(host, fmt.Sprint(at.Port())))
	}
	i := invitation{identity: id, here: "https://" + visible(listening) + "/"}
	if !id.own {
		// Certificates of an authority are for names.
		for _, name := range id.certificate.Leaf.DNSNames {
			if !strings.Contains(name, "*") {
				i.others = append(i.others, atURL(name))
			}
		}
		if len(i.others) > 0 {
			i.here = i.others[0]
		}
	}
	if at.Addr().IsLoopback() {
		i.others = nil
		return i
	}
	if !at.Addr().IsUnspecified() {
		addresses = []netip.Addr{at.Addr().Unmap()}
	}
	for _, address := range addresses {
		// The address may be newer than the certificate; see serves.
		if id.certificate.Leaf.VerifyHostname(address.String()) == nil {
			i.others = append(i.others, atURL(address.String()))
		}
	}
	return i
}

// print prints all but the first URL, and a QR code if w is a terminal.
func (i invitation) print(w io.Writer) {
	if len(i.others) > 0 {
		fmt.Fprintln(w, "\nOther devices in this network open")
		for _, url := range i.others {
			fmt.Fprintln(w, "  "+url)
		}
		if isTerminal(w) {
			fmt.Fprintln(w)
			printQR(w, i.others[0], runtime.GOOS != "windows") // older Windows consoles print escape sequences
		}
	}
	if i.own {
		fmt.Fprintf(w, `
Your browser warns because this certificate was made by this computer and by no authority; that is expected here:
choose Advanced, then Continue. To be sure that nobody sits in between, compare the certificate's SHA-256 fingerprint:
  %s
%s
`, fingerprint(i.certificate.Leaf), i.where)
	}
}

// isTerminal reports whether w is a terminal. It is also true for /dev/null, where that does not matter.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// quietZone is the width of the light border of a QR code, in modules (ISO/IEC 18004).
const quietZone = 4

// printQR prints a QR code of text, with two rows of modules in each line. It draws the light modules, because most
// terminals are dark; colour makes it right on the others too.
func printQR(w io.Writer, text string, colour bool) {
	code, err := qr.Encode(text, qr.M)
	if err != nil { // too long, which no URL here is
		return
	}
	begin, end := "", "\n"
	if colour {
		begin, end = "\x1b[38;5;231;48;5;16m", "\x1b[0m\n" // white on black
	}
	// The key is whether the upper and the lower module are dark.
	blocks := map[[2]bool]rune{{false, false}: '█', {false, true}: '▀', {true, false}: '▄', {true, true}: ' '}
	for y := -quietZone; y < code.Size+quietZone; y += 2 {
		var line strings.Builder
		for x := -quietZone; x < code.Size+quietZone; x++ {
			line.WriteRune(blocks[[2]bool{code.Black(x, y), code.Black(x, y+1)}])
		}
		fmt.Fprint(w, begin, line.String(), end)
	}
}

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

// An invitation is what a person must know to open a server with -tls in the
// browsers of one room.
type invitation struct {
	identity
	here   string   // the URL for browsers on this machine
	others []string // URLs for those elsewhere, the best first; none if they cannot reach the server
}

// invite finds out under which URLs a server can be reached that listens at
// listening, on a machine with these addresses.
func invite(id identity, listening net.Addr, addresses []netip.Addr) invitation {
	at := listening.(*net.TCPAddr).AddrPort()
	atURL := func(host string) string {
		return fmt.Sprintf("https://%s/", net.JoinHostPort(host, fmt.Sprint(at.Port())))
	}
	i := invitation{identity: id, here: "https://" + visible(listening) + "/"}
	if !id.own {
		// An authority signs for names.
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
		// It may be newer than the certificate; see serves.
		if id.certificate.Leaf.VerifyHostname(address.String()) == nil {
			i.others = append(i.others, atURL(address.String()))
		}
	}
	return i
}

// print tells all but the first URL. The QR code is for eyes only, and a file or
// another program has none.
func (i invitation) print(w io.Writer) {
	if len(i.others) > 0 {
		fmt.Fprintln(w, "\nOther devices in this network open")
		for _, url := range i.others {
			fmt.Fprintln(w, "  "+url)
		}
		if isTerminal(w) {
			fmt.Fprintln(w)
			printQR(w, i.others[0], runtime.GOOS != "windows") // whose older consoles show escape sequences as text
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

// isTerminal says whether w is a terminal. So is, by this test, /dev/null, where
// it does not matter.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// quietZone is the light frame that a QR code needs, in modules (ISO/IEC 18004).
const quietZone = 4

// printQR prints a QR code of text; a line holds two rows of its modules. Light
// ones are drawn, for terminals are mostly dark; with colour those that are not
// get it right, too.
func printQR(w io.Writer, text string, colour bool) {
	code, err := qr.Encode(text, qr.M)
	if err != nil { // too long, as no URL here is
		return
	}
	begin, end := "", "\n"
	if colour {
		begin, end = "\x1b[38;5;231;48;5;16m", "\x1b[0m\n" // white on black
	}
	// By whether the upper and the lower module are dark.
	blocks := map[[2]bool]rune{{false, false}: '█', {false, true}: '▀', {true, false}: '▄', {true, true}: ' '}
	for y := -quietZone; y < code.Size+quietZone; y += 2 {
		var line strings.Builder
		for x := -quietZone; x < code.Size+quietZone; x++ {
			line.WriteRune(blocks[[2]bool{code.Black(x, y), code.Black(x, y+1)}])
		}
		fmt.Fprint(w, begin, line.String(), end)
	}
}

//go:build !js

package main

import (
	"net"
	"net/netip"
	"slices"
)

// machineAddresses gives the addresses of this machine that others can open, in the order of bestFirst. Without a
// network there are none.
func machineAddresses() []netip.Addr {
	interfaces, _ := net.Interfaces()
	var all []netip.Addr
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 {
			continue
		}
		addresses, _ := i.Addrs()
		for _, address := range addresses {
			if network, ok := address.(*net.IPNet); ok {
				if ip, ok := netip.AddrFromSlice(network.IP); ok && ip.Unmap().IsGlobalUnicast() {
					all = append(all, ip.Unmap())
				}
			}
		}
	}
	return bestFirst(all, routedAddress())
}

// routedAddress is the IPv4 address from which this machine reaches others, if there is one. It sends no packet: the
// system only chooses a route.
func routedAddress() netip.Addr {
	conn, err := net.Dial("udp4", "192.0.2.1:9") // a documentation address (RFC 5737)
	if err != nil {
		return netip.Addr{}
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
}

// bestFirst sorts addresses by how likely a phone in the same room reaches them. The routed one is first; others may
// belong to virtual machines.
func bestFirst(addresses []netip.Addr, routed netip.Addr) []netip.Addr {
	rank := func(a netip.Addr) int {
		switch {
		case a == routed:
			return 0
		case a.Is4() && a.IsPrivate():
			return 1
		case a.Is4():
			return 2
		}
		return 3
	}
	sorted := slices.Clone(addresses)
	slices.SortStableFunc(sorted, func(a, b netip.Addr) int { return rank(a) - rank(b) })
	return slices.Compact(sorted)
}

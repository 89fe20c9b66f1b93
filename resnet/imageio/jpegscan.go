package imageio

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// This file counts the blocks in the scans of a JPEG file, without making pixels of them: ITU-T T.81, annex F.

// A jpegComponent is a colour of a frame, with its sampling factors.
type jpegComponent struct{ id, h, v int }

// A jpegTable decodes Huffman codes by their length: codes of n+1 bits begin at first[n], and count[n] of them have
// their values at values[at[n]:].
type jpegTable struct {
	first, count, at [16]int
	values           []byte
}

// jpegWalker is what is known of a file on the way through its segments.
type jpegWalker struct {
	width, height int
	components    []jpegComponent
	tables        [2][4]*jpegTable // of DC and AC
	interval      int              // MCUs between two restart markers, or 0
}

// jpegScansEnd returns the index after the last block of a picture of which all blocks are there, or 0. It knows only
// sequential files. Those that are progressive count as cut short if they do not end with their marker.
func jpegScansEnd(b []byte) int {
	var w jpegWalker
	scanned := map[int]bool{}
	for i := 2; ; {
		m, next, err := nextMarker(b, i)
		if err != nil || m == markEOI {
			return 0
		}
		body, after, err := skipSegment(b, m, next)
		if err != nil {
			return 0
		}
		i = after
		ok := true
		switch {
		case m == markSOF0 || m == markSOF0+1:
			ok = w.frame(body)
		case isSOF(m) || m == markDAC:
			return 0
		case m == markDHT:
			ok = w.huffman(body)
		case m == markDRI && len(body) >= 2:
			w.interval = int(binary.BigEndian.Uint16(body))
		case m == markSOS:
			i, ok = w.scan(body, b, after, scanned)
		}
		if !ok {
			return 0
		}
		if len(w.components) > 0 && len(scanned) == len(w.components) {
			return i
		}
	}
}

// frame reads a start of frame: precision, height, width, and of each component its name, sampling and table.
func (w *jpegWalker) frame(body []byte) bool {
	if len(w.components) > 0 || len(body) < 6 || len(body) < 6+3*int(body[5]) {
		return false
	}
	w.height, w.width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	for c := range int(body[5]) {
		d := body[6+3*c:]
		one := jpegComponent{int(d[0]), int(d[1] >> 4), int(d[1] & 15)}
		if one.h < 1 || one.h > 4 || one.v < 1 || one.v > 4 {
			return false
		}
		w.components = append(w.components, one)
	}
	return w.width > 0 && w.height > 0 && len(w.components) > 0
}

// huffman reads tables: class and place, the number of codes of each length, and their values.
func (w *jpegWalker) huffman(body []byte) bool {
	for len(body) > 0 {
		if len(body) < 17 || body[0]>>4 > 1 || body[0]&15 > 3 {
			return false
		}
		t := &jpegTable{}
		code, total := 0, 0
		for n := range 16 {
			t.first[n], t.count[n], t.at[n] = code, int(body[1+n]), total
			total += t.count[n]
			code = (code + t.count[n]) << 1
		}
		if len(body) < 17+total {
			return false
		}
		t.values = body[17 : 17+total]
		w.tables[body[0]>>4][body[0]&15] = t
		body = body[17+total:]
	}
	return true
}

// A scanned is a component in a scan, with its blocks in a minimum coded unit.
type scanned struct {
	blocks int
	dc, ac *jpegTable
}

// scan walks the entropy-coded data at b[i:], and returns the index after its last block.
func (w *jpegWalker) scan(body, b []byte, i int, seen map[int]bool) (end int, ok bool) {
	if len(body) < 1 || len(body) < 1+2*int(body[0]) {
		return 0, false
	}
	across, down := 1, 1 // the largest sampling factors
	for _, c := range w.components {
		across, down = max(across, c.h), max(down, c.v)
	}
	var parts []scanned
	units := ceilDiv(w.width, 8*across) * ceilDiv(w.height, 8*down)
	for k := range int(body[0]) {
		id, tables := int(body[1+2*k]), body[2+2*k]
		for _, c := range w.components {
			if c.id != id || tables>>4 > 3 || tables&15 > 3 {
				continue
			}
			parts = append(parts, scanned{c.h * c.v, w.tables[0][tables>>4], w.tables[1][tables&15]})
			seen[id] = true
			if body[0] == 1 { // a component alone comes block by block
				parts[0].blocks = 1
				units = ceilDiv(ceilDiv(w.width*c.h, across), 8) * ceilDiv(ceilDiv(w.height*c.v, down), 8)
			}
		}
	}
	if len(parts) == 0 {
		return 0, false
	}
	r := jpegBits{b: b, i: i}
	for unit := range units {
		if w.interval > 0 && unit > 0 && unit%w.interval == 0 && !r.restart() {
			return 0, false
		}
		for _, p := range parts {
			for range p.blocks {
				if p.dc == nil || p.ac == nil || !r.block(p.dc, p.ac) {
					return 0, false
				}
			}
		}
	}
	return r.i, r.endsAsEncoded()
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// jpegBits reads entropy-coded data bit by bit. It stops at a marker and at the end of the file.
type jpegBits struct {
	b    []byte
	i    int
	byte byte
	left int // bits of byte
}

func (r *jpegBits) bit() (v int, ok bool) {
	if r.left == 0 {
		if r.i >= len(r.b) {
			return 0, false
		}
		r.byte, r.left = r.b[r.i], 8
		if r.byte == 0xff {
			if r.i+1 >= len(r.b) || r.b[r.i+1] != 0 {
				return 0, false
			}
			r.i++
		}
		r.i++
	}
	r.left--
	return int(r.byte>>r.left) & 1, true
}

// value decodes a Huffman code.
func (r *jpegBits) value(t *jpegTable) (v byte, ok bool) {
	code := 0
	for n := range 16 {
		bit, ok := r.bit()
		if !ok {
			return 0, false
		}
		code = code<<1 | bit
		if k := code - t.first[n]; k >= 0 && k < t.count[n] {
			return t.values[t.at[n]+k], true
		}
	}
	return 0, false
}

func (r *jpegBits) skip(n int) bool {
	for range n {
		if _, ok := r.bit(); !ok {
			return false
		}
	}
	return true
}

// block passes over the 64 coefficients of a block.
func (r *jpegBits) block(dc, ac *jpegTable) bool {
	size, ok := r.value(dc)
	if !ok || size > 16 || !r.skip(int(size)) {
		return false
	}
	for k := 1; k < 64; k++ {
		v, ok := r.value(ac)
		if !ok {
			return false
		}
		run, size := int(v>>4), int(v&15)
		if size == 0 && run != 15 {
			return true // the others are zero
		}
		k += run
		if !r.skip(size) {
			return false
		}
	}
	return true
}

// endsAsEncoded reports whether the bits that were read last look like an encoder's. Zeros are codes, too: a download
// that was cut and filled up with them would pass for a picture.
func (r *jpegBits) endsAsEncoded() bool {
	padding := byte(1)<<r.left - 1
	return r.byte&padding == padding && strings.Trim(string(r.b[max(r.i-4, 0):r.i]), "\x00") != ""
}

// restart passes over a restart marker.
func (r *jpegBits) restart() bool {
	r.left = 0
	k := bytes.IndexByte(r.b[r.i:], 0xff)
	if k < 0 || r.i+k+1 >= len(r.b) {
		return false
	}
	m := r.b[r.i+k+1]
	r.i += k + 2
	return m >= 0xd0 && m <= 0xd7
}

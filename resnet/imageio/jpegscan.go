package imageio

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
)

// This file counts the blocks in the scans of a JPEG file, without making pixels of them: ITU-T T.81, annexes F and G.

// unseen is the lowest bit of a coefficient that no scan has given.
const unseen = -1

// A jpegComponent is a colour of a frame, with its sampling factors. lowest has, for each coefficient of a block, the
// lowest bit that the scans so far have given, or unseen.
type jpegComponent struct {
	id, h, v int
	lowest   [64]int
}

// A jpegTable decodes Huffman codes by their length: codes of n+1 bits begin at first[n], and count[n] of them have
// their values at values[at[n]:].
type jpegTable struct {
	first, count, at [16]int
	values           []byte
}

// jpegWalker is what is known of a file on the way through its segments.
type jpegWalker struct {
	width, height int
	progressive   bool
	components    []*jpegComponent
	tables        [2][4]*jpegTable // of DC and AC
	interval      int              // MCUs between two restart markers, or 0
	scans         []*jpegScan
}

// jpegScansEnd returns the index after the last block of a picture of which all blocks are there, or 0. A progressive
// picture has many scans, each of which makes it finer: it is whole when all bits of all coefficients are there.
func jpegScansEnd(b []byte) int {
	var w jpegWalker
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
		case m >= markSOF0 && m <= markSOF2:
			ok = w.frame(body)
			w.progressive = m == markSOF2
		case isSOF(m) || m == markDAC:
			return 0
		case m == markDHT:
			ok = w.huffman(body)
		case m == markDRI && len(body) >= 2:
			w.interval = int(binary.BigEndian.Uint16(body))
		case m == markSOS:
			if ok = w.scan(body, after); ok && (!w.progressive || w.complete()) {
				i, ok = w.walkLast(b)
			}
		}
		if !ok {
			return 0
		}
		if w.complete() {
			return i
		}
	}
}

// complete reports whether the scans so far have given all bits of all coefficients.
func (w *jpegWalker) complete() bool {
	for _, c := range w.components {
		if slices.ContainsFunc(c.lowest[:], func(bit int) bool { return bit != 0 }) {
			return false
		}
	}
	return len(w.scans) > 0
}

// frame reads a start of frame: precision, height, width, and of each component its name, sampling and table.
func (w *jpegWalker) frame(body []byte) bool {
	if len(w.components) > 0 || len(body) < 6 || len(body) < 6+3*int(body[5]) {
		return false
	}
	w.height, w.width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	for c := range int(body[5]) {
		d := body[6+3*c:]
		one := &jpegComponent{id: int(d[0]), h: int(d[1] >> 4), v: int(d[1] & 15)}
		for k := range one.lowest {
			one.lowest[k] = unseen
		}
		if one.h < 1 || one.h > 4 || one.v < 1 || one.v > 4 {
			return false
		}
		w.components = append(w.components, one)
	}
	_, err := checkSize(JPEG, int64(w.width), int64(w.height))
	return err == nil && len(w.components) > 0
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
	*jpegComponent
	blocks int
	dc, ac *jpegTable
}

// A jpegScan is the header of a scan, whose data begin at index at. It gives the bits from high-1 to low of the
// coefficients from first to last, or all bits down to low if high is 0.
type jpegScan struct {
	parts                  []scanned
	units, interval        int // MCUs in all, and between two restart markers
	first, last, high, low int
	at                     int
}

// scan reads the header of a scan whose data begin at index at.
func (w *jpegWalker) scan(body []byte, at int) bool {
	if len(body) < 1 || len(body) < 1+2*int(body[0]) {
		return false
	}
	across, down := 1, 1 // the largest sampling factors
	for _, c := range w.components {
		across, down = max(across, c.h), max(down, c.v)
	}
	s := &jpegScan{interval: w.interval, last: 63, at: at,
		units: ceilDiv(w.width, 8*across) * ceilDiv(w.height, 8*down)}
	for k := range int(body[0]) {
		id, tables := int(body[1+2*k]), body[2+2*k]
		for _, c := range w.components {
			if c.id != id || tables>>4 > 3 || tables&15 > 3 {
				continue
			}
			s.parts = append(s.parts, scanned{c, c.h * c.v, w.tables[0][tables>>4], w.tables[1][tables&15]})
			if body[0] == 1 { // a component alone comes block by block
				s.parts[0].blocks = 1
				s.units = ceilDiv(ceilDiv(w.width*c.h, across), 8) * ceilDiv(ceilDiv(w.height*c.v, down), 8)
			}
		}
	}
	if w.progressive && !s.refines(body[1+2*int(body[0]):]) {
		return false
	}
	for _, p := range s.parts {
		for k := s.first; k <= s.last; k++ {
			p.lowest[k] = s.low
		}
	}
	w.scans = append(w.scans, s)
	return len(s.parts) > 0
}

// walkLast passes over the data of the last scan so far, and returns the index after its last block.
func (w *jpegWalker) walkLast(b []byte) (end int, ok bool) {
	s := w.scans[len(w.scans)-1]
	if w.progressive {
		return w.walkProgressive(b, s)
	}
	return s.walk(b, func(r *jpegBits, p scanned, _ int) bool {
		return p.dc != nil && p.ac != nil && r.dc(p.dc) && r.ac(p.ac)
	})
}

// walk passes over the data of a scan by calling block for each block of each MCU, which are counted by unit. It
// returns the index after the last block.
func (s *jpegScan) walk(b []byte, block func(r *jpegBits, p scanned, unit int) bool) (end int, ok bool) {
	r := jpegBits{b: b, i: s.at}
	for unit := range s.units {
		if s.interval > 0 && unit > 0 && unit%s.interval == 0 && !r.restart() {
			return 0, false
		}
		for _, p := range s.parts {
			for range p.blocks {
				if !block(&r, p, unit) {
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
	run  int // blocks of a progressive picture that have no more codes
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

// bits reads a number of n bits.
func (r *jpegBits) bits(n int) (v int, ok bool) {
	for range n {
		bit, ok := r.bit()
		if !ok {
			return 0, false
		}
		v = v<<1 | bit
	}
	return v, true
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
	_, ok := r.bits(n)
	return ok
}

// dc passes over the first coefficient of a block.
func (r *jpegBits) dc(t *jpegTable) bool {
	size, ok := r.value(t)
	return ok && size <= 16 && r.skip(int(size))
}

// ac passes over the other 63 coefficients of a block.
func (r *jpegBits) ac(t *jpegTable) bool {
	for k := 1; k < 64; k++ {
		v, ok := r.value(t)
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
	r.left, r.run = 0, 0
	k := bytes.IndexByte(r.b[r.i:], 0xff)
	if k < 0 || r.i+k+1 >= len(r.b) {
		return false
	}
	m := r.b[r.i+k+1]
	r.i += k + 2
	return m >= 0xd0 && m <= 0xd7
}

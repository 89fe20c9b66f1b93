package imageio

import (
	"math/bits"
	"slices"
)

// This file counts the blocks in the scans of a progressive JPEG file: ITU-T T.81, annex G.

// refines reads which bits of which coefficients a scan gives, and reports whether they come next for its components.
// So each scan brings the picture on, and their number is limited.
func (s *jpegScan) refines(d []byte) bool {
	if len(d) < 3 {
		return false
	}
	s.first, s.last, s.high, s.low = int(d[0]), int(d[1]), int(d[2]>>4), int(d[2]&15)
	if s.first > s.last || s.last > 63 || s.first == 0 && s.last > 0 || s.first > 0 && len(s.parts) > 1 {
		return false
	}
	before := unseen
	if s.high > 0 {
		before = s.high
	}
	for _, p := range s.parts {
		for _, lowest := range p.lowest[s.first : s.last+1] {
			if lowest != before {
				return false
			}
		}
	}
	return s.high == 0 || s.low == s.high-1
}

// walkProgressive passes over the data of scan s, and returns the index after its last block. A refinement has a bit
// for each coefficient that was not zero before, so the scans of these coefficients are passed over first.
func (w *jpegWalker) walkProgressive(b []byte, s *jpegScan) (end int, ok bool) {
	if s.first == 0 {
		return s.walk(b, func(r *jpegBits, p scanned, _ int) bool {
			if s.high > 0 {
				return r.skip(1)
			}
			return p.dc != nil && r.dc(p.dc)
		})
	}
	nonzero := make([]uint64, s.units) // of each block, a bit for each coefficient
	for _, one := range w.scans {
		sameComponent := slices.ContainsFunc(one.parts, func(p scanned) bool {
			return p.jpegComponent == s.parts[0].jpegComponent
		})
		if !sameComponent || one.last < s.first || one.first > s.last {
			continue
		}
		end, ok = one.walk(b, func(r *jpegBits, p scanned, unit int) bool {
			return p.ac != nil && r.band(p.ac, one, &nonzero[unit])
		})
		if !ok {
			return 0, false
		}
	}
	return end, ok
}

// band passes over the coefficients of a block that scan s gives, and marks those that are not zero from then on.
func (r *jpegBits) band(t *jpegTable, s *jpegScan, nonzero *uint64) bool {
	k := s.first
	for r.run == 0 && k <= s.last {
		v, ok := r.value(t)
		if !ok {
			return false
		}
		zeros, size := int(v>>4), int(v&15)
		if size == 0 && zeros < 15 {
			more, ok := r.bits(zeros)
			if !ok {
				return false
			}
			r.run = 1<<zeros + more
			break
		}
		if !r.skip(size) {
			return false
		}
		for ; k <= s.last; k++ {
			if s.high > 0 && *nonzero>>k&1 == 1 {
				if !r.skip(1) {
					return false
				}
			} else if zeros--; zeros < 0 {
				break
			}
		}
		if size > 0 && k <= s.last {
			*nonzero |= 1 << k
		}
		k++
	}
	if r.run == 0 {
		return true
	}
	r.run--
	if s.high == 0 {
		return true
	}
	rest := *nonzero >> k << k & (1<<(s.last+1) - 1)
	return r.skip(bits.OnesCount64(rest))
}

package imageio

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// Markers of ITU-T T.81, table B.1, that matter here.
const (
	markSOF0  = 0xc0 // start of frame; 0xc0…0xcf but for the three below
	markSOF2  = 0xc2 // of a progressive picture
	markDHT   = 0xc4
	markJPG   = 0xc8
	markDAC   = 0xcc
	markEOI   = 0xd9
	markSOS   = 0xda
	markDNL   = 0xdc
	markDRI   = 0xdd
	markAPP0  = 0xe0
	markAPP15 = 0xef
	markCOM   = 0xfe
	markLowRe = 0x02 // first of the reserved markers, which have no length
	markHiRe  = 0xbf
)

// nextMarker finds the next marker at or after b[i], skipping stuffed zeros, restart markers and fill bytes. It returns
// the marker and the index after it. It also skips entropy-coded data, and the garbage that some cameras leave between
// segments.
func nextMarker(b []byte, i int) (marker byte, next int, err error) {
	for {
		if i >= len(b) {
			return 0, 0, errShort
		}
		k := bytes.IndexByte(b[i:], 0xff)
		if k < 0 {
			return 0, 0, errShort
		}
		i += k
		for i < len(b) && b[i] == 0xff {
			i++
		}
		if i >= len(b) {
			return 0, 0, errShort
		}
		m := b[i]
		i++
		standalone := m <= 0x01 || m >= 0xd0 && m <= 0xd8
		if reserved := m >= markLowRe && m <= markHiRe; !standalone && !reserved {
			return m, i, nil
		}
	}
}

// isNote reports whether a segment says nothing about the pixels: APPn and comments.
func isNote(m byte) bool { return m >= markAPP0 && m <= markAPP15 || m == markCOM }

// skipSegment returns the body of the segment of marker m, whose length field is at b[i], and the index after it. That
// skips a thumbnail inside an APPn segment too. A note whose length is impossible counts as empty, as it does for
// libjpeg.
func skipSegment(b []byte, m byte, i int) (body []byte, next int, err error) {
	if i+2 > len(b) {
		return nil, 0, errShort
	}
	n := int(binary.BigEndian.Uint16(b[i:]))
	if n < 2 && isNote(m) {
		return nil, i + 2, nil
	}
	if n < 2 {
		return nil, 0, errors.New("a segment is shorter than its own length field")
	}
	if i+n > len(b) {
		return nil, 0, errShort
	}
	return b[i+2 : i+n], i + n, nil
}

func isSOF(m byte) bool {
	return m >= markSOF0 && m <= 0xcf && m != markDHT && m != markJPG && m != markDAC
}

// jpegSize reads the size from the first start of frame.
func jpegSize(b []byte) (width, height int64, err error) {
	for i := 2; ; {
		m, next, err := nextMarker(b, i)
		if err != nil {
			return 0, 0, err
		}
		if m == markSOS || m == markEOI {
			return 0, 0, errors.New("it has no frame header before its data")
		}
		if isSOF(m) {
			// length (2), precision (1), height (2), width (2)
			if next+7 > len(b) {
				return 0, 0, errShort
			}
			h := binary.BigEndian.Uint16(b[next+3:])
			w := binary.BigEndian.Uint16(b[next+5:])
			return int64(w), int64(h), nil
		}
		if _, i, err = skipSegment(b, m, next); err != nil {
			return 0, 0, err
		}
	}
}

// jpegComplete looks for the end-of-image marker, which must come after a scan. Where it is missing, it counts the
// blocks of the picture.
func jpegComplete(b []byte) error {
	err := jpegEnds(b)
	if err == errShort && jpegScansEnd(b) > 0 {
		return nil
	}
	return err
}

// jpegEnds looks for the end-of-image marker.
func jpegEnds(b []byte) error {
	scanned := false
	for i := 2; ; {
		m, next, err := nextMarker(b, i)
		if err != nil {
			return err
		}
		if m == markEOI {
			if !scanned {
				return errors.New("it has no picture data")
			}
			return nil
		}
		scanned = scanned || m == markSOS
		if _, i, err = skipSegment(b, m, next); err != nil {
			return err
		}
	}
}

// jpegMend ends a file behind its last block where the marker is missing.
func jpegMend(b []byte) []byte {
	if jpegEnds(b) != errShort {
		return b
	}
	end := jpegScansEnd(b)
	if end == 0 {
		return b
	}
	return append(b[:end:end], 0xff, markEOI)
}

package imageio

import (
	"encoding/binary"
	"errors"
	"slices"
)

// AVIF and HEIC are files of the ISO base media format (ISO/IEC 14496-12):
// boxes inside boxes, each led by its length and its four-letter name.

// isBrand returns a matcher for files whose ftyp box names one of the brands, or for every file with an ftyp box if
// there are no brands.
func isBrand(brands ...string) func([]byte) bool {
	return func(head []byte) bool {
		if len(head) < 12 || string(head[4:8]) != "ftyp" {
			return false
		}
		if len(brands) == 0 {
			return true
		}
		box := head[:min(uint64(len(head)), uint64(binary.BigEndian.Uint32(head)))]
		for i := 8; i+4 <= len(box); i += 4 {
			// Bytes 12 to 15 are a version, not a brand.
			if i != 12 && slices.Contains(brands, string(box[i:i+4])) {
				return true
			}
		}
		return false
	}
}

// nextBox splits the first box off b. If the box extends beyond b, body is cut there and err is errShort.
func nextBox(b []byte) (name string, body, rest []byte, err error) {
	if len(b) < 8 {
		return "", nil, nil, errShort
	}
	size, header := uint64(binary.BigEndian.Uint32(b)), uint64(8)
	name = string(b[4:8])
	switch size {
	case 0: // to the end of the file
		return name, b[8:], nil, nil
	case 1: // a 64-bit length follows
		if len(b) < 16 {
			return "", nil, nil, errShort
		}
		size, header = binary.BigEndian.Uint64(b[8:]), 16
	}
	if size < header {
		return "", nil, nil, errors.New("a box is shorter than its own header")
	}
	if size > uint64(len(b)) {
		return name, b[header:], nil, errShort
	}
	return name, b[header:size], b[size:], nil
}

// child returns the body of the first box called name in b, or nil.
func child(b []byte, name string) ([]byte, error) {
	for len(b) > 0 {
		n, body, rest, err := nextBox(b)
		if err != nil {
			return nil, err
		}
		if n == name {
			return body, nil
		}
		b = rest
	}
	return nil, nil
}

// avifSize returns the largest size of all spatial extents properties (ispe, ISO/IEC 23008-12): there is one for each
// tile, for the alpha plane and for the whole picture. It returns 0, 0 if there is none, as in a film.
func avifSize(b []byte) (width, height int64, err error) {
	meta, err := child(b, "meta")
	if err != nil || len(meta) < 4 {
		return 0, 0, err
	}
	props, err := child(meta[4:], "iprp") // four bytes of version and flags first
	if err != nil {
		return 0, 0, notShort(err)
	}
	if props, err = child(props, "ipco"); err != nil {
		return 0, 0, notShort(err)
	}
	for len(props) > 0 {
		name, body, rest, err := nextBox(props)
		if err != nil {
			return 0, 0, notShort(err)
		}
		if name == "ispe" && len(body) >= 12 {
			w, h := int64(binary.BigEndian.Uint32(body[4:])), int64(binary.BigEndian.Uint32(body[8:]))
			// The product of two hostile sizes overflows integers.
			if float64(w)*float64(h) > float64(width)*float64(height) {
				width, height = w, h
			}
		}
		props = rest
	}
	return width, height, nil
}

// notShort turns errShort into a plain error: more bytes do not help where a box extends beyond its parent.
func notShort(err error) error {
	if err == errShort {
		return errors.New("a box reaches beyond the box around it")
	}
	return err
}

// boxesComplete checks that the last box ends inside the file.
func boxesComplete(b []byte) error {
	for len(b) > 0 {
		_, _, rest, err := nextBox(b)
		if err != nil {
			return err
		}
		b = rest
	}
	return nil
}
